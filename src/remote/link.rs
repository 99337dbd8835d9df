//! One SSH session that never blocks: every wait has an end and hears a cancel.
//!
//! libssh2's own timeouts restart with every byte, and its blocking calls hear nobody. So the
//! session is non-blocking from the first byte, and this is the only place that waits for it.

use std::{
    os::fd::{BorrowedFd, OwnedFd},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, ErrorCode, Session};

use super::{Cancel, HostError};

/// A session, its socket, and who may stop it. Used by one thread.
pub(super) struct Link {
    pub(super) session: Session,
    /// The session's own socket once more, to wait for it.
    socket: OwnedFd,
    pub(super) cancel: Cancel,
}

/// Why a wait gave nothing.
#[derive(Debug)]
pub(super) enum Stop {
    Cancelled,
    TimedOut(Duration),
    Failed(ssh2::Error),
}

/// How soon a cancel is heard, at the latest.
const TICK: Duration = Duration::from_millis(50);
/// How often something is sent when nobody talks, so that the server does not hang up.
const KEEPALIVE_SECS: u32 = 10;

impl Link {
    pub(super) fn new(session: Session, socket: OwnedFd, cancel: Cancel) -> Self {
        session.set_blocking(false);
        session.set_keepalive(true, KEEPALIVE_SECS);
        Self { session, socket, cancel }
    }

    /// Does `act` again and again until it no longer wants to wait.
    pub(super) fn patiently<T>(
        &self,
        limit: Duration,
        mut act: impl FnMut(&Session) -> Result<T, ssh2::Error>,
    ) -> Result<T, Stop> {
        let end = Instant::now() + limit;
        loop {
            match act(&self.session) {
                Err(e) if wants_to_wait(&e) => {
                    if Instant::now() >= end {
                        return Err(Stop::TimedOut(limit));
                    }
                    self.wait(end)?;
                }
                Err(e) => return Err(Stop::Failed(e)),
                Ok(value) => return Ok(value),
            }
        }
    }

    /// Waits for the socket until `end`, but never longer than a tick.
    pub(super) fn wait(&self, end: Instant) -> Result<(), Stop> {
        self.wait_also(end, None)
    }

    /// The same, for the socket or something else.
    pub(super) fn wait_also(
        &self,
        end: Instant,
        also: Option<(BorrowedFd<'_>, PollFlags)>,
    ) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let flags = match self.session.block_directions() {
            BlockDirections::Outbound | BlockDirections::Both => PollFlags::IN | PollFlags::OUT,
            _ => PollFlags::IN,
        };
        let time = end.saturating_duration_since(Instant::now()).min(TICK);
        let time = Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
        let own = PollFd::new(&self.socket, flags);
        // Interrupted, or a socket that is no more: the next call on the session tells.
        let _ = match also {
            None => poll(&mut [own], Some(&time)),
            Some((fd, flags)) => poll(&mut [own, PollFd::from_borrowed_fd(fd, flags)], Some(&time)),
        };
        Ok(())
    }

    /// Whether bytes have come, which the next call on the session will read.
    pub(super) fn peek(&self, into: &mut [u8]) -> usize {
        let flags = rustix::net::RecvFlags::PEEK | rustix::net::RecvFlags::DONTWAIT;
        rustix::net::recv(&self.socket, into, flags).map_or(0, |(n, _)| n)
    }

    /// Whether the other side has hung up, and nothing of what it said is unread.
    pub(super) fn is_over(&self) -> bool {
        let flags = rustix::net::RecvFlags::PEEK | rustix::net::RecvFlags::DONTWAIT;
        match rustix::net::recv(&self.socket, &mut [0; 1], flags) {
            Ok((n, _)) => n == 0,
            Err(error) => error != rustix::io::Errno::AGAIN,
        }
    }

    /// What libssh2 last complained about, in words.
    pub(super) fn complaint(&self) -> String {
        ssh2::Error::last_session_error(&self.session)
            .map_or_else(|| "no reason given".to_owned(), |e| reason(&e))
    }
}

/// An error of libssh2 in words a person understands.
pub(super) fn reason(error: &ssh2::Error) -> String {
    match error.code() {
        ErrorCode::Session(
            libssh2_sys::LIBSSH2_ERROR_SOCKET_RECV
            | libssh2_sys::LIBSSH2_ERROR_SOCKET_SEND
            | libssh2_sys::LIBSSH2_ERROR_SOCKET_DISCONNECT,
        ) => "the connection was closed or the machine is gone".to_owned(),
        _ => error.message().to_owned(),
    }
}

fn wants_to_wait(error: &ssh2::Error) -> bool {
    error.code() == ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_EAGAIN)
}

impl From<Stop> for HostError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::TimedOut(after) => Self::TimedOut { after },
            Stop::Failed(error) => Self::Lost { reason: reason(&error) },
        }
    }
}

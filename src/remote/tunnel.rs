//! Connections from a node to somewhere else, through its SSH session.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
    time::{Duration, Instant},
};

use rustix::event::PollFlags;
use ssh2::Channel;

use super::{
    HostError,
    link::{Link, Stop, reason},
};

/// Asks the node's sshd to connect to `host`:`port`.
pub(super) fn open(link: &Link, host: &str, port: u16, limit: Duration) -> Result<Channel, Stop> {
    link.patiently(limit, |session| session.channel_direct_tcpip(host, port, None))
}

/// What a refused tunnel means.
pub(super) fn refused(stop: Stop, to: SocketAddr) -> HostError {
    match stop {
        Stop::Failed(e) if e.message().contains("prohibited") => {
            HostError::NoForwarding { reason: reason(&e) }
        }
        Stop::Failed(e)
            if e.code() == ssh2::ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE) =>
        {
            HostError::Unreachable { to, reason: reason(&e) }
        }
        other => other.into(),
    }
}

/// A tunnel as a stream: reads and writes wait, but not for ever.
pub(super) struct Tunnel<'a> {
    link: &'a Link,
    channel: Channel,
    /// How long one read or write may take.
    limit: Duration,
}

impl<'a> Tunnel<'a> {
    pub(super) fn new(link: &'a Link, channel: Channel, limit: Duration) -> Self {
        Self { link, channel, limit }
    }

    fn waiting(
        &mut self,
        mut act: impl FnMut(&mut Channel) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let end = Instant::now() + self.limit;
        loop {
            match act(&mut self.channel) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    if Instant::now() >= end {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    // Not `Interrupted`: who reads on after that would never stop.
                    let cancelled = |_| io::Error::new(ErrorKind::TimedOut, "stopped on request");
                    self.link.wait(end).map_err(cancelled)?;
                }
                other => return other,
            }
        }
    }
}

impl Read for Tunnel<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.waiting(|channel| match channel.read(buf) {
            // libssh2 gives no bytes both for "not yet" and for "no more".
            Ok(0) if !buf.is_empty() && !channel.eof() => Err(ErrorKind::WouldBlock.into()),
            other => other,
        })
    }
}

impl Write for Tunnel<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.waiting(|channel| match channel.write(buf) {
            Ok(0) if !buf.is_empty() => Err(ErrorKind::WouldBlock.into()),
            other => other,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Tunnel<'_> {
    fn drop(&mut self) {
        // Non-blocking: the message is on its way.
        drop(self.channel.close());
    }
}

/// A thread that owns the session with a jump host and carries another session's bytes through it.
/// It ends when either end does.
pub(super) fn relay(link: Link, channel: Channel) -> io::Result<OwnedFd> {
    let (ours, theirs) = UnixStream::pair()?;
    theirs.set_nonblocking(true)?;
    thread::Builder::new().name("jump".to_owned()).spawn(move || {
        // However it ends, the other session sees its connection closed.
        drop(carry(&link, channel, &theirs));
        drop(theirs.shutdown(Shutdown::Both));
    })?;
    Ok(ours.into())
}

fn carry(link: &Link, mut channel: Channel, mut near: &UnixStream) -> io::Result<()> {
    let (mut inward, mut outward) = (Half::default(), Half::default());
    loop {
        let moved =
            inward.turn(&mut channel, &mut near)? | outward.turn(&mut near, &mut channel)?;
        if outward.over || inward.over && inward.pending.is_empty() || channel.eof() && !moved {
            return Ok(());
        }
        if !moved {
            let flags = match (inward.pending.is_empty(), outward.pending.is_empty()) {
                (true, true) => PollFlags::IN,
                (false, true) => PollFlags::IN | PollFlags::OUT,
                (true, false) => PollFlags::empty(),
                (false, false) => PollFlags::OUT,
            };
            drop(link.session.keepalive_send());
            let end = Instant::now() + Duration::from_secs(1);
            link.wait_also(end, Some((near.as_fd(), flags))).map_err(|_| ErrorKind::TimedOut)?;
        }
    }
}

/// One direction of a relay.
#[derive(Default)]
struct Half {
    pending: Vec<u8>,
    over: bool,
}

impl Half {
    /// Moves what can be moved; true if anything did.
    fn turn(&mut self, from: &mut impl Read, to: &mut impl Write) -> io::Result<bool> {
        let mut moved = false;
        if self.pending.is_empty() {
            let mut buffer = [0; 16 * 1024];
            match from.read(&mut buffer) {
                Ok(0) => self.over = true,
                Ok(n) => {
                    self.over = false;
                    self.pending.extend_from_slice(buffer.get(..n).unwrap_or_default());
                    moved = true;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => self.over = false,
                Err(e) => return Err(e),
            }
        }
        if !self.pending.is_empty() {
            match to.write(&self.pending) {
                Ok(n) => {
                    self.pending.drain(..n);
                    moved |= n > 0;
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(e),
            }
        }
        Ok(moved)
    }
}

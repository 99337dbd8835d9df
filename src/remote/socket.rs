//! The bytes below SSH: a TCP connection with its timeouts, or a proxy command's two ends.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{AddressFamily, SocketFlags, SocketType, sockopt},
};

use super::{Cancel, connect::ConnectError};

/// How long a machine may take to answer the first packet.
const CONNECTING: Duration = Duration::from_secs(8);
/// How soon a cancel is heard.
const TICK: Duration = Duration::from_millis(50);

/// Calls a host by name or address; the first of its addresses that answers counts.
pub(super) fn call(
    host: &str,
    port: u16,
    cancel: &Cancel,
) -> Result<(OwnedFd, SocketAddr), ConnectError> {
    let not_resolved =
        |reason: String| ConnectError::NameNotResolved { host: host.to_owned(), reason };
    let bare = host.trim_matches(['[', ']']);
    let addresses = (bare, port).to_socket_addrs().map_err(|e| not_resolved(e.to_string()))?;
    let mut failed = not_resolved("the name has none".to_owned());
    for address in addresses {
        match connect(address, cancel) {
            Ok(socket) => return Ok((socket, address)),
            Err(error @ ConnectError::Cancelled) => return Err(error),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn connect(address: SocketAddr, cancel: &Cancel) -> Result<OwnedFd, ConnectError> {
    let because = |e: io::Error| match e.kind() {
        ErrorKind::ConnectionRefused => ConnectError::Refused { address },
        ErrorKind::TimedOut => {
            ConnectError::TimedOut { at: address.to_string(), after: CONNECTING }
        }
        _ => ConnectError::Unreachable { address, reason: e.to_string() },
    };
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)
        .map_err(|e| because(e.into()))?;
    match rustix::net::connect(&socket, &address) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
        Err(e) => return Err(because(e.into())),
    }
    let end = Instant::now() + CONNECTING;
    let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    while !poll(&mut [PollFd::new(&socket, PollFlags::OUT)], Some(&tick)).is_ok_and(|n| n > 0) {
        if cancel.is_cancelled() {
            return Err(ConnectError::Cancelled);
        }
        if Instant::now() >= end {
            return Err(because(ErrorKind::TimedOut.into()));
        }
    }
    let socket = TcpStream::from(socket);
    if let Some(error) = socket.take_error().map_err(because)? {
        return Err(because(error));
    }
    tune(&socket).map_err(|e| because(e.into()))?;
    Ok(socket.into())
}

/// Small packets at once (12 times faster), and a peer that vanished is noticed in about 9 s
/// (tcp(7)); an outage of 5 s is survived.
fn tune(socket: &TcpStream) -> rustix::io::Result<()> {
    sockopt::set_tcp_nodelay(socket, true)?;
    sockopt::set_socket_keepalive(socket, true)?;
    sockopt::set_tcp_keepidle(socket, Duration::from_secs(3))?;
    sockopt::set_tcp_keepintvl(socket, Duration::from_secs(2))?;
    sockopt::set_tcp_keepcnt(socket, 3)?;
    sockopt::set_tcp_user_timeout(socket, 8000)
}

/// A running proxy command, ended and reaped when dropped.
pub(super) struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        // Gone already is as good.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the person's own `ProxyCommand`, as ssh does: by a shell, in its place.
pub(super) fn proxy(command: &str) -> Result<(OwnedFd, Proxy), ConnectError> {
    let local = |e: io::Error| ConnectError::Local(format!("start the proxy command: {e}"));
    let (ours, theirs) = UnixStream::pair().map_err(local)?;
    let child = Command::new("sh")
        .arg("-c")
        .arg(format!("exec {command}"))
        .stdin(Stdio::from(OwnedFd::from(theirs.try_clone().map_err(local)?)))
        .stdout(Stdio::from(OwnedFd::from(theirs)))
        .stderr(Stdio::null())
        .spawn()
        .map_err(local)?;
    Ok((ours.into(), Proxy(child)))
}

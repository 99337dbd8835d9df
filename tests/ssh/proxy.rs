//! A link that is slow, or breaks at a byte that a test chooses.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use quorate::remote::connect::HostSpec;

use super::server::Server;

/// What the link does to bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Link {
    /// How long every byte takes, each way.
    pub(crate) delay: Duration,
    /// Both ways end after that many bytes to the server.
    pub(crate) cut_up: Option<usize>,
    /// Both ways end after that many bytes from the server.
    pub(crate) cut_down: Option<usize>,
}

/// Puts the link before the server, for one connection of root's, and makes its key known there;
/// gives how to log in through it.
pub(crate) fn before(server: &Server, link: Link) -> HostSpec {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let known = std::fs::read_to_string(server.file("known_hosts")).unwrap();
    let port = |port: u16| format!("[127.0.0.1]:{port} ");
    let own = known.lines().next().unwrap();
    let own = own.replace(&port(server.address.port()), &port(address.port()));
    std::fs::write(server.file("known_hosts"), format!("{known}{own}\n")).unwrap();
    let to = server.address;
    thread::spawn(move || {
        let (near, _) = listener.accept().unwrap();
        let far = TcpStream::connect(to).unwrap();
        for socket in [&near, &far] {
            socket.set_nodelay(true).unwrap();
        }
        let (near2, far2) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        let up = thread::spawn(move || carry(near, far, link.delay, link.cut_up));
        carry(far2, near2, link.delay, link.cut_down);
        up.join().unwrap();
    });
    HostSpec { port: Some(address.port()), ..server.spec("root") }
}

/// Carries bytes until either end hangs up or enough have gone.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration, cut: Option<usize>) {
    let (tx, rx) = mpsc::channel::<(Instant, Vec<u8>)>();
    let (from_end, to_end) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    let out = thread::spawn(move || {
        let mut left = cut.unwrap_or(usize::MAX);
        for (due, bytes) in rx {
            // The delay is what this exists for.
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let n = bytes.len().min(left);
            left -= n;
            if to.write_all(&bytes[..n]).is_err() || left == 0 {
                break;
            }
        }
        drop(from_end.shutdown(Shutdown::Both));
        drop(to_end.shutdown(Shutdown::Both));
    });
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if tx.send((Instant::now() + delay, buffer[..n].to_vec())).is_err() {
            break;
        }
    }
    drop(tx);
    out.join().unwrap();
}

//! A small HTTP proxy at the machines' end of nothing: the one way from them to a package mirror.
//! It wants a login, and has the machines' own repository behind it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// The mirror; no name service knows it but this proxy.
pub(crate) const MIRROR: &str = "mirror.practice.test";

/// Ends when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    served: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// On that address of this computer; lets in whoever logs in so, to the files of that folder.
    pub(crate) fn start(at: Ipv4Addr, login: &str, folder: PathBuf) -> Self {
        let listener = TcpListener::bind((at, 0)).expect("an address of the bridge");
        let address = listener.local_addr().expect("an address");
        let (served, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (told, ends) = (Arc::clone(&served), Arc::clone(&over));
        let login = format!("Basic {}", openssl::base64::encode_block(login.as_bytes()));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (login, folder, told) = (login.clone(), folder.clone(), Arc::clone(&told));
                // A client that goes away is its own business.
                thread::spawn(move || serve(stream, &login, &folder, &told).unwrap_or_default());
            }
        });
        Self { address, served, over, thread: Some(thread) }
    }

    /// What was served: to whom, and what.
    pub(crate) fn served(&self) -> Vec<String> {
        self.served.lock().expect("nobody panicked").clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// Requests of one client, until it hangs up.
fn serve(
    mut stream: TcpStream,
    login: &str,
    folder: &std::path::Path,
    served: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let from = stream.peer_addr()?.ip();
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while let Some(first) = lines.next().transpose()? {
        let mut head = Vec::new();
        for line in lines.by_ref() {
            match line? {
                line if line.is_empty() => break,
                line => head.push(line),
            }
        }
        let wanted = first.strip_prefix(&format!("GET http://{MIRROR}/")).unwrap_or_default();
        let name = wanted.split(' ').next().unwrap_or_default().replace("%2b", "+");
        let name = name.rsplit('/').next().unwrap_or_default();
        let logged_in = head.iter().any(|l| l.strip_prefix("Proxy-Authorization: ") == Some(login));
        let (status, body) = match fs::read(folder.join(name)) {
            _ if !logged_in => ("407 Proxy Authentication Required", Vec::new()),
            Ok(body) if !name.is_empty() => ("200 OK", body),
            _ => ("404 Not Found", Vec::new()),
        };
        if status.starts_with("200") {
            served.lock().expect("nobody panicked").push(format!("{from} {name}"));
        }
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&body)?;
    }
    Ok(())
}

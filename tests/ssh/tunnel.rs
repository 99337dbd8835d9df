//! HTTPS through a node, with certificates on both sides.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use quorate::{
    cluster::Secret,
    remote::{
        Host, HostError,
        https::{PathError, Request, TlsClient},
        ssh::Ssh,
    },
};
use rustix::net::{AddressFamily, SocketType};

use super::{
    authority::Authority,
    person::{LONG, Person, connect, run},
    quickest::quickest,
    server::{Server, possible},
};

const HERE: [u8; 4] = [127, 0, 0, 1];

fn get(path: &str) -> Request {
    Request { method: "GET", path: path.to_owned(), body: None }
}

/// A server that answers with the path it was asked for: by length, or in chunks.
fn serve(authority: &Authority, ip: [u8; 4], version: SslVersion) -> SocketAddr {
    let (cert, key) = authority.issue(ip);
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    tls.set_max_proto_version(Some(version)).unwrap();
    tls.set_certificate(&cert).unwrap();
    tls.set_private_key(&key).unwrap();
    tls.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    tls.cert_store_mut().add_cert(authority.cert.clone()).unwrap();
    let tls = tls.build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((peer, _)) = listener.accept() {
            // A client that is refused is a case of the tests.
            if let Ok(stream) = tls.accept(peer) {
                drop(answer(stream));
            }
        }
    });
    address
}

fn answer(stream: impl std::io::Read + Write) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some(path) = line.split(' ').nth(1).map(str::to_owned) else { return Ok(()) };
        while line.trim() != "" {
            line.clear();
            stream.read_line(&mut line)?;
        }
        let text = match path.as_str() {
            "/silent" => {
                // Until the client hangs up.
                drop(stream.read_line(&mut line));
                return Ok(());
            }
            "/metrics" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
                .to_owned(),
            _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()),
        };
        stream.get_mut().write_all(text.as_bytes())?;
    }
}

fn client(authority: &Authority, shows: &Authority) -> TlsClient {
    let (cert, key) = shows.issue(HERE);
    let key = Secret::new(key.private_key_to_pem_pkcs8().unwrap());
    TlsClient::new(&authority.cert.to_pem().unwrap(), &cert.to_pem().unwrap(), &key).unwrap()
}

fn ask(ssh: &mut Ssh, client: &TlsClient, to: SocketAddr, path: &str) -> Result<String, PathError> {
    let wire = ssh.dial(to, Duration::from_secs(1)).unwrap();
    let response = client.send(wire, to.ip(), &get(path))?;
    assert_eq!(response.status, 200);
    Ok(String::from_utf8(response.body).unwrap())
}

#[test]
fn requests_go_through_a_node_with_certificates_on_both_sides() {
    let Some(server) = Server::start() else { return };
    let mut ssh = connect(&server.spec("bob"), &Person::default()).unwrap();
    let authority = Authority::new("ours");
    let client = client(&authority, &authority);
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let to = serve(&authority, HERE, version);
        quickest(Duration::from_secs(2), || {
            let began = Instant::now();
            for i in 0..20 {
                assert_eq!(ask(&mut ssh, &client, to, &format!("/{i}")).unwrap(), format!("/{i}"));
            }
            began.elapsed()
        });
        let wire = ssh.dial(to, LONG).unwrap();
        let mut connection = client.open(wire, to.ip()).unwrap();
        for (path, body) in [("/version", "/version"), ("/metrics", "abcdef"), ("/x", "/x")] {
            assert_eq!(connection.send(&get(path)).unwrap().body, body.as_bytes());
        }
        drop(connection);
        assert_eq!(ask(&mut ssh, &client, to, "/silent"), Err(PathError::TimedOut));
        assert_eq!(run(&mut ssh, "echo still here").unwrap().stdout, "still here\n");
    }
}

#[test]
fn who_refuses_whom_is_told_apart() {
    let Some(server) = Server::start() else { return };
    let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
    let (authority, stranger) = (Authority::new("ours"), Authority::new("theirs"));
    let mut refused = |client: &TlsClient, to| match ask(&mut ssh, client, to, "/") {
        Err(PathError::Tls { from_peer, reason }) => (from_peer, reason),
        other => panic!("{other:?}"),
    };
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let to = serve(&authority, HERE, version);
        let (from_peer, reason) = refused(&client(&authority, &stranger), to);
        assert!(from_peer && reason.contains("unknown ca"), "{reason}");
        let (from_peer, reason) = refused(&client(&stranger, &authority), to);
        assert!(!from_peer && reason.contains("self-signed certificate"), "{reason}");
        let elsewhere = serve(&authority, [10, 9, 8, 7], version);
        let (from_peer, reason) = refused(&client(&authority, &authority), elsewhere);
        assert!(!from_peer && reason.contains("IP address mismatch"), "{reason}");
    }
}

#[test]
fn a_tunnel_that_does_not_come_about_says_why() {
    if !possible() {
        return;
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::with("");
    let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
    let error = ssh.dial(nobody, LONG).err().unwrap();
    assert!(matches!(error, HostError::Unreachable { to, .. } if to == nobody), "{error}");
    let server = Server::with("AllowTcpForwarding no");
    let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
    let error = ssh.dial(nobody, LONG).err().unwrap();
    assert!(matches!(error, HostError::NoForwarding { .. }), "{error}");
}

#[test]
fn a_tunnel_nobody_answers_is_given_up_and_the_session_goes_on() {
    if !possible() {
        return;
    }
    // A listener whose queue is full answers no more: as a firewall that drops packets.
    let full = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&full, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    rustix::net::listen(&full, 0).unwrap();
    let full = TcpListener::from(full);
    let silent = full.local_addr().unwrap();
    let moment = Duration::from_millis(200);
    let mut waiting = Vec::new();
    while let Ok(socket) = TcpStream::connect_timeout(&silent, moment) {
        waiting.push(socket);
    }
    let server = Server::with("");
    let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
    for _ in 0..2 {
        let error = ssh.dial(silent, moment).err().unwrap();
        assert!(matches!(error, HostError::Unreachable { to, .. } if to == silent), "{error}");
        assert_eq!(run(&mut ssh, "echo on").unwrap().stdout, "on\n");
    }
    for _ in &waiting {
        full.accept().unwrap();
    }
    let authority = Authority::new("ours");
    let to = serve(&authority, HERE, SslVersion::TLS1_3);
    let wire = ssh.dial(to, LONG).unwrap();
    let response = client(&authority, &authority).send(wire, to.ip(), &get("/after")).unwrap();
    assert_eq!(response.body, b"/after");
}

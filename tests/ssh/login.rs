//! Getting in.

use std::{io, net::TcpListener, thread};

use quorate::remote::{
    Call, Cancel, Host,
    ask::Ask,
    connect::{ConnectError, RootBy},
    keys::Keys,
    ssh::Ssh,
};

use super::{
    person::{LONG, Person, connect, run, secret},
    server::{PASSWORD, Server, possible},
};

#[test]
fn root_and_sudo_without_a_password_work_whatever_the_shell_is() {
    if !possible() {
        return;
    }
    let server = Server::start();
    for (user, root) in [("root", RootBy::Login), ("bob", RootBy::Sudo), ("carol", RootBy::Sudo)] {
        let mut ssh = connect(&server.spec(user), &Person::default()).unwrap();
        assert_eq!((ssh.connected.user.as_str(), ssh.connected.root), (user, root));
        let answer = run(&mut ssh, "id -un; echo to stderr >&2; exit 3").unwrap();
        let said = (answer.status, answer.stdout.as_str(), answer.stderr.as_str());
        assert_eq!(said, (3, "root\n", "to stderr\n"), "{user}");
        let call = Call { text: b"id -un", root: false, limit: LONG };
        let answers = ssh.run(&[call], &mut |_, _, _| {}).unwrap();
        assert_eq!(answers[0].stdout.trim(), user);
    }
}

#[test]
fn a_password_is_asked_for_where_no_key_helps() {
    if !possible() {
        return;
    }
    for config in ["", "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n"] {
        let server = Server::with(&format!("{config}PubkeyAuthentication no"));
        let person = Person::with([secret("wrong"), secret(PASSWORD), secret(PASSWORD)]);
        let ssh = connect(&server.spec("alice"), &person).unwrap();
        assert_eq!(ssh.connected.root, RootBy::SudoPassword);
        let (user, host) = ("alice".to_owned(), "127.0.0.1".to_owned());
        let password =
            |again| Ask::Password { user: user.clone(), host: host.clone(), hop: false, again };
        assert_eq!(person.asked()[..2], [password(false), password(true)], "{config}");
    }
}

#[test]
fn a_key_and_a_password_are_given_where_both_are_wanted() {
    if !possible() {
        return;
    }
    let server = Server::with("AuthenticationMethods publickey,password");
    let person = Person::with([secret(PASSWORD), secret(PASSWORD)]);
    let ssh = connect(&server.spec("alice"), &person).unwrap();
    assert_eq!(ssh.connected.root, RootBy::SudoPassword);
}

#[test]
fn an_answer_that_came_too_late_is_used_on_a_new_connection() {
    if !possible() {
        return;
    }
    let server = Server::with("PubkeyAuthentication no\nLoginGraceTime 1");
    let slow = Slow(Person::with([secret(PASSWORD), secret(PASSWORD)]), &server);
    let spec = server.spec("alice");
    let ssh = Ssh::connect(&spec, &Keys::default(), &slow, &Cancel::default()).unwrap();
    assert_eq!(ssh.connected.user, "alice");
    assert_eq!(slow.0.asked().len(), 2, "{:?}", slow.0.asked());
}

/// Answers a login question only after the server has hung up.
struct Slow<'a>(Person, &'a Server);

impl quorate::remote::ask::Prompter for Slow<'_> {
    fn ask(&self, ask: &Ask) -> Option<quorate::remote::ask::Reply> {
        while matches!(ask, Ask::Password { .. }) && !self.1.sessions().is_empty() {
            thread::yield_now();
        }
        self.0.ask(ask)
    }
}

#[test]
fn a_refused_login_says_what_was_tried_and_what_is_wanted() {
    if !possible() {
        return;
    }
    let server = Server::with("PasswordAuthentication no\nKbdInteractiveAuthentication no");
    std::fs::write(server.file("authorized"), "").unwrap();
    let error = connect(&server.spec("bob"), &Person::default()).err().unwrap().to_string();
    assert!(error.starts_with("bob@127.0.0.1 is not let in: tried the key "), "{error}");
    assert!(error.ends_with("the server takes publickey"), "{error}");
}

#[test]
fn a_passphrase_is_asked_once_for_two_hosts() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut spec = server.spec("bob");
    spec.identity = Some(server.file("locked"));
    let person = Person::with([secret("wrong"), secret("open sesame")]);
    let keys = Keys::default();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let ssh = Ssh::connect(&spec, &keys, &person, &Cancel::default()).unwrap();
                assert_eq!(ssh.connected.user, "bob");
            });
        }
    });
    let passphrase = |again| Ask::Passphrase { file: server.file("locked"), again };
    assert_eq!(person.asked(), [passphrase(false), passphrase(true)]);
}

#[test]
fn what_is_no_shell_is_told_so() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let error = connect(&server.spec("dave"), &Person::default()).err().unwrap().to_string();
    assert!(error.contains("backups only"), "{error}");
}

#[test]
fn what_is_no_ssh_is_told_apart() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let at = |port, host: &str| {
        let mut spec = server.spec("root");
        (spec.port, spec.host) = (Some(port), host.to_owned());
        connect(&spec, &Person::default()).err().unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let web = thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        io::Write::write_all(&mut peer, b"HTTP/1.1 400 Bad \x1b[31mRequest\r\n\r\n").unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
        // Until the client hangs up, so that it can read.
        drop(io::copy(&mut peer, &mut io::sink()));
    });
    match at(port, "127.0.0.1") {
        ConnectError::NotSsh { said, .. } => assert_eq!(said, "HTTP/1.1 400 Bad Request"),
        other => panic!("{other}"),
    }
    web.join().unwrap();
    assert!(matches!(at(port, "127.0.0.1"), ConnectError::Refused { .. }));
    assert!(matches!(at(22, "no-such-host.invalid"), ConnectError::NameNotResolved { .. }));
}

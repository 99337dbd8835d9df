//! Getting in.

use std::{io, net::TcpListener, thread};

use quorate::remote::{
    Call, Cancel, Host,
    ask::{Ask, Prompter, Reply},
    connect::{ConnectError, HostSpec, RootBy, With},
    keys::Keys,
    ssh::Ssh,
};

use super::{
    inside,
    person::{LONG, Person, connect, run, secret},
    server::{CODE, PASSWORD, Server, keygen, possible},
};

/// By the server's own questions first, by them alone, by a plain password alone.
const ASKING: [&str; 3] = [
    "",
    "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n",
    "KbdInteractiveAuthentication no\n",
];

#[test]
fn root_and_sudo_without_a_password_work_whatever_the_shell_is() {
    let Some(server) = Server::start() else { return };
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
    for config in ASKING {
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
fn a_one_time_code_is_asked_in_the_servers_words() {
    if !possible() {
        return;
    }
    // With a password of its own, too, as most sshds have: it could never give the code.
    for config in ["", "PasswordAuthentication no\n"] {
        let server = Server::with(&format!("{config}PubkeyAuthentication no"));
        let person = Person::with([PASSWORD, "000000", PASSWORD, CODE].map(secret));
        let ssh = connect(&server.spec("erin"), &person).unwrap();
        assert_eq!((ssh.connected.with.clone(), ssh.connected.root), (With::Answers, RootBy::Sudo));
        let (user, host, hop) = ("erin".to_owned(), "127.0.0.1".to_owned(), false);
        let asked = [false, true].map(|again| {
            let (user, host) = (user.clone(), host.clone());
            let prompt = "One-time password (OATH) for `erin':".to_owned();
            let code = Ask::Interactive { host: host.clone(), hop, prompt, echo: false, again };
            [Ask::Password { user, host, hop, again }, code]
        });
        assert_eq!(person.asked(), asked.concat(), "{config}");
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
    for config in ASKING {
        let server = Server::with(&format!("{config}PubkeyAuthentication no\nLoginGraceTime 1"));
        too_late(&server.spec("alice"));
    }
    // Keys that were refused before do not make it a matter of MaxAuthTries.
    let server = Server::with("LoginGraceTime 4");
    let keys = ["one", "two", "three"].map(|name| server.file(name));
    for key in &keys {
        keygen(key, "ed25519", "");
    }
    let files = keys.map(|key| format!("IdentityFile {}\n", key.display())).concat();
    let config = format!("Host *\nIdentityAgent none\n{files}");
    inside::with_config("ssh::login::with_keys_that_are_refused", &server, &config);
}

#[test]
#[ignore = "run by the test above, with a configuration of its own"]
fn with_keys_that_are_refused() {
    too_late(&inside::spec("alice"));
}

fn too_late(spec: &HostSpec) {
    let port = spec.port.unwrap();
    let slow = Slow { person: Person::with([secret(PASSWORD), secret(PASSWORD)]), port };
    let ssh = Ssh::connect(spec, &Keys::default(), &slow, &Cancel::default()).unwrap();
    assert_eq!(ssh.connected.user, "alice");
    let asked = slow.person.asked();
    assert!(matches!(asked.as_slice(), [Ask::Password { .. }, Ask::SudoPassword { .. }]));
}

/// Answers a login question only after the server has hung up.
struct Slow {
    person: Person,
    port: u16,
}

impl Prompter for Slow {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        while matches!(ask, Ask::Password { .. }) && !hung_up(self.port) {
            thread::yield_now();
        }
        self.person.ask(ask)
    }
}

/// Whether a connection to that port is over on its side: `CLOSE_WAIT`, 8 in proc(5).
fn hung_up(port: u16) -> bool {
    let text = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let to = format!(":{port:04X}");
    let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.any(|words| words[2].ends_with(&to) && words[3] == "08")
}

#[test]
fn a_server_that_takes_no_more_attempts_is_told_so_and_no_answer_is_sent_twice() {
    if !possible() {
        return;
    }
    for config in ASKING {
        let server = Server::with(&format!("{config}PubkeyAuthentication no\nMaxAuthTries 2"));
        let person = Person::with([secret("a"), secret("b"), secret("c")]);
        let error = connect(&server.spec("alice"), &person).err().unwrap().to_string();
        assert!(error.contains("MaxAuthTries"), "{config}: {error}");
        assert_eq!(person.asked().len(), 2, "{config}");
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
    let Some(server) = Server::start() else { return };
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
    let Some(server) = Server::start() else { return };
    let error = connect(&server.spec("dave"), &Person::default()).err().unwrap().to_string();
    assert!(error.contains("backups only"), "{error}");
}

#[test]
fn what_is_no_ssh_is_told_apart() {
    let Some(server) = Server::start() else { return };
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

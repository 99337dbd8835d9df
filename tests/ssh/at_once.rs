//! Several machines whose keys are new, at once: each question stands for itself, and all are there
//! before any is answered.

use std::{
    fs,
    process::Command,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
};

use quorate::{
    cluster::{Login, Member},
    remote::{
        Cancel,
        ask::{Ask, Prompter, Reply, Seen, Standing},
    },
    run::{Connect, enter::OverSsh},
};

use super::{
    person::LONG,
    server::{Server, possible},
};

/// Answers nothing before all have asked; then accepts these keys.
struct Gathering {
    all: usize,
    right: Vec<String>,
    asked: Mutex<Vec<Ask>>,
    more: Condvar,
    seen: Mutex<Vec<Seen>>,
}

impl Prompter for Gathering {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(ask.clone());
        self.more.notify_all();
        let Ask::HostKey { fingerprint, .. } = ask else { return None };
        let waited = self.more.wait_timeout_while(asked, LONG, |asked| asked.len() < self.all);
        assert!(!waited.unwrap().1.timed_out(), "they wait for each other");
        Some(if self.right.contains(fingerprint) { Reply::Yes } else { Reply::No })
    }

    fn saw(&self, seen: &Seen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen.clone());
    }
}

fn fingerprint(server: &Server) -> String {
    let keygen = Command::new("ssh-keygen").arg("-lf").arg(server.file("host_key.pub")).output();
    let line = String::from_utf8(keygen.unwrap().stdout).unwrap();
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn keys_of_several_machines_are_asked_about_at_once() {
    if !possible() {
        return;
    }
    let servers = [Server::with(""), Server::with(""), Server::with("")];
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("known_hosts");
    let person = Arc::new(Gathering {
        all: servers.len(),
        right: servers[..2].iter().map(fingerprint).collect(),
        asked: Mutex::default(),
        more: Condvar::new(),
        seen: Mutex::default(),
    });
    let connect = OverSsh::new(Login::default(), Arc::clone(&person) as Arc<_>, false);
    let member = |(at, server): (usize, &Server)| Member {
        name: format!("n{at}").parse().unwrap(),
        address: "127.0.0.1".parse().unwrap(),
        login: Login {
            user: Some("root".to_owned()),
            port: Some(server.address.port()),
            identity: Some(server.file("key")),
            known_hosts: Some(file.clone()),
        },
        ssh_host: None,
    };
    let members: Vec<_> = servers.iter().enumerate().map(member).collect();
    let came: Vec<_> = thread::scope(|scope| {
        let log_in = |member| {
            let connect = &connect;
            scope.spawn(move || connect.connect(member, &Cancel::default()).map(drop))
        };
        let threads: Vec<_> = members.iter().map(log_in).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(came[0].is_ok() && came[1].is_ok());
    let no = came[2].as_ref().err().unwrap();
    assert_eq!(no.finding.id, "host-key-unknown");
    let seen = person.seen.lock().unwrap().clone();
    assert!(seen.iter().all(|seen| seen.standing == Standing::New), "{seen:?}");
    assert_eq!(seen.len(), 3, "each host has shown its key");

    // Written as ssh writes them: its own tool finds them.
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    for (server, known) in servers.iter().zip([true, true, false]) {
        let host = format!("[127.0.0.1]:{}", server.address.port());
        let find = Command::new("ssh-keygen").args(["-F", &host, "-f"]).arg(&file).output();
        assert_eq!(find.unwrap().status.success(), known, "{host}");
    }

    // Asked once: from now on they are known, and from where is told.
    connect.connect(&members[0], &Cancel::default()).map(drop).unwrap();
    let seen = person.seen.lock().unwrap();
    assert!(matches!(&seen.last().unwrap().standing, Standing::Known(at) if at.file == file));
    assert_eq!(person.asked.lock().unwrap().len(), 3);
}

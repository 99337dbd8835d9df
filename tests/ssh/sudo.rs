//! Becoming root.

use std::{fs, thread};

use quorate::remote::{
    Cancel,
    ask::{Ask, Prompter, Reply},
    connect::{ConnectError, RootBy},
    keys::Keys,
    ssh::Ssh,
    sudo::SudoError,
};

use super::{
    person::{Person, connect, run, secret},
    server::{PASSWORD, Server},
};

fn password(again: bool) -> Ask {
    Ask::SudoPassword { user: "alice".into(), host: "127.0.0.1".into(), again }
}

#[test]
fn a_wrong_password_is_asked_again_and_never_tried_twice() {
    let Some(server) = Server::start() else { return };
    let person = Person::with([secret("wrong"), secret(PASSWORD)]);
    let mut ssh = connect(&server.spec("alice"), &person).unwrap();
    assert_eq!(ssh.connected.root, RootBy::SudoPassword);
    assert_eq!(person.asked(), [password(false), password(true)]);
    let answer = run(&mut ssh, "cat; id -un; ps -ef | grep '[s]udo'").unwrap();
    assert!(answer.stdout.starts_with("root\n"), "{}", answer.stdout);
    assert!(answer.stdout.contains("sudo -S -p"), "{}", answer.stdout);
    assert!(!answer.stdout.contains(PASSWORD) && !answer.stderr.contains(PASSWORD));
}

#[test]
fn sudo_that_gives_no_root_says_why() {
    let Some(server) = Server::start() else { return };
    let sudo = |user: &str, person: &Person| match connect(&server.spec(user), person) {
        Err(ConnectError::Sudo(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{user} became root"),
    };
    let nobody = Person::default();
    assert_eq!(sudo("alice", &nobody), SudoError::NobodyToAsk { user: "alice".into() });
    let declines = Person::with([Reply::No]);
    assert_eq!(sudo("alice", &declines), SudoError::Declined);
    let wrong = Person::with([secret("a"), secret("b"), secret("c")]);
    assert_eq!(sudo("alice", &wrong), SudoError::Wrong { user: "alice".into() });
}

/// Answers sudo only after sudo has given up, the first time.
struct Slow(Person);

impl Prompter for Slow {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        let waits = || {
            let all = fs::read_dir("/proc").unwrap().flatten();
            let mut lines = all.filter_map(|of| fs::read_to_string(of.path().join("cmdline")).ok());
            lines.any(|line| line.starts_with("sudo\0-S\0-p\0[[password-"))
        };
        while self.0.asked().is_empty() && waits() {
            thread::yield_now();
        }
        self.0.ask(ask)
    }
}

#[test]
fn a_password_that_came_too_late_for_sudo_is_given_to_a_new_one() {
    let Some(server) = Server::start() else { return };
    // In minutes: a second, and sudo knows no less.
    server.sudoers("Defaults passwd_timeout=0.02");
    let slow = Slow(Person::with([secret(PASSWORD)]));
    let ssh = Ssh::connect(&server.spec("alice"), &Keys::default(), &slow, &Cancel::default());
    assert_eq!(ssh.unwrap().connected.root, RootBy::SudoPassword);
    assert_eq!(slow.0.asked(), [password(false)]);
}

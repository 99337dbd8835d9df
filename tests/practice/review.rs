//! The review of somebody's own machines: it never rests on Go, and nothing is changed before.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

use super::lab::{Lab, NODES};
use crate::session::Session;

const DOWN: &str = "\x1b[B";
const LEFT: &str = "\x1b[D";
const RIGHT: &str = "\x1b[C";

/// A home whose ssh knows the machines by name, as it would know any servers.
fn home(lab: &Lab) -> TempDir {
    let home = TempDir::new().expect("a home");
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at(".ssh")).expect("a folder");
    fs::create_dir(at("bin")).expect("a folder");
    let login = format!(
        "Host icc-etcd-*\n  User root\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
         UserKnownHostsFile {}\n",
        lab.dir().join("id_ed25519").display(),
        lab.dir().join("known_hosts").display()
    );
    let host = |node| format!("Host {node}\n  HostName {}\n", lab.address(node));
    let config = login + &NODES.map(host).concat();
    fs::write(at(".ssh/config"), config).expect("a file");
    // ssh itself goes by the password database, not by HOME.
    let ssh = at("bin/ssh");
    let script = "#!/bin/sh\nexec /usr/bin/ssh -F \"$HOME/.ssh/config\" \"$@\"\n";
    fs::write(&ssh, script).expect("a file");
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).expect("a mode");
    home
}

fn wizard(home: &Path) -> Session {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", home.join("bin").display());
    let (state, home) = (home.join("state").display().to_string(), home.display().to_string());
    let environment = [
        ("HOME", home.as_str()),
        ("cd", home.as_str()),
        ("PATH", path.as_str()),
        ("QUORATE_STATE", state.as_str()),
    ];
    Session::begin(Path::new(env!("CARGO_BIN_EXE_quorate")), &[], (80, 24), &environment)
}

/// Goes on to that page.
fn on_to(session: &mut Session, page: &str) {
    // What is marked further down than the last stays the last.
    for _ in 0..8 {
        session.press(DOWN);
    }
    session.wait_for("▸ Continue");
    session.press("\r");
    session.wait_longer(page, 3);
}

pub(crate) fn promise_3_on_own_machines_the_review_never_rests_on_go(lab: &Lab) {
    lab.fresh();
    let (home, before) = (home(lab), lab.everything());
    let mut session = wizard(home.path());
    session.wait_for("Enter practise");
    session.press(DOWN);
    session.wait_for("▸ Set up my own servers");
    session.press("\r");
    for node in NODES {
        session.wait_for(&lab.address(node));
    }
    session.wait_until("five machines that were tried", 3, |shows| {
        let words = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
        shows.lines().filter(|l| words(l).ends_with("✓ root ✓ root Deb 12")).count() == NODES.len()
    });
    // Answers that are nobody's default.
    on_to(&mut session, "Without a folder I make");
    on_to(&mut session, "Data directory");
    session.press("\rx\r");
    session.wait_for("./icc-etcdx");
    session.press(&format!("{DOWN}{DOWN}\r7\r"));
    session.wait_for("etcd-cluster-07");
    on_to(&mut session, "▸ Save for the ticket");
    assert!(session.shows().contains("LIVE · nothing changed yet"), "{}", session.shows());

    // Go asks once more, and whoever does not say it is led away from it.
    for no in ["\r", "\x1b"] {
        session.press(RIGHT);
        session.wait_for("▸ Go (all)");
        session.press("\r");
        session.wait_for("Change these machines now?");
        session.wait_for("▸ Not yet");
        session.press(no);
        session.wait_for("▸ Save for the ticket");
        assert!(!session.shows().contains("Change these machines now?"));
    }

    // "Not yet" leads back, with all that was answered.
    session.press(LEFT);
    session.wait_for("▸ Not yet");
    session.press("\r");
    session.wait_for("Saved in         ./icc-etcdx");
    assert!(session.shows().contains("etcd-cluster-07"), "{}", session.shows());
    session.press("\x1b");
    session.wait_for("Without a folder I make");
    session.press("\x1b");
    for node in NODES {
        session.wait_for(&format!("{node}   {}", lab.address(node)));
    }
    for page in ["Without a folder I make", "Data directory", "▸ Save for the ticket"] {
        on_to(&mut session, page);
    }
    session.press("q");
    session.end();
    session.assert_sane();
    assert_eq!(lab.everything(), before);
}

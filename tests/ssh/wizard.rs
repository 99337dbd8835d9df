//! The wizard's page Access, on three real machines that are new and want all there is: each secret is
//! asked for once, mistyped once, and found nowhere.

use std::{
    env,
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{
    screen::Screen,
    secrets::{MISTYPED, PASSPHRASE},
    server::{PASSWORD, Server, possible},
};

/// A person's computer: ssh knows the machines by name, one key with a passphrase for them, and these
/// lines.
fn home(servers: &[Server], more: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at(".ssh")).unwrap();
    fs::create_dir_all(at("bin")).unwrap();
    fs::copy(servers[0].file("locked"), at(".ssh/id_icc")).unwrap();
    let public = fs::read_to_string(servers[0].file("locked.pub")).unwrap();
    let mut config = format!(
        "Host *\n{more}\nIdentityFile {0}/.ssh/id_icc\nIdentityAgent none\n\
         UserKnownHostsFile {0}/.ssh/known_hosts\n",
        home.path().display()
    );
    for (nth, server) in (1..).zip(servers) {
        fs::write(server.file("authorized"), &public).unwrap();
        let (ip, port) = (server.address.ip(), server.address.port());
        let _ = write!(config, "Host etcd-{nth}\nHostName {ip}\nPort {port}\n");
    }
    fs::write(at(".ssh/config"), config).unwrap();
    // ssh itself goes by the password database, not by HOME.
    let script = "#!/bin/sh\nexec /usr/bin/ssh -F \"$HOME/.ssh/config\" \"$@\"\n";
    fs::write(at("bin/ssh"), script).unwrap();
    fs::set_permissions(at("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    home
}

/// What the machines say of their own keys, on their consoles.
fn consoles(servers: &[Server]) -> String {
    let says = |server: &Server| {
        let file = server.file("host_key.pub");
        let keygen = Command::new("ssh-keygen").arg("-lf").arg(file).output();
        String::from_utf8(keygen.unwrap().stdout).unwrap()
    };
    servers.iter().map(says).collect()
}

/// Types it where `label` is asked for; the field shows that many dots, and never what they are.
fn give(screen: &mut Screen, label: &str, secret: &str) {
    let asked = format!("▸ {label}");
    screen.wait_for(&[&asked]);
    screen.press(secret);
    let dots = "•".repeat(secret.chars().count());
    let filled = |line: &str| line.contains(&asked) && line.contains(&dots);
    screen.wait_until(|shows| shows.lines().any(filled));
    screen.press("\r");
}

/// From Access to the review, with the answers that are there.
fn on_to_review(screen: &mut Screen) {
    screen.press("\r");
    screen.wait_for(&["Without a folder I make"]);
    screen.press("\r");
    screen.wait_for(&["It will be cluster"]);
    screen.press("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r");
    screen.wait_for(&["Only read-only commands have run"]);
}

/// Back in the wizard, the answers are kept; then out of it.
fn back_and_out(screen: &mut Screen) {
    screen.press("\x1b");
    screen.wait_for(&["Saved in         ./icc-etcd"]);
    screen.press("q");
    screen.end();
}

fn mistyped_once(screen: &mut Screen, label: &str, right: &str) {
    give(screen, label, MISTYPED);
    screen.wait_for(&["That was not right"]);
    give(screen, label, right);
    screen.wait_gone("That was not right");
}

/// Every file below that folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn run_logs(state: &Path) -> String {
    let all = files(state).into_iter();
    let runs = all.filter(|file| file.extension().is_some_and(|e| e == "ndjson"));
    runs.map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The wizard on that computer, at its page Nodes.
fn at_nodes(home: &Path) -> Screen {
    let state = home.join("state");
    let path = format!("{}/bin:{}", home.display(), env::var("PATH").unwrap());
    let environment = [("HOME", home), ("PATH", Path::new(&path)), ("QUORATE_STATE", &state)];
    let mut screen = Screen::open(&[], home, &environment);
    screen.wait_for(&["Enter practise"]);
    screen.press("\x1b[B\r");
    screen.wait_for(&["1  icc-etcd-1"]);
    screen
}

fn through_the_wizard(config: &str) {
    let ips = ["127.0.9.1", "127.0.9.2", "127.0.9.3"];
    let servers = ips.map(|ip| Server::at(ip, config));
    let home = home(&servers, "User alice");
    let state = home.path().join("state");
    let mut screen = at_nodes(home.path());
    screen.press("\x1b[200~etcd-1 etcd-2 etcd-3\x1b[201~");
    screen.wait_until(|shows| shows.matches("! new").count() == 3);
    screen.press("\r");
    screen.wait_for(&["Three machines are new to this computer"]);
    screen.wait_for(&["showed this key"]);
    screen.wait_for(&["Log in as    alice                ✓ from ~/.ssh/config"]);
    // All have asked, and nothing secret is asked for before.
    screen.wait_for(&["Continue (3 keys to go)"]);
    screen.press(&format!("\x1b[200~{}\x1b[201~", consoles(&servers).replace('\n', "\r")));
    mistyped_once(&mut screen, "Passphrase", PASSPHRASE);
    mistyped_once(&mut screen, "Password", PASSWORD);
    mistyped_once(&mut screen, "For sudo", PASSWORD);
    screen.wait_for(&["All machines let me in, with root."]);
    for words in [
        "With         ~/.ssh/id_icc        ✓ its passphrase was asked once",
        "Root by      sudo with a password asked once, kept in memory, never written",
        "✓ right on etcd-",
    ] {
        assert!(screen.shows().contains(words), "{words}:\n{}", screen.shows());
    }
    let known = fs::read_to_string(home.path().join(".ssh/known_hosts")).unwrap();
    assert_eq!(known.lines().count(), 3, "{known}");

    // The run after it knows all of it; back in the wizard, the answers are kept.
    on_to_review(&mut screen);
    back_and_out(&mut screen);

    let kept = files(&state);
    let log = run_logs(&state);
    assert_eq!(log.matches("\"is\":\"connected\"").count(), 3, "{log}");
    assert!(kept.len() > 1, "the log and the draft: {kept:?}");
    let made = home.path().join("icc-etcd/cluster.toml");
    let texts = kept.iter().chain([&made]).map(|file| {
        let bytes = fs::read(file).unwrap();
        (file.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
    });
    let pictures = screen.pictures();
    assert!(pictures.len() > 20, "{}", pictures.len());
    let pictures = pictures.into_iter().map(|picture| ("a screen".to_owned(), picture));
    let terminal = ("the terminal".to_owned(), screen.text());
    for (what, text) in texts.chain(pictures).chain([terminal]) {
        for secret in [PASSPHRASE, PASSWORD, MISTYPED] {
            assert!(!text.contains(secret), "{what} has {secret:?}:\n{text}");
        }
    }
}

#[test]
fn promise_6_what_is_typed_on_the_page_access_is_kept_nowhere() {
    if possible() {
        through_the_wizard("AuthenticationMethods publickey,password");
    }
}

#[test]
fn promise_6_nor_is_what_a_server_asks_for_by_itself() {
    if possible() {
        through_the_wizard(
            "KbdInteractiveAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive",
        );
    }
}

/// Nothing here knows whom to log in as; what is typed holds for the wizard, its file, and the run.
#[test]
fn a_refused_name_is_answered_on_the_page_and_goes_into_the_cluster_file() {
    if !possible() {
        return;
    }
    let server = Server::at("127.0.9.4", "AuthenticationMethods publickey\nAllowUsers bob");
    let servers = [server];
    let home = home(&servers, "");
    let mut screen = at_nodes(home.path());
    screen.press("\x1b[200~etcd-1\x1b[201~");
    screen.wait_for(&["! new"]);
    screen.press("\r");
    screen.wait_for(&["Continue (1 key to go)"]);
    screen.press(&format!("\x1b[200~{}\x1b[201~", consoles(&servers).replace('\n', "\r")));
    give(&mut screen, "Passphrase", PASSPHRASE);
    screen.wait_for(&["▸ Log in as    root                 ! your name on this computer"]);
    screen.press("bob\r");
    screen.wait_for(&["All machines let me in, with root."]);
    let shows = screen.shows();
    assert!(shows.contains("Log in as    bob                  ✓ as you typed"), "{shows}");
    on_to_review(&mut screen);
    let file = fs::read_to_string(home.path().join("icc-etcd/cluster.toml")).unwrap();
    assert!(file.contains("[ssh]\nuser = \"bob\""), "{file}");
    back_and_out(&mut screen);
    // The run logged in by what the file says.
    let log = run_logs(&home.path().join("state"));
    assert!(log.contains("\"is\":\"connected\"") && log.contains("bob"), "{log}");
}

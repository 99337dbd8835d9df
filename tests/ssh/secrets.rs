//! A run in which every kind of secret is typed, on the real screen: none of them is in what is kept
//! of it, in any form that a person could pass on.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use assert_cmd::cargo::cargo_bin;

use super::{
    screen::Screen,
    server::{PASSWORD, Server, possible},
};

pub(crate) const PASSPHRASE: &str = "open sesame";
/// Typed first, and refused.
pub(crate) const MISTYPED: &str = "swordfish 77";

/// A cluster of three, all of them that one sshd, and its certificates.
fn cluster(server: &Server) -> PathBuf {
    let mut text = format!(
        "version = 1\nname = \"typed\"\ntoken = \"typed-0\"\n[ssh]\nuser = \"alice\"\n\
         identity = \"{}\"\nknown_hosts = \"{}\"\n[tls]\nca = \"ca.pem\"\n\
         cert = \"kubernetes.pem\"\nkey = \"kubernetes-key.pem\"\n",
        server.file("locked").display(),
        server.file("known_hosts").display()
    );
    for nth in 1..=3 {
        let _ = write!(
            text,
            "[[members]]\nname = \"n{nth}\"\naddress = \"192.0.2.{nth}\"\nssh_host = \"127.0.0.1\"\n\
             ssh_port = {}\n",
            server.address.port()
        );
    }
    let file = server.file("cluster.toml");
    fs::write(&file, text).unwrap();
    let into = server.folder.path();
    let issued = Command::new(cargo_bin("quorate"))
        .args(["certs", "issue"])
        .arg(&file)
        .arg("--into")
        .arg(into)
        .output()
        .unwrap();
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    file
}

/// All that must not be found: what was typed, and the bytes of keys, line by line.
fn secrets(server: &Server) -> Vec<String> {
    let mut all: Vec<_> = [PASSPHRASE, PASSWORD, MISTYPED].map(str::to_owned).into();
    for key in ["kubernetes-key.pem", "locked"] {
        let text = fs::read_to_string(server.file(key)).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("-----") && line.len() > 20);
        all.extend(lines.map(str::to_owned));
    }
    assert!(all.len() > 6, "{all:?}");
    all
}

fn log(state: &Path) -> PathBuf {
    let runs = fs::read_dir(state.join("runs/typed")).unwrap();
    let mut logs = runs.map(|entry| entry.unwrap().path());
    logs.find(|path| path.extension().is_some_and(|e| e == "ndjson")).unwrap()
}

/// Every screen of a cast: text that is drawn cell by cell is in no line of the file.
fn screens(cast: &str) -> Vec<String> {
    let mut screen = avt::Terminal::new(80, 24).unwrap();
    let mut all = Vec::new();
    for line in cast.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        if event[1] == "o" {
            screen.feed(event[2].as_str().unwrap());
            let lines = screen.screen().visible_lines();
            all.push(lines.map(|line| line.text() + "\n").collect());
        }
    }
    all
}

#[test]
fn promise_6_nothing_that_was_typed_is_in_anything_that_is_kept() {
    if !possible() {
        return;
    }
    let server = Server::with("AuthenticationMethods publickey,password");
    let state = tempfile::tempdir().unwrap();
    let file = cluster(&server);
    let secrets = secrets(&server);

    let here = [("QUORATE_STATE", state.path())];
    let mut screen = Screen::open(&["up", file.to_str().unwrap()], state.path(), &here);
    screen.type_secret("Passphrase", MISTYPED);
    screen.type_secret("Passphrase", PASSPHRASE);
    screen.type_secret("Password", PASSWORD);
    screen.type_secret("sudo", PASSWORD);
    // This computer is none of the three: the run is refused, and its page says so.
    screen.wait_for(&["Only read-only commands have run"]);
    screen.press("q");
    screen.end();

    let log = log(state.path());
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("\"is\":\"connected\""), "the secrets let it in: {text}");
    let mut kept = vec![("log".to_owned(), text)];
    kept.push(("terminal".to_owned(), screen.text()));
    for name in ["a.cast", "a.html", "a.svg", "moving.svg", "a.md"] {
        let out = state.path().join(name);
        let mut export = Command::new(cargo_bin("quorate"));
        export.arg("export").arg(&log).arg(&out);
        if name.starts_with("moving") {
            export.arg("--animate");
        }
        let done = export.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        kept.push((name.to_owned(), fs::read_to_string(&out).unwrap()));
    }
    let report = Command::new(cargo_bin("quorate")).arg("report").arg(&log).output().unwrap();
    assert!(report.status.success());
    kept.push(("report".to_owned(), String::from_utf8(report.stdout).unwrap()));
    let cast = kept.iter().find(|(name, _)| name == "a.cast").unwrap().1.clone();
    let films = screens(&cast);
    assert!(films.len() > 2, "{}", films.len());
    kept.extend(films.into_iter().map(|screen| ("a screen of the cast".to_owned(), screen)));
    for (what, text) in kept {
        assert!(!text.is_empty(), "{what}");
        let found: Vec<_> = secrets.iter().filter(|secret| text.contains(*secret)).collect();
        assert!(found.is_empty(), "{what} has {found:?}");
    }
}

//! The failure page on real machines, in a pty: what sisters lend, and the way back.

use std::{
    collections::HashSet,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use quorate::event::{RunEvent, TaskOutcome};
use tempfile::TempDir;

use super::{
    lab::{Lab, NODES},
    proxy::{MIRROR, Proxy},
    run::{choose, events, log, tasks},
};
use crate::session::Session;

/// Longer than any step takes on a busy computer, as often as a page.
const STEP: u32 = 12;
const DOWN: &str = "\x1b[B";
const LEFT: &str = "\x1b[D";
/// The one of five that is unlike the others.
const ODD: &str = "icc-etcd-4";

/// A mirror to which there is no way.
const NO_MIRROR: &str = "\
echo 'deb http://127.0.0.1/debian bookworm main' >/etc/apt/sources.list
rm -rf /var/lib/apt/lists/*
";
/// The machines' own repository, as they came.
const MEND: &str = "echo 'deb [trusted=yes] file:/srv/quorate/repo ./' >/etc/apt/sources.list\n";

/// All at once, until a node has failed; logs and what is kept lie in that folder.
fn failed(lab: &Lab, folder: &Path) -> Session {
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    let folder = folder.display().to_string();
    let environment = [("QUORATE_STATE", folder.as_str()), ("cd", folder.as_str())];
    let mut session = Session::begin(program, &["up", &lab.file()], (80, 24), &environment);
    session.wait_longer("Enter guided", STEP);
    session.press(LEFT);
    session.wait_for("▸ Go (all)");
    session.press("\r");
    session.wait_longer("Enter try again", STEP);
    session
}

/// The run goes on by itself, to its end; all events of it.
fn stands(mut session: Session, folder: &Path) -> Vec<RunEvent> {
    session.wait_longer("Your cluster stands.", STEP);
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0, "{screen}");
    session.assert_sane();
    events(&log(folder))
}

/// Every file below that folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// No part of a private key is in any file there: neither its bytes, nor those in hexadecimal, nor a
/// line of its file.
fn no_key_in(lab: &Lab, folder: &Path) {
    let files = files(folder);
    assert!(!files.is_empty());
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    for name in ["ca-key.pem", "kubernetes-key.pem"] {
        let text = fs::read_to_string(lab.dir().join(name)).expect("a key");
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = openssl::base64::decode_block(&lines.concat()).expect("base64");
        let raw: HashSet<_> = key.windows(16).map(<[u8]>::to_vec).collect();
        let digits = hex(&key).into_bytes();
        let digits: HashSet<_> = digits.windows(32).map(<[u8]>::to_vec).collect();
        // The last line is the public part, which a certificate has too.
        let (_, secret) = lines.split_last().expect("lines");
        assert!(!secret.is_empty());
        for path in &files {
            let bytes = fs::read(path).expect("a file");
            let lower = bytes.to_ascii_lowercase();
            let told = String::from_utf8_lossy(&bytes);
            let seen = bytes.windows(16).any(|window| raw.contains(window))
                || lower.windows(32).any(|window| digits.contains(window))
                || secret.iter().any(|line| told.contains(line));
            assert!(!seen, "{name} is seen in {}", path.display());
        }
    }
}

pub(crate) fn the_packages_of_a_sister_are_taken_and_the_cluster_stands(lab: &Lab) {
    lab.fresh();
    lab.on(ODD, NO_MIRROR);
    let folder = TempDir::new().expect("a folder");
    let mut session = failed(lab, folder.path());
    session.wait_for("13 MB over SSH, same SHA-256, no more");
    assert!(!session.shows().contains("Write "), "no file is lacked: {}", session.shows());
    choose(&mut session, DOWN, "▸ Take the packages of icc-etcd-");
    session.press("\r");
    let events = stands(session, folder.path());
    let changed: Vec<_> = tasks(&events)
        .into_iter()
        .filter(|(_, outcome)| *outcome == TaskOutcome::Changed)
        .map(|(task, _)| task)
        .collect();
    for name in ["take-etcd-server", "take-etcd-client", "packages", "release"] {
        let task = format!("{ODD} install.{name}");
        assert_eq!(changed.iter().filter(|t| **t == task).count(), 1, "{task}: {changed:?}");
    }
    let lent: Vec<_> = changed.iter().filter(|task| task.ends_with("install.lend")).collect();
    assert!(lent.len() == 1 && !lent[0].starts_with(ODD), "one sister: {lent:?}");
    let alike = lab.on_all(
        "dpkg-query -W -f '${Package} ${Version} ${Status}\\n' etcd-server etcd-client\n\
         dpkg -V etcd-server etcd-client; systemctl is-enabled etcd; systemctl is-active etcd\n\
         ls -d /var/tmp/quorate* /tmp/quorate* 2>/dev/null || :\n",
    );
    assert!(alike.values().all(|says| says == &alike[ODD]), "{alike:?}");
    assert_eq!(lab.on(ODD, "ls /var/lib/apt/lists | grep -c Packages || :\n"), "0");
    no_key_in(lab, folder.path());
    let again = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    let again = tasks(&again.exits(0).events());
    assert!(again.iter().all(|(_, outcome)| *outcome == TaskOutcome::Unchanged), "{again:?}");
}

/// An address of the machines' network.
fn on_net(lab: &Lab, host: u8) -> Ipv4Addr {
    let subnet: Ipv4Addr = lab.subnet().parse().expect("a subnet");
    let [a, b, c, _] = subnet.octets();
    Ipv4Addr::new(a, b, c, host)
}

/// Whoever logs in at the proxy.
const USER: &str = "ops";
const PASSWORD: &str = "sesame/0pen@all";

pub(crate) fn a_proxy_that_one_lacks_is_written_as_on_its_sisters(lab: &Lab) {
    lab.fresh();
    let bridge = on_net(lab, 1);
    let repo = lab.dir().join(format!("image/{}/srv/quorate/repo", lab.release()));
    let proxy = Proxy::start(bridge, &format!("{USER}:{PASSWORD}"), repo);
    let escaped = PASSWORD.replace('/', "%2f").replace('@', "%40");
    let says = format!(
        "// for all\nAcquire::http::Proxy \"http://{USER}:{escaped}@{}/\";\n",
        proxy.address
    );
    let sources = format!(
        "echo 'deb [trusted=yes] http://{MIRROR}/ ./' >/etc/apt/sources.list\n\
         rm -rf /var/lib/apt/lists/*\n"
    );
    let write = format!(
        "umask 027; cat >/etc/apt/apt.conf.d/95proxy <<'EOF'\n{says}EOF\n\
         chgrp adm /etc/apt/apt.conf.d/95proxy\n"
    );
    lab.on_all(&sources);
    NODES.iter().filter(|node| **node != ODD).for_each(|node| drop(lab.on(node, &write)));

    let folder = TempDir::new().expect("a folder");
    let mut session = failed(lab, folder.path());
    assert!(session.shows().contains("95proxy"), "it is named: {}", session.shows());
    choose(&mut session, DOWN, "▸ Write 95proxy as on icc-etcd-");
    session.press("\r");
    session.wait_for("Write this file?");
    let shown = session.shows();
    assert!(shown.contains(&format!("http://…@{}/", proxy.address)), "{shown}");
    assert!(shown.contains("root:adm 640"), "{shown}");
    choose(&mut session, DOWN, "▸ Write it and try again");
    session.press("\r");
    session.wait_longer("Your cluster stands.", STEP);
    let raw = session.raw_text();
    stands(session, folder.path());
    let file = "cd /etc/apt/apt.conf.d; stat -c '%n %U:%G %a' * .95* 2>/dev/null; cat 95proxy\n";
    let alike = lab.on_all(file);
    assert!(alike.values().all(|text| text == &alike["icc-etcd-1"]), "{alike:?}");
    assert!(alike[ODD].contains("95proxy root:adm 640"), "{alike:?}");
    let to_odd = format!("{} etcd-server_", on_net(lab, 35));
    assert!(proxy.served().iter().any(|line| line.starts_with(&to_odd)), "{:?}", proxy.served());
    let content = openssl::base64::encode_block(says.as_bytes());
    let login = openssl::base64::encode_block(format!("{USER}:{PASSWORD}").as_bytes());
    for told in [log(folder.path()), raw] {
        for secret in [PASSWORD, &escaped, &content, &login, "sesame"] {
            assert!(!told.contains(secret), "{secret} is told");
        }
    }
    lab.on_all(&format!("{MEND}rm /etc/apt/apt.conf.d/95proxy; apt-get update -q\n"));
}

pub(crate) fn everything_is_taken_back_and_whoever_helps_gets_no_key(lab: &Lab) {
    lab.fresh();
    lab.on(ODD, NO_MIRROR);
    // A unit's state: enabled or not, up or not, masked or not.
    let units = "systemctl is-active etcd || :; systemctl is-enabled etcd 2>/dev/null | grep -x enabled || :\n\
                 ls /etc/systemd/system | grep etcd || :\n";
    let before = lab.on_all(units);
    let folder = TempDir::new().expect("a folder");
    let mut session = failed(lab, folder.path());
    session.press("b");
    session.wait_for("For whoever helps: ");
    let bundle = fs::read_dir(folder.path()).expect("a folder").flatten().map(|e| e.path());
    let bundle = bundle.filter(|path| path.to_string_lossy().contains("quorate-help-practice-"));
    let bundle: Vec<_> = bundle.collect();
    let [bundle] = bundle.as_slice() else { panic!("one bundle: {bundle:?}") };
    let events = events(&fs::read_to_string(bundle.join("run.ndjson")).expect("a log"));
    assert!(events.iter().any(|event| matches!(event, RunEvent::Judged { .. })), "to its verdict");
    no_key_in(lab, bundle);

    choose(&mut session, DOWN, "▸ Take everything back");
    session.press("\r");
    session.wait_for("Type practice to do it");
    session.press("practise\r");
    session.wait_for("That is not practice.");
    session.press("\x7f\x7fce\r");
    // All was taken back, and what was wanted is reviewed anew.
    session.wait_longer("PRACTICE · nothing changed yet", STEP);
    session.wait_longer("Enter guided", STEP);
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 130, "nobody said go again: {screen}");
    session.assert_sane();
    let packages = lab
        .on_all("dpkg-query -W -f '${Status}\\n' etcd-server etcd-client 2>/dev/null | sort -u\n");
    for (node, says) in &packages {
        let wanted = if *node == ODD { "" } else { "install ok installed" };
        assert_eq!(says, wanted, "{node}: packages stay");
    }
    assert_eq!(lab.on_all(units), before);
    let made = lab.on_all("ls /etc/etcd/*.pem /etc/profile.d/etcdctl.sh 2>/dev/null; grep -s ^ETCD_ /etc/default/etcd || :\n");
    assert!(made.values().all(String::is_empty), "{made:?}");
    let aside = lab.on_all("ls /etc/etcd | sed 's/[.]2[0-9TZ]*Z$/ aside/'\n");
    for (node, names) in aside {
        let wanted = "ca.pem aside\nkubernetes-key.pem aside\nkubernetes.pem aside";
        assert_eq!(names, wanted, "{node}");
    }
    no_key_in(lab, folder.path());
    lab.on(ODD, &format!("{MEND}apt-get update -q\n"));
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0).says("practice is healthy");
}

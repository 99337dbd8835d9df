use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Stdio},
};

use super::*;
use crate::{
    cluster::{Digest, Release, file::tests::lab},
    lab::LocalFile,
};

/// Fails unless `/bin/sh` can read the whole text.
fn reads_as_sh(text: &str) {
    let mut sh = Command::new("/bin/sh")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sh.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = sh.wait_with_output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}\n{text}");
}

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

fn material(key: &Path) -> Material {
    let file = LocalFile {
        path: key.to_owned(),
        name: "kubernetes-key.pem".to_owned(),
        bytes: KEY.len(),
        digest: Digest::of(KEY.as_bytes()),
    };
    Material { ca: "ca\nEOF\n".to_owned(), cert: "cert\n".to_owned(), key: file }
}

fn script(c: &Cluster, release: Release, key: &Path) -> String {
    let all = |m: &Member| m.name.clone();
    let materials = c.members.iter().map(|m| (all(m), material(key))).collect();
    let facts = c.members.iter().map(|m| (all(m), Facts::assumed(release))).collect();
    as_sh(c, &materials, &facts, Basis::Assumed(release))
}

#[test]
fn every_text_of_every_task_is_sh() {
    let c = lab();
    let mut texts = BTreeSet::new();
    for release in Release::ALL {
        let assumed = Facts::assumed(release);
        let mut busy = Facts { has_lists: false, dpkg_broken: true, ..assumed.clone() };
        busy.data = Some(crate::lab::facts::Data::Unknown);
        busy.settings = Some("other".to_owned());
        busy.remove_packages = true;
        busy.files.insert("/etc/etcd/ca.pem".to_owned(), "other".to_owned());
        for f in [assumed, busy] {
            for m in &c.members {
                for step in Step::LAB.into_iter().chain([Step::Reset]) {
                    for t in tasks(step, &c, m, &material(Path::new("/k")), &f) {
                        for text in [Some(&t.holds), Some(&t.change), t.undo.as_ref()] {
                            let text = text.map_or("", |script| script.text.as_str());
                            assert!(text.is_empty() || text.ends_with('\n'), "{text}");
                            texts.insert(text.to_owned());
                        }
                    }
                }
            }
        }
    }
    assert!(texts.len() > 50, "{}", texts.len());
    for text in texts {
        reads_as_sh(&format!("run() {{\n{text}:\n}}\n"));
    }
}

#[test]
fn the_script_is_sh_and_holds_no_secret() {
    for release in Release::ALL {
        let text = script(&lab(), release, Path::new("/lab/kubernetes-key.pem"));
        reads_as_sh(&text);
        assert!(!text.contains("<kubernetes-key.pem:"), "a placeholder is left");
        assert!(!text.contains("c2VjcmV0"));
        let piped = format!("key /lab/kubernetes-key.pem {} || return 1\n", KEY.len());
        assert_eq!(text.matches(&piped).count(), 1);
        for mark in ["CLUSTER", "MEMBERS", "NODES", "FRAME", "LOGINS", "BASIS", "KEY", "SORTED_IDS"]
        {
            assert!(!text.contains(&format!("@{mark}@")), "{mark} is left");
        }
    }
}

/// Runs the script with an `ssh` that runs a node's text here, with the node's commands replaced:
/// what is written goes into a directory.
#[test]
fn paths_that_are_hostile_stay_whole() {
    let dir = tempfile::tempdir().unwrap();
    let odd = dir.path().join("it's $(touch pwned); \"%h\" `x`");
    std::fs::create_dir(&odd).unwrap();
    let key = odd.join("k=e y.pem");
    // Without its last newline, it still arrives whole.
    std::fs::write(&key, KEY.trim_end()).unwrap();
    let mut c = lab();
    c.login.identity = Some(odd.join("id"));
    c.login.user = Some("o'brien".to_owned());
    for m in &mut c.members {
        m.ssh_host = Some("-oProxyCommand=touch pwned".to_owned());
    }
    let text = script(&c, Release::Bookworm, &key);
    reads_as_sh(&text);
    let bin = dir.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let out = dir.path().join("out");
    // Each call keeps its arguments and what it is sent, and answers 0.
    let ssh = format!(
        "#!/bin/sh\nat=$(mktemp -d {0}.XXXXXX)\nprintf '%s\\n' \"$@\" >$at/args\ncat >$at/text\n",
        out.display()
    );
    std::fs::write(bin.join("ssh"), ssh).unwrap();
    let chmod = Command::new("chmod").arg("+x").arg(bin.join("ssh")).status().unwrap();
    assert!(chmod.success());
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut sh = Command::new("/bin/sh")
        .env("PATH", path)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sh.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = sh.wait_with_output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    assert!(!dir.path().join("pwned").exists());

    let identity = format!("IdentityFile={}", ssh_config_path(&odd.join("id")));
    let mut keys = 0;
    let mut calls = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let at = entry.unwrap().path();
        if !at.file_name().unwrap().to_string_lossy().starts_with("out.") {
            continue;
        }
        calls += 1;
        let args = std::fs::read_to_string(at.join("args")).unwrap();
        for word in ["BatchMode=yes", "o'brien", &identity, "--", "-oProxyCommand=touch pwned"] {
            assert!(args.lines().any(|arg| arg == word), "{word:?} is not in {args}");
        }
        let text = std::fs::read_to_string(at.join("text")).unwrap();
        reads_as_sh(&text);
        keys += usize::from(text.contains(&format!("<<'EOF'\n{KEY}EOF\n")));
    }
    assert_eq!((calls, keys), (5 * 6 + 1, 5));
}

#[test]
fn a_node_that_cannot_be_reached_ends_the_script_before_any_change() {
    let dir = tempfile::tempdir().unwrap();
    let ssh = dir.path().join("ssh");
    std::fs::write(&ssh, "#!/bin/sh\ncat >>\"$0.text\"\ncase $* in *.34*) exit 255 ;; esac\n")
        .unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&ssh).status().unwrap().success());
    let text = script(&lab(), Release::Bookworm, Path::new("/nowhere"));
    let file = dir.path().join("script");
    std::fs::write(&file, text).unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let done = Command::new("/bin/sh").arg(&file).env("PATH", path).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert_eq!(
        String::from_utf8_lossy(&done.stdout),
        "icc-etcd-3: preflight FAILED, no connection\n"
    );
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(
        said,
        "not changing anything: failed on icc-etcd-3. Mend that, and run this again.\n"
    );
    let sent = std::fs::read_to_string(dir.path().join("ssh.text")).unwrap();
    assert!(sent.contains("proof preflight.data") && !sent.contains("change() {"), "{sent}");
}

/// The text judges by the first bytes of the log, as the survey does.
#[test]
fn own_data_is_never_moved_aside() {
    let dir = tempfile::tempdir().unwrap();
    let mut c = lab();
    c.data_dir = dir.path().join("etcd");
    let (first, second) = (c.members.first().unwrap(), c.members.get(1).unwrap());
    let who = Identity::predict(&c);
    let holds = |m: &Member| {
        let text = crate::lab::configure::no_other_data(&c, m);
        Command::new("/bin/sh")
            .args(["-c", &text])
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    assert!(holds(first), "nothing is there");
    let wal = c.data_dir.join("member/wal");
    std::fs::create_dir_all(&wal).unwrap();
    assert!(!holds(first), "a directory without a log is nobody's");
    let mark = crate::lab::wal::mark(*who.members.get(&first.name).unwrap(), who.cluster);
    let digits = |at: usize| u8::from_str_radix(&mark[at..at + 2], 16).unwrap();
    let mut log = vec![0; 30];
    log.extend((0..mark.len() / 2).map(|at| digits(at * 2)));
    std::fs::write(wal.join("0000000000000000-0000000000000000.wal"), log).unwrap();
    assert!(holds(first));
    assert!(!holds(second), "another member's");
}

#[test]
fn a_key_that_has_changed_since_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (ssh, key) = (dir.path().join("ssh"), dir.path().join("key.pem"));
    // As a node's sh does: nothing runs unless it can be read to its end.
    std::fs::write(&ssh, "#!/bin/sh\nexec /bin/sh -n\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&ssh).status().unwrap().success());
    std::fs::write(&key, format!("{KEY}more\n")).unwrap();
    let file = dir.path().join("script");
    std::fs::write(&file, script(&lab(), Release::Bookworm, &key)).unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let done = Command::new("/bin/sh").arg(&file).env("PATH", path).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let said = String::from_utf8_lossy(&done.stderr);
    let refusal = format!("{} is not the file that this was made for\n", key.display());
    assert_eq!(said.matches(&refusal).count(), 5, "{said}");
    assert!(said.contains("not starting: failed on icc-etcd-"), "{said}");
}

/// The frame itself, around tasks of our own.
#[test]
fn the_frame_looks_changes_and_looks_again() {
    let run = |holds: &str, change: &str| {
        let text = format!(
            "node=n\n{FRAME}holds() {{\n{holds}\n}}\nchange() {{\n{change}\n}}\n\
             task a.b\necho went on\n"
        );
        let out = Command::new("/bin/sh").args(["-c", &text]).output().unwrap();
        assert!(out.stderr.is_empty(), "{out:?}");
        let words = String::from_utf8(out.stdout).unwrap();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f").display().to_string();
    assert_eq!(run(":", "exit 1"), "n a.b unchanged went on");
    assert_eq!(run(&format!("[ -e {file} ]"), &format!("touch {file}")), "n a.b changed went on");
    assert_eq!(run("echo no; false", "echo did"), "n a.b FAILED n did n no");
    // set -e counts: what comes after the fault does not run.
    assert_eq!(run("false", "set -e\nfalse\necho on"), "n a.b FAILED n");
}

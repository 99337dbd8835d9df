//! Five real machines, from nothing to nothing. Needs root; run with CI set, its absence fails.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests, which clippy does not see as tests"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use quorate::{
    cluster::{Digest, Release, file},
    practice::{self, Error, Options, State},
};

const SUBNET: &str = "198.18.31";
const FIRST: &str = "icc-etcd-1";

/// Deletes the machines also when a test fails.
struct Lab(Options);

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = practice::delete(&self.0);
    }
}

impl Lab {
    fn ssh(&self, host: u8, command: &str) -> Output {
        let dir = self.0.dir.display();
        Command::new("ssh")
            .args(["-F", "none", "-i", &format!("{dir}/id_ed25519"), "-o", "BatchMode=yes"])
            .args(["-o", &format!("UserKnownHostsFile={dir}/known_hosts")])
            .args(["-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=5"])
            .args([&format!("root@{SUBNET}.{host}"), command])
            .output()
            .expect("ssh starts")
    }

    fn says(&self, host: u8, command: &str) -> String {
        let output = self.ssh(host, command);
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn up(&self) -> usize {
        practice::up(&self.0, &mut |_| ()).expect("machines come up").booted
    }

    fn state(&self, name: &str) -> State {
        let all = practice::status(&self.0).expect("a status");
        all.iter().find(|s| s.name.as_str() == name).expect("that machine").state
    }

    /// What this computer has of the lab: processes, mounts, links and routes, files.
    fn traces(&self) -> Vec<String> {
        let mut traces: Vec<_> =
            pids_with(&self.0.dir).iter().map(|p| format!("process {p}")).collect();
        let dir = self.0.dir.to_str().expect("a plain path");
        let tag: String = Digest::of(dir.as_bytes()).as_str().chars().take(6).collect();
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
        traces.extend(mounts.lines().filter(|l| l.contains(dir)).map(str::to_owned));
        let routes = Command::new("ip").args(["-4", "route", "show", "table", "all"]).output();
        let routes = String::from_utf8_lossy(&routes.expect("ip starts").stdout).into_owned();
        traces.extend(routes.lines().filter(|l| l.contains(&tag)).map(str::to_owned));
        let lists = ["/sys/class/net", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
        for list in lists.iter().chain(&["/sys/fs/cgroup/systemd", "/run/systemd/nspawn/propagate"])
        {
            let entries = fs::read_dir(list).into_iter().flatten().flatten();
            let names = entries.map(|e| e.path().display().to_string());
            traces.extend(names.filter(|name| name.contains(&tag)));
        }
        if self.0.dir.exists() {
            traces.push(dir.to_owned());
        }
        traces
    }
}

/// The processes that have the folder in their command line.
fn pids_with(dir: &Path) -> Vec<i32> {
    let dir = dir.to_str().expect("a plain path");
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(dir)
    })
    .collect()
}

/// Tries until it holds; a machine that reboots takes a few seconds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// True where the test cannot run. With CI set that is a failure.
fn cannot_run() -> bool {
    if !practice::needs_root() {
        return false;
    }
    assert!(std::env::var_os("CI").is_none(), "CI must run this test as root");
    println!("skipped: practice machines need root");
    true
}

#[test]
fn machines_live_like_machines_and_leave_nothing() {
    if cannot_run() {
        return;
    }
    let options = Options {
        dir: "/var/lib/quorate-test-machines".into(),
        subnet: Some(format!("{SUBNET}.0").parse().expect("a subnet")),
        ..Options::default()
    };
    let _ = practice::delete(&options);
    let lab = Lab(options.clone());
    assert!(practice::status(&options).expect("a status").is_empty());

    let mut last = 0;
    practice::build(&options, &mut |p| {
        assert!(p.percent >= last, "from {last} back to {p:?}");
        last = p.percent;
    })
    .expect("an image");
    assert_eq!(last, 100);

    let begin = Instant::now();
    assert_eq!(lab.up(), 5);
    println!("up: {:?}", begin.elapsed());
    assert_eq!(lab.up(), 0, "up again boots nothing");
    assert_eq!(lab.says(36, "hostname -s"), "icc-etcd-5");
    assert!(lab.says(32, "getent hosts icc-etcd-5").starts_with(&format!("{SUBNET}.36 ")));
    let ids: std::collections::BTreeSet<_> =
        (32..=36).map(|host| lab.says(host, "cat /etc/machine-id")).collect();
    assert_eq!(ids.len(), 5, "each has its own machine-id: {ids:?}");
    a_lab_is_ready(&options);
    what_else_is_asked_is_refused(&options);

    // Reboot: another boot of the same disk.
    lab.says(32, "echo kept >/root/disk; sync");
    let boot = lab.says(32, "cat /proc/sys/kernel/random/boot_id");
    lab.ssh(32, "reboot");
    until("the reboot", || {
        let now = lab.ssh(32, "cat /proc/sys/kernel/random/boot_id");
        now.status.success() && String::from_utf8_lossy(&now.stdout).trim() != boot
    });
    assert_eq!(lab.says(32, "cat /root/disk"), "kept");

    // kill -9 of a machine's nspawn and keeper: seen, and healed by up.
    let machine = options.dir.join("machines").join(FIRST);
    for pid in pids_with(&machine) {
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(killed.is_ok_and(|s| s.success()));
    }
    until("the kill", || pids_with(&machine).is_empty());
    assert_eq!(lab.state(FIRST), State::Broken, "its init outlives its nspawn");
    assert_eq!(lab.up(), 1);
    assert_eq!(lab.says(32, "cat /root/disk"), "kept");

    practice::stop(&options).expect("a stop");
    assert_eq!(lab.state(FIRST), State::Stopped);
    assert!(pids_with(&options.dir).is_empty());
    assert_eq!(lab.up(), 5);
    assert_eq!(lab.says(32, "cat /root/disk"), "kept");

    practice::new_nodes(&options, &[FIRST.parse().expect("a name")]).expect("a new machine");
    assert!(!lab.ssh(32, "test -e /root/disk").status.success(), "a fresh disk is empty");
    assert!(!ids.contains(&lab.says(32, "cat /etc/machine-id")), "a fresh disk is a new machine");

    // Delete, with one machine half dead.
    for pid in pids_with(&machine) {
        let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
    }
    let begin = Instant::now();
    assert!(practice::delete(&options).expect("a delete"));
    println!("delete: {:?}", begin.elapsed());
    assert_eq!(lab.traces(), Vec::<String>::new());
    assert!(!practice::delete(&options).expect("a second delete"));
}

fn half_built() -> Options {
    Options { dir: "/var/lib/quorate-test-half-built".into(), ..Options::default() }
}

#[test]
#[ignore = "is started and killed by the next test"]
fn builds_until_killed() {
    let _ = practice::build(&half_built(), &mut |_| ());
}

#[test]
fn a_build_that_is_killed_leaves_nothing_at_work_and_nothing_that_looks_finished() {
    if cannot_run() {
        return;
    }
    let lab = Lab(half_built());
    let _ = practice::delete(&lab.0);
    let mut builder = Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "builds_until_killed"])
        .spawn()
        .expect("this test starts");
    let image = lab.0.dir.join("image/bookworm");
    let unpacked = lab.0.dir.join("image/bookworm.new/usr/bin/dpkg");
    until("the unpacking", || unpacked.exists());
    assert!(!pids_with(&lab.0.dir).is_empty(), "something builds");
    builder.kill().expect("a kill");
    builder.wait().expect("its end");
    until("the end of all builders", || pids_with(&lab.0.dir).is_empty());
    assert!(!image.exists(), "it looks finished");
    assert!(practice::delete(&lab.0).expect("a delete"));
    assert_eq!(lab.traces(), Vec::<String>::new());
}

const NOWHERE: &str = "/var/lib/quorate-test-nowhere";

#[test]
fn what_cannot_be_asked_for_is_a_wrong_command_line() {
    if cannot_run() {
        return;
    }
    for (words, says) in [
        (&["delete", "--dir", "/nope"][..], "/var/lib/mine would do"),
        (&["up", "--yes", "--dir", "mine"], "/var/lib/mine would do"),
        (&["up", "--yes", "--dir", NOWHERE, "--subnet", "198.18.41.1"], "198.18.30.0"),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let output = program.arg("practice").args(words).output().expect("quorate starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
        assert!(!Path::new(NOWHERE).exists(), "nothing is made");
    }
}

/// `quorate up practice` needs no further word.
fn a_lab_is_ready(options: &Options) {
    let path = options.dir.join("cluster.toml");
    let text = fs::read_to_string(path).expect("a cluster file");
    let read = file::read(&text, &options.dir, None).expect("a good cluster file");
    assert_eq!(read.warnings, Vec::<String>::new());
    assert_eq!(read.cluster.members.len(), 5);
    for path in [&read.cluster.tls.ca, &read.cluster.tls.cert, &read.cluster.tls.key] {
        assert!(path.exists(), "{}", path.display());
    }
}

fn what_else_is_asked_is_refused(options: &Options) {
    let other = Options { release: Some(Release::Trixie), ..options.clone() };
    let error = practice::up(&other, &mut |_| ()).expect_err("another release");
    assert!(matches!(error, Error::Different { .. }), "{error}");
    // A second call at once, as the lock of a first one that is still at work.
    let dir = fs::File::open(&options.dir).expect("the folder");
    rustix::fs::flock(&dir, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    let error = practice::delete(options).expect_err("two at once");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
}

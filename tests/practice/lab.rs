//! Five machines of one release in a folder and a network of their own; gone when dropped.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use quorate::{
    cluster::Release,
    practice::{self, Options},
};
use tempfile::TempDir;

use super::run::{Going, Ran};

/// The machines' names.
pub(crate) const NODES: [&str; 5] =
    ["icc-etcd-1", "icc-etcd-2", "icc-etcd-3", "icc-etcd-4", "icc-etcd-5"];

/// The files that `up` makes, with the reset that moves them aside.
pub(crate) const MADE: &str = "/etc/etcd/ca.pem /etc/etcd/kubernetes.pem \
     /etc/etcd/kubernetes-key.pem /etc/profile.d/etcdctl.sh /etc/default/etcd";

/// Five machines, and a state directory for the runs on them.
pub(crate) struct Lab {
    options: Options,
    state: TempDir,
    /// A lab whose tests were all filtered out may be another run's.
    used: AtomicBool,
}

impl Drop for Lab {
    fn drop(&mut self) {
        if !self.used.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = practice::delete(&self.options) {
            println!("failed to delete {}: {error}", self.options.dir.display());
        }
    }
}

impl Lab {
    /// Nothing is made yet.
    pub(crate) fn new(release: Release, network: u8) -> Self {
        let options = Options {
            dir: PathBuf::from(format!("/var/lib/quorate-test-{release}")),
            release: Some(release),
            subnet: format!("198.18.{network}.0").parse().ok(),
            ..Options::default()
        };
        Self {
            options,
            state: TempDir::new().expect("a directory for the state"),
            used: AtomicBool::new(false),
        }
    }

    pub(crate) fn release(&self) -> Release {
        self.options.release.unwrap_or_default()
    }

    /// Where image, keys and cluster file are.
    pub(crate) fn dir(&self) -> &Path {
        &self.options.dir
    }

    /// Their network.
    pub(crate) fn subnet(&self) -> String {
        self.options.subnet.expect("a subnet").to_string()
    }

    /// Where the runs leave their logs.
    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    /// The cluster file of the machines.
    pub(crate) fn file(&self) -> String {
        self.dir().join("cluster.toml").display().to_string()
    }

    /// All that was made is deleted, also what a killed test left.
    pub(crate) fn nothing(&self) {
        self.used.store(true, Ordering::Relaxed);
        practice::delete(&self.options).expect("a delete");
    }

    /// The machines are up, as they were left.
    pub(crate) fn up(&self) {
        self.used.store(true, Ordering::Relaxed);
        self.practice(&["up", "--yes"]).exits(0);
    }

    /// The machines are up, and nothing was ever done on them.
    pub(crate) fn fresh(&self) {
        self.up();
        self.practice(&[&["new"][..], &NODES].concat()).exits(0);
    }

    /// A healthy cluster is on them.
    pub(crate) fn healthy(&self) {
        self.up();
        self.quorate(&["up", &self.file(), "--plain", "--yes"]).exits(0);
    }

    /// What `up` made is moved aside, and the packages are gone, if so asked.
    pub(crate) fn taken_back(&self, packages: bool) {
        self.up();
        let file = self.file();
        let mut args = vec!["reset", &file, "--plain", "--confirm", "practice"];
        args.extend(packages.then_some("--packages"));
        self.quorate(&args).exits(0);
    }

    /// `quorate practice` on these machines, with these words.
    pub(crate) fn practice(&self, args: &[&str]) -> Ran {
        let which = self.which();
        let which = which.iter().map(String::as_str);
        self.quorate(
            &["practice"].into_iter().chain(which).chain(args.iter().copied()).collect::<Vec<_>>(),
        )
    }

    /// Which machines, in the program's words.
    fn which(&self) -> [String; 6] {
        let dir = self.dir().display().to_string();
        let words =
            ["--dir", &dir, "--release", &self.release().to_string(), "--subnet", &self.subnet()];
        words.map(str::to_owned)
    }

    /// Bare `quorate practice` in a network of its own, where nothing is but what it makes; in there
    /// the machines are stopped again.
    pub(crate) fn cut_off(&self) -> Ran {
        self.used.store(true, Ordering::Relaxed);
        let script = "ip link set lo up; trap '\"$0\" practice stop \"$@\" >&2' EXIT\n\
                      \"$0\" practice --plain --yes \"$@\"";
        let mut program = Command::new("setsid");
        program.args(["unshare", "--net", "sh", "-c", script, env!("CARGO_BIN_EXE_quorate")]);
        program.args(self.which()).env("QUORATE_STATE", self.state()).stdin(Stdio::null());
        let began = Instant::now();
        Ran::new(&program.output().expect("unshare starts"), began.elapsed())
    }

    /// The program with these words, to its end; without a terminal.
    pub(crate) fn quorate(&self, args: &[&str]) -> Ran {
        let began = Instant::now();
        let output = self.program(args).output().expect("quorate starts");
        Ran::new(&output, began.elapsed())
    }

    /// `up` with events, under way.
    pub(crate) fn going(&self) -> Going {
        let mut program = self.program(&["up", &self.file(), "--json", "--yes"]);
        Going::new(program.stdout(Stdio::piped()).spawn().expect("quorate starts"))
    }

    fn program(&self, args: &[&str]) -> Command {
        // A session of its own has no terminal to ask on; the process keeps its ID.
        let mut program = Command::new("setsid");
        program.arg(env!("CARGO_BIN_EXE_quorate")).args(args);
        program.env("QUORATE_STATE", self.state()).stdin(Stdio::null());
        program
    }

    /// That machine's address.
    pub(crate) fn address(&self, node: &str) -> String {
        let number = NODES.iter().position(|n| *n == node).expect("a machine");
        let subnet = self.options.subnet.expect("a subnet").octets();
        format!("{}.{}.{}.{}", subnet[0], subnet[1], subnet[2], 32 + number)
    }

    /// OpenSSH to that machine, as a person would use it.
    pub(crate) fn ssh(&self, node: &str) -> Command {
        let (dir, address) = (self.dir().display(), self.address(node));
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-i", &format!("{dir}/id_ed25519"), "-o", "BatchMode=yes"])
            .args(["-o", &format!("UserKnownHostsFile={dir}/known_hosts")])
            .args(["-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=5"])
            .args(["-o", "LogLevel=ERROR"])
            .arg(format!("root@{address}"))
            .stdin(Stdio::null());
        ssh
    }

    /// A script on that machine, whatever comes of it.
    pub(crate) fn tries(&self, node: &str, script: &str) -> Output {
        let mut ssh = self.ssh(node);
        let ssh = ssh.arg("sh -s").stdin(Stdio::piped());
        let mut child = ssh.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ssh");
        // A machine that is off reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(script.as_bytes());
        child.wait_with_output().expect("its output")
    }

    /// What a script on that machine says; it must end well.
    pub(crate) fn on(&self, node: &str, script: &str) -> String {
        let output = self.tries(node, script);
        assert!(output.status.success(), "{node}: {script}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a script says on each machine.
    pub(crate) fn on_all(&self, script: &str) -> BTreeMap<&'static str, String> {
        thread::scope(|scope| {
            let threads = NODES.map(|node| (node, scope.spawn(move || self.on(node, script))));
            threads.map(|(node, thread)| (node, thread.join().expect("an answer"))).into()
        })
    }

    /// Everything on the machines that a change would change: files with owner, mode and content,
    /// packages, units. The content of a running etcd's data is its own.
    pub(crate) fn everything(&self) -> BTreeMap<&'static str, String> {
        self.on_all(
            "find /etc /root /var/lib/etcd* /tmp -xdev ! -type f -printf '%y %m %u:%g %p %l\\n' | sort\n\
             find /etc /root /var/lib/etcd* /tmp -xdev -type f -printf '%m %u:%g %p\\n' | sort\n\
             find /etc /root -xdev -type f -print0 | sort -z | xargs -0r sha256sum\n\
             systemctl is-active etcd || true\n\
             systemctl is-active etcd >/dev/null ||\n\
             \x20 find /var/lib/etcd* -type f -print0 2>/dev/null | sort -z | xargs -0r sha256sum\n\
             systemctl show etcd -p UnitFileState,MainPID,NRestarts\n\
             sha256sum </var/lib/dpkg/status; ls /var/lib/apt/lists\n",
        )
    }

    /// The lines of the private key, which nobody but root and etcd may see.
    pub(crate) fn key_lines(&self) -> Vec<String> {
        let key = fs::read_to_string(self.dir().join("kubernetes-key.pem")).expect("a key");
        key.lines().filter(|l| !l.starts_with("-----")).map(str::to_owned).collect()
    }
}

/// Tries until it holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within a minute");
        thread::sleep(Duration::from_millis(100));
    }
}

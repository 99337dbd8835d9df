//! An sshd of our own, on a free port of 127.0.0.1, with users that exist only for it.
//!
//! It runs in a mount namespace with a changed copy of /etc, so that nothing stays behind.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    thread,
};

use quorate::remote::connect::HostSpec;
use tempfile::TempDir;

/// alice: sudo with this password. It also logs her in, and erin, if she knows the next code.
pub(crate) const PASSWORD: &str = "correct horse";
/// The secret of erin's codes and the first of them (RFC 4226, appendix D).
const CODES: &str = "3132333435363738393031323334353637383930";
pub(crate) const CODE: &str = "755224";

/// Makes the users, then becomes sshd. `$1` is the folder, `$2` the password, `$3` what makes
/// erin's codes.
const SETUP: &str = r#"
set -eu
mount -t tmpfs tmpfs /run; mkdir /run/sshd
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /var/log
mount -t tmpfs tmpfs /var/lib/sudo
mkdir /run/etc; mount -t tmpfs tmpfs /run/etc; mkdir /run/etc/upper /run/etc/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
id=7000
for user in alice:/bin/bash bob:/bin/bash carol:/usr/bin/fish dave:/bin/sh erin:/bin/bash; do
  name=${user%%:*}
  mkdir "/home/$name"
  echo "$name:x:$id:$id::/home/$name:${user#*:}" >>/etc/passwd
  echo "$name:x:$id:" >>/etc/group
  echo "$name:*:20000:0:99999:7:::" >>/etc/shadow
  chown "$id:$id" "/home/$name"
  id=$((id + 1))
done
printf '%s\n' "alice:$2" "erin:$2" | chpasswd
echo "HOTP erin - $3" >/etc/oath
cat >>/etc/pam.d/sshd <<'EOF'
auth [success=ignore default=1] pam_succeed_if.so quiet user = erin
auth required pam_oath.so usersfile=/etc/oath
EOF
cat >/etc/sudoers <<'EOF'
Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
alice ALL=(ALL:ALL) ALL
bob ALL=(ALL:ALL) NOPASSWD: ALL
carol ALL=(ALL:ALL) NOPASSWD: ALL
erin ALL=(ALL:ALL) NOPASSWD: ALL
EOF
echo "@include $1/sudoers" >>/etc/sudoers
echo 'echo a chatty login; echo on both >&2' >/home/bob/.bashrc
exec setpriv --pdeathsig KILL /usr/sbin/sshd -D -e -f "$1/sshd_config"
"#;

/// A running sshd; ended when dropped.
pub(crate) struct Server {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    child: Child,
}

/// False, with a word, if this cannot be tried here. Where CI runs it must be possible.
pub(crate) fn possible() -> bool {
    let root = rustix::process::geteuid().is_root();
    assert!(root || std::env::var_os("CI").is_none(), "these tests need root, and CI has it");
    if !root {
        eprintln!("skipped: a test sshd needs root");
    }
    root
}

impl Server {
    /// Starts one, if that is possible here.
    pub(crate) fn start() -> Option<Self> {
        possible().then(|| Self::with(""))
    }

    /// Starts one with these lines added to its configuration.
    pub(crate) fn with(config: &str) -> Self {
        Self::at("127.0.0.1", config)
    }

    /// Starts one on another of this computer's own addresses.
    pub(crate) fn at(ip: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // sshd's users must get at their authorized keys.
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let at = |name: &str| folder.path().join(name);
        keygen(&at("host_key"), "ed25519", "");
        keygen(&at("key"), "ed25519", "");
        keygen(&at("locked"), "ed25519", "open sesame");
        let text = |name: &str| fs::read_to_string(at(name)).unwrap();
        fs::write(at("authorized"), text("key.pub") + &text("locked.pub")).unwrap();
        let address = TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap();
        let (port, here) = (address.port(), folder.path().display());
        let config = format!(
            "{config}\nListenAddress {address}\nHostKey {here}/host_key\nPidFile none\n\
             UsePAM yes\nAuthorizedKeysFile {here}/authorized\nStrictModes no\n\
             PermitRootLogin yes\nPasswordAuthentication yes\nMaxStartups 100\n\
             LogLevel VERBOSE\nMatch User dave\nForceCommand echo backups only\n"
        );
        fs::write(at("sshd_config"), config).unwrap();
        let known = format!("[{ip}]:{port} {}", text("host_key.pub"));
        fs::write(at("known_hosts"), known).unwrap();
        fs::write(at("sudoers"), "").unwrap();
        // Who runs tests in the background may ignore Ctrl-C, and that would be handed down.
        let mut child = Command::new("env")
            .args(["--default-signal=INT", "unshare", "-m", "sh", "-c", SETUP, "sh"])
            .arg(folder.path())
            .args([PASSWORD, CODES])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        listening(child.stderr.take().unwrap());
        Self { folder, address, child }
    }

    /// How to log in there as `user` with the key that needs no passphrase.
    pub(crate) fn spec(&self, user: &str) -> HostSpec {
        HostSpec {
            name: "n1".parse().unwrap(),
            host: "127.0.0.1".to_owned(),
            port: Some(self.address.port()),
            user: Some(user.to_owned()),
            identity: Some(self.file("key")),
            known_hosts: Some(self.file("known_hosts")),
            accept_new_host_keys: false,
        }
    }

    /// From now on sudo has this line, too.
    pub(crate) fn sudoers(&self, line: &str) {
        fs::write(self.file("sudoers"), format!("{line}\n")).unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The sshd processes that serve connections.
    pub(crate) fn sessions(&self) -> Vec<rustix::process::Pid> {
        let of = |parent: u32| -> Vec<u32> {
            let children = format!("/proc/{parent}/task/{parent}/children");
            let text = fs::read_to_string(children).unwrap_or_default();
            text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
        };
        let first = of(self.child.id());
        let second: Vec<_> = first.iter().flat_map(|pid| of(*pid)).collect();
        let pid = |pid: u32| rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
        first.into_iter().chain(second).map(pid).collect()
    }

    fn end(&mut self) {
        let sessions = self.sessions();
        drop(self.child.kill());
        drop(self.child.wait());
        for pid in sessions {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until sshd says that it listens, and keeps reading, so that it can go on talking.
fn listening(log: ChildStderr) {
    let mut lines = BufReader::new(log).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines.by_ref() {
        said.push_str(&line);
        said.push('\n');
        if line.contains("Server listening") {
            // Ends with sshd.
            thread::spawn(move || lines.for_each(drop));
            return;
        }
    }
    panic!("sshd did not start:\n{said}");
}

pub(crate) fn keygen(file: &Path, kind: &str, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"])
        .arg(file)
        .status();
    assert!(made.unwrap().success());
}

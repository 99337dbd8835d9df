//! One machine: a folder with its disk, and a systemd-nspawn that boots it.
//!
//! The disk is what it wrote over the image (overlayfs); all else is made again at each start.

mod cgroup;
mod disk;

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

pub(super) use self::disk::Facts;
use super::{
    command,
    error::{At, Error},
    mounts,
    place::remove,
    process::{self, KEEPER, Process, Role},
};
use crate::cluster::MemberName;

/// How long a machine may take until its sshd answers. They take two seconds; a laptop that
/// wakes up with five of them, more.
const BOOT: Duration = Duration::from_mins(1);
/// How long a machine may take to shut down in order.
const SHUTDOWN: Duration = Duration::from_secs(20);
/// How often sshd is tried while a machine boots.
const TRY: Duration = Duration::from_millis(40);

/// Boots the machine, and again when it asks for it: 133 is nspawn's word for a reboot
/// (systemd-nspawn(1), EXIT STATUS). `$1` is the machine's folder, `$2` its control group's
/// `cgroup.procs` files, the rest nspawn's command.
const KEEP: &str = r#"
log=$1/console.log; groups=$2; shift 2
for group in $groups; do echo $$ >"$group"; done
while "$@" >>"$log" 2>&1 </dev/null; [ $? -eq 133 ]; do :; done
"#;

/// A machine, running or not.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) name: MemberName,
    pub(super) address: Ipv4Addr,
    pub(super) dir: PathBuf,
    pub(super) image: PathBuf,
    /// What nspawn calls it, unique on this computer; also makes the name of its link.
    pub(super) handle: String,
    pub(super) bridge: String,
}

impl Machine {
    /// Its interface on this computer, as nspawn names it (systemd-nspawn(1), --network-veth).
    pub(super) fn link(&self) -> String {
        format!("vb-{}", self.handle)
    }

    /// The root of its file system while it is mounted.
    fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// The public half of its host key, once it has a disk.
    pub(super) fn host_key(&self) -> PathBuf {
        self.dir.join("host_key.pub")
    }

    /// Its processes, by their roles.
    pub(super) fn processes(&self) -> Vec<Process> {
        process::all(&self.dir)
    }

    /// Whether all that makes it run is there.
    pub(super) fn is_whole(&self) -> bool {
        let there = self.processes();
        [Role::Keeper, Role::Nspawn, Role::Inside]
            .iter()
            .all(|r| there.iter().any(|p| p.role == *r))
    }

    /// Gives it a disk if it has none, mounts it, and boots it.
    pub(super) fn start(&self, facts: &Facts) -> Result<(), Error> {
        disk::mount(self)?;
        disk::prepare(self, facts)?;
        let log = self.dir.join("console.log");
        File::create(&log).at(&log)?;
        self.keep()
    }

    /// Starts its keeper, which outlives us.
    fn keep(&self) -> Result<(), Error> {
        let mut command = cgroup::detached(&self.handle);
        command.args(["sh", "-c", KEEP, KEEPER]).arg(&self.dir);
        command.arg(cgroup::own(&self.handle)?);
        // One hierarchy for all: machines of Debian 13 boot in no other, the older ones in any.
        command.args(["env", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", "systemd-nspawn", "-q", "-D"]);
        command.arg(self.root());
        command.args(["-M", &self.handle, &format!("--hostname={}", self.name)]);
        command.args(["--register=no", "--keep-unit", "--resolv-conf=off", "--link-journal=no"]);
        command.arg(format!("--network-bridge={}", self.bridge)).arg("-b");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(drop).map_err(|e| command::not_started("systemd-nspawn", &command, &e))
    }

    /// Waits until its sshd answers.
    pub(super) fn await_ssh(&self) -> Result<(), Error> {
        let until = Instant::now() + BOOT;
        let mut look = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            if banner(self.address) {
                return Ok(());
            }
            if Instant::now() > look {
                look = Instant::now() + Duration::from_secs(1);
                if !self.processes().iter().any(|p| p.role == Role::Keeper) {
                    return Err(self.unbooted("ended while it booted"));
                }
            }
            std::thread::sleep(TRY);
        }
        Err(self.unbooted("does not answer on port 22"))
    }

    fn unbooted(&self, what: &'static str) -> Error {
        Error::Boot { machine: self.name.clone(), what, tail: self.console() }
    }

    /// The end of its console.
    fn console(&self) -> String {
        let mut text = Vec::new();
        if let Ok(mut log) = File::open(self.dir.join("console.log")) {
            let _ = log.seek(SeekFrom::End(-8192));
            let _ = log.take(8192).read_to_end(&mut text);
        }
        command::last_lines(&String::from_utf8_lossy(&text), 12)
    }

    /// Shuts it down in order, and keeps its disk.
    pub(super) fn stop(&self) -> Result<(), Error> {
        let there = self.processes();
        // Without its keeper a machine that is just rebooting is not booted again.
        there.iter().filter(|p| p.role == Role::Keeper).for_each(Process::kill);
        there.iter().filter(|p| p.role == Role::Nspawn).for_each(Process::ask);
        // What has not ended by then is ended below.
        let _ = there.iter().all(|p| p.ended(SHUTDOWN));
        self.end()
    }

    /// Ends it at once, and removes what a killed nspawn leaves behind.
    pub(super) fn end(&self) -> Result<(), Error> {
        process::end_all(|| self.processes())?;
        super::network::remove_link(&self.link())?;
        cgroup::remove(&self.handle);
        // Where nspawn lets a running machine's mounts through; its own clean-up when not killed.
        for kind in ["propagate", "unix-export"] {
            remove(&Path::new("/run/systemd/nspawn").join(kind).join(&self.handle))?;
        }
        for mount in mounts::under(&self.dir).iter().rev() {
            // Its lock on the root, by device and inode; it is held by nobody now.
            if let Ok(root) = mount.point.metadata() {
                let lock = format!("/run/systemd/nspawn/locks/inode-{}:{}", root.dev(), root.ino());
                remove(Path::new(&lock))?;
            }
            disk::unmount(mount, &self.dir)?;
        }
        Ok(())
    }

    /// Throws its disk away. Only when it has ended.
    pub(super) fn forget(&self) -> Result<(), Error> {
        remove(&self.dir)
    }
}

/// Whether an SSH server greets at that address (RFC 4253, 4.2).
fn banner(address: Ipv4Addr) -> bool {
    let address = SocketAddr::from((address, 22));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
        return false;
    };
    let mut greeting = [0; 4];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && &greeting == b"SSH-"
}

//! The processes of practice machines: found by what the kernel says of them, not by pid files
//! that go stale, and ended by process descriptors, which cannot hit another one's process.

use std::{
    fs,
    os::fd::OwnedFd,
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

use super::{error::Error, mounts};

/// The name the keeper's shell is given, to know it by.
pub(super) const KEEPER: &str = "quorate-practice-keeper";

/// What a process is to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The shell that boots it again when it reboots.
    Keeper,
    /// Its systemd-nspawn.
    Nspawn,
    /// One inside it: its init or what that started.
    Inside,
    /// Builds an image.
    Builder,
}

/// A process of ours.
#[derive(Debug)]
pub(super) struct Process {
    /// Its number, for people.
    pub(super) pid: i32,
    /// What it is.
    pub(super) role: Role,
    handle: OwnedFd,
}

/// All processes of the machines and images in `dir`.
pub(super) fn all(dir: &Path) -> Vec<Process> {
    let own = fs::read_link("/proc/self/ns/mnt").ok();
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid > 1).filter_map(|pid| look(pid, dir, own.as_deref())).collect()
}

fn look(pid: i32, dir: &Path, own: Option<&Path>) -> Option<Process> {
    judge(pid, dir, own)?;
    let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    // Judged again now that the number cannot pass to another process unseen.
    let role = judge(pid, dir, own)?;
    Some(Process { pid, role, handle })
}

fn judge(pid: i32, dir: &Path, own: Option<&Path>) -> Option<Role> {
    let elsewhere = fs::read_link(format!("/proc/{pid}/ns/mnt")).ok().as_deref() != own;
    if elsewhere && is_inside(pid, dir) {
        return Some(Role::Inside);
    }
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words: Vec<_> = command.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    role(&words, dir)
}

/// Whether this process has a machine's disk for its root.
fn is_inside(pid: i32, dir: &Path) -> bool {
    let mounts = mounts::of(&pid.to_string());
    let root = mounts.into_iter().find(|m| m.point == Path::new("/"));
    root.and_then(|r| r.upper).is_some_and(|upper| upper.starts_with(dir))
}

/// What a command line is to the machines in `dir`. Strict: an editor with a console log open is
/// none of ours.
fn role(words: &[&str], dir: &Path) -> Option<Role> {
    let (program, rest) = words.split_first()?;
    let ours = |word: &&str| Path::new(word).starts_with(dir);
    let after = |word: &str| rest.iter().skip_while(|w| **w != word).nth(1).filter(|w| ours(w));
    match program.rsplit('/').next()? {
        "sh" | "setsid" => after(KEEPER).map(|_| Role::Keeper),
        "systemd-nspawn" => after("-D").map(|_| Role::Nspawn),
        "setpriv" | "unshare" | "perl" | "mmdebstrap" => {
            rest.iter().find(|w| Path::new(w).starts_with(dir.join("image"))).map(|_| Role::Builder)
        }
        _ => None,
    }
}

impl Process {
    /// Asks it to end: nspawn passes that on as an orderly shutdown (systemd-nspawn(1),
    /// `--kill-signal=`).
    pub(super) fn ask(&self) {
        // Gone already is as good.
        let _ = pidfd_send_signal(&self.handle, Signal::TERM);
    }

    /// Ends it at once.
    pub(super) fn kill(&self) {
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
    }

    /// Waits until it has ended, at most so long. True if it has.
    pub(super) fn ended(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(left) = Timespec::try_from(left) else { return false };
            match poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&left)) {
                Ok(ready) => return ready > 0,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}

/// Ends all of these at once and waits for it; keepers first, so that nothing is booted again.
pub(super) fn end(processes: &[Process]) -> Result<(), Error> {
    for role in [Role::Keeper, Role::Builder, Role::Nspawn, Role::Inside] {
        processes.iter().filter(|p| p.role == role).for_each(Process::kill);
    }
    let stuck = processes.iter().find(|p| !p.ended(Duration::from_secs(10)));
    stuck.map_or(Ok(()), |p| Err(Error::Unkillable(p.pid)))
}

/// Ends whatever `find` finds until it finds nothing: a process may start another while dying.
pub(super) fn end_all(find: impl Fn() -> Vec<Process>) -> Result<(), Error> {
    for _ in 0..5 {
        let found = find();
        if found.is_empty() {
            return Ok(());
        }
        end(&found)?;
    }
    find().first().map_or(Ok(()), |p| Err(Error::Unkillable(p.pid)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_commands_are_ours() {
        let dir = Path::new("/q");
        let keeper = ["sh", "-c", "text", KEEPER, "/q/machines/n1", "-M", "x"];
        let nspawn = ["systemd-nspawn", "-q", "-D", "/q/machines/n1/root", "-b"];
        let builder = ["unshare", "--pid", "mmdebstrap", "bookworm", "/q/image/bookworm.new"];
        assert_eq!(role(&keeper, dir), Some(Role::Keeper));
        assert_eq!(role(&nspawn, dir), Some(Role::Nspawn));
        assert_eq!(role(&builder, dir), Some(Role::Builder));
        let others: [&[&str]; 4] = [
            &["tail", "-f", "/q/machines/n1/console.log"],
            &["systemd-nspawn", "-D", "/qq/machines/n1/root"],
            &["sh", "-c", "ls /q/machines/n1"],
            &[],
        ];
        for words in others {
            assert_eq!(role(words, dir), None, "{words:?}");
        }
    }

    #[test]
    fn a_process_is_ended_and_seen_to_have_ended() {
        let dir = tempfile::tempdir().unwrap();
        let words = ["-c", "read x", KEEPER, dir.path().to_str().unwrap()];
        let mut child = std::process::Command::new("sh")
            .args(words)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let find = || all(dir.path());
        assert_eq!(find().first().map(|p| p.role), Some(Role::Keeper));
        end(&find()).unwrap();
        child.wait().unwrap();
        assert!(find().is_empty());
    }
}

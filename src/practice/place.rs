//! The folder that holds everything of the practice machines: what is where in it, whose it is,
//! and that one call at a time works on it.

use std::{
    fs::{self, File},
    io::Write,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::error::{At, Error};
use crate::cluster::{Digest, MemberName, Release, Token};

/// The file that makes a folder ours.
const MARKER: &str = ".quorate-practice";

/// What was chosen when the machines were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) release: Release,
    pub(super) machines: usize,
    pub(super) subnet: Ipv4Addr,
    pub(super) token: Token,
}

/// The folder, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    owner: u32,
    _lock: Option<File>,
}

impl Place {
    /// Takes the folder for this call alone; made if `make`. `None`: there is none.
    pub(super) fn take(dir: &Path, make: bool) -> Result<Option<Self>, Error> {
        check_name(dir)?;
        if make {
            fs::create_dir_all(dir).at(dir)?;
        } else if !dir.exists() {
            return Ok(None);
        }
        // Mounts and processes are found by this name: it must be the kernel's.
        let dir = dir.canonicalize().at(dir)?;
        check_name(&dir)?;
        let lock = lock(&dir)?;
        let owner = claim(&dir)?;
        Ok(Some(Self { dir, owner, _lock: Some(lock) }))
    }

    /// The folder as it is, to look at and not to change. `None`: there is none of ours.
    pub(super) fn look(dir: &Path) -> Option<Self> {
        let dir = dir.canonicalize().ok()?;
        let owner = fs::read_to_string(dir.join(MARKER)).ok()?.trim().parse().ok()?;
        Some(Self { dir, owner, _lock: None })
    }

    /// The folder itself, as the kernel calls it.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where images are.
    pub(super) fn images(&self) -> PathBuf {
        self.dir.join("image")
    }

    /// The finished image of a release.
    pub(super) fn image(&self, release: Release) -> PathBuf {
        self.images().join(release.code_name())
    }

    /// Where machines are.
    pub(super) fn machines(&self) -> PathBuf {
        self.dir.join("machines")
    }

    /// The folder of one machine.
    pub(super) fn machine(&self, name: &MemberName) -> PathBuf {
        self.machines().join(name.as_str())
    }

    /// A file the person needs: `cluster.toml`, keys, certificates.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Six hexadecimal digits of its own: interfaces, machines and control groups of two folders
    /// must not meet, and the kernel allows an interface 15 characters (IFNAMSIZ).
    pub(super) fn tag(&self) -> String {
        Digest::of(self.dir.as_os_str().as_encoded_bytes()).as_str().chars().take(6).collect()
    }

    /// What was chosen, if machines have been made here.
    pub(super) fn settings(&self) -> Option<Settings> {
        let text = fs::read_to_string(self.file("machines.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps what was chosen.
    pub(super) fn keep(&self, settings: &Settings) -> Result<(), Error> {
        let path = self.file("machines.json");
        let text = serde_json::to_string_pretty(settings)
            .map_err(|e| Error::File { path: path.clone(), source: e.into() })?;
        self.write("machines.json", text.as_bytes(), 0o644)
    }

    /// Writes a file that appears whole, with its mode and owner from the first moment.
    pub(super) fn write(&self, name: &str, content: &[u8], mode: u32) -> Result<(), Error> {
        let path = self.file(name);
        write_whole(&path, content, mode)?;
        self.hand_over(&path)
    }

    /// Gives a file to the person who called sudo.
    pub(super) fn hand_over(&self, path: &Path) -> Result<(), Error> {
        chown(path, Some(self.owner), None).at(path)
    }

    /// Removes the folder with all in it. Only when no process and no mount is left.
    pub(super) fn remove(self) -> Result<(), Error> {
        // The marker last: what an interrupted delete leaves can be deleted again.
        for entry in fs::read_dir(&self.dir).at(&self.dir)?.flatten() {
            if entry.file_name() != MARKER {
                remove(&entry.path())?;
            }
        }
        remove(&self.dir)
    }
}

/// Removes a file or a folder with all in it; nothing there is as good.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let is_dir = path.symlink_metadata().is_ok_and(|m| m.is_dir());
    let removed = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.at(path),
    }
}

/// Writes a file beside its place, then renames it.
pub(super) fn write_whole(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    remove(&beside)?;
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).at(&beside)?;
    // The umask may have taken from the mode.
    file.set_permissions(fs::Permissions::from_mode(mode)).at(&beside)?;
    file.write_all(content).at(&beside)?;
    fs::rename(&beside, path).at(path)
}

/// Overlay options and unit files would need quoting for anything else.
fn check_name(dir: &Path) -> Result<(), Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let good = dir.is_absolute()
        && dir.components().count() > 2
        && dir.to_str().is_some_and(|t| t.chars().all(fits));
    if good { Ok(()) } else { Err(Error::BadDir(dir.to_owned())) }
}

/// Locks the folder itself: no lock file, so that a delete leaves none and a kill -9 frees it.
fn lock(dir: &Path) -> Result<File, Error> {
    let file = File::open(dir).at(dir)?;
    let inode = file.metadata().at(dir)?.ino();
    let busy = || Error::Busy { dir: dir.to_owned(), pid: holder(inode) };
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| busy())?;
    // Deleted and made anew by another call in between: that call has the new one.
    let same = dir.metadata().is_ok_and(|m| m.ino() == inode);
    if same { Ok(file) } else { Err(busy()) }
}

/// Who has a lock on that inode, from /proc/locks (proc(5)).
fn holder(inode: u64) -> Option<i32> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let of = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|w| *w != "FLOCK").skip(3);
        let pid = words.next()?.parse().ok()?;
        let on = words.next()?.rsplit(':').next()?.parse::<u64>().ok()?;
        (on == inode).then_some(pid)
    };
    locks.lines().find_map(of)
}

/// Whose folder it is: made ours if it is empty, refused if it is somebody else's.
fn claim(dir: &Path) -> Result<u32, Error> {
    let marker = dir.join(MARKER);
    let me = caller();
    if let Some(owner) = fs::read_to_string(&marker).ok().and_then(|t| t.trim().parse().ok()) {
        // Root itself may help anybody.
        let mine = owner == me || me == 0;
        let dir = dir.to_owned();
        return if mine { Ok(owner) } else { Err(Error::OthersRun { dir, uid: owner }) };
    }
    let foreign = |e: fs::DirEntry| !e.file_name().to_string_lossy().starts_with(MARKER);
    if fs::read_dir(dir).at(dir)?.flatten().any(foreign) {
        return Err(Error::NotOurs(dir.to_owned()));
    }
    write_whole(&marker, format!("{me}\n").as_bytes(), 0o644)?;
    Ok(me)
}

/// The person's user ID: the one who called sudo (sudo(8), ENVIRONMENT), else our own.
fn caller() -> u32 {
    let sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    sudo.unwrap_or_else(|| rustix::process::getuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_would_need_quoting_or_holds_a_system_is_refused() {
        for dir in ["/", "/var", "relative/dir", "/srv/my machines", "/srv/a,b", "/srv/a:b"] {
            assert!(check_name(Path::new(dir)).is_err(), "{dir}");
        }
        assert!(check_name(Path::new("/var/lib/quorate")).is_ok());
    }

    #[test]
    fn somebody_elses_folder_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.tex"), "").unwrap();
        let error = Place::take(dir.path(), true).unwrap_err();
        assert!(matches!(error, Error::NotOurs(_)), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_second_call_is_refused_by_process_and_the_first_ones_end_frees_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = Place::take(dir.path(), true).unwrap();
        let error = Place::take(dir.path(), true).unwrap_err().to_string();
        assert!(error.contains(&format!("(process {})", std::process::id())), "{error}");
        drop(first);
        assert!(Place::take(dir.path(), true).is_ok());
    }

    #[test]
    fn another_users_machines_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MARKER), "4711\n").unwrap();
        let taken = Place::take(dir.path(), true);
        if caller() != 0 {
            assert!(taken.unwrap_err().to_string().contains("4711"));
        } else {
            assert_eq!(taken.unwrap().unwrap().owner, 4711);
        }
    }
}

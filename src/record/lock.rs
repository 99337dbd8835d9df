//! One run on a cluster at a time, from this computer.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::PathBuf,
};

use rustix::fs::{FlockOperation, flock};

use super::place::state_dir;
use crate::cluster::ClusterName;

/// Why this run may not begin. Reads as a sentence of its own.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody is at it.
    #[error(
        "another quorate is at work on {0} from this computer; nothing was changed. Wait for it to \
         end, or stop it"
    )]
    Busy(ClusterName),
    /// The state directory cannot be used.
    #[error("failed to lock {}: {error}", path.display())]
    Io {
        /// What should be locked.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Held as long as the run lasts; the system gives it back however the program ends.
#[derive(Debug)]
pub struct Alone(#[expect(dead_code, reason = "it locks by being open")] File);

/// Takes the cluster for this program alone.
///
/// # Errors
/// If another one has it.
pub fn alone(cluster: &ClusterName) -> Result<Alone, LockError> {
    let path = state_dir().map(|dir| dir.join("runs").join(cluster.as_str()));
    let io = |path: &PathBuf, error| LockError::Io { path: path.clone(), error };
    let dir = path.map_err(|error| io(&PathBuf::from("the state directory"), error))?;
    fs::create_dir_all(&dir).map_err(|error| io(&dir, error))?;
    let path = dir.join(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| io(&path, error))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Alone(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(LockError::Busy(cluster.clone())),
        Err(error) => Err(io(&path, error.into())),
    }
}

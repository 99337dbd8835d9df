//! The run log: every event of a run, one JSON object a line, always written.
//!
//! Nobody has to remember to record: replay, export and report read it later. It holds no secret,
//! since no event does.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{lock::Alone, place::state_dir};
use crate::{cluster::ClusterName, event::Stamped};

/// A run log that is being written.
pub struct RunLog {
    out: BufWriter<File>,
    path: PathBuf,
    /// Held until the log is closed.
    _alone: Option<Alone>,
}

impl RunLog {
    /// Begins the log of a run on that cluster at that moment (RFC 3339 in UTC).
    ///
    /// # Errors
    /// If the state directory cannot be written.
    pub fn begin(cluster: &ClusterName, at: &str, alone: Option<Alone>) -> io::Result<Self> {
        let dir = state_dir()?.join("runs").join(cluster.as_str());
        fs::create_dir_all(&dir)?;
        let stem: String = at.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        // Two runs may begin in the same second.
        for nth in 1..100 {
            let number = if nth == 1 { String::new() } else { format!("-{nth}") };
            let path = dir.join(format!("{stem}{number}.ndjson"));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => {
                    return Ok(Self { out: BufWriter::new(file), path, _alone: alone });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("{} is full of logs of this second", dir.display())))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes an event. It is on its way to the disk when this returns: a killed program leaves a
    /// log that is whole up to its last line.
    ///
    /// # Errors
    /// If the disk is full, or gone.
    pub fn write(&mut self, event: &Stamped) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, event)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

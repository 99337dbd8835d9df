//! Where quorate keeps what it remembers: the XDG state directory.

use std::{env, io, path::PathBuf};

use directories::ProjectDirs;

/// Names another directory to keep everything in.
pub const VARIABLE: &str = "QUORATE_STATE";

/// The directory, which may not be there yet.
///
/// # Errors
/// If neither [`VARIABLE`] nor a home directory is known.
pub fn state_dir() -> io::Result<PathBuf> {
    if let Some(dir) = env::var_os(VARIABLE).filter(|dir| !dir.is_empty()) {
        return Ok(dir.into());
    }
    let dirs = ProjectDirs::from("", "", "quorate");
    dirs.and_then(|dirs| dirs.state_dir().map(ToOwned::to_owned)).ok_or_else(|| {
        io::Error::other(format!("no home directory is known; set {VARIABLE} to a directory"))
    })
}

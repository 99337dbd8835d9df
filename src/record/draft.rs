//! A wizard that was left before its end: its answers, kept for the next time. There is one at a
//! time, and no secret in it.

use std::{fs, io, path::PathBuf};

use super::place::state_dir;

fn file() -> io::Result<PathBuf> {
    state_dir().map(|dir| dir.join("wizard.json"))
}

/// Keeps it, instead of the one before.
///
/// # Errors
/// If the state directory cannot be written.
pub fn keep(text: &str) -> io::Result<()> {
    let file = file()?;
    let beside = file.with_extension("new");
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(&beside, text)?;
    fs::rename(beside, file)
}

/// The one that is kept, if any.
#[must_use]
pub fn kept() -> Option<String> {
    fs::read_to_string(file().ok()?).ok()
}

/// Keeps none any more.
///
/// # Errors
/// If it is there and cannot be removed.
pub fn forget() -> io::Result<()> {
    match fs::remove_file(file()?) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

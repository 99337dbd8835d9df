//! The clusters that were worked on: a name leads back to its file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::place::state_dir;
use crate::cluster::ClusterName;

/// Remembers where a cluster's file is.
///
/// # Errors
/// If the state directory cannot be written.
pub fn remember(name: &ClusterName, file: &Path) -> io::Result<()> {
    let dir = state_dir()?.join("clusters");
    fs::create_dir_all(&dir)?;
    let (new, place) = (dir.join(format!(".{name}.new")), dir.join(name.as_str()));
    fs::write(&new, file.to_string_lossy().as_bytes())?;
    fs::rename(new, place)
}

/// Where that cluster's file is, if it was worked on before.
#[must_use]
pub fn file_of(name: &str) -> Option<PathBuf> {
    let name: ClusterName = name.parse().ok()?;
    let text = fs::read_to_string(state_dir().ok()?.join("clusters").join(name.as_str())).ok()?;
    Some(PathBuf::from(text.trim_end()))
}

/// All of them, with their files.
#[must_use]
pub fn all() -> Vec<(ClusterName, PathBuf)> {
    let Ok(files) = state_dir().and_then(|dir| fs::read_dir(dir.join("clusters"))) else {
        return Vec::new();
    };
    let names = files.flatten().filter_map(|file| file.file_name().to_str()?.parse().ok());
    names.filter_map(|name: ClusterName| Some((name.clone(), file_of(name.as_str())?))).collect()
}

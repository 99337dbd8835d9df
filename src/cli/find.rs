//! Which cluster is meant: a name, a folder, a file, the word practice, or nothing at all.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use color_eyre::eyre::Result;

use super::{Target, wrong};
use crate::{
    cluster::{Cluster, file},
    practice,
    record::known,
};

/// What a cluster's file is called in its folder.
pub(super) const FILE: &str = "cluster.toml";

/// A cluster that was found and read.
#[derive(Clone)]
pub(super) struct Found {
    pub cluster: Arc<Cluster>,
    /// What is unwise about it, a sentence each.
    pub warnings: Vec<String>,
    pub file: PathBuf,
    /// Its nodes are practice machines.
    pub practice: bool,
    /// A line that says which one was taken, where that was not said.
    pub note: Option<String>,
}

pub(super) fn find(target: &Target) -> Result<Found> {
    let usual = practice::Options::default().dir.join(FILE);
    // Made with --dir, and worked on: they are as good where none are at the usual place.
    let there = |file: &PathBuf| file.exists();
    let machines =
        || Some(usual.clone()).filter(there).or_else(|| known::file_of("practice").filter(there));
    let here = PathBuf::from(FILE);
    let (file, note) = match target.cluster.as_deref() {
        Some("practice") => {
            let none = || wrong("there are no practice machines; make them: quorate practice up");
            (machines().ok_or_else(none)?, None)
        }
        Some(text) => (named(text)?, None),
        None if here.exists() => (here, None),
        None => {
            let none = || {
                wrong(format!(
                    "there is no ./{FILE}, and there are no practice machines; \
                     name a cluster, or make machines: quorate practice up"
                ))
            };
            let file = machines().ok_or_else(none)?;
            (file, Some(format!("No ./{FILE}: taking the practice machines.")))
        }
    };
    let file = fs::canonicalize(&file).unwrap_or(file);
    let practice = is_practice(&file, &usual);
    Ok(Found { practice, note, ..read(&file)? })
}

impl Found {
    /// The folder of its practice machines, if that is not the usual one.
    pub(super) fn elsewhere(&self) -> Option<PathBuf> {
        let dir = self.file.parent().filter(|_| self.practice)?;
        let usual = fs::canonicalize(practice::Options::default().dir);
        (usual.ok().as_deref() != Some(dir)).then(|| dir.to_owned())
    }
}

/// Practice machines elsewhere than usual have their marker beside the file.
fn is_practice(file: &Path, usual: &Path) -> bool {
    fs::canonicalize(usual).is_ok_and(|usual| usual == file)
        || file.parent().is_some_and(practice::owns)
}

fn named(text: &str) -> Result<PathBuf> {
    let path = PathBuf::from(text);
    if path.is_dir() {
        return Ok(path.join(FILE));
    }
    if path.exists() || text.contains('/') {
        return Ok(path);
    }
    known::file_of(text).filter(|file| file.exists()).ok_or_else(|| {
        wrong(format!(
            "no cluster {text:?} is known here; name its folder or its {FILE}, \
             or one that was worked on before"
        ))
    })
}

pub(super) fn read(path: &Path) -> Result<Found> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong(format!(
            "there is no cluster file {shown}; assets/cluster.toml in the source is a sample"
        )),
        _ => wrong(format!("failed to read {shown}: {error}")),
    })?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let home = env::home_dir();
    let read = file::read(&text, dir, home.as_deref())
        .map_err(|error| wrong(format!("{shown}, {error}")))?;
    Ok(Found {
        cluster: Arc::new(read.cluster),
        warnings: read.warnings,
        file: path.to_owned(),
        practice: false,
        note: None,
    })
}

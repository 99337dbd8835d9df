//! Which run log is meant: `last`, a file, or the day it was written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::place::state_dir;

/// Why no log was found. A sentence.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nothing was run yet.
    #[error(
        "no run log is in {0} yet: every quorate up, check and reset leaves one. quorate demo shows \
         a recorded run"
    )]
    None(PathBuf),
    /// None is of that day.
    #[error("no run log of {0:?} is in {1}; the newest is {2}")]
    NotThen(String, PathBuf, String),
    /// There is no such file.
    #[error("there is no file {0}; a log is last, a file, or a day such as 2026-11-22")]
    NoFile(PathBuf),
    /// The folder cannot be read.
    #[error("failed to look for run logs: {0}")]
    Io(#[from] io::Error),
}

/// The log that is meant by those words: `last`, a file, or a day or more of the time it began, in
/// UTC (`2026-11-22`, `2026-11-22T12:03`); of several, the newest.
///
/// # Errors
/// If there is none.
pub fn log(words: &str) -> Result<PathBuf, FindError> {
    within(&state_dir()?.join("runs"), words)
}

fn within(runs: &Path, words: &str) -> Result<PathBuf, FindError> {
    let path = PathBuf::from(words);
    if words != "last" && (path.is_file() || words.contains('/')) {
        return if path.exists() { Ok(path) } else { Err(FindError::NoFile(path)) };
    }
    let stamp: String = words.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let day = stamp.len() >= 8 && stamp.bytes().take(8).all(|b| b.is_ascii_digit());
    if words != "last" && !day {
        return Err(FindError::NoFile(path));
    }
    let logs = all(runs)?;
    let Some((newest, last)) = logs.last() else { return Err(FindError::None(runs.to_owned())) };
    if words == "last" {
        return Ok(last.clone());
    }
    let then = logs.iter().rev().find(|(name, _)| name.starts_with(&stamp));
    then.map(|(_, path)| path.clone())
        .ok_or_else(|| FindError::NotThen(words.to_owned(), runs.to_owned(), newest.clone()))
}

/// All logs of all clusters with their stamps, the newest last.
fn all(runs: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let clusters = match fs::read_dir(runs) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut logs = Vec::new();
    for cluster in clusters {
        let cluster = cluster?.path();
        if !cluster.is_dir() {
            continue;
        }
        for log in fs::read_dir(&cluster)? {
            let path = log?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).map(ToOwned::to_owned);
            // One that was ended before its first event shows nothing.
            let some = fs::metadata(&path).is_ok_and(|data| data.len() > 0);
            if path.extension().is_some_and(|e| e == "ndjson") && some {
                logs.extend(stem.map(|stem| (stem, path)));
            }
        }
    }
    logs.sort_by_cached_key(|(stem, path)| {
        // Of one second, the one that was written last.
        (
            stem.split('-').next().map(ToOwned::to_owned),
            fs::metadata(path).and_then(|m| m.modified()).ok(),
        )
    });
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_found_by_its_day_its_file_or_as_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join("runs");
        assert!(matches!(within(&runs, "last"), Err(FindError::None(_))));
        for file in [
            "a/20261121T120300Z.ndjson",
            "a/20261122T120300Z.ndjson",
            "b/20261122T130000Z.ndjson",
            "b/20261122T130000Z-2.ndjson",
            "a/20261123T090000Z.ndjson",
            "a/.lock",
        ] {
            fs::create_dir_all(runs.join(file).parent().unwrap()).unwrap();
            fs::write(runs.join(file), "{}\n").unwrap();
        }
        fs::write(runs.join("b/20261124T000000Z.ndjson"), "").unwrap();
        for (words, want) in [
            ("last", "a/20261123T090000Z.ndjson"),
            ("2026-11-22", "b/20261122T130000Z-2.ndjson"),
            ("2026-11-22T12:03", "a/20261122T120300Z.ndjson"),
            ("20261121T120300Z", "a/20261121T120300Z.ndjson"),
        ] {
            assert_eq!(within(&runs, words).unwrap(), runs.join(want), "{words}");
        }
        let file = runs.join("a/20261121T120300Z.ndjson");
        assert_eq!(within(&runs, file.to_str().unwrap()).unwrap(), file);
        assert!(matches!(within(&runs, "2025-01-01"), Err(FindError::NotThen(..))));
        for words in ["nothing", "no/such.ndjson", "11-22"] {
            assert!(matches!(within(&runs, words), Err(FindError::NoFile(_))), "{words}");
        }
    }
}

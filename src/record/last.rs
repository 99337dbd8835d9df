//! The last runs on a cluster, by their logs.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
};

use super::place::state_dir;
use crate::{
    cluster::ClusterName,
    event::{RunState, Stamped},
};

/// How the last run on that cluster went, if there was one.
#[must_use]
pub fn last_run(cluster: &ClusterName) -> Option<RunState> {
    let dir = state_dir().ok()?.join("runs").join(cluster.as_str());
    let files = fs::read_dir(dir).ok()?.flatten().map(|file| file.path());
    // Their names begin with their times, and a second one of the same second is `-2`.
    let mut logs: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "ndjson")).collect();
    logs.sort_by_key(|log| log.file_stem().map(ToOwned::to_owned));
    logs.iter().rev().find_map(|log| read(log))
}

/// Folds a log; one that was cut ends where it was cut.
fn read(log: &Path) -> Option<RunState> {
    let mut state = RunState::default();
    for line in BufReader::new(File::open(log).ok()?).lines() {
        let Ok(Ok(stamped)) = line.map(|line| serde_json::from_str::<Stamped>(&line)) else {
            break;
        };
        state.apply(stamped.ms, &stamped.event);
    }
    state.started.is_some().then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_cut_says_how_far_it_went() {
        let dir = tempfile::tempdir().unwrap();
        let whole = include_str!("../../tests/screens/healthy.ndjson");
        let (log, cut) = (dir.path().join("a.ndjson"), dir.path().join("b.ndjson"));
        fs::write(&log, whole).unwrap();
        fs::write(&cut, whole.get(..whole.len() / 2).unwrap()).unwrap();
        assert!(read(&log).is_some_and(|state| state.ended.is_some()));
        assert!(read(&cut).is_some_and(|state| state.ended.is_none() && state.nodes.len() == 5));
        fs::write(&cut, "not a log\n").unwrap();
        assert!(read(&cut).is_none());
    }
}

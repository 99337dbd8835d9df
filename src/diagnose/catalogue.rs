//! The symptoms that are known, read once from the data files.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::event::Severity;

/// What is known about a finding, for `quorate explain`. The words may hold `{captures}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Its name.
    pub id: String,
    /// How much it matters.
    pub severity: Severity,
    /// The texts it is known by: literal parts and `{captures}`.
    pub patterns: Vec<String>,
    /// The symptom.
    pub says: String,
    /// Why.
    pub cause: String,
    /// What it means for the cluster.
    pub means: String,
    /// What to do.
    pub remedy: String,
}

#[derive(Default, Deserialize)]
struct File {
    finding: Vec<Explanation>,
}

/// In this order a line is looked at: within a file, and between them, the specific comes first.
const FILES: [&str; 4] = [
    include_str!("../../assets/findings/etcd.toml"),
    include_str!("../../assets/findings/tls.toml"),
    include_str!("../../assets/findings/machine.toml"),
    include_str!("../../assets/findings/seen.toml"),
];

static ALL: LazyLock<Vec<Explanation>> = LazyLock::new(|| {
    // The files are part of the program; a test reads each of them.
    FILES.iter().flat_map(|text| toml::from_str::<File>(text).unwrap_or_default().finding).collect()
});

/// All that are known, the most specific first.
#[must_use]
pub fn all() -> &'static [Explanation] {
    &ALL
}

/// The names of all findings, in order of the alphabet.
#[must_use]
pub fn ids() -> Vec<&'static str> {
    let mut ids: Vec<_> = all().iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// What is known about that finding. `{captures}` become "…", since no line is at hand.
#[must_use]
pub fn explain(id: &str) -> Option<Explanation> {
    let mut entry = all().iter().find(|entry| entry.id == id)?.clone();
    for text in [&mut entry.says, &mut entry.cause, &mut entry.means, &mut entry.remedy] {
        *text = super::pattern::fill(text, &[("node".to_owned(), "a node".to_owned())]);
    }
    Some(entry)
}

/// The known name most like this one, if one is.
#[must_use]
pub fn nearest(id: &str) -> Option<&'static str> {
    let likeness = |known: &&str| strsim::jaro_winkler(id, known);
    ids()
        .into_iter()
        .filter(|known| likeness(known) > 0.75)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_reads_and_every_id_is_there_once() {
        for text in FILES {
            toml::from_str::<File>(text).unwrap();
        }
        let mut once = ids();
        once.dedup();
        assert_eq!(once, ids());
    }

    #[test]
    fn a_finding_is_explained_and_a_slip_gets_the_nearest() {
        let entry = explain("waiting-for-quorum").unwrap();
        assert!(entry.says.starts_with("a node waits"), "{}", entry.says);
        assert_eq!(explain("other-sa"), None);
        assert_eq!(nearest("other-sa"), Some("other-ca"));
        assert_eq!(nearest("zzz"), None);
        for id in ids() {
            let entry = explain(id).unwrap();
            let all = [entry.says, entry.cause, entry.means, entry.remedy].concat();
            assert!(!all.contains('{'), "{all}");
        }
    }
}

//! The one read-only script that says what is there on a node.

use super::{Script, env_file, script::quote, wal};
use crate::cluster::{Cluster, Member};

const TEXT: &str = include_str!("survey.sh");

/// The survey of that member's node. Its answer reads into [`super::Facts`].
#[must_use]
pub fn survey(c: &Cluster, m: &Member) -> Script {
    let peers: Vec<_> = c
        .members
        .iter()
        .filter(|other| other.name != m.name)
        .map(|other| other.address.to_string())
        .collect();
    let text = TEXT
        .replace("@PEERS@", &peers.join(" "))
        .replace("@NOBODYS@", &wal::nobodys(&quote(&c.data_dir.to_string_lossy())))
        .replace("@DATA@", &quote(&c.data_dir.to_string_lossy()))
        .replace("@EFFECTIVE@", env_file::EFFECTIVE);
    Script::new(text)
}

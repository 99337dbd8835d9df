//! A way to remove what stopped a node, which a sister makes possible.

use serde::{Deserialize, Serialize};

use crate::cluster::MemberName;

/// What a sister can lend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Remedy {
    /// Her packages of etcd are carried over, and installed without a network.
    Packages {
        /// Whose.
        from: MemberName,
        /// All of them together, in bytes.
        bytes: u64,
    },
    /// A file that all sisters have alike is written as it is there.
    File {
        /// Whose.
        from: MemberName,
        /// Where, on both.
        path: String,
        /// `root:root 644`.
        owner: String,
        /// What it says, without its passwords.
        lines: Vec<String>,
    },
}

impl Remedy {
    /// As it is offered: "Take the packages of icc-etcd-1".
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Packages { from, .. } => format!("Take the packages of {from}"),
            Self::File { from, path, .. } => {
                format!("Write {} as on {from}", path.rsplit('/').next().unwrap_or(path))
            }
        }
    }

    /// What it costs: "13 MB over SSH, same SHA-256, no more".
    #[must_use]
    pub fn cost(&self) -> String {
        match self {
            Self::Packages { bytes, .. } => {
                let megabytes = (bytes + 500_000) / 1_000_000;
                format!("{megabytes} MB over SSH, same SHA-256, no more")
            }
            Self::File { .. } => "shows the file, asks, then tries again".to_owned(),
        }
    }
}

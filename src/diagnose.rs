//! Texts that programs on a node wrote, turned into findings a person can act on.
//!
//! Pure, and without knowledge of steps or SSH: lines come in, findings go out. What is known
//! stands in `assets/findings/*.toml`, so that a new symptom is a few lines of data.

pub mod catalogue;
pub mod journal;
mod pattern;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::{
    catalogue::{Explanation, explain, ids, nearest},
    journal::journal,
};
use crate::cluster::MemberName;

/// A finding's name, as `quorate explain` takes it: `san-misses-address`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(String);

impl FindingId {
    /// The finding of that name; ids that the catalogue lacks are allowed, `explain` knows them not.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It stands in the way.
    Stop,
    /// It works, and should be looked at.
    Look,
}

/// Something that is wrong, in words. Part of the run log: fields are added, never renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which one.
    pub id: FindingId,
    /// Where; none if it is about the cluster.
    pub node: Option<MemberName>,
    /// The symptom, a sentence without a full stop.
    pub says: String,
    /// Why, and what it means for the cluster; whole sentences.
    pub cause: String,
    /// What was read, a line each, free of control characters.
    pub evidence: Vec<String>,
    /// What to do; whole sentences.
    pub remedy: String,
    /// How much it matters.
    pub severity: Severity,
}

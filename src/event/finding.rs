//! Something that is wrong, as a person needs to hear it.

use serde::{Deserialize, Serialize};

use crate::cluster::MemberName;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To be looked at; it stops nothing.
    Look,
    /// The run cannot go on.
    Stop,
}

/// Something that a probe, a proof or a log says is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name in the catalogue: `quorate explain ID` says more.
    pub id: String,
    /// Where; `None` if it concerns all.
    pub node: Option<MemberName>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: who, what, and what it means for the cluster. One sentence.
    pub says: String,
    /// Why.
    pub cause: String,
    /// What was seen, line by line.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// One that stops the run, without evidence.
    #[must_use]
    pub fn stop(
        id: &str,
        node: Option<&MemberName>,
        says: String,
        cause: &str,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            id: id.to_owned(),
            node: node.cloned(),
            severity: Severity::Stop,
            says,
            cause: cause.to_owned(),
            evidence: Vec::new(),
            remedy: remedy.into(),
        }
    }

    /// The same, only to be looked at.
    #[must_use]
    pub fn look(self) -> Self {
        Self { severity: Severity::Look, ..self }
    }
}

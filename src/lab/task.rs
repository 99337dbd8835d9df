//! One idempotent change on one node, and the probe that it holds.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Facts, LocalFile, Script, certificates, configure, install, reset, start, verify};
use crate::{
    cluster::{Cluster, Digest, Member},
    event::{Step, TaskId, TaskPlan},
};

/// One idempotent change on one node. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it does, in a line.
    pub title: String,
    /// The probe: read-only; exit 0 means already so, and what it prints says what differs.
    pub holds: Script,
    /// The change.
    pub change: Script,
    /// How to take it back.
    pub undo: Option<Script>,
    /// Afterwards the node is surveyed again, since later tasks depend on what it found.
    pub learns: bool,
}

impl Task {
    /// A task with neither undo nor lesson for the survey.
    #[must_use]
    pub fn new(step: Step, name: &str, title: &str, holds: Script, change: Script) -> Self {
        let id = TaskId::new(step, name);
        Self { id, title: title.to_owned(), holds, change, undo: None, learns: false }
    }

    /// The same, with a way back.
    #[must_use]
    pub fn undone_by(mut self, undo: impl Into<String>) -> Self {
        self.undo = Some(Script::new(undo));
        self
    }

    /// The same; the node is surveyed again after its change.
    #[must_use]
    pub fn and_learns(mut self) -> Self {
        self.learns = true;
        self
    }

    /// As it is shown and logged.
    #[must_use]
    pub fn plan(&self) -> TaskPlan {
        TaskPlan {
            id: self.id.clone(),
            title: self.title.clone(),
            holds: self.holds.text.clone(),
            change: self.change.text.clone(),
            undo: self.undo.as_ref().map(|u| u.text.clone()),
        }
    }
}

/// What is copied to a node. The certificates are public and stand in the texts; of the key only
/// size and digest are known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// The CA certificate, as it is written on the node.
    pub ca: String,
    /// The member's certificate, as it is written on the node.
    pub cert: String,
    /// The member's key.
    pub key: LocalFile,
}

impl Material {
    /// Stands in where `plan` has no files to read.
    #[must_use]
    pub fn assumed(path: PathBuf) -> Self {
        let name = "kubernetes-key.pem".to_owned();
        let key = LocalFile { path, name, bytes: 0, digest: Digest::of(b"") };
        Self { ca: "(ca.pem)\n".to_owned(), cert: "(kubernetes.pem)\n".to_owned(), key }
    }
}

/// What a person does in that step on a node who does it by hand, in order.
#[must_use]
pub fn by_hand(step: Step, c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<Task> {
    match step {
        Step::Verify => vec![verify::by_hand()],
        _ => tasks(step, c, m, k, f),
    }
}

/// What a step consists of on a node, in order. Preflight and verify change nothing and have none.
#[must_use]
pub fn tasks(step: Step, c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<Task> {
    match step {
        // The drill hands its own out, one by one.
        Step::Preflight | Step::Verify | Step::Drill => Vec::new(),
        Step::Certificates => certificates::tasks(k, f),
        Step::Install => install::tasks(f),
        Step::Configure => configure::tasks(c, m, f),
        Step::Start => start::tasks(c, m),
        Step::Reset => reset::tasks(c, f),
    }
}

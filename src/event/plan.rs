//! What is said before anything happens: what a run is about, its members as they will be, and the
//! tasks of its steps.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IntoDeserializer, value},
};

use super::{Step, TaskId};
use crate::cluster::{Address, ClusterId, ClusterName, MemberId, MemberName, Token};

/// What a run is about: enough to draw all of it without asking anybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of the log format.
    pub format: u32,
    /// The version of quorate that wrote it.
    pub quorate: String,
    /// When, as RFC 3339 in UTC.
    pub at: String,
    /// What was asked for.
    pub intent: Intent,
    /// Practice machines, rather than somebody's own.
    #[serde(default)]
    pub practice: bool,
    /// The cluster's name.
    pub cluster: ClusterName,
    /// The ID it will have.
    pub cluster_id: ClusterId,
    /// The token that makes the IDs; `None` in logs of before it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// Its members, in the order of the cluster file.
    pub members: Vec<MemberPlan>,
    /// The steps it will go through; those of a newer version are left out.
    #[serde(deserialize_with = "known")]
    pub steps: Vec<Step>,
    /// What is put around every text that is run on a node.
    pub frame: String,
}

fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Step>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let step = |name: String| {
        let step: Result<Step, value::Error> = Step::deserialize(name.into_deserializer());
        step.ok()
    };
    Ok(names.into_iter().filter_map(step).collect())
}

/// What the presenter looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Which node.
    pub node: MemberName,
    /// Which step.
    pub step: Step,
    /// Its lesson, rather than all nodes at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guided: bool,
    /// How it is done by hand there, with a shell; not in logs of before it was written down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// A member as it will be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberPlan {
    /// Its name.
    pub name: MemberName,
    /// Where it is called.
    pub address: Address,
    /// The ID it will have.
    pub id: MemberId,
}

/// What becomes of a file on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where.
    pub node: MemberName,
    /// Which.
    pub path: String,
    /// Its lines after a sign: `+` comes, `-` goes, a space stays. Empty if all of it stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<String>,
}

impl FileChange {
    /// How many lines come, and how many go.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let of = |sign| self.diff.iter().filter(|line| line.starts_with(sign)).count();
        (of('+'), of('-'))
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Bootstrap.
    Up,
    /// Look, and change nothing.
    Check,
    /// Take back what `up` made.
    Reset,
    /// Ask the members who they are.
    Members,
}

/// A task as it is shown, run and exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskPlan {
    /// Its id.
    pub id: TaskId,
    /// What it does, in a line.
    pub title: String,
    /// The probe: exit 0 means already so.
    pub holds: String,
    /// The change.
    pub change: String,
    /// How to take it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

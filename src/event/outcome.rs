//! How a task, a step and a run end.

use serde::{Deserialize, Serialize};

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskOutcome {
    /// It held already.
    Unchanged,
    /// It was changed, and the probe holds now.
    Changed,
    /// It was looked at only, and does not hold (`check`).
    Differs {
        /// What differs.
        says: Vec<String>,
    },
    /// The change failed, or did not help.
    Failed {
        /// Why, as a clause.
        error: String,
        /// The last lines it said.
        tail: Vec<String>,
    },
    /// The person stopped it.
    Stopped,
}

/// How a step ended on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Nothing had to be changed.
    Unchanged,
    /// Something was changed, and all of it holds now.
    Done,
    /// Something does not hold (`check`).
    Differs,
    /// It failed.
    Failed,
    /// Stopped by the person.
    Stopped,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// As asked; after `up`, a write was read back through another member.
    Well,
    /// Everybody agrees, but something is to be looked at.
    WithFindings,
    /// Not every node got to its end.
    Incomplete,
    /// Refused before anything was changed.
    Refused,
    /// The person stopped it.
    Stopped,
}

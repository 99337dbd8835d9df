//! What happens during a run, as data: the one stream that the screen, the plain lines, JSON, the
//! run log and replay all read.
//!
//! Pure, and a file format: one JSON object a line. Variants and fields are added, never renamed;
//! what a newer version wrote reads as [`RunEvent::Unknown`].

pub mod drill;
pub mod finding;
pub mod observation;
pub mod outcome;
pub mod plan;
pub mod remedy;
pub mod state;
pub mod step;
pub mod table;

use serde::{Deserialize, Serialize};

pub use self::{
    finding::{Finding, Severity},
    observation::Observation,
    outcome::{Ended, StepOutcome, TaskOutcome},
    plan::{FileChange, Intent, Looked, MemberPlan, RunStarted, TaskPlan},
    remedy::Remedy,
    state::RunState,
    step::{By, Hint, Step, TaskId},
};
use crate::cluster::MemberName;

/// The version of the run log that this program writes.
pub const FORMAT: u32 = 1;

/// An event and when it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Milliseconds since the run began.
    pub ms: u64,
    /// What happened.
    pub event: RunEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RunEvent {
    /// Always the first.
    RunStarted(RunStarted),
    /// A node is being called.
    Connecting {
        /// Which.
        node: MemberName,
    },
    /// Logged in.
    Connected {
        /// Where.
        node: MemberName,
        /// As whom.
        user: String,
        /// How root is had there: `root`, `sudo` or `sudo with a password`.
        root: String,
        /// What SSH called.
        host: String,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// The connection is gone; `again` says whether it is tried once more.
    Lost {
        /// Which.
        node: MemberName,
        /// What was seen.
        reason: String,
        /// Whether another try follows.
        again: bool,
    },
    /// What will be done has that number, by which a review is held to it.
    Numbered {
        /// `7f3a-19c2`, as `quorate plan` gives it.
        plan: String,
        /// The plan in words, for a ticket; empty in logs of before it was written down.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// What becomes of each file.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileChange>,
    },
    /// The person may say go now: everything was looked at, nothing was changed.
    Ready,
    /// The person said go: from here on machines are changed.
    Went,
    /// A node entered a step.
    StepStarted {
        /// Where.
        node: MemberName,
        /// Which.
        step: Step,
    },
    /// What the step consists of there, whether it already holds or not.
    Planned {
        /// Where.
        node: MemberName,
        /// Which step.
        step: Step,
        /// Its tasks, in order.
        tasks: Vec<TaskPlan>,
    },
    /// A task was looked at.
    Probed {
        /// Where.
        node: MemberName,
        /// Which.
        task: TaskId,
        /// Whether it already holds.
        holds: bool,
        /// What differs, in the probe's words.
        says: Vec<String>,
    },
    /// A task's change began.
    TaskStarted {
        /// Where.
        node: MemberName,
        /// Which.
        task: TaskId,
    },
    /// What a node said meanwhile.
    Output {
        /// Where.
        node: MemberName,
        /// During which task.
        task: TaskId,
        /// The lines, made harmless.
        lines: Vec<String>,
        /// How many lines before these were left out.
        #[serde(default, skip_serializing_if = "is_zero")]
        left_out: u64,
    },
    /// How far a long task is.
    Progress {
        /// Where.
        node: MemberName,
        /// Which.
        task: TaskId,
        /// 0 to 100.
        percent: u8,
        /// With what it is busy.
        doing: String,
    },
    /// A task came to its end.
    TaskEnded {
        /// Where.
        node: MemberName,
        /// Which.
        task: TaskId,
        /// How.
        outcome: TaskOutcome,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// A node came to the end of a step.
    StepEnded {
        /// Where.
        node: MemberName,
        /// Which.
        step: Step,
        /// How.
        outcome: StepOutcome,
        /// How long it took, in milliseconds, waiting for others not counted.
        took_ms: u64,
        /// Who did it.
        #[serde(default, skip_serializing_if = "By::is_default")]
        by: By,
    },
    /// A person does the step by hand, and its probes are looked at again and again.
    Watching {
        /// Where.
        node: MemberName,
        /// Which step.
        step: Step,
        /// The read-only text that is run beside the tasks' probes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look: Option<String>,
    },
    /// All probes of a watched step were looked at, just now. What changed in them came before.
    Watched {
        /// Where.
        node: MemberName,
        /// Which step.
        step: Step,
        /// What is wrong now, in words; `None`: as at the last look.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrong: Option<Vec<Finding>>,
    },
    /// A person's shell said something that is known.
    Overheard {
        /// What it means.
        finding: Finding,
    },
    /// A person was helped along, as they asked.
    Hinted {
        /// Where.
        node: MemberName,
        /// With which task.
        task: TaskId,
        /// How far.
        hint: Hint,
    },
    /// A node begins to be taken back to before that step.
    UndoStarted {
        /// Where.
        node: MemberName,
        /// Which.
        step: Step,
    },
    /// A task was taken back.
    TaskUndone {
        /// Where.
        node: MemberName,
        /// Which.
        task: TaskId,
        /// How that ended.
        outcome: TaskOutcome,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// A node is back before that step.
    StepUndone {
        /// Where.
        node: MemberName,
        /// Which.
        step: Step,
    },
    /// Something is wrong, or to be looked at.
    Found {
        /// What.
        finding: Finding,
    },
    /// A node where something is wrong was compared with its sisters.
    Compared {
        /// Which.
        node: MemberName,
        /// What tells it from them, a line each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unlike: Vec<String>,
        /// What was looked at and is in order, in a few words each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ruled_out: Vec<String>,
    },
    /// What stopped a node can be removed with what a sister has.
    Offered {
        /// Which node.
        node: MemberName,
        /// How.
        remedy: Remedy,
    },
    /// Something was seen.
    Seen {
        /// What.
        what: Observation,
    },
    /// The one event of the screen: what the presenter looked at.
    Looked(Looked),
    /// A mark the presenter set.
    Marked {
        /// Its words.
        text: String,
    },
    /// The person asked to stop.
    StopAsked {
        /// Without waiting for the running change.
        at_once: bool,
    },
    /// Something happened in a drill.
    Drill {
        /// What.
        what: drill::Drilled,
    },
    /// A failed node is tried once more; what was wrong with it is not any more.
    Retried {
        /// Which.
        node: MemberName,
        /// With what a sister lends, if the person chose so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<Remedy>,
    },
    /// All that was asked for came to its end so. The run stays open for more: whoever looks at it
    /// may go on from here.
    Judged {
        /// How.
        ended: Ended,
    },
    /// Always the last, unless the program was killed.
    RunEnded {
        /// How.
        ended: Ended,
    },
    /// An event of a newer version: kept readable, ignored by the fold.
    #[serde(other)]
    Unknown,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

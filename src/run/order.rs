//! What the person wants of a run that is under way. Front ends send it; the engine obeys.

use crate::{
    cluster::MemberName,
    event::{Finding, Hint, Looked, Remedy, Step, TaskId},
};

/// What the person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Change things now, to the end.
    Go,
    /// Change things now, on these nodes and as far as this step.
    Aim {
        /// Which nodes.
        nodes: Vec<MemberName>,
        /// How far.
        step: Step,
    },
    /// A person does that step by hand there: look how far they are, and change nothing.
    Watch {
        /// Which nodes.
        nodes: Vec<MemberName>,
        /// Which step.
        step: Step,
    },
    /// Look now, or soon: something was typed that may have changed what is looked at.
    LookAgain {
        /// As soon as what was typed may have done something.
        soon: bool,
    },
    /// Look no more.
    Unwatch,
    /// The person was helped along.
    Hinted {
        /// Where.
        node: MemberName,
        /// With which task.
        task: TaskId,
        /// How far.
        hint: Hint,
    },
    /// Take back what was done on a node in that step, and in those after it.
    Undo {
        /// Which node.
        node: MemberName,
        /// The first step that is taken back.
        step: Step,
    },
    /// A person's shell said something that is known.
    Overheard(Finding),
    /// Try a node that failed once more.
    Retry(MemberName),
    /// Take what a sister lends, and try the node that failed once more with it.
    Remedy {
        /// Which node.
        node: MemberName,
        /// What was offered.
        remedy: Remedy,
    },
    /// Set a mark in the log.
    Mark(String),
    /// Note what is being looked at.
    Looked(Looked),
    /// Lose members on purpose, and bring them back.
    Drill(DrillStep),
    /// Nothing more is wanted: what is under way stops between two changes, and the run ends.
    Leave,
    /// Begin no new change; end the running ones at once if so asked.
    Stop {
        /// Without waiting for what runs.
        at_once: bool,
    },
}

/// What the person wants of a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrillStep {
    /// Stop that member; the first one begins the drill.
    Stop {
        /// Which.
        node: MemberName,
        /// Its name as the person typed it, where no quorum would be left.
        typed: Option<String>,
    },
    /// Bring everybody back.
    Back,
    /// Bring everybody back, read all writes back, and end it.
    End,
}

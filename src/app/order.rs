//! What a person asks of a run that is under way.

use crate::{cluster::MemberName, event::Step};

/// An order to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// All nodes go to the last step.
    Go,
    /// These nodes go as far as that step, and wait there.
    Aim {
        /// Which.
        nodes: Vec<MemberName>,
        /// How far, that step included.
        step: Step,
    },
    /// Try a failed node again.
    Retry(MemberName),
    /// End the run.
    Stop {
        /// Without waiting for the running change.
        at_once: bool,
    },
    /// Set a mark with these words into the run log.
    Mark(String),
    /// Note what is looked at, for a replay.
    Looked {
        /// Which node.
        node: MemberName,
        /// Which step.
        step: Step,
    },
}

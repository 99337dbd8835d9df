//! What is known about a node: its part of the fold.

use std::collections::VecDeque;

use crate::event::{
    Finding, Hint, MemberPlan, Remedy, Step, StepOutcome, TaskId, TaskOutcome, TaskPlan,
    observation::{MemberSeen, NodeSeen, PathSeen},
};

/// Everything known about a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeState {
    /// Who it shall be.
    pub plan: MemberPlan,
    /// Whether it is reached.
    pub link: Link,
    /// The step it is in or has ended last.
    pub step: Option<Step>,
    /// The steps it has ended, with how and how long in milliseconds.
    pub ended: Vec<(Step, StepOutcome, u64)>,
    /// The steps that a person did by hand.
    pub by_hand: Vec<Step>,
    /// The step that a person is doing.
    pub watch: Option<WatchState>,
    /// What their shell said that is known, the newest last; forgotten once a probe holds anew.
    pub overheard: Vec<Finding>,
    /// What they were helped with, and how far.
    pub hints: Vec<(TaskId, Hint)>,
    /// The step that it is being taken back to before of.
    pub undoing: Option<Step>,
    /// The tasks of the steps it has entered, in order.
    pub tasks: Vec<TaskState>,
    /// What tells it from its sisters, if something was wrong there.
    pub unlike: Vec<String>,
    /// What was looked at then and is in order.
    pub ruled_out: Vec<String>,
    /// What sisters can do about it.
    pub remedies: Vec<Remedy>,
    /// What a long task is busy with: percent and words.
    pub progress: Option<(u8, String)>,
    /// What it said last.
    pub log: VecDeque<String>,
    /// The survey of it.
    pub seen: Option<NodeSeen>,
    /// What its member said when asked by name.
    pub member: Option<MemberSeen>,
    /// Its calls to the other members.
    pub paths: Vec<PathSeen>,
    /// Whether its peer port answers, and whether it has seen a leader.
    pub quorum: Option<(bool, bool)>,
    /// Its disk: 99 of 100 log writes took no longer, in microseconds; and of how many.
    pub fsync: Option<(u64, u64)>,
}

/// A step that a person is doing, as it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchState {
    /// Which.
    pub step: Step,
    /// The text that is run beside the tasks' probes.
    pub look: Option<String>,
    /// When it was looked at last, in milliseconds since the run began.
    pub looked_ms: Option<u64>,
    /// What is wrong, in words.
    pub wrong: Vec<Finding>,
}

/// Whether a node is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not yet called.
    #[default]
    Idle,
    /// Being called.
    Connecting,
    /// Logged in, as whom and in how many milliseconds.
    Up {
        /// The user.
        user: String,
        /// How long it took.
        took_ms: u64,
    },
    /// Gone, and why.
    Lost(String),
}

/// A task and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskState {
    /// What it is.
    pub plan: TaskPlan,
    /// Whether its change is running.
    pub running: bool,
    /// Whether the probe held when it was last looked at.
    pub holds: bool,
    /// What the probe said differs.
    pub says: Vec<String>,
    /// How it ended, and how long it took in milliseconds.
    pub outcome: Option<(TaskOutcome, u64)>,
}

impl NodeState {
    /// Lines kept to scroll back through; the run log has more.
    pub const LOG_LINES: usize = 500;
    /// Findings kept of what a shell said.
    const OVERHEARD: usize = 8;

    pub(super) fn new(plan: MemberPlan) -> Self {
        Self {
            unlike: Vec::new(),
            ruled_out: Vec::new(),
            remedies: Vec::new(),
            plan,
            link: Link::Idle,
            step: None,
            ended: Vec::new(),
            by_hand: Vec::new(),
            watch: None,
            overheard: Vec::new(),
            hints: Vec::new(),
            undoing: None,
            tasks: Vec::new(),
            progress: None,
            log: VecDeque::new(),
            seen: None,
            member: None,
            paths: Vec::new(),
            quorum: None,
            fsync: None,
        }
    }

    /// How that step ended here, if it did.
    #[must_use]
    pub fn outcome(&self, step: Step) -> Option<StepOutcome> {
        self.ended.iter().rev().find(|(s, ..)| *s == step).map(|(_, outcome, _)| *outcome)
    }

    /// Whether one of its steps failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.ended.iter().any(|(_, outcome, _)| *outcome == StepOutcome::Failed)
    }

    /// Whether the member is up as far as anybody has seen.
    #[must_use]
    pub fn up(&self) -> bool {
        self.member.is_some()
            || self.quorum.is_some_and(|(answers, _)| answers)
            || matches!(self.outcome(Step::Start), Some(StepOutcome::Done | StepOutcome::Unchanged))
    }

    pub(super) fn task(&mut self, id: &TaskId) -> Option<&mut TaskState> {
        self.tasks.iter_mut().rev().find(|t| &t.plan.id == id)
    }

    /// The newest last, each once, and not for ever.
    pub(super) fn overhears(&mut self, finding: &Finding) {
        self.overheard.retain(|old| old.id != finding.id);
        self.overheard.push(finding.clone());
        let old = self.overheard.len().saturating_sub(Self::OVERHEARD);
        self.overheard.drain(..old);
    }

    pub(super) fn say(&mut self, lines: &[String], left_out: u64) {
        let gap = (left_out > 0).then(|| format!("… {left_out} lines left out …"));
        for line in gap.iter().chain(lines) {
            if self.log.len() == Self::LOG_LINES {
                self.log.pop_front();
            }
            self.log.push_back(line.clone());
        }
    }
}

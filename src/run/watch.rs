//! A person does a step by hand: it is looked at again and again, and nothing is changed.
//!
//! Pure. The node is brought into the step without being let work there; when all of it holds, the
//! step ends as done by the person. Looking waits at no barrier.

use std::{collections::BTreeMap, time::Duration};

use super::{
    conductor::Next,
    desk::{Desk, Seat},
    job::Job,
    plan::Plan,
};
use crate::{
    cluster::MemberName,
    event::{By, Finding, RunEvent, Step, StepOutcome, TaskId, TaskOutcome},
    lab::slips,
};

/// How long to wait between two looks.
pub const EVERY: Duration = Duration::from_secs(2);
/// How long a line that was typed takes to do something, most of the time.
pub const SOON: Duration = Duration::from_millis(500);

/// The step that a person does on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Which.
    pub step: Step,
    /// It is time to look.
    pub due: bool,
    /// It was looked at before, and did not hold.
    pub differed: bool,
}

/// Whether a node may be brought into that step, only to be looked at there.
#[must_use]
pub fn may_look(desk: &Desk, seat: &Seat, step: Step) -> bool {
    desk.cleared && !desk.stopping && seat.watch.is_some_and(|watch| watch.step == step)
}

/// What a node does next in a step that a person does.
#[must_use]
pub fn next(desk: &Desk, seat: &Seat) -> Option<Next> {
    let due = seat.watch.is_some_and(|watch| watch.due && watch.step == seat.step);
    let tasks = || seat.todo.iter().cloned().collect();
    (due && !desk.stopping).then(|| Next::Job(Job::Look(seat.step, tasks())))
}

impl Desk {
    /// A person does that step on these nodes. One that consists of no tasks is not done by hand.
    pub fn watch(&mut self, nodes: &[MemberName], step: Step) {
        if matches!(step, Step::Preflight | Step::Verify) {
            return;
        }
        for node in nodes {
            let Some(seat) = self.seats.get_mut(node) else { continue };
            if seat.ended.contains_key(&step) || seat.step > step {
                continue;
            }
            // One that was looked at before has differed: all that holds ends the step.
            let differed = seat.looking && seat.step == step && seat.planned;
            seat.watch = Some(Watch { step, due: true, differed });
        }
    }

    /// Nobody is looked at any more.
    pub fn unwatch(&mut self) {
        self.seats.values_mut().for_each(|seat| seat.watch = None);
    }

    /// It is time to look; false if there is nobody to look at.
    pub fn look_again(&mut self) -> bool {
        let mut any = false;
        for watch in self.seats.values_mut().filter_map(|seat| seat.watch.as_mut()) {
            watch.due = true;
            any = true;
        }
        any
    }

    /// Brings a node into a step to be looked at. What a person did is not known: it is surveyed.
    pub fn look_at(&mut self, plan: &Plan, node: &MemberName, step: Step) -> Vec<RunEvent> {
        let Some(seat) = self.seats.get_mut(node) else { return Vec::new() };
        debug_assert!(plan.changes(), "a check hands out its own probes");
        let watch = seat.watch;
        seat.go_to(step);
        (seat.watch, seat.looking, seat.facts) = (watch, true, None);
        let look = slips::look(step).map(|script| script.text);
        vec![RunEvent::Watching { node: node.clone(), step, look }]
    }
}

impl Seat {
    /// Whether a person does that step there now.
    #[must_use]
    pub fn looking_at(&self, step: Step) -> bool {
        self.looking && self.step == step && self.watch.is_some()
    }

    /// A look came to its end, and found that all holds or not.
    pub(super) fn watched(&mut self, node: &MemberName, all: bool) -> Vec<RunEvent> {
        let Some(watch) = self.watch.filter(|_| self.looking) else { return Vec::new() };
        if !all {
            self.watch = Some(Watch { due: false, differed: true, ..watch });
            return Vec::new();
        }
        let (outcome, by) = if watch.differed {
            (StepOutcome::Done, By::Person)
        } else {
            (StepOutcome::Unchanged, By::Quorate)
        };
        (self.watch, self.looking, self.facts) = (None, false, None);
        let ended = |task: TaskId| RunEvent::TaskEnded {
            node: node.clone(),
            task,
            outcome: TaskOutcome::Unchanged,
            took_ms: 0,
        };
        let tasks: Vec<_> = self.todo.iter().map(|task| ended(task.id.clone())).collect();
        let end = self.end(node, outcome).into_iter().map(|event| match event {
            RunEvent::StepEnded { node, step, outcome, took_ms, .. } => {
                RunEvent::StepEnded { node, step, outcome, took_ms, by }
            }
            other => other,
        });
        tasks.into_iter().chain(end).collect()
    }
}

/// What was seen at the last look: what is as it was is not told again.
#[derive(Debug, Default)]
pub struct Seen {
    tasks: BTreeMap<TaskId, (bool, Vec<String>)>,
    findings: Option<(Step, Vec<Finding>)>,
}

impl Seen {
    /// Takes in a task; true if it is not as it was.
    pub fn task(&mut self, task: &TaskId, holds: bool, says: &[String]) -> bool {
        let now = (holds, says.to_vec());
        self.tasks.insert(task.clone(), now.clone()) != Some(now)
    }

    /// Takes in what is wrong in a step, and gives it back if it is not as it was.
    pub fn findings(&mut self, step: Step, wrong: Vec<Finding>) -> Option<Vec<Finding>> {
        let now = Some((step, wrong.clone()));
        (std::mem::replace(&mut self.findings, now.clone()) != now).then_some(wrong)
    }
}

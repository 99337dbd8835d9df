//! A person does a step by hand: it is looked at again and again, and nothing is changed.
//!
//! Pure. The node is brought into the step without being let work there; when all of it holds, the
//! step ends as done by the person. Looking waits at no barrier. A step that has ended is looked at
//! too, whenever its node has nothing else to do: how it ended stays.

use std::{collections::BTreeMap, time::Duration};

use super::{
    conductor::{Next, wait_before},
    desk::{Desk, Link, Seat},
    job::Job,
    plan::Plan,
};
use crate::{
    cluster::MemberName,
    event::{By, Finding, RunEvent, Step, StepOutcome, TaskId, TaskOutcome},
    lab::{by_hand, slips},
};

/// How long to wait between two looks.
pub const EVERY: Duration = Duration::from_secs(2);
/// How long a line that was typed takes to do something, most of the time.
pub const SOON: Duration = Duration::from_millis(500);

/// The step that a person does on a node, or looks after once it has ended.
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
pub fn may_look(plan: &Plan, desk: &Desk, seat: &Seat, step: Step) -> bool {
    let wanted = seat.watch.is_some_and(|watch| watch.step == step);
    wanted && plan.changes() && desk.cleared && !desk.stopping
}

/// What a node does next in a step that a person does.
#[must_use]
pub fn next(desk: &Desk, seat: &Seat) -> Option<Next> {
    let due = seat.watch.is_some_and(|watch| watch.due && watch.step == seat.step);
    let tasks = || seat.todo.iter().cloned().collect();
    (due && !desk.stopping).then(|| Next::Job(Job::Look(seat.step, tasks())))
}

/// What an idle node does for a step that has ended there, well or not.
#[must_use]
pub fn again(plan: &Plan, name: &MemberName, seat: &Seat) -> Option<Next> {
    let step = seat.watch.filter(|watch| watch.due).and_then(|_| seat.looks_after())?;
    if seat.link == Link::Down {
        return Some(Next::Job(Job::Connect { after: wait_before(seat.losses) }));
    }
    let Some(facts) = &seat.facts else { return Some(Next::Job(Job::Survey)) };
    let (member, material) = (plan.cluster.member(name)?, plan.vault.material(name)?);
    let tasks = by_hand(step, &plan.cluster, member, material, facts);
    Some(Next::Job(Job::Look(step, tasks)))
}

impl Desk {
    /// A person does that step on these nodes, or looks after it.
    pub fn watch(&mut self, nodes: &[MemberName], step: Step) -> Vec<RunEvent> {
        if !step.has_hands() {
            return Vec::new();
        }
        let mut events = Vec::new();
        for node in nodes {
            let Some(seat) = self.seats.get_mut(node) else { continue };
            if seat.step > step && !seat.ended.contains_key(&step) {
                continue;
            }
            // One that was looked at before has differed: all that holds ends the step.
            let differed = seat.looking && seat.step == step && seat.planned;
            seat.watch = Some(Watch { step, due: true, differed });
            events.extend(seat.looked_after(node));
        }
        events
    }

    /// Nobody is looked at any more.
    pub fn unwatch(&mut self) {
        for seat in self.seats.values_mut() {
            if seat.watch.take().is_some() && !seat.looking {
                // What a person did meanwhile is not known.
                seat.facts = None;
            }
        }
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
        debug_assert!(plan.changes(), "what a check looks at has ended");
        let watch = seat.watch;
        seat.go_to(step);
        (seat.watch, seat.looking, seat.facts) = (watch, true, None);
        vec![watching(node, step)]
    }
}

fn watching(node: &MemberName, step: Step) -> RunEvent {
    let look = slips::look(step).map(|script| script.text);
    RunEvent::Watching { node: node.clone(), step, look }
}

impl Seat {
    /// Whether a person does that step there now.
    #[must_use]
    pub fn looking_at(&self, step: Step) -> bool {
        self.looking && self.step == step && self.watch.is_some()
    }

    /// Whether a person has a step in hand there that has not ended.
    #[must_use]
    pub fn in_hand(&self) -> bool {
        self.watch.is_some_and(|watch| !self.ended.contains_key(&watch.step))
    }

    /// The step that is looked at though it has ended.
    fn looks_after(&self) -> Option<Step> {
        self.watch.map(|watch| watch.step).filter(|step| self.ended.contains_key(step))
    }

    /// It is told that such a step is looked at, from a survey on: what was seen before is old.
    pub(super) fn looked_after(&mut self, node: &MemberName) -> Option<RunEvent> {
        let step = self.looks_after()?;
        self.facts = None;
        Some(watching(node, step))
    }

    /// What is watched on when the node goes on to another step.
    pub(super) fn still_watched(&self) -> Option<Watch> {
        self.watch.filter(|_| self.looks_after().is_some())
    }

    /// A look came to its end, and found that all holds or not.
    pub(super) fn watched(&mut self, node: &MemberName, all: bool) -> Vec<RunEvent> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        watch.due = false;
        if !self.looking {
            return Vec::new();
        }
        if !all {
            watch.differed = true;
            return Vec::new();
        }
        let differed = watch.differed;
        let ended = |task: TaskId| RunEvent::TaskEnded {
            node: node.clone(),
            task,
            outcome: TaskOutcome::Unchanged,
            took_ms: 0,
        };
        let tasks: Vec<_> = self.todo.iter().map(|task| ended(task.id.clone())).collect();
        if self.step == Step::Verify {
            // Nobody is proved by that: the step ends with the proof of all.
            let anew = differed && !std::mem::replace(&mut self.asked, true);
            return if anew { tasks } else { Vec::new() };
        }
        let (outcome, by) = if differed {
            (StepOutcome::Done, By::Person)
        } else {
            (StepOutcome::Unchanged, By::Quorate)
        };
        (self.looking, self.facts) = (false, None);
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

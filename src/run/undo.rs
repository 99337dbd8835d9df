//! Taking a step back on a node: its tasks' undo texts, the last one first.
//!
//! Pure. Steps after it go first. Nothing is done again by itself: the node's aim goes back too.

use std::collections::VecDeque;

use super::{
    desk::{Desk, Finale, Link},
    plan::Plan,
};
use crate::{
    cluster::{MemberName, Release},
    event::{RunEvent, Step, TaskOutcome},
    lab::{Facts, Task, tasks},
};

impl Desk {
    /// Has that step, and those after it, taken back on a node. False if there is nothing to take
    /// back, or no way to.
    pub fn take_back(&mut self, plan: &Plan, node: &MemberName, step: Step) -> bool {
        let (Some(member), Some(material)) = (plan.cluster.member(node), plan.vault.material(node))
        else {
            return false;
        };
        let steps = plan.steps().iter().rev();
        let Some(seat) = self.seats.get_mut(node) else { return false };
        if !plan.changes() || self.stopping || !self.cleared || seat.link == Link::GivenUp {
            return false;
        }
        // No undo depends on what a survey finds.
        let assumed = Facts::assumed(Release::Bookworm);
        let facts = seat.facts.as_ref().unwrap_or(&assumed);
        let undo: VecDeque<Task> = steps
            .filter(|s| (step..=seat.step).contains(s))
            .flat_map(|s| tasks(*s, &plan.cluster, member, material, facts).into_iter().rev())
            .filter(|task| task.undo.is_some())
            .collect();
        let any = !undo.is_empty();
        if any {
            (seat.undo, seat.watch) = (Some((step, undo)), None);
        }
        any
    }

    /// A task was taken back. After the last one the node is before the step; one that failed ends
    /// it where it is.
    pub(super) fn undone(
        &mut self,
        plan: &Plan,
        node: &MemberName,
        outcome: &TaskOutcome,
    ) -> Vec<RunEvent> {
        let Some(seat) = self.seats.get_mut(node) else { return Vec::new() };
        let Some((step, undo)) = &mut seat.undo else { return Vec::new() };
        let step = *step;
        if matches!(outcome, TaskOutcome::Failed { .. }) {
            seat.undo = None;
            return Vec::new();
        }
        undo.pop_front();
        if !undo.is_empty() {
            return Vec::new();
        }
        let before = plan.steps().iter().take_while(|s| **s != step).last().copied();
        seat.ended.retain(|ended, _| *ended < step);
        (seat.undo, seat.facts, seat.proved) = (None, None, false);
        seat.todo.clear();
        seat.go_to(before.unwrap_or(step));
        if let Some(before) = before {
            self.aim.insert(node.clone(), before);
        }
        self.finale = Finale::Before;
        vec![RunEvent::StepUndone { node: node.clone(), step }]
    }
}

//! What all nodes together mean: before the first change, and at the end.

use std::collections::BTreeMap;

use super::{
    desk::{Desk, Finale},
    plan::Plan,
    went_well,
};
use crate::{
    event::{Ended, Finding, Intent, RunState, Severity, StepOutcome},
    lab::{self, preflight, verify},
};

/// What keeps the run from beginning, or is to be looked at, now that every node was surveyed.
#[must_use]
pub fn before(plan: &Plan, desk: &Desk) -> Vec<Finding> {
    if matches!(plan.intent, Intent::Reset | Intent::Members) {
        return Vec::new();
    }
    let facts: BTreeMap<_, _> = desk
        .seats
        .iter()
        .filter_map(|(name, seat)| Some((name.clone(), seat.facts.clone()?)))
        .collect();
    let mut found = Vec::new();
    for member in &plan.cluster.members {
        let node = facts.get(&member.name).zip(plan.vault.material(&member.name));
        if let Some((facts, material)) = node {
            found.extend(preflight::node(&plan.cluster, member, material, facts));
        }
    }
    found.extend(lab::across(&plan.cluster, &facts));
    found
}

/// How the run ended, and what its proofs found wrong.
#[must_use]
pub fn after(plan: &Plan, desk: &Desk, state: &RunState) -> (Vec<Finding>, Ended) {
    let asked = desk.seats.values().any(|seat| seat.proved);
    let found = if asked { verify::judge(state) } else { Vec::new() };
    let stopped = desk.seats.values().any(|s| s.ended.values().any(|o| *o == StepOutcome::Stopped));
    let last = plan.steps().last();
    let at_end = desk.seats.values().all(|seat| {
        last.and_then(|step| seat.ended.get(step)).is_some_and(|o| went_well(plan.intent, *o))
    });
    let agree = !found.iter().any(|f| f.severity == Severity::Stop);
    let proved = state.read_by.as_ref().is_some_and(|(_, same)| *same);
    let to_look_at = !found.is_empty() || !state.findings.is_empty();
    let differs = desk.seats.values().any(|s| s.ended.values().any(|o| *o == StepOutcome::Differs));
    let ended = match plan.intent {
        _ if !desk.cleared && plan.changes() && !state.stopping => Ended::Refused,
        Intent::Up if desk.finale == Finale::Over && at_end && agree && proved => Ended::Well,
        Intent::Reset if at_end => Ended::Well,
        Intent::Up | Intent::Reset if stopped || state.stopping => Ended::Stopped,
        Intent::Up | Intent::Reset => Ended::Incomplete,
        Intent::Check | Intent::Members if !asked || !at_end || !agree => Ended::Incomplete,
        Intent::Check if differs || to_look_at => Ended::WithFindings,
        Intent::Check | Intent::Members => Ended::Well,
    };
    (found, ended)
}

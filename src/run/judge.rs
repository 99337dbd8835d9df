//! What all nodes together mean: before the first change, and at the end.

use std::collections::BTreeMap;

use super::{
    desk::{Desk, Finale},
    findings,
    plan::Plan,
    went_well,
};
use crate::{
    cluster::{Member, MemberName},
    event::{Ended, Finding, Intent, Observation, RunEvent, RunState, Severity, StepOutcome},
    lab::{
        self, Facts,
        outline::{Basis, Outline},
        preflight, verify,
    },
    pki::{Bundle, Need, inspect::BadBundle},
};

/// What keeps the run from beginning, or is to be looked at, now that every node was surveyed; and
/// when the first of all certificates ends.
#[must_use]
pub fn before(plan: &Plan, desk: &Desk) -> (Option<Observation>, Vec<Finding>) {
    let bundles = bundles(plan);
    let ends = bundles.iter().filter_map(|(_, bundle)| bundle.as_ref().ok()?.ends()).min();
    let ends = ends.map(|at_unix| Observation::CertificatesEnd { at_unix });
    if matches!(plan.intent, Intent::Reset | Intent::Members) {
        return (ends, Vec::new());
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
    found.extend(certificates(plan, &bundles, &facts));
    found.extend(lab::across(&plan.cluster, &facts));
    (ends, found)
}

/// The plan with its number, as `quorate plan --live` gives it for a review.
#[must_use]
pub fn numbered(plan: &Plan, desk: &Desk) -> RunEvent {
    let reviewed =
        |facts: &Facts| Facts { aside_agreed: false, remove_packages: false, ..facts.clone() };
    let facts = desk
        .seats
        .iter()
        .filter_map(|(name, seat)| Some((name.clone(), reviewed(seat.facts.as_ref()?))));
    let facts = facts.collect();
    let outline = Outline::new(&plan.cluster, plan.vault.materials(), &facts, Basis::Asked);
    RunEvent::Numbered {
        plan: outline.number(),
        text: outline.ticket(),
        files: outline.files().to_vec(),
    }
}

/// What is wrong with the certificates, by each node's own clock. What is the same for several
/// members is said once.
fn certificates(
    plan: &Plan,
    bundles: &[Read<'_>],
    facts: &BTreeMap<MemberName, Facts>,
) -> Vec<Finding> {
    let mut found: Vec<(Finding, Vec<&str>)> = Vec::new();
    for read in bundles {
        let name = &read.0.name;
        let ahead = facts.get(name).map_or(0, |f| f.ahead_ms / 1000);
        for finding in certificate(plan, read, plan.at_unix + ahead) {
            let name = name.as_str();
            match found.iter_mut().find(|(known, _)| known.says == finding.says) {
                Some((_, names)) => names.push(name),
                None => found.push((finding, vec![name])),
            }
        }
    }
    found
        .into_iter()
        .map(|(finding, names)| {
            let says = format!("The certificate for {}: {}.", names.join(", "), finding.says);
            let node = finding.node.filter(|_| names.len() == 1);
            Finding { node, says, ..finding }
        })
        .collect()
}

/// A member's certificate files, read, or why they cannot be.
type Read<'a> = (&'a Member, Result<Bundle, BadBundle>);

fn bundles(plan: &Plan) -> Vec<Read<'_>> {
    let read = plan.cluster.members.iter().filter_map(|member| {
        let (files, key) = plan.vault.tls(&member.name)?;
        Some((member, Bundle::read(files.ca.as_bytes(), files.cert.as_bytes(), key)))
    });
    read.collect()
}

fn certificate(plan: &Plan, (member, bundle): &Read<'_>, now_unix: i64) -> Vec<Finding> {
    let name = &member.name;
    let bundle = match bundle {
        Ok(bundle) => bundle,
        Err(error) => return vec![findings::unreadable(name, error.to_string())],
    };
    let soon_days = plan.soon_days;
    let need = Need { soon_days, ..Need::member(name.clone(), member.address.ip()) };
    let rows = bundle.inspect(&need, now_unix).into_iter();
    rows.filter_map(|row| findings::certificate(name, row)).collect()
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
    // What was told while members were asked counts as much as what is judged from their answers.
    let refuted = |f: &Finding| matches!(f.id.as_str(), "no-answer" | "restarted");
    let agree = state.nodes.iter().all(|n| n.member.is_some())
        && !state.findings.iter().any(refuted)
        && !found.iter().any(|f| f.severity == Severity::Stop);
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

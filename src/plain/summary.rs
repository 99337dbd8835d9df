//! How a run ended: the member table, what was proved, and what can be done now.

use std::fmt::Write;

use super::lines::{Paint, seconds};
use crate::event::{Ended, Intent, RunState, Severity, StepOutcome, table::observed};

/// How it ended, as one sentence.
#[must_use]
pub fn sentence(state: &RunState) -> String {
    let Some(started) = &state.started else { return "Nothing is known of it.".to_owned() };
    let name = &started.cluster;
    let took = seconds(state.ms);
    match (started.intent, state.ended) {
        (_, None) => format!("The log of {name} ends before the run does."),
        (Intent::Up, Some(Ended::Well)) => format!("{name} is healthy. {took}"),
        (Intent::Reset, Some(Ended::Well)) => {
            format!("{name} was taken back. Data and files were moved aside, not deleted. {took}")
        }
        (_, Some(Ended::Well)) => format!("{name} agrees. {took}"),
        (_, Some(Ended::WithFindings)) => {
            format!("{name} agrees, but something is to be looked at. {took}")
        }
        (_, Some(Ended::Refused)) => "Refused. Nothing was changed on any machine.".to_owned(),
        (_, Some(Ended::Stopped)) => format!("{name}: stopped on request. {took}"),
        (_, Some(Ended::Incomplete)) => format!("{name}: not every node got to its end. {took}"),
    }
}

/// The last words of a run.
#[must_use]
pub fn summary(state: &RunState, ended: Ended, paint: Paint) -> String {
    let mut out = String::new();
    let Some(started) = &state.started else { return out };
    if started.intent == Intent::Check {
        out.push_str(&super::check::report(state, paint));
    }
    if state.nodes.iter().any(|n| n.member.is_some()) {
        proofs(state, &mut out);
    }
    let name = &started.cluster;
    let all = state.nodes.len();
    let last = match (started.intent, ended) {
        (Intent::Up, Ended::Well) => {
            paint.good(&format!("✓ {name} is healthy. {}", seconds(state.ms)))
        }
        (Intent::Check | Intent::Members, Ended::Well) => paint.good(&format!(
            "✓ {name} agrees: all {all} are who they must be, and have one leader."
        )),
        (Intent::Check | Intent::Members, Ended::WithFindings) => {
            paint.look(&format!("! {name} agrees, but something is to be looked at."))
        }
        (Intent::Check | Intent::Members, _) => paint.bad(&format!("✗ {name} does not agree.")),
        (Intent::Reset, Ended::Well) => paint.good(&format!(
            "✓ {name} was taken back on all {all}. Data and files were moved aside, not deleted."
        )),
        (_, Ended::Refused) => paint.bad("✗ Refused. Nothing was changed on any machine."),
        (intent, Ended::Stopped | Ended::Incomplete | Ended::WithFindings) => {
            unfinished(state, intent, ended, paint)
        }
    };
    out.push_str(&last);
    out.push('\n');
    out
}

fn proofs(state: &RunState, out: &mut String) {
    if let Some(table) = observed(state) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n{table}");
    }
    let answered: Vec<_> = state.nodes.iter().filter_map(|n| n.member.as_ref()).collect();
    let mut facts = Vec::new();
    if let Some(leader) = state.leader() {
        let name = state.name_of(leader).map_or_else(|| leader.to_string(), ToString::to_string);
        facts.push(format!("leader {name}"));
    }
    if let Some(term) = answered.iter().map(|m| m.term).max() {
        facts.push(format!("raft term {term}"));
    }
    let mut versions: Vec<_> = answered.iter().map(|m| m.version).collect();
    versions.sort_unstable();
    versions.dedup();
    let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
    facts.push(format!("etcd {}", versions.join(", ")));
    if let Some(bytes) = answered.iter().map(|m| m.db_bytes).max() {
        facts.push(format!("database {} kB", bytes / 1000));
    }
    if let Some(us) = answered.iter().map(|m| m.took_us).max() {
        facts.push(format!("slowest answer {} ms", us.div_ceil(1000)));
    }
    if let Some((us, _)) = state.nodes.iter().filter_map(|n| n.fsync).max() {
        facts.push(format!("99 of 100 log writes within {} ms", us.div_ceil(1000)));
    }
    let _ = writeln!(out, "{}", facts.join(" · "));
    for (n, proof) in proofs_made(state).iter().enumerate() {
        let _ = writeln!(out, "{:8}{proof}", if n == 0 { "proved" } else { "" });
    }
    for path in state.nodes.iter().flat_map(|n| &n.paths) {
        if let Some(fault) = &path.fault {
            let _ = writeln!(out, "  ✗ {} → {}  {fault}", path.from, path.to);
        }
    }
}

/// Each proof by name, with how many members it holds for: green means all of them.
#[must_use]
pub fn proofs_made(state: &RunState) -> Vec<String> {
    let all = state.nodes.len();
    let members = || state.nodes.iter().filter_map(|n| Some((n, n.member.as_ref()?)));
    let same = members().filter(|(n, m)| m.id == n.plan.id).count();
    let cluster = state.started.as_ref().map(|s| s.cluster_id);
    let of_it = members().filter(|(_, m)| Some(m.cluster) == cluster).count();
    let know_all = members().filter(|(_, m)| m.knows.len() == all).count();
    let read = members().filter(|(_, m)| m.reads).count();
    let paths: Vec<_> = state.nodes.iter().flat_map(|n| &n.paths).collect();
    let green = paths.iter().filter(|p| p.fault.is_none()).count();
    let restless = state.findings.iter().filter(|f| f.id == "restarted").count();
    let cluster = cluster.map(|id| id.to_string()).unwrap_or_default();
    let mut proofs = vec![
        format!("asked by name: {same} of {all} have the predicted member ID"),
        format!("asked by name: {of_it} of {all} are of the predicted cluster, {cluster}"),
        format!("member list: {know_all} of {all} know all {all}"),
        format!("linearizable read: {read} of {all} answered"),
        format!(
            "requests: {green} of {} answered, each member calling the others with its own \
             certificate",
            paths.len()
        ),
        format!("same process: {} of {all} not restarted meanwhile", all - restless.min(all)),
    ];
    if let Some((reader, true)) = &state.read_by {
        let writer = state.written_by.as_ref().map(ToString::to_string).unwrap_or_default();
        proofs.push(format!("write: through {writer}, read back through {reader}"));
    }
    proofs
}

/// What is broken, what has been changed, whether it is safe to stop, how to go on.
fn unfinished(state: &RunState, intent: Intent, ended: Ended, paint: Paint) -> String {
    let mut out = String::new();
    let failed: Vec<_> = state
        .nodes
        .iter()
        .filter_map(|n| {
            let (step, ..) = n.ended.iter().find(|(_, o, _)| *o == StepOutcome::Failed)?;
            Some(format!("{} in {}", n.plan.name, step.id()))
        })
        .collect();
    let stop = state.findings.iter().filter(|f| f.severity == Severity::Stop).count();
    let head = match ended {
        Ended::Stopped => paint.look("! Stopped on request."),
        _ if failed.is_empty() && stop > 0 => {
            paint.bad(&format!("✗ Not proved: {stop} of the findings above are in the way."))
        }
        _ => paint.bad(&format!("✗ Not finished: {}.", failed.join(", "))),
    };
    let _ = writeln!(out, "{head}");
    let _ = writeln!(out, "  changed   {}", changed(state));
    let verb = if intent == Intent::Reset { "reset" } else { "up" };
    let name = state.started.as_ref().map(|s| s.cluster.to_string()).unwrap_or_default();
    let _ = write!(
        out,
        "  safe      Nothing is half written; you may stop here as long as you like.\n  \
         go on     quorate {verb} {name} goes on from here."
    );
    out
}

fn changed(state: &RunState) -> String {
    let steps = state.started.iter().flat_map(|s| &s.steps);
    let parts: Vec<_> = steps
        .map(|step| (step, state.changed(*step).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(step, n)| format!("{} on {n} of {}", step.id(), state.nodes.len()))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

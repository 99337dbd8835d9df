//! What `check` found: per node and step what holds and what differs.

use std::fmt::Write;

use super::lines::Paint;
use crate::event::{RunState, Step, StepOutcome, TaskOutcome, state::NodeState};

/// Steps that can hold or differ; preflight and verify speak through findings and proofs.
const STEPS: [Step; 4] = [Step::Certificates, Step::Install, Step::Configure, Step::Start];

/// A grid of nodes and steps, and below it what differs, each thing once.
#[must_use]
pub fn report(state: &RunState, paint: Paint) -> String {
    let mut out = String::from("\n");
    let wide = state.nodes.iter().map(|n| n.plan.name.as_str().len()).max().unwrap_or(0);
    // Writing to a String cannot fail.
    let _ = write!(out, "{:wide$}", "");
    for step in STEPS {
        let _ = write!(out, "  {:12}", step.id());
    }
    out.push('\n');
    for node in &state.nodes {
        let _ = write!(out, "{:wide$}", node.plan.name);
        for step in STEPS {
            let word = match node.outcome(step) {
                Some(StepOutcome::Unchanged) => paint.good("holds       "),
                Some(StepOutcome::Differs) => paint.look("differs     "),
                _ => "not seen    ".to_owned(),
            };
            let _ = write!(out, "  {word}");
        }
        out.push('\n');
    }
    for step in STEPS {
        for (says, nodes) in differences(state, step) {
            let on = match nodes.as_slice() {
                all if all.len() == state.nodes.len() => format!("all {}", all.len()),
                some => some.join(", "),
            };
            let _ = writeln!(out, "{:12}  {says}  ({on})", step.id());
        }
    }
    out
}

/// What differs in a step, and on which nodes.
fn differences(state: &RunState, step: Step) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for node in &state.nodes {
        for says in said(node, step) {
            let name = node.plan.name.as_str();
            match found.iter_mut().find(|(known, _)| *known == says) {
                Some((_, nodes)) if nodes.last() == Some(&name) => {}
                Some((_, nodes)) => nodes.push(name),
                None => found.push((says, vec![name])),
            }
        }
    }
    found
}

fn said(node: &NodeState, step: Step) -> impl Iterator<Item = &str> {
    let tasks = node.tasks.iter().filter(move |t| t.plan.id.step == step);
    tasks
        .flat_map(|task| match &task.outcome {
            Some((TaskOutcome::Differs { says }, _)) => says.as_slice(),
            _ => &[],
        })
        .map(String::as_str)
}

//! A run as text: its result, then step by step what was done where, with every command and what
//! the machines said.

use std::fmt::Write;

use super::{
    account::{Account, Deed, Task, lasted, told},
    markdown::{fenced, html, row, table_head, text},
};
use crate::{
    event::{Finding, Stamped, Step, StepOutcome, TaskOutcome, observation::room, table::observed},
    plain::summary::{proofs_made, sentence},
    ui::text::elapsed,
};

/// The transcript, in Markdown.
#[must_use]
pub fn markdown(events: &[Stamped]) -> String {
    let account = Account::of(events);
    let Some(started) = &account.state.started else { return String::new() };
    format!("# {}\n\n{}", text(&super::title(started)), body(&account))
}

/// The same, for a page that has its title already.
pub(super) fn page(events: &[Stamped]) -> String {
    html(&body(&Account::of(events)))
}

fn body(account: &Account) -> String {
    let mut out = result(account);
    for step in account.steps() {
        out.push_str(&chapter(account, step));
    }
    out
}

/// How it ended, the table, and what was proved.
pub(super) fn result(account: &Account) -> String {
    let (state, mut out) = (&account.state, String::new());
    let _ = writeln!(out, "{}\n", text(&sentence(state)));
    if let Some(table) = observed(state) {
        out.push_str(&fenced("text", &table));
        out.push('\n');
        for proof in proofs_made(state) {
            let _ = writeln!(out, "- {}", text(&proof));
        }
        out.push('\n');
    }
    out
}

/// What was found, in the order it was.
pub(super) fn findings(found: &[(u64, Finding)]) -> String {
    let mut out = String::new();
    for (ms, finding) in found {
        let place = finding.node.as_ref().map(|node| format!(" on {node}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "- **{}{place}:** {}\n  - Why: {}\n  - What to do: {}",
            elapsed(*ms),
            text(&finding.says),
            text(&finding.cause),
            text(&finding.remedy)
        );
        if !finding.evidence.is_empty() {
            let block = fenced("text", &finding.evidence.join("\n"));
            let _ = writeln!(out, "\n{}", indented(&block));
        }
    }
    out
}

fn indented(block: &str) -> String {
    block.lines().map(|line| format!("    {line}\n")).collect()
}

fn chapter(account: &Account, step: Step) -> String {
    let mut out = String::new();
    let Some(began) = account.began(step) else {
        return format!("## {}\n\nNot reached.\n\n", step.title());
    };
    let _ = writeln!(out, "## {} {}\n", elapsed(began), step.title());
    out.push_str(&table_head(&["node", "entered", "how", "took"]));
    for node in &account.state.nodes {
        let entered = account.entered.get(&(step, node.plan.name.clone()));
        let Some(entered) = entered else { continue };
        let ended = node.ended.iter().rev().find(|(s, ..)| *s == step);
        let how = ended.map_or("not ended", |(_, outcome, _)| step_word(step, *outcome));
        let by = if node.by_hand.contains(&step) { ", by hand" } else { "" };
        let took = ended.map(|(.., ms)| lasted(*ms)).unwrap_or_default();
        out.push_str(&row([
            node.plan.name.as_str(),
            &elapsed(*entered),
            &format!("{how}{by}"),
            &took,
        ]));
    }
    out.push('\n');
    if step == Step::Preflight {
        out.push_str(&machines(account));
    }
    for task in account.tasks.iter().filter(|task| task.id.step == step) {
        out.push_str(&deed(task));
    }
    // A finding belongs to the step in which it was made.
    let next = account.steps().into_iter().filter(|s| *s > step).filter_map(|s| account.began(s));
    let until = next.min().unwrap_or(u64::MAX);
    let first = account.steps().first() == Some(&step);
    let here = |ms: u64| (first || ms >= began) && ms < until;
    let found: Vec<_> = account.findings.iter().filter(|(ms, _)| here(*ms)).cloned().collect();
    if !found.is_empty() {
        let _ = writeln!(out, "### Found\n\n{}", findings(&found));
    }
    out
}

/// What was there before the first change.
pub(super) fn machines(account: &Account) -> String {
    let nodes = account.state.nodes.iter();
    let seen: Vec<_> = nodes.filter_map(|n| account.before.get(&n.plan.name)).collect();
    if seen.is_empty() {
        return String::new();
    }
    let mut out = table_head(&["node", "system", "etcd", "free", "already there"]);
    for seen in seen {
        let etcd = match (seen.installed, seen.offered) {
            (Some(version), _) => format!("{version} installed"),
            (None, Some(version)) => format!("{version} offered"),
            (None, None) => "not offered".to_owned(),
        };
        let there =
            if seen.there.is_empty() { "nothing".to_owned() } else { seen.there.join("; ") };
        let free = room(seen.free_bytes);
        out.push_str(&row([seen.node.as_str(), &text(&seen.system), &etcd, &free, &text(&there)]));
    }
    out + "\n"
}

/// How a step ended, in a word or two.
pub(super) fn step_word(step: Step, outcome: StepOutcome) -> &'static str {
    match (step, outcome) {
        (Step::Preflight, StepOutcome::Unchanged | StepOutcome::Done) => "looked at",
        (Step::Verify, StepOutcome::Unchanged | StepOutcome::Done) => "proved",
        (_, StepOutcome::Unchanged) => "held already",
        (_, StepOutcome::Done) => "done",
        (_, StepOutcome::Differs) => "does not hold",
        (_, StepOutcome::Failed) => "failed",
        (_, StepOutcome::Stopped) => "stopped",
    }
}

fn deed(task: &Task) -> String {
    let mut out = format!("### {} (`{}`)\n\n", text(&task.title), task.id);
    for line in told(task) {
        let _ = writeln!(out, "- {line}");
    }
    out.push('\n');
    for (plan, nodes) in &task.texts {
        let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
        let place =
            if task.texts.len() > 1 { format!(" on {}", names.join(", ")) } else { String::new() };
        let _ = writeln!(out, "The command{place}:\n\n{}", fenced("sh", &plan.change));
    }
    // What several said alike is there once.
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (node, deed) in &task.deeds {
        let words = said(deed);
        match told.iter_mut().find(|(known, _)| *known == words) {
            Some((_, nodes)) => nodes.push(node.as_str()),
            None => told.push((words, vec![node.as_str()])),
        }
    }
    for (words, nodes) in told.into_iter().filter(|(words, _)| !words.is_empty()) {
        let _ = writeln!(out, "{}:\n\n{words}", nodes.join(", "));
    }
    out
}

/// What a node said, and why it failed.
fn said(deed: &Deed) -> String {
    let mut out = String::new();
    if !deed.said.is_empty() {
        let _ = writeln!(out, "{}", fenced("text", &deed.said.join("\n")));
    }
    match deed.outcome.as_ref().map(|(outcome, _)| outcome) {
        Some(TaskOutcome::Failed { error, tail }) => {
            let _ = writeln!(out, "It failed: {}\n", text(error));
            if deed.said.is_empty() && !tail.is_empty() {
                let _ = writeln!(out, "{}", fenced("text", &tail.join("\n")));
            }
        }
        Some(TaskOutcome::Differs { says }) if !says.is_empty() => {
            let _ = writeln!(out, "{}", fenced("text", &says.join("\n")));
        }
        _ => {}
    }
    out
}

//! A lab report: what was done where and by whom, what came out, and questions with room for
//! answers. To hand in, or to attach to a ticket.

mod drill;
pub mod verify;

use std::fmt::Write;

use super::{
    account::{Account, lasted, told},
    markdown::{fenced, row, table_head, text},
    transcript::{findings, machines, result, step_word},
};
use crate::{
    event::{Hint, RunStarted, Stamped, Step, TaskId, TaskOutcome, state::NodeState},
    ui::text::elapsed,
};

/// The questions, by the ids of the steps.
const QUESTIONS: &str = include_str!("../../assets/report/questions.md");

/// The report, in Markdown.
#[must_use]
pub fn markdown(events: &[Stamped]) -> String {
    let account = Account::of(events);
    let Some(started) = &account.state.started else { return String::new() };
    let mut out =
        format!("# Report: {}\n\n{}", text(started.cluster.as_str()), table_head(&["", ""]));
    let day = started.at.replace('T', " ").replace('Z', " UTC");
    let whose = if started.practice { "practice machines" } else { "own servers" };
    let intent = format!("{:?}", started.intent).to_lowercase();
    for (name, what) in [
        ("handed in by", String::new()),
        ("begun", day),
        ("took", lasted(account.state.ms)),
        ("asked for", format!("quorate {intent}, on {whose}")),
        ("plan", account.state.plan.as_deref().map(text).unwrap_or_default()),
        ("written by", format!("quorate {}", text(&started.quorate))),
    ] {
        out.push_str(&row([name, &what]));
    }
    out.push_str("\n## What came out\n\n");
    out.push_str(&result(&account));
    out.push_str(&identity(started));
    let machines = machines(&account);
    if !machines.is_empty() {
        let _ = writeln!(out, "## The machines, before the first change\n\n{machines}");
    }
    out.push_str(&who(&account));
    out.push_str(&drill::drills(events));
    out.push_str(&commands(&account));
    out.push_str("## What was found\n\n");
    if account.findings.is_empty() {
        out.push_str("Nothing was wrong.\n\n");
    } else {
        let _ = writeln!(out, "{}", findings(&account.findings));
    }
    out.push_str(&questions(&account.steps()));
    out
}

/// What the IDs are made of, so that somebody else can compute them.
fn identity(started: &RunStarted) -> String {
    let mut out = "## Whose cluster it is\n\n".to_owned();
    out.push_str(&table_head(&["what", "name", "address", "ID"]));
    if let Some(token) = &started.token {
        out.push_str(&row(["token", &format!("`{token}`"), "", ""]));
    }
    let cluster = format!("`{}`", started.cluster_id);
    out.push_str(&row(["cluster", started.cluster.as_str(), "", &cluster]));
    for member in &started.members {
        let (address, id) = (member.address.ip().to_string(), format!("`{}`", member.id));
        out.push_str(&row(["member", member.name.as_str(), &address, &id]));
    }
    out.push_str(if started.token.is_some() {
        "\nThe IDs follow from the token and the addresses; `quorate report --verify FILE` computes \
         them again.\n\n"
    } else {
        "\nThe log of this run does not say the token, so the IDs cannot be computed again.\n\n"
    });
    out
}

/// Node by node and step by step: by whom, how it ended, how long it took.
fn who(account: &Account) -> String {
    let steps = account.steps();
    let mut out = "## Who did what\n\n".to_owned();
    let names: Vec<_> = ["node"].into_iter().chain(steps.iter().map(|s| s.title())).collect();
    out.push_str(&table_head(&names));
    for node in &account.state.nodes {
        let cells = steps.iter().map(|step| cell(node, *step));
        out.push_str(&row([node.plan.name.to_string()].into_iter().chain(cells)));
    }
    let by_hand: usize = account.state.nodes.iter().map(|n| n.by_hand.len()).sum();
    let sentence = match by_hand {
        0 => "Every step was done by quorate.".to_owned(),
        1 => "1 step was done by hand: its commands were typed by a person, and quorate \
              looked at what came of them."
            .to_owned(),
        n => format!(
            "{n} steps were done by hand: their commands were typed by a person, and quorate looked \
             at what came of them."
        ),
    };
    let _ = writeln!(out, "\n{sentence}\n");
    let mut hints = Vec::new();
    for node in &account.state.nodes {
        for (task, hint) in &node.hints {
            let name = &node.plan.name;
            let word = match hint {
                Hint::Hint => "a hint",
                Hint::Line => "the whole line",
                Hint::Done => "quorate did it",
            };
            hints.push(format!("- {name}: {word} for \"{}\" (`{task}`)", title_of(account, task)));
        }
    }
    if !hints.is_empty() {
        let help = if hints.len() == 1 { "1 hint was" } else { "These hints were" };
        let _ = writeln!(out, "{help} taken:\n\n{}\n", hints.join("\n"));
    }
    out
}

fn title_of(account: &Account, id: &TaskId) -> String {
    account.tasks.iter().find(|task| task.id == *id).map_or_else(String::new, |t| text(&t.title))
}

fn cell(node: &NodeState, step: Step) -> String {
    let Some((_, outcome, took)) = node.ended.iter().rev().find(|(s, ..)| *s == step) else {
        return if node.step == Some(step) { "not ended" } else { "not reached" }.to_owned();
    };
    let by = if node.by_hand.contains(&step) { "by hand" } else { "by quorate" };
    format!("{by}, {}, {}", step_word(step, *outcome), lasted(*took))
}

/// Every command, and on which nodes it was run, when, and for how long.
fn commands(account: &Account) -> String {
    let mut out =
        "## Commands\n\nEach was run as root, after a look whether it was needed.\n\n".to_owned();
    for step in account.steps() {
        let tasks: Vec<_> = account.tasks.iter().filter(|t| t.id.step == step).collect();
        if tasks.is_empty() {
            continue;
        }
        let at = account.began(step).map(elapsed).unwrap_or_default();
        let _ = writeln!(out, "### {} ({at})\n", step.title());
        for task in tasks {
            let _ = writeln!(out, "**{}** (`{}`)\n", text(&task.title), task.id);
            for line in told(task) {
                let _ = writeln!(out, "- {line}");
            }
            for (node, deed) in &task.deeds {
                if let Some((TaskOutcome::Failed { error, .. }, _)) = &deed.outcome {
                    let _ = writeln!(out, "- {node}: {}", text(error));
                }
            }
            for (plan, nodes) in &task.texts {
                let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                let names = names.join(", ");
                let place =
                    if task.texts.len() > 1 { format!("On {names}:\n\n") } else { String::new() };
                let _ = writeln!(out, "\n{place}{}", fenced("sh", &plan.change));
            }
        }
    }
    out
}

fn questions(steps: &[Step]) -> String {
    let mut out = "## Questions\n\n".to_owned();
    let mut number = 0;
    for section in QUESTIONS.split("## ").skip(1) {
        let Some((id, body)) = section.split_once('\n') else { continue };
        if !steps.iter().any(|step| step.id() == id.trim()) {
            continue;
        }
        for question in body.split("\n- ").skip(1) {
            number += 1;
            let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(out, "{number}. {question}\n\n   Answer:\n\n   &nbsp;\n");
        }
    }
    out
}

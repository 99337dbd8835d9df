//! The pages, and the way through them.

pub mod building;
pub mod by_hand;
pub mod etcd;
pub mod failure;
pub mod guided;
pub mod nodes;
pub mod result;
pub mod review;
pub mod run;
pub mod welcome;

use std::cmp::Ordering;

use super::{Model, form::Form};
use crate::event::{Step, StepOutcome};

/// A page; `screens` of the documentation draws each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// What can be done, and what exists already.
    Welcome,
    /// The machines are being built.
    Building,
    /// The members, tried live.
    Nodes,
    /// Token, data directory, certificates.
    Etcd,
    /// What will be changed, and what comes out.
    Review,
    /// The grid: all nodes at once.
    #[default]
    Run,
    /// Step by step, with the lesson.
    Guided,
    /// Lesson, shell and ticks.
    ByHand,
    /// What went wrong, and the ways out.
    Failure,
    /// What was proved.
    Result,
}

/// How a station of the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Behind us.
    Done,
    /// Here.
    Here,
    /// Before us.
    Ahead,
    /// Wrong.
    Wrong,
}

/// The way that row 2 shows: stations with their names.
#[must_use]
pub fn way(model: &Model) -> Vec<(Mark, &'static str)> {
    let wizard = [(Page::Nodes, "Nodes"), (Page::Etcd, "etcd")];
    match model.page {
        Page::Welcome => return vec![(Mark::Here, "Welcome")],
        Page::Building => return vec![(Mark::Done, "Welcome"), (Mark::Here, "Machines")],
        _ => {}
    }
    if let Some(here) = wizard.iter().position(|(page, _)| *page == model.page) {
        let marks = wizard.iter().enumerate().map(|(at, (_, name))| {
            let mark = match at.cmp(&here) {
                Ordering::Less => Mark::Done,
                Ordering::Equal => Mark::Here,
                Ordering::Greater => Mark::Ahead,
            };
            (mark, *name)
        });
        return marks.chain([(Mark::Ahead, "Review"), (Mark::Ahead, "Run")]).collect();
    }
    let steps = model.run.started.as_ref().map(|s| s.steps.as_slice()).unwrap_or_default();
    let here = model.step();
    steps.iter().map(|step| (mark(model, *step, here), step.title())).collect()
}

fn mark(model: &Model, step: Step, here: Option<Step>) -> Mark {
    let bad = |outcome| matches!(outcome, StepOutcome::Failed | StepOutcome::Differs);
    let stopped = model.run.ended.is_some() && !model.ended_well();
    if model.run.nodes.iter().any(|n| n.outcome(step).is_some_and(bad)) {
        Mark::Wrong
    } else if here.is_none_or(|here| step < here) {
        Mark::Done
    } else if here == Some(step) {
        if stopped { Mark::Wrong } else { Mark::Here }
    } else {
        Mark::Ahead
    }
}

/// The form of the page, if it has one.
pub(crate) fn form(model: &mut Model) -> Option<&mut Form> {
    match model.page {
        Page::Nodes => Some(&mut model.nodes.form),
        Page::Etcd => Some(&mut model.etcd.form),
        _ => None,
    }
}

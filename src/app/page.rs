//! The pages, and the way through them.

pub mod failure;
pub mod guided;
pub mod result;
pub mod review;
pub mod run;

use super::Model;
use crate::event::{Step, StepOutcome};

/// A page; `screens` of the documentation draws each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// What will be changed, and what comes out.
    Review,
    /// The grid: all nodes at once.
    #[default]
    Run,
    /// Step by step, with the lesson.
    Guided,
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

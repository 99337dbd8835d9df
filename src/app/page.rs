//! The pages, and the way through them.

pub mod access;
pub mod building;
pub mod by_hand;
pub mod certificates;
pub mod drill;
pub mod etcd;
pub mod failure;
pub mod guided;
pub mod nodes;
pub mod replay;
pub mod result;
pub mod review;
pub mod run;
pub mod welcome;

use std::cmp::Ordering;

use super::{Behind, Effect, Model, form::Form, wizard};
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
    /// Keys to compare, and what is asked to log in.
    Access,
    /// A folder of certificates, or that they are made.
    Certificates,
    /// Name, token, data directory.
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
    /// The leader is lost on purpose.
    Drill,
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
    match model.page {
        Page::Welcome => return vec![(Mark::Here, "Welcome")],
        Page::Building => return vec![(Mark::Done, "Welcome"), (Mark::Here, "Machines")],
        _ => {}
    }
    let stations = [(Page::Review, "Review"), (Page::Run, "Run")];
    let wizard: Vec<_> = wizard::pages().iter().copied().chain(stations).collect();
    let here = wizard.iter().position(|(page, _)| *page == model.page);
    let reviewed = model.page == Page::Review && model.can.back == Some(Behind::Pages);
    if let Some(here) = here.filter(|here| *here < wizard::pages().len() || reviewed) {
        let marks = wizard.into_iter().enumerate().map(|(at, (page, name))| {
            let passed = at < wizard::pages().len() && !wizard::asks(model, page);
            let mark = match at.cmp(&here) {
                Ordering::Less => Mark::Done,
                Ordering::Equal => Mark::Here,
                Ordering::Greater if passed => Mark::Done,
                Ordering::Greater => Mark::Ahead,
            };
            (mark, name)
        });
        return marks.collect();
    }
    if model.page == Page::Drill {
        return drill::way(model);
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
        Page::Access if model.access.at == access::At::Login => Some(&mut model.access.form),
        Page::Certificates => Some(&mut model.certificates.form),
        Page::Etcd => Some(&mut model.etcd.form),
        _ => None,
    }
}

/// A field of the page's form says something else than before.
pub(crate) fn edited(model: &mut Model, at: usize, before: &str) -> Vec<Effect> {
    match model.page {
        Page::Nodes => nodes::edited(model, at),
        Page::Access => access::edited(model, before),
        Page::Certificates => certificates::edited(model),
        Page::Etcd => etcd::edited(model, at, before),
        _ => Vec::new(),
    }
}

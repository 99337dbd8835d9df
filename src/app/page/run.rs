//! Page 7: all nodes at once.

use std::time::Duration;

use super::Page;
use crate::{
    app::{Dialog, Effect, Exit, Model, Order, keymap::Command, offers::Offer},
    event::{
        Ended, Intent, Looked, RunEvent, Stamped, Step, StepOutcome, drill::Drilled,
        state::NodeState,
    },
};

/// Whether the node has that step behind it.
#[must_use]
pub fn well(node: &NodeState, step: Step) -> bool {
    matches!(node.outcome(step), Some(StepOutcome::Done | StepOutcome::Unchanged))
}

/// What the keys do here.
pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let mut offers =
        vec![Offer::new(&[Command::Enter, Command::Log], "log"), Offer::arrows_up_down("node")];
    if model.run.went && model.running() {
        offers.push(Offer::new(&[Command::Guided], "guided"));
        let word = if model.aim.is_some() { "go on" } else { "pause" };
        offers.push(Offer::new(&[Command::Pause], word));
    }
    if model.can.by_hand {
        offers.push(Offer::new(&[Command::Shell], "shell"));
    }
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.push(Offer::new(&[Command::Script], "what runs"));
    offers.extend(marks(model));
    offers.push(Offer::new(&[Command::Quit], if model.running() { "stop" } else { "leave" }));
    offers
}

/// A mark can be set while the run's log is open.
pub(crate) fn marks(model: &Model) -> Option<Offer> {
    let open = model.run.started.is_some() && !model.run_gone && model.replay.is_none();
    open.then(|| Offer::new(&[Command::Mark], ""))
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Up => mark(model, model.node.saturating_sub(1)),
        Command::Down => mark(model, model.node.saturating_add(1)),
        Command::Pause => pause(model),
        Command::Guided => super::guided::open(model),
        Command::Quit | Command::Interrupt => {
            model.dialogs.push_front(Dialog::stop());
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Marks another node.
fn mark(model: &mut Model, node: usize) -> Vec<Effect> {
    model.node = node.min(model.run.nodes.len().saturating_sub(1));
    Vec::new()
}

/// What is looked at.
pub(crate) fn looked(model: &Model) -> Option<Looked> {
    let by_hand = model.page == Page::ByHand;
    let page = if by_hand { model.by_hand.from } else { model.page };
    let guided = match page {
        Page::Run => false,
        Page::Guided => true,
        _ => return None,
    };
    let node = model.marked().filter(|_| model.running() && model.replay.is_none())?;
    let step = match (by_hand, guided) {
        (true, _) => model.by_hand.step,
        (_, true) => model.guided.step,
        _ => None,
    };
    let step = step.or(node.step).or_else(|| model.step())?;
    Some(Looked { node: node.plan.name.clone(), step, guided, by_hand })
}

fn pause(model: &mut Model) -> Vec<Effect> {
    if model.aim.take().is_some() {
        return vec![Effect::Order(Order::Go)];
    }
    hold(model)
}

/// Nobody goes further than the furthest is.
pub(crate) fn hold(model: &mut Model) -> Vec<Effect> {
    let furthest = model.run.nodes.iter().filter_map(|n| n.step).max();
    let Some(step) = furthest else { return Vec::new() };
    model.aim = Some(step);
    let nodes = model.run.nodes.iter().map(|n| n.plan.name.clone()).collect();
    vec![Effect::Order(Order::Aim { nodes, step })]
}

/// Takes an event of the run in; some of them lead to another page.
pub(crate) fn happened(model: &mut Model, stamped: &Stamped) -> Vec<Effect> {
    let now = Duration::from_millis(stamped.ms);
    model.run_began.get_or_insert(model.now.saturating_sub(now));
    // What was said at a verdict is not said once more at the end.
    let judged = model.run.ended.is_some();
    model.run.apply(stamped.ms, &stamped.event);
    match &stamped.event {
        RunEvent::Ready if model.page == Page::Run => super::review::open(model),
        RunEvent::Went if model.page == Page::Review => model.page = Page::Run,
        RunEvent::Drill { what: Drilled::Ended } => super::drill::ended(model),
        RunEvent::Judged { ended: Ended::Well } if resets(model) => {
            return vec![Effect::Exit(Exit::Again)];
        }
        RunEvent::Judged { ended } => end(model, *ended),
        RunEvent::RunEnded { ended } if !judged => end(model, *ended),
        _ => {}
    }
    super::by_hand::happened(model, &stamped.event)
}

/// All is taken back: the person is led to the review.
fn resets(model: &Model) -> bool {
    model.replay.is_none() && model.run.started.as_ref().is_some_and(|s| s.intent == Intent::Reset)
}

/// Its end leads to the page that tells about it.
fn end(model: &mut Model, ended: Ended) {
    let page = match ended {
        Ended::Well | Ended::WithFindings => Page::Result,
        Ended::Incomplete | Ended::Refused | Ended::Stopped => Page::Failure,
    };
    // Nobody loses the shell they are typing into; it leads there.
    if model.page == Page::ByHand {
        model.by_hand.from = page;
        return;
    }
    model.page = page;
    match model.page {
        Page::Failure => super::failure::mark_node(model),
        _ => super::result::rest(model),
    }
    model.overlay = None;
    model.dialogs.clear();
}

//! Page 8: step by step and node by node. It waits before each step, and nothing moves on by itself.

use super::{Page, run::well};
use crate::{
    app::{Dialog, Effect, Model, Order, Overlay, keymap::Command, offers::Offer},
    cluster::MemberName,
    event::{
        Step,
        state::{NodeState, WatchState},
    },
};

/// What is shown and marked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The step whose lesson is shown.
    pub step: Option<Step>,
    /// Which way on.
    pub choice: usize,
}

/// A way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The step on these nodes.
    Do(Vec<MemberName>),
    /// The step on this node, by the person's own hands.
    ByHand(MemberName),
    /// The next step's lesson.
    Next(Step),
    /// All the rest without the person.
    Rest,
    /// Nothing yet: what is there on this node, what would run, and what would prove it.
    Look(MemberName),
}

/// The step that is shown.
#[must_use]
pub fn step(model: &Model) -> Step {
    let here = model.guided.step.or_else(|| model.step());
    here.unwrap_or(Step::Verify)
}

/// The ways on from here, the one that most people want first.
#[must_use]
pub fn ways(model: &Model) -> Vec<Way> {
    let step = step(model);
    let open: Vec<_> = model.run.nodes.iter().filter(|n| !well(n, step)).collect();
    let names =
        |nodes: &[&NodeState]| nodes.iter().map(|n| n.plan.name.clone()).collect::<Vec<_>>();
    let Some(first) = open.first() else {
        return step.next().map(Way::Next).into_iter().chain([Way::Rest]).collect();
    };
    if under_way(model) {
        return Vec::new();
    }
    // One that waits for company is started already.
    let waits = |n: &&&NodeState| {
        begun(n, Step::Start).is_some_and(|w| w.wrong.iter().any(|f| f.id == "start-waits"))
            && step == Step::Start
    };
    let idle: Vec<_> = open.iter().filter(|n| !waits(n)).copied().collect();
    let mut ways = vec![Way::Do(names(if idle.is_empty() { &open } else { &idle }))];
    // A member alone never gets ready, so the last two steps are for all.
    if open.len() > 1 && !matches!(step, Step::Start | Step::Verify) {
        ways.push(Way::Do(names(&[first])));
    }
    // Whoever began goes on there.
    let hand = open.iter().find(|n| begun(n, step).is_some()).unwrap_or(first);
    if model.can.by_hand && step != Step::Preflight {
        ways.push(Way::ByHand(hand.plan.name.clone()));
    }
    ways.push(Way::Rest);
    if step.has_tasks() {
        ways.push(Way::Look(first.plan.name.clone()));
    }
    ways
}

/// Whether the program is busy with the step that is shown. What a person began and left is not.
#[must_use]
pub fn under_way(model: &Model) -> bool {
    let step = step(model);
    let busy = |n: &NodeState| {
        n.undoing.is_some()
            || n.step == Some(step) && begun(n, step).is_none() && n.outcome(step).is_none()
    };
    model.run.nodes.iter().any(busy)
}

/// How that step is looked at on a node, if a person has it in hand.
#[must_use]
pub fn begun(node: &NodeState, step: Step) -> Option<&WatchState> {
    node.watch.as_ref().filter(|watch| watch.step == step)
}

/// A small number in words.
#[must_use]
pub fn number(n: usize) -> String {
    let words = ["none", "one", "two", "three", "four", "five", "six", "seven"];
    words.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// Who did that step first, and whether by hand.
#[must_use]
pub fn first_done(model: &Model, step: Step) -> Option<(&MemberName, bool)> {
    let mut nodes: Vec<_> = model.run.nodes.iter().filter(|n| well(n, step)).collect();
    nodes.sort_by_key(|n| !n.by_hand.contains(&step));
    nodes.first().map(|n| (&n.plan.name, n.by_hand.contains(&step)))
}

/// The node that `u` takes back: the marked one, else the first that has done the step.
fn to_undo(model: &Model) -> Option<usize> {
    let step = step(model);
    let can = step.has_tasks() && step != Step::Reset;
    let marked = model.marked().is_some_and(|n| well(n, step)).then_some(model.node);
    let first = || model.run.nodes.iter().position(|n| well(n, step));
    marked.or_else(first).filter(|_| can && model.running() && !under_way(model))
}

/// Opens the page; the run waits where it is.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.page = Page::Guided;
    model.guided = State { step: model.step(), choice: 0 };
    model.overlay = None;
    let held = if model.run.went { super::run::hold(model) } else { Vec::new() };
    // It waits after each step anyway: nothing is paused that could go on.
    model.aim = None;
    held
}

/// `s`: where whoever types it themselves would, else on the marked node.
pub(crate) fn shell(model: &mut Model) -> Vec<Effect> {
    let hand = ways(model).into_iter().find_map(|way| match way {
        Way::ByHand(node) => Some(node),
        _ => None,
    });
    let node = hand.or_else(|| model.marked().map(|n| n.plan.name.clone()));
    let step = step(model);
    node.map(|node| super::by_hand::open(model, node, step)).unwrap_or_default()
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let mut offers = Vec::new();
    let ways = ways(model);
    if let Some(way) = ways.get(model.guided.choice) {
        let word = match way {
            Way::Do(nodes) if nodes.len() == model.run.nodes.len() => "do it on all".to_owned(),
            Way::Do(nodes) if nodes.len() == 1 => "do it on one".to_owned(),
            Way::Do(nodes) => format!("do the {}", number(nodes.len())),
            Way::ByHand(_) => "type it myself".to_owned(),
            Way::Next(step) => format!("on to {}", step.title()),
            Way::Rest => "do the rest".to_owned(),
            Way::Look(_) => "look first".to_owned(),
        };
        offers.push(Offer::new(&[Command::Enter], word));
    }
    if ways.len() > 1 {
        offers.push(Offer::arrows_up_down("choose"));
    }
    if to_undo(model).is_some() {
        offers.push(Offer::new(&[Command::Undo], "undo"));
    }
    offers.push(Offer::new(&[Command::Why], "more"));
    offers.push(Offer::new(&[Command::Script], "what runs"));
    if model.can.by_hand {
        offers.push(Offer::new(&[Command::Shell], "shell"));
    }
    offers.push(Offer::new(&[Command::Log], "log"));
    offers.push(Offer::new(&[Command::Quit], "stop"));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let ways = ways(model);
    let last = ways.len().saturating_sub(1);
    match command {
        Command::Up => model.guided.choice = model.guided.choice.saturating_sub(1),
        Command::Down => model.guided.choice = (model.guided.choice + 1).min(last),
        Command::Enter => {
            let way = ways.into_iter().nth(model.guided.choice);
            model.guided.choice = 0;
            return way.map(|way| take(model, way)).unwrap_or_default();
        }
        Command::Undo => {
            if let Some(node) = to_undo(model) {
                model.node = node;
                model.dialogs.push_front(Dialog::undo(node, step(model)));
            }
        }
        Command::Quit | Command::Interrupt => model.dialogs.push_front(Dialog::stop()),
        _ => {}
    }
    Vec::new()
}

fn take(model: &mut Model, way: Way) -> Vec<Effect> {
    let step = step(model);
    match way {
        Way::Do(nodes) => {
            model.guided.step = Some(step);
            let first = nodes.first().cloned();
            let at = model.run.nodes.iter().position(|n| Some(&n.plan.name) == first.as_ref());
            model.node = at.unwrap_or(model.node);
            vec![Effect::Order(Order::Aim { nodes, step })]
        }
        Way::ByHand(node) => super::by_hand::open(model, node, step),
        Way::Look(node) => {
            model.node = model.run.nodes.iter().position(|n| n.plan.name == node).unwrap_or(0);
            (model.overlay, model.scrolled) = (Some(Overlay::Script), 0);
            vec![Effect::Order(Order::Watch { nodes: vec![node], step })]
        }
        Way::Next(next) => {
            model.guided.step = Some(next);
            Vec::new()
        }
        Way::Rest => {
            model.page = Page::Run;
            model.aim = None;
            vec![Effect::Order(Order::Go)]
        }
    }
}

pub(crate) fn says(model: &Model) -> String {
    let step = step(model);
    let at = Step::LAB.iter().position(|s| *s == step).map_or(0, |at| at + 1);
    let steps = Step::LAB.len();
    let done = model.run.nodes.iter().filter(|n| well(n, step)).count();
    let all = model.run.nodes.len();
    if model.run.stopping {
        return "Stopping after the running change. Ctrl-C: at once.".to_owned();
    }
    match done {
        done if done == all => format!("Step {at} of {steps} is done and proved on all {all}."),
        _ if under_way(model) => {
            format!("Step {at} of {steps} is under way; {done} of {all} done.")
        }
        0 => format!("Step {at} of {steps}. Nothing happens before Enter."),
        done => format!("Step {at} of {steps}. {done} of {all} are done and proved."),
    }
}

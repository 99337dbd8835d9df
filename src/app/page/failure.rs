//! Page 10: what is broken, why, how I know, what was changed, and the ways out.

use super::Page;
use crate::{
    app::{Dialog, Effect, Exit, Keep, Model, Order, Watch, keymap::Command, offers::Offer},
    cluster::MemberName,
    event::{Ended, Finding, Intent, Remedy, Severity, Step, TaskOutcome, state::Link},
};

/// What is marked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which fault, if there are several.
    pub fault: usize,
    /// Which way out.
    pub way: usize,
}

/// A way out, the harmless one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Try the failed nodes again.
    Again,
    /// Take what a sister offers, that many-th of all, and try the node again with it.
    Remedy(usize),
    /// A shell on the node.
    Shell,
    /// The recorded run, from this step on.
    Watch(Step),
    /// Leave; all stays as it is.
    Leave,
    /// Take back what the run made, on all nodes.
    TakeBack,
}

/// Something that went wrong, as the page tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Its name in the catalogue; empty if it has none.
    pub id: String,
    /// Where; `None` if it concerns all.
    pub node: Option<MemberName>,
    /// What is wrong.
    pub says: String,
    /// Why.
    pub cause: String,
    /// What was seen.
    pub seen: Vec<String>,
    /// What tells the node from its sisters.
    pub unlike: Vec<String>,
    /// What was looked at and is in order.
    pub ruled_out: Vec<String>,
    /// What to do about it.
    pub remedy: String,
}

impl From<&Finding> for Fault {
    fn from(finding: &Finding) -> Self {
        Self {
            id: finding.id.clone(),
            node: finding.node.clone(),
            says: finding.says.clone(),
            cause: finding.cause.clone(),
            seen: finding.evidence.clone(),
            remedy: finding.remedy.clone(),
            ..Self::default()
        }
    }
}

/// Everything that stopped the run, findings first.
#[must_use]
pub fn faults(model: &Model) -> Vec<Fault> {
    let run = &model.run;
    let stops = run.findings.iter().filter(|f| f.severity == Severity::Stop);
    let mut faults: Vec<Fault> = stops.map(Fault::from).collect();
    for node in &run.nodes {
        let name = &node.plan.name;
        if faults.iter().any(|f| f.node.as_ref() == Some(name)) {
            continue;
        }
        let failed = node.tasks.iter().find_map(|t| match &t.outcome {
            // What it could not do for a sister is the sister's trouble.
            Some((TaskOutcome::Failed { error, tail }, _)) if node.failed() => {
                Some((&t.plan.title, error, tail))
            }
            _ => None,
        });
        if let Some((title, error, tail)) = failed {
            faults.push(Fault {
                node: Some(name.clone()),
                says: format!("{name} did not get through \"{title}\"."),
                cause: error.clone(),
                seen: tail.clone(),
                ..Fault::default()
            });
        } else if let Link::Lost(reason) = &node.link {
            faults.push(Fault {
                node: Some(name.clone()),
                says: format!("{name} is not reached any more."),
                cause: reason.clone(),
                ..Fault::default()
            });
        }
    }
    for fault in &mut faults {
        if let Some(node) = fault.node.as_ref().and_then(|node| run.node(node)) {
            fault.unlike.clone_from(&node.unlike);
            fault.ruled_out.clone_from(&node.ruled_out);
        }
    }
    faults
}

/// The fault that is shown, if anything is wrong.
#[must_use]
pub fn fault(model: &Model) -> Option<Fault> {
    faults(model).into_iter().nth(model.failure.fault)
}

/// What was changed so far, in words.
#[must_use]
pub fn changed(model: &Model) -> String {
    let run = &model.run;
    if !run.went {
        return "nothing anywhere. Only read-only commands have run.".to_owned();
    }
    let all = run.nodes.len();
    let done = |step| run.changed(step).filter(|n| super::run::well(n, step)).count();
    let parts: Vec<_> = [
        (Step::Certificates, "certificates"),
        (Step::Install, "packages"),
        (Step::Configure, "settings"),
        (Step::Start, "etcd started"),
    ]
    .into_iter()
    .map(|(step, what)| (done(step), what))
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{what} on {count} of {all}"))
    .collect();
    let begun = Step::LAB.iter().any(|step| run.changed(*step).next().is_some());
    let files = match parts.as_slice() {
        [] if begun => "no step is complete".to_owned(),
        [] => "nothing so far".to_owned(),
        parts => parts.join(", "),
    };
    let before =
        run.nodes.iter().filter_map(|n| n.seen.as_ref()).any(|seen| !seen.there.is_empty());
    match run.nodes.iter().filter(|n| n.up()).count() {
        // Where something was there before, this run cannot know.
        0 if before => format!("{files}."),
        0 => format!("{files}. No etcd has run yet."),
        n => format!("{files}. etcd runs on {n} of {all}."),
    }
}

/// What sisters offer to the node in question.
#[must_use]
pub fn remedies(model: &Model) -> &[Remedy] {
    let node = fault(model).and_then(|f| f.node);
    node.and_then(|node| model.run.node(&node)).map_or(&[], |node| &node.remedies)
}

/// The ways out.
#[must_use]
pub fn ways(model: &Model) -> Vec<Way> {
    let mut ways = Vec::new();
    if !model.run_gone && model.run.ended.is_none() || model.can.again {
        ways.push(Way::Again);
    }
    if !model.run_gone && !model.run.over {
        ways.extend((0..remedies(model).len()).map(Way::Remedy));
    }
    if fault(model).and_then(|f| f.node).is_some() && model.can.by_hand {
        ways.push(Way::Shell);
    }
    if model.can.archive && model.practice() {
        ways.push(Way::Watch(model.step().unwrap_or(Step::Preflight)));
    }
    ways.push(Way::Leave);
    let up = model.run.started.as_ref().is_some_and(|s| s.intent == Intent::Up);
    if up && model.run.went && model.can.again {
        ways.push(Way::TakeBack);
    }
    ways
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let word = match ways(model).get(model.failure.way) {
        Some(Way::Again) => "try again",
        Some(Way::Remedy(at)) => match remedies(model).get(*at) {
            Some(Remedy::File { .. }) => "look at it",
            _ => "take them",
        },
        Some(Way::Shell) => "shell",
        Some(Way::Watch(_)) => "watch",
        Some(Way::TakeBack) => "take back",
        _ => "leave",
    };
    let mut offers = vec![Offer::new(&[Command::Enter], word), Offer::arrows_up_down("choose")];
    if faults(model).len() > 1 {
        offers.push(Offer::new(&[Command::Left, Command::Right], "next fault"));
    }
    offers.push(Offer::new(&[Command::Log], "log"));
    if model.can.by_hand {
        offers.push(Offer::new(&[Command::Shell], "shell"));
    }
    if model.can.keep {
        offers.push(Offer::new(&[Command::Bundle], ""));
    }
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.extend(super::run::marks(model));
    if can_go_back(model) {
        offers.push(Offer::new(&[Command::Back], "back"));
    }
    offers.push(Offer::new(&[Command::Quit], "leave"));
    offers
}

/// Before anything was changed, an answer of the wizard may be what helps.
fn can_go_back(model: &Model) -> bool {
    model.can.back.is_some() && !model.run.went && (model.run.ended.is_some() || model.run_gone)
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let last = |count: usize| count.saturating_sub(1);
    match command {
        Command::Up => model.failure.way = model.failure.way.saturating_sub(1),
        Command::Down => {
            model.failure.way = (model.failure.way + 1).min(last(ways(model).len()));
        }
        Command::Left => model.failure.fault = model.failure.fault.saturating_sub(1),
        Command::Right => {
            model.failure.fault = (model.failure.fault + 1).min(last(faults(model).len()));
        }
        Command::Enter => return take(model),
        Command::Bundle => return vec![Effect::Keep(Keep::Bundle)],
        Command::Back => return vec![Effect::Exit(Exit::Back)],
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        _ => {}
    }
    mark_node(model);
    Vec::new()
}

/// The log that `l` shows is the one of the node in question.
pub(crate) fn mark_node(model: &mut Model) {
    let name = fault(model).and_then(|f| f.node);
    let at = name.and_then(|name| model.run.nodes.iter().position(|n| n.plan.name == name));
    model.node = at.unwrap_or(model.node);
}

fn take(model: &mut Model) -> Vec<Effect> {
    match ways(model).get(model.failure.way) {
        Some(Way::Again) => again(model),
        Some(Way::Remedy(at)) => remedy(model, *at),
        Some(Way::Shell) => {
            mark_node(model);
            super::by_hand::shell(model)
        }
        Some(Way::Watch(step)) => vec![Effect::Watch(Watch::Recorded(*step))],
        Some(Way::TakeBack) => {
            let name = model.run.started.as_ref().map(|s| s.cluster.to_string());
            model.dialogs.push_front(Dialog::take_back(name.unwrap_or_default()));
            Vec::new()
        }
        Some(Way::Leave) | None => vec![Effect::Exit(Exit::Left)],
    }
}

/// Packages are taken at once: nothing else changes. A file is shown before it is written.
fn remedy(model: &mut Model, at: usize) -> Vec<Effect> {
    let node = fault(model).and_then(|f| f.node);
    let Some((node, remedy)) = node.zip(remedies(model).get(at).cloned()) else {
        return Vec::new();
    };
    if let Remedy::File { .. } = remedy {
        model.dialogs.push_front(Dialog::remedy(node, remedy));
        return Vec::new();
    }
    taken(model, node, remedy)
}

/// What a sister offers is taken, and the node tried again.
pub(crate) fn taken(model: &mut Model, node: MemberName, remedy: Remedy) -> Vec<Effect> {
    (model.page, model.failure) = (Page::Run, State::default());
    vec![Effect::Order(Order::Remedy { node, remedy })]
}

/// The failed nodes are tried again; where the run is over, or never began, all of it begins anew.
fn again(model: &mut Model) -> Vec<Effect> {
    let nodes = model.run.nodes.iter();
    let failed: Vec<_> = nodes.filter(|n| n.failed()).map(|n| n.plan.name.clone()).collect();
    let over = matches!(model.run.ended, Some(Ended::Refused | Ended::Stopped));
    if model.run_gone || over || failed.is_empty() {
        return vec![Effect::Exit(Exit::Again)];
    }
    model.page = Page::Run;
    failed.into_iter().map(|node| Effect::Order(Order::Retry(node))).collect()
}

/// The bundle lies there, or does not.
pub(crate) fn bundled(model: &mut Model, how: Result<String, String>) {
    model.said = Some(match how {
        Ok(path) => format!("For whoever helps: {path}"),
        Err(error) => format!("No bundle: {error}."),
    });
}

/// The headline if nothing in particular is wrong.
#[must_use]
pub fn headline(model: &Model) -> &'static str {
    match model.run.ended {
        Some(Ended::Stopped) => "You stopped the run, between two changes.",
        Some(Ended::Refused) => "Refused, before anything was changed.",
        _ => "Not every node got to its end.",
    }
}

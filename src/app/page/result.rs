//! Page 11: what was proved, predicted beside observed.

use std::path::PathBuf;

use crate::{
    app::{Effect, Exit, Model, Overlay, Watch, keymap::Command, offers::Offer},
    event::{RunState, Step},
};

/// Choices in a row.
pub const IN_A_ROW: usize = 4;

/// What is marked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
}

/// What can be done with a cluster that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// See it survive the loss of its leader.
    Drill,
    /// The lab's table.
    Table,
    /// A file to hand in.
    Report,
    /// Lose more members than it can bear.
    Break,
    /// This run once more, as it was.
    Watch,
    /// What to type on a node, and what an API server wants.
    Commands,
    /// Ask all of it again.
    Again,
    /// Leave.
    Leave,
}

impl Next {
    /// As it is offered.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Drill => "Drill: stop the leader",
            Self::Table => "The lab's table",
            Self::Report => "Report to hand in",
            Self::Break => "Break something",
            Self::Watch => "Watch it again",
            Self::Commands => "Commands",
            Self::Again => "Ask again",
            Self::Leave => "Leave",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Drill => "drill",
            Self::Table => "table",
            Self::Report => "report",
            Self::Break => "break it",
            Self::Watch => "watch",
            Self::Commands => "commands",
            Self::Again => "ask again",
            Self::Leave => "leave",
        }
    }
}

/// The choices of this page.
#[must_use]
pub fn choices(model: &Model) -> Vec<Next> {
    // `t` has the table too; beside the drill there is no room for it.
    let first = if can_drill(model) { Next::Drill } else { Next::Table };
    let mut choices = vec![first];
    if model.can.archive {
        choices.push(Next::Report);
    }
    if can_drill(model) && model.practice() {
        choices.push(Next::Break);
    }
    if model.can.archive {
        choices.push(Next::Watch);
    }
    if model.can.again {
        choices.push(Next::Again);
    }
    choices.extend([Next::Commands, Next::Leave]);
    choices
}

/// Whether a member can be lost on purpose here.
fn can_drill(model: &Model) -> bool {
    model.can.drill && !model.run_gone && model.ended_well() && model.run.nodes.len() > 2
}

/// On somebody's own machines the page rests on what is harmless.
pub(crate) fn rest(model: &mut Model) {
    if !model.practice() && can_drill(model) {
        let harmless = if model.can.archive { Next::Report } else { Next::Leave };
        let at = choices(model).iter().position(|next| *next == harmless);
        model.result.choice = at.unwrap_or_default();
    }
}

/// What was proved, in its first and most careful word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Every member agrees, and a write was read back through another one.
    Healthy,
    /// Every member agrees; nothing was written.
    Agrees,
    /// Something is missing.
    Nothing,
}

/// What the run proved of the cluster.
#[must_use]
pub fn proof(run: &RunState) -> Proof {
    let cluster = run.started.as_ref().map(|s| s.cluster_id);
    let same = run.nodes.iter().all(|n| {
        n.member
            .as_ref()
            .is_some_and(|m| Some(m.cluster) == cluster && m.id == n.plan.id && m.reads)
    });
    let read_back = run.read_by.as_ref().is_some_and(|(_, same)| *same);
    match same && !run.nodes.is_empty() && run.leader().is_some() {
        true if read_back && run.written_by.is_some() => Proof::Healthy,
        true => Proof::Agrees,
        false => Proof::Nothing,
    }
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let word = choices(model).get(model.result.choice).map_or("leave", |next| next.word());
    let mut offers = vec![
        Offer::new(&[Command::Enter], word),
        Offer::new(&[Command::Up, Command::Down, Command::Left, Command::Right], "choose"),
        Offer::new(&[Command::Table], "table"),
    ];
    if model.can.again {
        offers.push(Offer::new(&[Command::Again], "ask again"));
    }
    offers.push(Offer::new(&[Command::Log], ""));
    offers.push(Offer::new(&[Command::Why], "why"));
    if model.can.back.is_some() {
        offers.push(Offer::new(&[Command::Back], "back"));
    }
    offers.push(Offer::new(&[Command::Quit], "leave"));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let choices = choices(model);
    let at = model.result.choice;
    match command {
        Command::Left => model.result.choice = at.saturating_sub(1),
        Command::Right => model.result.choice = (at + 1).min(choices.len().saturating_sub(1)),
        Command::Up => model.result.choice = at.checked_sub(IN_A_ROW).unwrap_or(at),
        Command::Down if at < IN_A_ROW && choices.len() > IN_A_ROW => {
            model.result.choice = (at + IN_A_ROW).min(choices.len() - 1);
        }
        Command::Back => return vec![Effect::Exit(Exit::Back)],
        Command::Again => return vec![Effect::Exit(Exit::Ask)],
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        Command::Enter => match choices.get(at) {
            Some(Next::Drill) => return super::drill::open(model, false),
            Some(Next::Break) => return super::drill::open(model, true),
            Some(Next::Report) => return vec![Effect::Report],
            Some(Next::Watch) => return vec![Effect::Watch(Watch::This)],
            Some(Next::Table) => model.overlay = Some(Overlay::Table),
            Some(Next::Commands) => model.overlay = Some(Overlay::Why),
            Some(Next::Again) => return vec![Effect::Exit(Exit::Ask)],
            Some(Next::Leave) | None => return vec![Effect::Exit(Exit::Left)],
        },
        _ => {}
    }
    Vec::new()
}

/// The report is written, or is not.
pub(crate) fn reported(model: &mut Model, how: Result<PathBuf, String>) {
    model.said = Some(match how {
        Ok(path) => format!("The report is {}.", path.display()),
        Err(says) => says,
    });
}

/// By whom the nodes were set up, if a person did a part of it.
#[must_use]
pub fn by_whom(run: &RunState) -> Option<String> {
    let steps = run.started.as_ref().map(|s| s.steps.as_slice()).unwrap_or_default();
    let of = steps.iter().filter(|step| **step != Step::Preflight).count();
    let typed = run.nodes.iter().filter(|n| !n.by_hand.is_empty());
    let told: Vec<_> = typed
        .map(|n| {
            let (name, steps) = (&n.plan.name, n.by_hand.len());
            let hints = match n.hints.len() {
                0 => "no hint".to_owned(),
                1 => "1 hint".to_owned(),
                many => format!("{many} hints"),
            };
            format!("{name} by you ({steps} of {of} steps, {hints})")
        })
        .collect();
    let rest = if told.len() < run.nodes.len() { ", the rest by quorate" } else { "" };
    (!told.is_empty()).then(|| told.join(", ") + rest)
}

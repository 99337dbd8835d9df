//! Page 1: every choice with its cost, what exists already, and whether this computer can.

use super::Page;
use crate::{
    app::{Effect, Exit, Model, keymap::Command, offers::Offer},
    cluster::ClusterName,
    pki::Verdict,
    practice::Check,
};

/// What is known and marked here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
    /// Clusters of earlier runs, worst news first.
    pub known: Vec<Known>,
    /// What was found about this computer, as far as it was looked at.
    pub checks: Vec<Check>,
}

/// A cluster of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: ClusterName,
    /// It is on practice machines.
    pub practice: bool,
    /// How bad the news are.
    pub verdict: Verdict,
    /// The news, in a few words.
    pub says: String,
    /// When that was, in words.
    pub when: String,
}

/// What a person can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Practice machines, and a cluster on them.
    Practise,
    /// A cluster on machines of their own; the wizard asks for them.
    Own,
    /// The recorded run.
    Watch,
    /// A cluster that is known.
    Known(ClusterName),
    /// The cluster that the wizard made, as the text of its `cluster.toml`.
    Made(String),
}

/// The choices, in order.
#[must_use]
pub fn choices(model: &Model) -> Vec<Chosen> {
    let known = model.welcome.known.iter().map(|known| Chosen::Known(known.name.clone()));
    [Chosen::Practise, Chosen::Own, Chosen::Watch].into_iter().chain(known).collect()
}

/// The checks that stand in the way of practice machines.
#[must_use]
pub fn in_the_way(model: &Model) -> Option<&Check> {
    model.welcome.checks.iter().find(|check| check.verdict == Verdict::Wrong)
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let word = match choices(model).into_iter().nth(model.welcome.choice) {
        Some(Chosen::Practise) => "practise",
        Some(Chosen::Own | Chosen::Made(_)) => "begin",
        Some(Chosen::Watch) => "watch",
        Some(Chosen::Known(_)) | None => "open",
    };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::arrows_up_down("choose"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Quit], "quit"),
    ]
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let choices = choices(model);
    let at = model.welcome.choice;
    match command {
        Command::Up => model.welcome.choice = at.saturating_sub(1),
        Command::Down => model.welcome.choice = (at + 1).min(choices.len().saturating_sub(1)),
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        Command::Enter => match choices.into_iter().nth(at) {
            Some(Chosen::Own) => model.page = Page::Nodes,
            // No dead end behind Enter: what is missing is said, with its way out.
            Some(Chosen::Practise) if in_the_way(model).is_some() => {
                model.said = in_the_way(model).map(|c| format!("{}; {}", c.says, c.way_out));
            }
            chosen => {
                model.chosen = chosen;
                return vec![Effect::Exit(Exit::Chosen)];
            }
        },
        _ => {}
    }
    Vec::new()
}

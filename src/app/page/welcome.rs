//! Page 1: every choice with its cost, what exists already, and whether this computer can.

use std::cmp::Reverse;

use crate::{
    app::{
        Dialog, Effect, Exit, Model,
        keymap::Command,
        offers::Offer,
        wizard::{self, draft::Draft},
    },
    cluster::ClusterName,
    pki::Verdict,
    practice::Check,
};

/// What is known and marked here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
    /// A wizard that was left before its end.
    pub unfinished: Option<Draft>,
    /// Clusters of earlier runs, worst news first.
    pub known: Vec<Known>,
    /// What was found about this computer; empty while it is looked at.
    pub checks: Vec<Check>,
    /// The person wants to practise, as soon as this computer has been looked at.
    pub waits: bool,
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
    /// When that was, to put them in order: RFC 3339.
    pub at: String,
    /// Its file.
    pub file: String,
    /// Its bootstrap has not come to its end: opening goes on with it.
    pub unfinished: bool,
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
    /// On with a wizard that was left.
    GoOn,
    /// A cluster that is known; whether its bootstrap goes on.
    Known(ClusterName, bool),
    /// The cluster that the wizard made, by its file.
    Made(std::path::PathBuf),
}

/// The choices, in order.
#[must_use]
pub fn choices(model: &Model) -> Vec<Chosen> {
    let State { unfinished, known, .. } = &model.welcome;
    let known = known.iter().map(|k| Chosen::Known(k.name.clone(), k.unfinished));
    [Chosen::Practise, Chosen::Own]
        .into_iter()
        .chain(model.can.watch.then_some(Chosen::Watch))
        .chain(unfinished.as_ref().map(|_| Chosen::GoOn))
        .chain(known)
        .collect()
}

/// The marked choice.
#[must_use]
pub fn marked(model: &Model) -> Option<Chosen> {
    choices(model).into_iter().nth(model.welcome.choice)
}

/// Marks that choice, if it is there.
pub fn mark(model: &mut Model, chosen: &Chosen) {
    if let Some(at) = choices(model).iter().position(|choice| choice == chosen) {
        model.welcome.choice = at;
    }
}

/// The checks that stand in the way of practice machines.
#[must_use]
pub fn in_the_way(model: &Model) -> Option<&Check> {
    model.welcome.checks.iter().find(|check| check.verdict == Verdict::Wrong)
}

/// News of a cluster: the worst first, then the newest. What is marked stays marked.
pub(crate) fn known(model: &mut Model, news: Known) {
    let before = marked(model);
    let list = &mut model.welcome.known;
    list.retain(|known| known.name != news.name);
    list.push(news);
    list.sort_by_key(|known| Reverse((known.verdict, known.unfinished, known.at.clone())));
    if let Some(before) = before {
        mark(model, &before);
    }
}

/// This computer was looked at.
pub(crate) fn checked(model: &mut Model, checks: Vec<Check>) -> Vec<Effect> {
    model.welcome.checks = checks;
    if std::mem::take(&mut model.welcome.waits) { practise(model) } else { Vec::new() }
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let word = match marked(model) {
        Some(Chosen::Practise) => "practise",
        Some(Chosen::Own | Chosen::Made(_)) => "begin",
        Some(Chosen::Watch) => "watch",
        Some(Chosen::GoOn | Chosen::Known(_, true)) => "go on",
        Some(Chosen::Known(_, false)) => "open",
        None => "choose",
    };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::arrows_up_down("choose"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Quit], "quit"),
    ]
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let last = choices(model).len().saturating_sub(1);
    let at = model.welcome.choice;
    model.welcome.waits = false;
    match command {
        Command::Up => model.welcome.choice = at.saturating_sub(1),
        Command::Down => model.welcome.choice = (at + 1).min(last),
        Command::Quit | Command::Interrupt => return wizard::leave(),
        Command::Enter => match marked(model) {
            Some(Chosen::Own) => return wizard::go_on(model),
            Some(Chosen::Practise) => return practise(model),
            Some(Chosen::GoOn) => {
                let draft = model.welcome.unfinished.take();
                return draft.map(|draft| draft.take_up(model)).unwrap_or_default();
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

/// No dead end behind Enter: what is missing is said, with its way out, or asked for.
fn practise(model: &mut Model) -> Vec<Effect> {
    if model.welcome.checks.is_empty() {
        model.welcome.waits = true;
        return Vec::new();
    }
    if let Some(check) = in_the_way(model) {
        model.said = Some(format!("Not yet: {}. What helps is told above.", check.says));
        return Vec::new();
    }
    let missing = |check: &&Check| check.what == "packages" && check.verdict == Verdict::Look;
    if let Some(packages) = model.welcome.checks.iter().find(missing) {
        let names =
            packages.says.split_once(": ").map_or(packages.says.as_str(), |(_, names)| names);
        let dialog = Dialog::install(names.to_owned());
        model.dialogs.push_back(dialog);
        return Vec::new();
    }
    agreed(model)
}

/// Nothing is left to be asked before machines are made.
pub(crate) fn agreed(model: &mut Model) -> Vec<Effect> {
    model.chosen = Some(Chosen::Practise);
    vec![Effect::Exit(Exit::Chosen)]
}

pub(crate) fn says(model: &Model) -> String {
    match marked(model) {
        Some(Chosen::Practise) if model.welcome.waits => {
            "Looking at this computer first; then it goes on by itself.".to_owned()
        }
        Some(Chosen::Practise) if in_the_way(model).is_some() => {
            "Practising cannot work here yet: ✗ says why, and the way out.".to_owned()
        }
        Some(Chosen::GoOn) => "All that you answered is there again.".to_owned(),
        Some(Chosen::Known(_, true)) => {
            "Looks at every machine, then asks; what is done already stays as it is.".to_owned()
        }
        Some(Chosen::Known(..)) => {
            "Asks every machine and every member, and changes nothing.".to_owned()
        }
        _ => "Looking changes nothing. Practise asks again before it installs anything.".to_owned(),
    }
}

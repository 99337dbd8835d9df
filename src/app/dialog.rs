//! Questions in a box: at most 60×12, resting on the harmless answer.

mod choice;
mod typed;

use tui_input::Input;

pub use self::choice::Choice;
pub(crate) use self::typed::{compare, edit};
use super::{Effect, Exit, Model, Order, keymap::Command, offers::Offer, page};
use crate::{
    cluster::{MemberName, Secret},
    event::{Remedy, Step},
    remote::ask::{Ask, Reply, Seen, Standing},
};

/// A question to the person.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// A question of the screen itself.
    Choose {
        /// What it is about.
        about: About,
        /// Which answer is marked.
        at: usize,
    },
    /// A thread of the run waits for this.
    Ask(Box<Asked>),
    /// What is dangerous is typed, not pressed.
    Type {
        /// What it is about.
        about: About,
        /// What must be typed.
        name: String,
        /// What was typed so far.
        typed: Typed,
    },
}

/// What the screen itself asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Stop the run?
    Stop,
    /// Change somebody's own machines now?
    Go,
    /// Take a step on a node back?
    Undo {
        /// Which node, counted from 0.
        node: usize,
        /// Which step.
        step: Step,
    },
    /// Install what practice machines need on this computer?
    Install {
        /// What is missing, by name.
        packages: String,
    },
    /// Take back all that the run made?
    TakeBack,
    /// A word for the recording.
    Mark,
    /// Stop one more member than a quorum allows?
    BeyondQuorum {
        /// Which.
        node: MemberName,
    },
    /// Is that the machine's key?
    Compare(Box<Seen>),
    /// Write a file as a sister has it?
    Remedy {
        /// Where.
        node: MemberName,
        /// Which, and what it says.
        remedy: Remedy,
    },
    /// Another cluster file is where this one shall go.
    Aside {
        /// Which.
        file: String,
    },
}

/// A question of a thread, and its answer so far.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Goes back with the answer.
    pub id: u64,
    /// The question.
    pub ask: Ask,
    /// What was typed so far.
    pub typed: Typed,
    /// Which answer is marked, where there is nothing to type.
    pub at: usize,
}

/// A line that is being typed; what it says is not shown by `Debug`.
#[derive(Clone, Default)]
pub struct Typed(pub Input);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(…)")
    }
}

impl Dialog {
    /// Stop the run?
    #[must_use]
    pub fn stop() -> Self {
        Self::Choose { about: About::Stop, at: 0 }
    }

    /// Change somebody's own machines now?
    #[must_use]
    pub fn go() -> Self {
        Self::Choose { about: About::Go, at: 0 }
    }

    /// Take that step back on the node?
    #[must_use]
    pub fn undo(node: usize, step: Step) -> Self {
        Self::Choose { about: About::Undo { node, step }, at: 0 }
    }

    /// Install what practice machines need? It rests on yes: that is what was chosen just now.
    #[must_use]
    pub fn install(packages: String) -> Self {
        Self::Choose { about: About::Install { packages }, at: 0 }
    }

    /// Move a cluster file aside?
    #[must_use]
    pub fn aside(file: String) -> Self {
        Self::Choose { about: About::Aside { file }, at: 0 }
    }

    /// Write that file, which a sister offers?
    #[must_use]
    pub fn remedy(node: MemberName, remedy: Remedy) -> Self {
        Self::Choose { about: About::Remedy { node, remedy }, at: 0 }
    }

    /// Is that the machine's key? One that is not the known one cannot be accepted.
    #[must_use]
    pub fn host_key(seen: Seen) -> Self {
        Self::Choose { about: About::Compare(Box::new(seen)), at: 0 }
    }

    /// The key it asks to compare.
    #[must_use]
    pub fn compares(&self) -> Option<&Seen> {
        match self {
            Self::Choose { about: About::Compare(seen), .. } => Some(seen),
            _ => None,
        }
    }

    /// Whether it asks if the run shall be stopped.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Choose { about: About::Stop, .. })
    }

    /// A thread's question.
    #[must_use]
    pub fn ask(id: u64, ask: Ask) -> Self {
        Self::Ask(Box::new(Asked { id, ask, typed: Typed::default(), at: 0 }))
    }

    /// Stop that member, though no quorum is left then? Its name is typed.
    #[must_use]
    pub fn beyond_quorum(node: MemberName) -> Self {
        let name = node.to_string();
        Self::Type { about: About::BeyondQuorum { node }, name, typed: Typed::default() }
    }

    /// Take everything back? The cluster's name is typed.
    #[must_use]
    pub fn take_back(name: String) -> Self {
        Self::Type { about: About::TakeBack, name, typed: Typed::default() }
    }

    /// What is the mark in the recording called?
    #[must_use]
    pub fn mark() -> Self {
        Self::Type { about: About::Mark, name: String::new(), typed: Typed::default() }
    }

    /// Whether its answer is typed.
    #[must_use]
    pub fn typing(&self) -> bool {
        if let Self::Type { .. } = self {
            return true;
        }
        matches!(self, Self::Ask(asked) if !matches!(asked.ask, Ask::HostKey { .. }))
    }

    /// The answers, the harmless one first.
    #[must_use]
    pub fn choices(&self) -> &'static [Choice] {
        match self {
            Self::Choose { about: About::Stop, .. } => {
                &[Choice::GoOn, Choice::Stop, Choice::StopAtOnce]
            }
            Self::Choose { about: About::Compare(seen), .. } if seen.standing != Standing::New => {
                &[Choice::NotYet]
            }
            Self::Choose { about: About::Undo { .. }, .. } => &[Choice::NotYet, Choice::TakeBack],
            Self::Choose { about: About::Go, .. } => &[Choice::NotYet, Choice::Go],
            Self::Choose { about: About::Install { .. }, .. } => &[Choice::Install, Choice::NotYet],
            Self::Choose { about: About::Aside { .. }, .. } => &[Choice::Other, Choice::Aside],
            Self::Choose { about: About::Remedy { .. }, .. } => &[Choice::NotYet, Choice::Write],
            Self::Type { .. } => &[Choice::Give],
            Self::Ask(_) if self.typing() => &[Choice::Give],
            Self::Choose {
                about: About::BeyondQuorum { .. } | About::TakeBack | About::Mark,
                ..
            } => &[Choice::NotYet],
            Self::Choose { about: About::Compare(_), .. } | Self::Ask(_) => {
                &[Choice::NotYet, Choice::Accept]
            }
        }
    }

    /// Which answer is marked.
    #[must_use]
    pub fn at(&self) -> usize {
        match self {
            Self::Choose { at, .. } => *at,
            Self::Ask(asked) => asked.at,
            Self::Type { .. } => 0,
        }
    }

    pub(crate) fn offers(&self) -> Vec<Offer> {
        let word = match self {
            Self::Type { about: About::TakeBack, .. } => "take all back",
            Self::Type { about: About::BeyondQuorum { .. }, .. } => "stop it",
            Self::Type { about: About::Mark, .. } => "mark",
            Self::Ask(_) if self.typing() => "give it",
            _ => self.choices().get(self.at()).map_or("close", |c| c.title()),
        };
        let mut offers = vec![Offer::new(&[Command::Enter], word.to_lowercase())];
        if self.choices().len() > 1 {
            let arrows = &[Command::Up, Command::Down, Command::Left, Command::Right];
            offers.push(Offer::new(arrows, "choose"));
        }
        let back = if self.typing() { "not now" } else { "close" };
        offers.push(Offer::new(&[Command::Back], back));
        offers.push(Offer::new(&[Command::Interrupt, Command::Suspend], ""));
        offers
    }
}

/// A command while a dialog is open.
pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(dialog) = model.dialogs.front_mut() else { return Vec::new() };
    let last = dialog.choices().len().saturating_sub(1);
    let mut only = 0;
    let at = match dialog {
        Dialog::Choose { at, .. } => at,
        Dialog::Ask(asked) => &mut asked.at,
        Dialog::Type { .. } => &mut only,
    };
    match command {
        Command::Up | Command::Left => *at = at.saturating_sub(1),
        Command::Down | Command::Right => *at = (*at + 1).min(last),
        Command::Enter => return answer(model),
        Command::Back => return decline(model),
        Command::Interrupt => return interrupt(model),
        _ => {}
    }
    Vec::new()
}

/// Ctrl-C in a dialog: the next heavier answer; a question of a thread is declined.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    if !model.dialogs.front().is_some_and(Dialog::is_stop) {
        let effects = decline(model);
        if model.run.started.is_none() {
            return effects;
        }
        model.dialogs.push_front(Dialog::stop());
        return effects;
    }
    model.dialogs.pop_front();
    stop(model)
}

/// Asks the engine to stop: between two changes first, at once if that was asked already.
pub(crate) fn stop(model: &Model) -> Vec<Effect> {
    vec![Effect::Order(Order::Stop { at_once: model.run.stopping })]
}

fn decline(model: &mut Model) -> Vec<Effect> {
    match model.dialogs.pop_front() {
        Some(Dialog::Ask(asked)) => vec![Effect::Reply { id: asked.id, reply: Reply::No }],
        Some(Dialog::Choose { about: About::Go, .. }) => page::review::not_said(model),
        _ => Vec::new(),
    }
}

fn answer(model: &mut Model) -> Vec<Effect> {
    let Some(dialog) = model.dialogs.pop_front() else { return Vec::new() };
    let choice = dialog.choices().get(dialog.at()).copied();
    match (dialog, choice) {
        (Dialog::Type { about, name, typed }, _) => named(model, about, name, typed),
        (_, Some(Choice::Stop)) => {
            vec![Effect::Order(Order::Stop { at_once: false })]
        }
        (_, Some(Choice::StopAtOnce)) => {
            vec![Effect::Order(Order::Stop { at_once: true })]
        }
        (Dialog::Ask(mut asked), choice) => {
            let reply = match choice {
                Some(Choice::Accept) => Reply::Yes,
                Some(Choice::Give) => Reply::Secret(Secret::from(asked.typed.0.value_and_reset())),
                _ => Reply::No,
            };
            vec![Effect::Reply { id: asked.id, reply }]
        }
        (Dialog::Choose { about: About::Remedy { node, remedy }, .. }, Some(Choice::Write)) => {
            page::failure::taken(model, node, remedy)
        }
        (Dialog::Choose { about: About::Go, .. }, Some(Choice::Go)) => page::review::go(model),
        (Dialog::Choose { about: About::Go, .. }, _) => page::review::not_said(model),
        (Dialog::Choose { about: About::Undo { node, step }, .. }, Some(Choice::TakeBack)) => {
            let node = model.run.nodes.get(node).map(|n| n.plan.name.clone());
            let undo = node.map(|node| Effect::Order(Order::Undo { node, step }));
            undo.into_iter().collect()
        }
        (Dialog::Choose { about: About::Compare(seen), .. }, choice) => {
            page::access::compared(model, &seen, choice == Some(Choice::Accept))
        }
        (Dialog::Choose { .. }, Some(Choice::Install)) => page::welcome::agreed(model),
        (Dialog::Choose { .. }, Some(Choice::Aside)) => page::etcd::made_aside(model),
        (Dialog::Choose { about: About::Aside { .. }, .. }, _) => {
            model.etcd.form.at = page::etcd::FOLDER;
            Vec::new()
        }
        (Dialog::Choose { .. }, _) => Vec::new(),
    }
}

/// What was typed is the name, or the question stays.
fn named(model: &mut Model, about: About, name: String, typed: Typed) -> Vec<Effect> {
    if about == About::Mark {
        return marked(model, typed.0.value().trim());
    }
    if typed.0.value().trim() != name {
        model.said = Some(format!("That is not {name}. Esc leaves it as it is."));
        model.dialogs.push_front(Dialog::Type { about, name, typed });
        return Vec::new();
    }
    match about {
        About::BeyondQuorum { node } => page::drill::stop(node, Some(name)),
        About::TakeBack => vec![Effect::Exit(Exit::TakeBack)],
        _ => Vec::new(),
    }
}

/// The word goes into the log, where it is a chapter of the replay; without one nothing does.
fn marked(model: &mut Model, word: &str) -> Vec<Effect> {
    if word.is_empty() {
        return Vec::new();
    }
    model.said = Some(format!("Marked: \"{word}\" is a chapter of the replay now."));
    vec![Effect::Order(Order::Mark(word.to_owned()))]
}

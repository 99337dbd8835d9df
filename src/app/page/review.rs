//! Page 6: what changes, what does not, what comes out. Nothing has been changed before "go" here.

use super::Page;
use crate::{
    app::{Dialog, Effect, Exit, Model, Order, Setting, keymap::Command, offers::Offer},
    event::{Intent, Severity},
};

/// What is marked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
}

/// What the person can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Leave; nothing was changed.
    NotYet,
    /// All steps on all nodes.
    Go,
    /// Step by step.
    Guided,
}

impl Verdict {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::NotYet, Self::Go, Self::Guided];

    /// As it is offered.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NotYet => "Not yet",
            Self::Go => "Go (all)",
            Self::Guided => "Guided",
        }
    }
}

/// Shows the page: on somebody's own machines it rests on "not yet", on practice machines on the
/// lesson.
pub(crate) fn open(model: &mut Model) {
    let changes =
        model.run.started.as_ref().is_some_and(|s| matches!(s.intent, Intent::Up | Intent::Reset));
    if changes && !model.run.went {
        model.page = Page::Review;
        let verdict =
            if model.setting == Setting::Practice { Verdict::Guided } else { Verdict::NotYet };
        model.review.choice = Verdict::ALL.iter().position(|v| *v == verdict).unwrap_or_default();
        model.overlay = None;
    }
}

fn marked(model: &Model) -> Verdict {
    Verdict::ALL.get(model.review.choice).copied().unwrap_or(Verdict::NotYet)
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let mut offers = vec![
        Offer::new(&[Command::Enter], marked(model).title().to_lowercase()),
        Offer::new(&[Command::Left, Command::Right], "choose"),
        Offer::new(&[Command::Table], "table"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Quit], "leave"),
    ];
    if model.can.back.is_some() {
        offers.push(Offer::new(&[Command::Back], "back"));
    }
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let last = Verdict::ALL.len() - 1;
    match command {
        Command::Left => model.review.choice = model.review.choice.saturating_sub(1),
        Command::Right => model.review.choice = (model.review.choice + 1).min(last),
        Command::Enter => {
            let guided = match marked(model) {
                Verdict::NotYet => return not_yet(model),
                Verdict::Go => false,
                Verdict::Guided => true,
            };
            // Guided asks before each step anyway; practice machines are there to be changed.
            if model.setting == Setting::Live && !guided {
                model.dialogs.push_front(Dialog::go(guided));
                return Vec::new();
            }
            return go(model, guided);
        }
        Command::Back => return not_yet(model),
        Command::Quit | Command::Interrupt => return leave(),
        _ => {}
    }
    Vec::new()
}

/// Back to the wizard with all its answers, if it led here.
fn not_yet(model: &Model) -> Vec<Effect> {
    if model.can.back.is_none() {
        return leave();
    }
    vec![Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Back)]
}

fn leave() -> Vec<Effect> {
    vec![Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Left)]
}

/// The person said go.
pub(crate) fn go(model: &mut Model, guided: bool) -> Vec<Effect> {
    if guided {
        return super::guided::open(model);
    }
    model.page = Page::Run;
    vec![Effect::Order(Order::Go)]
}

pub(crate) fn says(model: &Model) -> String {
    match marked(model) {
        Verdict::NotYet if model.can.back.is_some() => {
            "Nothing has been changed; Enter goes back to your answers.".to_owned()
        }
        Verdict::NotYet => "Nothing has been changed; Enter leaves it so.".to_owned(),
        Verdict::Go => {
            "After Go, q stops between two changes, never inside one. It can go on later."
                .to_owned()
        }
        Verdict::Guided => "Guided waits before each step, and says why it is done.".to_owned(),
    }
}

/// What preflight says, in a line: how many nodes are as they must be, and what to look at.
#[must_use]
pub fn looks(model: &Model) -> Vec<&str> {
    let looks = model.run.findings.iter().filter(|f| f.severity == Severity::Look);
    looks.map(|f| f.says.as_str()).collect()
}

//! Page 6: what changes, what does not, what comes out. Nothing has been changed before "go" here.

use super::Page;
use crate::{
    app::{Dialog, Effect, Exit, Keep, Model, Order, Setting, keymap::Command, offers::Offer},
    event::{Intent, Severity},
};

/// What is marked here, and what was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
    /// Where the plan lies, once it was saved.
    pub saved: Option<String>,
}

/// What the person can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Leave; nothing was changed.
    NotYet,
    /// Keep the plan for a ticket, and leave.
    Save,
    /// All steps on all nodes.
    Go,
    /// Step by step.
    Guided,
}

impl Verdict {
    /// As it is offered.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NotYet => "Not yet",
            Self::Save => "Save for the ticket",
            Self::Go => "Go (all)",
            Self::Guided => "Guided",
        }
    }
}

/// What can be said, in its order.
#[must_use]
pub fn verdicts(model: &Model) -> Vec<Verdict> {
    let saves = model.can.keep && !model.run.plan_text.is_empty();
    let all = [Verdict::NotYet, Verdict::Save, Verdict::Go, Verdict::Guided].into_iter();
    all.filter(|verdict| *verdict != Verdict::Save || saves).collect()
}

/// Shows the page.
pub(crate) fn open(model: &mut Model) {
    let changes =
        model.run.started.as_ref().is_some_and(|s| matches!(s.intent, Intent::Up | Intent::Reset));
    if changes && !model.run.went {
        model.page = Page::Review;
        rest(model);
        model.overlay = None;
    }
}

/// Go was asked about once more, and not said: it is led away from.
pub(crate) fn not_said(model: &mut Model) -> Vec<Effect> {
    rest(model);
    Vec::new()
}

/// On somebody's own machines it rests on what changes nothing, on practice machines on the lesson.
fn rest(model: &mut Model) {
    let all = verdicts(model);
    let wanted = if model.practice() {
        Verdict::Guided
    } else if all.contains(&Verdict::Save) {
        Verdict::Save
    } else {
        Verdict::NotYet
    };
    model.review.choice = all.iter().position(|v| *v == wanted).unwrap_or_default();
}

fn marked(model: &Model) -> Verdict {
    verdicts(model).get(model.review.choice).copied().unwrap_or(Verdict::NotYet)
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let mut offers = vec![
        Offer::new(&[Command::Enter], word(marked(model))),
        Offer::new(&[Command::Left, Command::Right], "choose"),
        Offer::new(&[Command::Up, Command::Down], ""),
        Offer::new(&[Command::Table], "table"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Quit], "leave"),
    ];
    if !model.run.files.is_empty() {
        offers.insert(3, Offer::new(&[Command::Diffs], "diffs"));
    }
    if model.can.back.is_some() {
        offers.push(Offer::new(&[Command::Back], "back"));
    }
    offers
}

/// What Enter does, for the hint line.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotYet => "not yet",
        Verdict::Save => "save",
        Verdict::Go => "go (all)",
        Verdict::Guided => "guided",
    }
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let last = verdicts(model).len() - 1;
    match command {
        Command::Left => model.review.choice = model.review.choice.saturating_sub(1),
        Command::Right => model.review.choice = (model.review.choice + 1).min(last),
        Command::Up => model.node = model.node.saturating_sub(1),
        Command::Down => {
            model.node = (model.node + 1).min(model.run.nodes.len().saturating_sub(1));
        }
        Command::Enter => match marked(model) {
            Verdict::NotYet => return not_yet(model),
            Verdict::Save => return save(model),
            // Guided asks before each step anyway; practice machines are there to be changed.
            Verdict::Go if model.setting == Setting::Live => {
                model.dialogs.push_front(Dialog::go());
            }
            Verdict::Go => return go(model),
            Verdict::Guided => return super::guided::open(model),
        },
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

/// The plan goes into a file; the answer is [`crate::app::Msg::Kept`].
fn save(model: &Model) -> Vec<Effect> {
    let number = model.run.plan.clone().unwrap_or_default();
    vec![Effect::Keep(Keep::Ticket { number, text: model.run.plan_text.clone() })]
}

/// The plan is kept, and that is the end of it; or it is not, and why.
pub(crate) fn saved(model: &mut Model, how: Result<String, String>) -> Vec<Effect> {
    match how {
        Ok(file) => {
            model.review.saved = Some(file);
            vec![Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Saved)]
        }
        Err(error) => {
            model.said = Some(format!("Not saved: {error}."));
            Vec::new()
        }
    }
}

fn leave() -> Vec<Effect> {
    vec![Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Left)]
}

/// The person said go.
pub(crate) fn go(model: &mut Model) -> Vec<Effect> {
    model.page = Page::Run;
    vec![Effect::Order(Order::Go)]
}

pub(crate) fn says(model: &Model) -> String {
    match marked(model) {
        Verdict::NotYet if model.can.back.is_some() => {
            "Nothing has been changed; Enter goes back to your answers.".to_owned()
        }
        Verdict::NotYet => "Nothing has been changed; Enter leaves it so.".to_owned(),
        Verdict::Save => {
            "Enter writes the plan into a file, and ends here. Nothing has been changed.".to_owned()
        }
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

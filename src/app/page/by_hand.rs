//! Page 9: lesson, shell and ticks on one screen. Nothing moves on by itself.

mod keys;

use std::fmt;

pub use self::keys::{bytes_of, pasted};
use super::Page;
use crate::{
    app::{Effect, Model, Order, keymap::Command, offers::Offer},
    cluster::MemberName,
    event::Step,
};

/// Rows above the shell: the line to type, the ticks, and their rule.
pub const LESSON: u16 = 9;

/// What is done by hand, where, and how far it is.
#[derive(Debug, Default)]
pub struct State {
    /// On which node; `None` while nothing is done by hand.
    pub node: Option<MemberName>,
    /// Which step.
    pub step: Option<Step>,
    /// What was looked at, in order.
    pub ticks: Vec<Tick>,
    /// Why nothing could be looked at.
    pub blind: Option<String>,
    /// The keyboard is the shell's.
    pub in_shell: bool,
    /// The shell has ended.
    pub ended: bool,
    /// How many hints were asked for since the last tick changed.
    pub hints: u8,
    /// What the shell shows.
    pub shell: Emulator,
}

/// A task that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// What it is.
    pub title: String,
    /// Whether it holds.
    pub holds: bool,
    /// What differs, in the probe's words.
    pub says: Vec<String>,
    /// What we would run.
    pub change: String,
}

/// A terminal in a terminal: the only place where what a node sends is obeyed.
pub struct Emulator(vt100::Parser);

impl Emulator {
    /// What it shows.
    #[must_use]
    pub fn screen(&self) -> &vt100::Screen {
        self.0.screen()
    }
}

impl Default for Emulator {
    fn default() -> Self {
        Self(vt100::Parser::new(10, 77, 0))
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Emulator(…)")
    }
}

/// The shell's size in rows and columns, in a window of that many columns and rows. Never below 2×2,
/// which emulators do not bear.
#[must_use]
pub fn pane(columns: u16, rows: u16) -> (u16, u16) {
    let side = if columns >= 108 { (columns - 81).min(60) + 1 } else { 0 };
    (rows.saturating_sub(5 + LESSON).max(2), (columns - side).saturating_sub(3).max(2))
}

/// Hands the keyboard over on that node.
pub(crate) fn open(model: &mut Model, node: MemberName, step: Step) -> Vec<Effect> {
    model.page = Page::ByHand;
    let (rows, columns) = pane(model.window.0, model.window.1);
    let shell = Emulator(vt100::Parser::new(rows, columns, 0));
    model.by_hand = State {
        node: Some(node.clone()),
        step: Some(step),
        in_shell: true,
        shell,
        ..State::default()
    };
    vec![Effect::TakeOver { node, step, rows, columns }]
}

/// The window has another size, so the shell has.
pub(crate) fn fit(model: &mut Model) -> Vec<Effect> {
    if model.page != Page::ByHand {
        return Vec::new();
    }
    let (rows, columns) = pane(model.window.0, model.window.1);
    model.by_hand.shell.0.screen_mut().set_size(rows, columns);
    vec![Effect::FitShell { rows, columns }]
}

/// The shell said something.
pub(crate) fn said(model: &mut Model, bytes: &[u8]) {
    model.by_hand.shell.0.process(bytes);
}

/// The node was looked at.
pub(crate) fn looked(model: &mut Model, ticks: Result<Vec<Tick>, String>) {
    let state = &mut model.by_hand;
    match ticks {
        Ok(ticks) => {
            if holding(&ticks) != holding(&state.ticks) {
                state.hints = 0;
            }
            state.ticks = ticks;
            state.blind = None;
        }
        Err(reason) => state.blind = Some(reason),
    }
}

fn holding(ticks: &[Tick]) -> usize {
    ticks.iter().filter(|tick| tick.holds).count()
}

/// The first thing that is still to be done.
#[must_use]
pub fn first_open(state: &State) -> Option<&Tick> {
    state.ticks.iter().find(|tick| !tick.holds)
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    if model.by_hand.in_shell {
        return vec![Offer::new(&[Command::Focus], "to the lesson")];
    }
    let done = first_open(&model.by_hand).is_none() && !model.by_hand.ticks.is_empty();
    let mut offers = vec![
        Offer::new(&[Command::Enter], if done { "go on" } else { "back to the steps" }),
        Offer::new(&[Command::Focus], "to the shell"),
    ];
    if !done {
        let word = ["a hint", "the whole line", "do it for me"];
        let word = word.get(usize::from(model.by_hand.hints)).copied().unwrap_or("do it for me");
        offers.push(Offer::new(&[Command::Hint], word));
    }
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.push(Offer::new(&[Command::Back], "back"));
    offers.push(Offer::new(&[Command::Quit], "stop"));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Focus => model.by_hand.in_shell = !model.by_hand.in_shell,
        Command::Enter | Command::Back => return leave(model),
        Command::Hint if model.by_hand.hints < 2 => model.by_hand.hints += 1,
        Command::Hint => {
            let (node, step) = (model.by_hand.node.clone(), model.by_hand.step);
            let aim = node.zip(step).map(|(node, step)| Order::Aim { nodes: vec![node], step });
            return aim.map(Effect::Order).into_iter().collect();
        }
        Command::Quit | Command::Interrupt => model.dialogs.push_front(crate::app::Dialog::stop()),
        _ => {}
    }
    Vec::new()
}

fn leave(model: &mut Model) -> Vec<Effect> {
    let step = model.by_hand.step;
    model.by_hand = State::default();
    model.page = Page::Guided;
    model.guided.step = step.or(model.guided.step);
    model.guided.choice = 0;
    vec![Effect::LetGo]
}

pub(crate) fn says(model: &Model) -> String {
    let state = &model.by_hand;
    let node = state.node.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(reason) = &state.blind {
        return format!("I cannot look at {node}: {reason}");
    }
    if state.ended {
        return format!("The shell on {node} has ended. F2, then Enter, goes back to the steps.");
    }
    match state.ticks.len() {
        0 => format!("Looking at {node}; then every 2 s."),
        all => format!("Looks every 2 s. {} of {all} hold on {node}.", holding(&state.ticks)),
    }
}

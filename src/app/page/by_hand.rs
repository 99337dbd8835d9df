//! Page 9: lesson, shell and ticks on one screen. Nothing moves on by itself.
//!
//! What is looked at, and what is wrong, is the run's: here is the shell's screen alone.

mod keys;

use std::fmt;

pub use self::keys::{bytes_of, pasted};
use super::Page;
use crate::{
    app::{Dialog, Effect, Model, Order, keymap::Command, offers::Offer},
    cluster::MemberName,
    event::{
        Finding, Hint, RunEvent, Step, TaskOutcome,
        state::{NodeState, TaskState, WatchState},
    },
};

/// Body rows at 80×24.
const BODY: u16 = 19;
/// Rows above the shell there: the line to type, the ticks, what is wrong, and the shell's rule.
const LESSON: u16 = 9;

/// What is done by hand, where, and how far it is.
#[derive(Debug, Default)]
pub struct State {
    /// On which node; `None` while nothing is done by hand.
    pub node: Option<MemberName>,
    /// Which step.
    pub step: Option<Step>,
    /// The page that Enter and Esc lead back to.
    pub from: Page,
    /// The shell is there.
    pub opened: bool,
    /// The keyboard is the shell's.
    pub in_shell: bool,
    /// The shell has ended, and how.
    pub ended: Option<String>,
    /// How far the person was helped with the first open task.
    pub hint: Option<Hint>,
    /// Which task that was.
    pub hinted: Option<String>,
    /// It is shown again: of the shell nothing was written down.
    pub again: bool,
    /// What the shell shows.
    pub shell: Emulator,
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

/// How many rows of a window of that many lie above the shell.
#[must_use]
pub fn lesson_rows(rows: u16) -> u16 {
    let body = rows.saturating_sub(5);
    if body < BODY { body / 2 } else { LESSON + (body - BODY) / 3 }
}

/// The shell's size in rows and columns, in a window of that many columns and rows. Never below 2×2,
/// which emulators do not bear.
#[must_use]
pub fn pane(columns: u16, rows: u16) -> (u16, u16) {
    let side = if columns >= 108 { (columns - 81).min(60) + 1 } else { 0 };
    let lesson = lesson_rows(rows);
    (rows.saturating_sub(5 + lesson).max(2), (columns - side).saturating_sub(3).max(2))
}

/// `s`: a shell on the marked node, and the step that it is in.
pub(crate) fn shell(model: &mut Model) -> Vec<Effect> {
    let here = model.step().unwrap_or(Step::Verify);
    let marked = model.marked().map(|n| (n.plan.name.clone(), n.step.unwrap_or(here)));
    marked.map(|(node, step)| open(model, node, step)).unwrap_or_default()
}

/// Puts that step on that node into the person's hands: a shell, and somebody who looks.
pub(crate) fn open(model: &mut Model, node: MemberName, step: Step) -> Vec<Effect> {
    let from = std::mem::replace(&mut model.page, Page::ByHand);
    model.overlay = None;
    model.node = model.run.nodes.iter().position(|n| n.plan.name == node).unwrap_or(model.node);
    let (rows, columns) = pane(model.window.0, model.window.1);
    let shell = Emulator(vt100::Parser::new(rows, columns, 0));
    let (node, step) = (Some(node), Some(step));
    model.by_hand = State { node, step, from, in_shell: true, shell, ..State::default() };
    let node = model.by_hand.node.clone();
    let shell = node.map(|node| Effect::TakeOver { node, rows, columns });
    shell.into_iter().chain(watch(model)).collect()
}

fn watch(model: &Model) -> Option<Effect> {
    let (node, step) = (model.by_hand.node.clone()?, model.by_hand.step?);
    let can = model.listens() && step.has_hands();
    can.then(|| Effect::Order(Order::Watch { nodes: vec![node], step }))
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
    model.by_hand.opened = true;
    model.by_hand.shell.0.process(bytes);
}

/// The shell said something that is known. The run tells it; after its end there is nobody else.
pub(crate) fn overheard(model: &mut Model, finding: Finding) -> Vec<Effect> {
    if model.running() {
        return vec![Effect::Order(Order::Overheard(finding))];
    }
    model.run.apply(model.run.ms, &RunEvent::Overheard { finding });
    Vec::new()
}

/// An event of the run, while something is done by hand: what was taken back is looked at anew.
pub(crate) fn happened(model: &mut Model, event: &RunEvent) -> Vec<Effect> {
    let mine = |node: &MemberName| model.by_hand.node.as_ref() == Some(node);
    let again = match event {
        RunEvent::StepUndone { node, .. }
        | RunEvent::TaskUndone { node, outcome: TaskOutcome::Failed { .. }, .. } => mine(node),
        _ => false,
    };
    let first = open_task(model).map(|t| t.plan.id.to_string());
    if first != model.by_hand.hinted {
        (model.by_hand.hint, model.by_hand.hinted) = (None, first);
    }
    (again && model.page == Page::ByHand).then(|| watch(model)).flatten().into_iter().collect()
}

/// What was typed goes to the shell; a line that ends may have done something.
pub(crate) fn typed(model: &Model, bytes: Vec<u8>) -> Vec<Effect> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let line = bytes.contains(&b'\r') && watched(model).is_some();
    let look = line.then_some(Effect::Order(Order::LookAgain { soon: true }));
    std::iter::once(Effect::Type(bytes)).chain(look).collect()
}

/// The node in the person's hands.
#[must_use]
pub fn node(model: &Model) -> Option<&NodeState> {
    model.run.node(model.by_hand.node.as_ref()?)
}

/// The tasks of the step there, in order.
#[must_use]
pub fn tasks(model: &Model) -> Vec<&TaskState> {
    let step = model.by_hand.step;
    let tasks = node(model).map(|n| n.tasks.as_slice()).unwrap_or_default();
    tasks.iter().filter(|t| Some(t.plan.id.step) == step).collect()
}

/// The first thing that is still to be done.
#[must_use]
pub fn open_task(model: &Model) -> Option<&TaskState> {
    tasks(model).into_iter().find(|task| !task.holds)
}

/// How the step is looked at, while it is.
#[must_use]
pub fn watched(model: &Model) -> Option<&WatchState> {
    let watch = node(model)?.watch.as_ref()?;
    (Some(watch.step) == model.by_hand.step && model.listens()).then_some(watch)
}

/// Whether the step has ended there, and all of it holds, whoever saw to that.
#[must_use]
pub fn done(model: &Model) -> bool {
    let tasks = tasks(model);
    // Asking ends with the proof of all.
    let over = ended(model) || model.by_hand.step == Some(Step::Verify);
    over && !tasks.is_empty() && tasks.iter().all(|task| task.holds)
}

/// Whether the step has ended there, well or not: it is looked at, and no more done in it.
fn ended(model: &Model) -> bool {
    node(model).zip(model.by_hand.step).is_some_and(|(node, step)| node.outcome(step).is_some())
}

/// What leads on once all of it holds.
#[must_use]
pub fn way_on(model: &Model) -> &'static str {
    match (model.by_hand.in_shell, &model.by_hand.from) {
        (true, Page::Failure) => "F2, then Enter, goes back.",
        (true, _) => "F2, then Enter, goes on.",
        (false, Page::Failure) => "Enter goes back.",
        (false, _) => "Enter goes on.",
    }
}

/// How long the start there waits for the others: `14 s`.
#[must_use]
pub fn waits(model: &Model) -> Option<&str> {
    let waits = watched(model)?.wrong.iter().find(|f| f.id == "start-waits")?;
    waits.evidence.first()?.strip_prefix("starts since ")
}

/// What is wrong, in words: what the shell said last first.
#[must_use]
pub fn wrong(model: &Model) -> Vec<&Finding> {
    let Some(node) = node(model) else { return Vec::new() };
    let looked = watched(model).map(|watch| watch.wrong.as_slice()).unwrap_or_default();
    let looked = looked.iter().filter(|f| f.id != "start-waits");
    node.overheard.iter().rev().take(2).chain(looked).collect()
}

/// The others, if the start here waits for them and they are still to be started.
#[must_use]
pub fn company(model: &Model) -> Vec<MemberName> {
    if waits(model).is_none() {
        return Vec::new();
    }
    let idle = |n: &&NodeState| {
        Some(&n.plan.name) != model.by_hand.node.as_ref()
            && n.step != Some(Step::Start)
            && !super::run::well(n, Step::Start)
    };
    model.run.nodes.iter().filter(idle).map(|n| n.plan.name.clone()).collect()
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    if model.by_hand.in_shell {
        return vec![Offer::new(&[Command::Focus], "to the lesson")];
    }
    let company = company(model);
    let word = match company.len() {
        0 if done(model) && model.by_hand.from != Page::Failure => "go on".to_owned(),
        0 => "back".to_owned(),
        n => format!("start the other {}", super::guided::number(n)),
    };
    let mut offers =
        vec![Offer::new(&[Command::Enter], word), Offer::new(&[Command::Focus], "to the shell")];
    if watched(model).is_some()
        && open_task(model).is_some()
        && let Some(hint) = next_hint(model)
    {
        let word = match hint {
            Hint::Hint => "a hint",
            Hint::Line => "the whole line",
            Hint::Done => "do it for me",
        };
        offers.push(Offer::new(&[Command::Hint], word));
    }
    if !tasks(model).is_empty() {
        offers.push(Offer::new(&[Command::Looked], "looked at"));
        if model.running() && model.by_hand.step.is_some_and(Step::has_tasks) {
            offers.push(Offer::new(&[Command::Undo], "undo"));
        }
        offers.push(Offer::new(&[Command::Script], "what runs"));
    }
    if watched(model).is_some() {
        offers.push(Offer::new(&[Command::Again], "look again"));
    }
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.push(Offer::new(&[Command::Back], "back"));
    offers.push(Offer::new(&[Command::Quit], "stop"));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Focus => model.by_hand.in_shell = !model.by_hand.in_shell,
        Command::Enter if !company(model).is_empty() => {
            let nodes = company(model);
            return vec![Effect::Order(Order::Aim { nodes, step: Step::Start })];
        }
        Command::Enter | Command::Back => return leave(model),
        Command::Hint => return hint(model),
        Command::Again => return vec![Effect::Order(Order::LookAgain { soon: false })],
        Command::Undo => {
            if let Some(step) = model.by_hand.step {
                model.dialogs.push_front(Dialog::undo(model.node, step));
            }
        }
        Command::Quit | Command::Interrupt => model.dialogs.push_front(Dialog::stop()),
        _ => {}
    }
    Vec::new()
}

/// In words first, then the whole line, then the program does it, once; not in a step that has
/// ended, which is taken back or tried again first.
fn next_hint(model: &Model) -> Option<Hint> {
    match model.by_hand.hint {
        None => Some(Hint::Hint),
        Some(Hint::Hint) => Some(Hint::Line),
        Some(Hint::Line) => (!ended(model)).then_some(Hint::Done),
        Some(Hint::Done) => None,
    }
}

/// Helps with the first open task. The start is done for all, since one alone never gets ready, and so is the proof.
fn hint(model: &mut Model) -> Vec<Effect> {
    let Some(task) = open_task(model).map(|t| t.plan.id.clone()) else { return Vec::new() };
    let (Some(node), Some(step)) = (model.by_hand.node.clone(), model.by_hand.step) else {
        return Vec::new();
    };
    let Some(hint) = next_hint(model) else { return Vec::new() };
    (model.by_hand.hint, model.by_hand.hinted) = (Some(hint), Some(task.to_string()));
    let mut effects = vec![Effect::Order(Order::Hinted { node: node.clone(), task, hint })];
    if hint == Hint::Done {
        let all = model.run.nodes.iter().map(|n| n.plan.name.clone()).collect();
        let together = matches!(step, Step::Start | Step::Verify);
        let nodes = if together { all } else { vec![node] };
        effects.push(Effect::Order(Order::Aim { nodes, step }));
    }
    effects
}

fn leave(model: &mut Model) -> Vec<Effect> {
    let step = model.by_hand.step;
    // A start that waits for company is looked at on: it will be the person's own.
    let unwatch = model.listens() && waits(model).is_none();
    let unwatch = unwatch.then_some(Effect::Order(Order::Unwatch));
    model.page = std::mem::take(&mut model.by_hand).from;
    if model.page == Page::Guided {
        model.guided.step = step.or(model.guided.step);
        model.guided.choice = 0;
    }
    std::iter::once(Effect::LetGo).chain(unwatch).collect()
}

pub(crate) fn says(model: &Model) -> String {
    let state = &model.by_hand;
    let name = state.node.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(how) = &state.ended {
        return format!("The shell on {name} {how}. F2, then Enter, goes back.");
    }
    if node(model).is_some_and(|n| n.undoing.is_some()) {
        return format!("Taking it back on {name}; each step says what it does in the log.");
    }
    let tasks = tasks(model);
    let hold = tasks.iter().filter(|t| t.holds).count();
    if done(model) {
        let by = node(model).zip(state.step).is_some_and(|(n, step)| n.by_hand.contains(&step));
        let by = if by { ", by you" } else { "" };
        return format!("All {} hold on {name}{by}. {}", tasks.len(), way_on(model));
    }
    let Some(watch) = watched(model) else {
        let title = state.step.map_or("", Step::title);
        return match state.step {
            _ if !state.opened => format!("Opening a shell on {name}."),
            _ if !model.listens() => format!("Your own shell on {name}. The run has ended."),
            Some(step) if !step.has_hands() => {
                format!("Your own shell on {name}. {title} asks, and changes nothing.")
            }
            _ => format!("Your own shell on {name}. The run does {title} there by itself."),
        };
    };
    match watch.looked_ms {
        None => format!("Looking at {name}; then every 2 s."),
        Some(ms) => {
            let ago = model.run_ms().saturating_sub(ms) / 1000;
            let all = tasks.len();
            format!("Looked {ago} s ago, looks every 2 s. {hold} of {all} done on {name}.")
        }
    }
}

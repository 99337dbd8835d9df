//! The terminal front end: owns the terminal, the threads that wait for keys, signals and the run,
//! and the loop that puts them together. What is shown and decided is [`crate::ui`] and
//! [`crate::app`].

mod building;
mod by_hand;
mod input;
mod main_loop;
mod prompter;
mod quiet;
mod replay;
mod signals;
pub mod terminal;
mod wizard;

use std::{
    io::{self, Write, stdout},
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, SyncSender, sync_channel},
    },
    thread,
};

use ratatui::{Frame, Terminal, backend::CrosstermBackend};

pub use self::{
    building::while_building,
    by_hand::Hands,
    prompter::{Question, Relay, ScreenPrompter, Willing, prompter},
    replay::{Showing, replay},
    wizard::{Files, LookAround, Ways, wizard},
};
use self::{
    input::Input,
    prompter::Pending,
    quiet::Quiet,
    signals::SignalThread,
    terminal::{FrameWriter, Guard},
};
use crate::{
    app::{Effect, Exit, Keep, Look, Model, Msg, Order, Watch},
    event::{Ended, Stamped},
    record::tape::Tape,
    ui,
};

/// Messages that may wait for the loop: a node that floods its log is slowed down, not stored.
const INBOX: usize = 256;

/// Keeps something as files; gives its path, or a clause that says why not.
pub type Keeps = dyn Fn(&Keep) -> Result<String, String> + Send + Sync;

/// The ends of a run that the screen holds.
pub struct Link {
    /// What happens.
    pub events: Receiver<Stamped>,
    /// What the person wants.
    pub orders: Sender<Order>,
    /// What threads of the run want to know, from [`prompter`].
    pub questions: Receiver<Question>,
    /// Keeps things as files and says where, or why not; without it that is not offered.
    pub keep: Option<Arc<Keeps>>,
    /// What is needed to put a node into the person's hands; without it that is not offered.
    pub hands: Option<Hands>,
    /// What is written down of runs; without it that is not offered.
    pub archive: Option<Arc<dyn Archive>>,
}

/// What is written down of runs.
pub trait Archive: Send + Sync {
    /// A run to be shown again.
    ///
    /// # Errors
    /// As a sentence, if it cannot be read.
    fn tape(&self, which: Watch) -> Result<(Tape, Showing), String>;

    /// Writes the report of this run as a new file.
    ///
    /// # Errors
    /// As a sentence, if nothing could be written.
    fn report(&self) -> Result<PathBuf, String>;
}

/// How the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub exit: Exit,
    /// How the run had ended, if it had.
    pub ended: Option<Ended>,
}

/// Shows a run until the person leaves, gives the terminal back and prints what shall stay in it.
///
/// The run may still go on afterwards: [`Outcome::ended`] says whether it had ended.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn run_screen(model: Model, link: Link) -> io::Result<Outcome> {
    run_screen_with(model, link, ui::view)
}

/// The same with another view.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn run_screen_with(
    mut model: Model,
    link: Link,
    view: impl FnMut(&Model, &mut Frame<'_>),
) -> io::Result<Outcome> {
    let Link { events, orders, questions, keep, hands, archive } = link;
    model.can.keep = keep.is_some();
    model.can.by_hand = hands.is_some();
    model.can.archive = archive.is_some();
    let mut again: Option<Sender<u64>> = None;
    let mut open: Option<by_hand::Open> = None;
    let pending = Pending::default();
    let asked = pending.clone();
    let begin = move |messages: &SyncSender<Msg>| {
        forward_events(events, messages.clone())?;
        prompter::forward(questions, asked, messages.clone())
    };
    let exit = screen(&mut model, view, begin, |effect, messages| match effect {
        // A run that has ended takes no orders; its threads that wait no answers.
        Effect::Order(order) => drop(orders.send(order)),
        Effect::Reply { id, reply } => pending.answer(id, reply),
        Effect::TakeOver { node, rows, columns } => {
            // The one before ends first: there is one shell at a time.
            open = None;
            let start = |hands| by_hand::Open::start(hands, &node, (rows, columns), messages);
            match hands.as_ref().map(start).transpose() {
                Ok(started) => open = started,
                Err(error) => tracing::error!("failed to open a shell on {node}: {error}"),
            }
        }
        Effect::FitShell { rows, columns } => {
            if let Some(open) = &open {
                open.fit(rows, columns);
            }
        }
        Effect::Type(bytes) => {
            if let Some(open) = &open {
                open.type_in(bytes);
            }
        }
        Effect::LetGo => open = None,
        Effect::Keep(what) => {
            if let Some(keep) = keep.clone() {
                meanwhile("keep", messages, move || {
                    let how = keep(&what);
                    Some(Msg::Kept { keep: what, how })
                });
            }
        }
        Effect::Report => {
            if let Some(archive) = archive.clone() {
                meanwhile("report", messages, move || Some(Msg::Reported(archive.report())));
            }
        }
        Effect::Watch(which) => {
            if let Some(archive) = archive.clone() {
                match replay::inside(move || archive.tape(which), messages.clone()) {
                    Ok(ask) => again = Some(ask),
                    Err(error) => tracing::error!("failed to show a run again: {error}"),
                }
            }
        }
        Effect::Wind { to_ms } => {
            if let Some(ask) = &again {
                // A replay that was left reads no more.
                let _ = ask.send(to_ms);
            }
        }
        _ => {}
    })?;
    drop(open);
    if matches!(exit, Exit::Left | Exit::Saved) {
        say_farewell(&model)?;
    }
    Ok(Outcome { exit, ended: model.run.ended })
}

/// Takes the terminal, runs the loop, gives it back. `begin` starts what sends messages, `outside`
/// does what is not about the terminal.
fn screen(
    model: &mut Model,
    view: impl FnMut(&Model, &mut Frame<'_>),
    begin: impl FnOnce(&SyncSender<Msg>) -> io::Result<()>,
    mut outside: impl FnMut(Effect, &SyncSender<Msg>),
) -> io::Result<Exit> {
    terminal::install_panic_hook();
    terminal::leave_colours_to_the_theme();
    let guard = Guard::take()?;
    model.window = crossterm::terminal::size()?;
    let (messages, inbox) = sync_channel(INBOX);
    let signals = SignalThread::start(messages.clone())?;
    let input = Input::start(messages.clone())?;
    begin(&messages)?;
    let mut screen = Terminal::new(Quiet::new(CrosstermBackend::new(FrameWriter::new(stdout()))))?;
    let exit = main_loop::run(&mut screen, model, inbox, view, |effect, screen| {
        match effect {
            Effect::Suspend => {
                terminal::suspend()?;
                screen.clear()?;
            }
            Effect::Redraw => {
                terminal::take_again_if_lost()?;
                screen.clear()?;
            }
            Effect::Exit(exit) => return Ok(ControlFlow::Break(exit)),
            other => outside(other, &messages),
        }
        Ok(ControlFlow::Continue(()))
    });
    // Before anything is printed nothing may read keys or draw any more.
    drop((input, signals, guard));
    exit
}

/// Does that on a thread of its own, so that no key waits for it, and tells what came of it.
fn meanwhile(
    name: &str,
    messages: &SyncSender<Msg>,
    work: impl FnOnce() -> Option<Msg> + Send + 'static,
) {
    let messages = messages.clone();
    let started = thread::Builder::new().name(name.to_owned()).spawn(move || {
        if let Some(msg) = work() {
            // A screen that was left hears nothing any more.
            drop(messages.send(msg));
        }
    });
    if let Err(error) = started {
        tracing::error!("failed to start the thread {name}: {error}");
    }
}

fn forward_events(events: Receiver<Stamped>, messages: SyncSender<Msg>) -> io::Result<()> {
    thread::Builder::new().name("events".to_owned()).spawn(move || {
        for stamped in events {
            // A closed inbox means the screen is left; the run log still gets everything.
            if messages.send(Msg::Run(Box::new(stamped))).is_err() {
                return;
            }
        }
        drop(messages.send(Msg::RunGone));
    })?;
    Ok(())
}

fn say_farewell(model: &Model) -> io::Result<()> {
    let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let mut out = stdout().lock();
    for line in ui::farewell::lines(model, columns) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// How this terminal can show things, by its environment.
///
/// `NO_COLOR` counts when it is set and not empty (no-color.org); the Linux console's font has few
/// of the signs; a locale without UTF-8 has none.
#[must_use]
pub fn look(variable: impl Fn(&str) -> Option<String>) -> Look {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let utf8 = locale.is_some_and(|l| {
        let l = l.to_ascii_lowercase();
        l.contains("utf-8") || l.contains("utf8")
    });
    Look { colour: set("NO_COLOR").is_none() && term != "dumb", ascii: !utf8 || term == "linux" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_what_the_terminal_can_do() {
        for (environment, colour, ascii) in [
            (vec![("LANG", "C.UTF-8"), ("TERM", "xterm")], true, false),
            (vec![("LANG", "C.UTF-8"), ("TERM", "xterm"), ("NO_COLOR", "")], true, false),
            (vec![("LANG", "C.UTF-8"), ("TERM", "xterm"), ("NO_COLOR", "1")], false, false),
            (vec![("LANG", "de_DE.utf8"), ("LC_ALL", "C"), ("TERM", "xterm")], true, true),
            (vec![("LANG", "C.UTF-8"), ("TERM", "linux")], true, true),
            (vec![], true, true),
        ] {
            let variable = |name: &str| {
                environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
            };
            assert_eq!(look(variable), Look { colour, ascii }, "{environment:?}");
        }
    }
}

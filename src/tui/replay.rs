//! A run that is shown again: a thread reads the log, the screen says up to where.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel},
    thread,
    time::Duration,
};

use super::screen;
use crate::{
    app::{
        Effect, Exit, Model, Msg,
        page::replay::{self, Reel, State, Wound, inside::Opened},
    },
    event::{RunState, Stamped},
    record::{
        narration::Narration,
        tape::{Chapter, Events, Tape},
        timeline::Timeline,
    },
    ui,
};

/// How often a log that grows is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// More events than these are not shown one by one.
const MANY: usize = 4000;
/// So many events of a long log are read before somebody who seeks is served.
const MORE: usize = 10_000;

/// How a run is shown again.
#[derive(Clone, Debug, Default)]
pub struct Showing {
    /// What is said along.
    pub narration: Narration,
    /// No pause takes longer than that, in milliseconds.
    pub idle: Option<u64>,
    /// In percent of the time it took.
    pub speed: u32,
    /// It pauses where a chapter begins.
    pub stops: bool,
    /// The log is still being written.
    pub follows: bool,
    /// It begins with that chapter, by its key, rather than at its start.
    pub from: Option<String>,
}

impl Showing {
    fn timeline(&self, tape: &Tape) -> (Timeline, Vec<(Chapter, Option<String>)>) {
        let idle = self.idle.filter(|_| !self.follows);
        let timeline = Timeline::new(tape.gaps(), tape.end_ms(), idle);
        let mut chapters = self.narration.told(tape.chapters());
        for (chapter, _) in &mut chapters {
            chapter.ms = timeline.shown(chapter.ms);
        }
        (timeline, chapters)
    }
}

/// Shows a run again until the viewer leaves.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn replay(model: Model, mut tape: Tape, showing: &Showing) -> io::Result<Exit> {
    let (state, run, mut events) = begin(&tape, showing)?;
    let (follows, stops, was) = (state.follows, state.stops, state.run_ms());
    let mut model = replay::open(model, state, run, !stops);
    let notes = tape.notes().join(" ");
    if !notes.is_empty() && !follows && tape.whole() {
        model.said = Some(notes);
    }
    let (ask, asked) = channel();
    let showing = showing.clone();
    let wound = move |messages: &SyncSender<Msg>| {
        let messages = messages.clone();
        thread::Builder::new().name("tape".to_owned()).spawn(move || {
            // A screen that was left wants nothing more.
            let _ = if follows {
                grow(&mut tape, &mut events, &showing, &asked, &messages)
            } else {
                wind(&mut tape, (was, events), &showing, &asked, &messages)
            };
        })?;
        Ok(())
    };
    screen(&mut model, ui::view, wound, |effect, _| {
        if let Effect::Wind { to_ms } = effect {
            // The thread ends with the screen.
            let _ = ask.send(to_ms);
        }
    })
}

/// What a replay begins with.
fn begin(tape: &Tape, showing: &Showing) -> io::Result<(State, RunState, Events)> {
    let follows = showing.follows && tape.ended().is_none();
    let (timeline, chapters) = showing.timeline(tape);
    let from = showing.from.as_ref().and_then(|from| chapters.iter().find(|(c, _)| c.key == *from));
    let at = match from {
        _ if follows => timeline.length(),
        from => from.map_or(0, |(chapter, _)| chapter.ms),
    };
    let begins_ms = tape.events(0).next_ms()?.unwrap_or_default();
    let (run, mut events) = tape.wind(timeline.run(at).max(begins_ms));
    let next_ms = events.next_ms()?;
    let (speed, stops) = (showing.speed, showing.stops && !follows);
    let state = State {
        timeline,
        begins_ms,
        chapters,
        at,
        speed,
        stops,
        follows,
        next_ms,
        ..State::default()
    };
    Ok((state, run, events))
}

/// Shows a run again on top of a screen, on a thread of its own; it reads up to where that says.
pub(super) fn inside(
    open: impl FnOnce() -> Result<(Tape, Showing), String> + Send + 'static,
    messages: SyncSender<Msg>,
) -> io::Result<Sender<u64>> {
    let (ask, asked) = channel();
    thread::Builder::new().name("tape".to_owned()).spawn(move || {
        let opened = open().and_then(|(tape, showing)| {
            let (state, run, events) = begin(&tape, &showing).map_err(|e| e.to_string())?;
            let was = state.run_ms();
            Ok((Box::new(Opened { state, run }), tape, (was, events), showing))
        });
        // A screen that was left wants nothing more.
        let _ = match opened {
            Ok((opened, mut tape, events, showing)) => messages
                .send(Msg::Opened(Ok(opened)))
                .ok()
                .and_then(|()| wind(&mut tape, events, &showing, &asked, &messages)),
            Err(says) => messages.send(Msg::Opened(Err(says))).ok(),
        };
    })?;
    Ok(ask)
}

/// Reads up to where the screen says, from the moment up to which events were taken, and meanwhile
/// what is left of the log; gives `None` once nobody asks any more.
fn wind(
    tape: &mut Tape,
    (mut was, mut events): (u64, Events),
    showing: &Showing,
    asked: &Receiver<u64>,
    messages: &SyncSender<Msg>,
) -> Option<()> {
    loop {
        let to_ms = next(tape, showing, asked, messages)?;
        let mut how = Vec::new();
        let on = to_ms >= was && read(&mut events, to_ms, &mut how);
        let how = if on {
            Wound::On(how)
        } else {
            let (run, rest) = tape.wind(to_ms);
            events = rest;
            Wound::Anew(Box::new(run))
        };
        was = to_ms;
        let next_ms = events.next_ms().ok().flatten();
        messages.send(Msg::Wound(Box::new(Reel { to_ms, how, next_ms }))).ok()?;
    }
}

/// Up to where the screen wants to go; until it says so, what is left of the log is read.
fn next(
    tape: &mut Tape,
    showing: &Showing,
    asked: &Receiver<u64>,
    messages: &SyncSender<Msg>,
) -> Option<u64> {
    while !tape.whole() {
        match asked.try_recv() {
            Ok(to_ms) => return Some(to_ms),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => tape.read_more(MORE).ok()?,
        }
        if tape.whole() {
            let (timeline, chapters) = showing.timeline(tape);
            let notes = tape.notes().join(" ");
            messages.send(Msg::Grown { timeline, chapters, goes_on: false, notes }).ok()?;
        }
    }
    asked.recv().ok()
}

/// Whether these are all.
fn read(events: &mut Events, to_ms: u64, into: &mut Vec<Stamped>) -> bool {
    while into.len() < MANY {
        match events.until(to_ms) {
            Ok(Some(stamped)) => into.push(stamped),
            _ => return true,
        }
    }
    false
}

/// Shows what is new as it comes, until the run has ended.
fn grow(
    tape: &mut Tape,
    events: &mut Events,
    showing: &Showing,
    asked: &Receiver<u64>,
    messages: &SyncSender<Msg>,
) -> Option<()> {
    while tape.ended().is_none() {
        match asked.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Disconnected) => return None,
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
        if !tape.grow().ok()? {
            continue;
        }
        let (timeline, chapters) = showing.timeline(tape);
        let goes_on = tape.ended().is_none();
        messages.send(Msg::Grown { timeline, chapters, goes_on, notes: String::new() }).ok()?;
        let mut how = Vec::new();
        while !read(events, u64::MAX, &mut how) {}
        let reel = Reel { to_ms: tape.end_ms(), how: Wound::On(how), next_ms: None };
        messages.send(Msg::Wound(Box::new(reel))).ok()?;
    }
    let (_, rest) = tape.wind(tape.end_ms());
    let was = tape.end_ms();
    wind(tape, (was, rest), showing, asked, messages)
}

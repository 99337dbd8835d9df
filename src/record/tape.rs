//! A run log that is read: from any moment on, and the state at any moment, however long it is.
//!
//! Tolerant: a log that is cut off, damaged or of a newer version is read as far as it can be, and
//! [`Tape::notes`] says what could not. It must not know any screen.

mod read;
mod scan;
mod source;

use std::{
    collections::VecDeque,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use self::{
    scan::{Scan, Snapshot, set_aside},
    source::{Lines, Source},
};
pub use super::chapters::Chapter;
use crate::event::{self, MemberPlan, RunEvent, RunStarted, RunState, Stamped, state::NodeState};

/// Bytes read at once while events are read on.
const CHUNK: usize = 1 << 16;
/// Bytes read at once for a line somewhere.
const NEAR: usize = 1 << 12;

/// The chapters of those events: where somebody would want to jump to.
#[must_use]
pub fn chapters(events: &[Stamped]) -> Vec<Chapter> {
    let mut chapters = super::chapters::Chapters::default();
    for stamped in events {
        chapters.look(stamped.ms, &stamped.event);
    }
    chapters.all
}

/// Why a file cannot be shown: a sentence, or what the system says.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Nothing is in it.
    #[error("{0} is empty: a run that was ended before its first event, or no run log")]
    Empty(PathBuf),
    /// A later version wrote it, in a way that cannot be understood.
    #[error("{0} was written by quorate {1}, in format {2}: this version reads {max}", max = event::FORMAT)]
    Newer(PathBuf, String, u32),
    /// Something else is in it.
    #[error("{0} is no run log: no line of it says which run it is about")]
    Foreign(PathBuf),
}

/// A pause between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When the event before it was, in milliseconds since the run began.
    pub ms: u64,
    /// How long it lasts, in milliseconds.
    pub lasts: u64,
}

/// A run log, open for reading.
#[derive(Debug)]
pub struct Tape {
    source: Source,
    started: RunStarted,
    scan: Scan,
}

impl Tape {
    /// Opens a log.
    ///
    /// # Errors
    /// If it cannot be read, or is no run log.
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        Self::begin(path, usize::MAX)
    }

    /// Opens a log and reads not more than so many of its events yet; [`Tape::read_more`] reads on.
    ///
    /// # Errors
    /// As [`Tape::open`].
    pub fn begin(path: &Path, most: usize) -> Result<Self, TapeError> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        Self::new(Source::File(Arc::new(file)), path, most)
    }

    /// A log that is part of the program.
    ///
    /// # Errors
    /// If it is no run log.
    pub fn of(bytes: &'static [u8]) -> Result<Self, TapeError> {
        Self::new(Source::Bytes(bytes), Path::new("the recording"), usize::MAX)
    }

    fn new(source: Source, path: &Path, most: usize) -> Result<Self, TapeError> {
        let mut scan = Scan::new(source.clone());
        scan.read_on(most)?;
        match (scan.state.started.clone(), scan.newer.take()) {
            (Some(started), _) => Ok(Self { source, started, scan }),
            (None, Some((format, by))) => Err(TapeError::Newer(path.to_owned(), by, format)),
            _ if scan.bad.is_none() && !scan.cut => Err(TapeError::Empty(path.to_owned())),
            _ => Err(TapeError::Foreign(path.to_owned())),
        }
    }

    /// What the run is about.
    #[must_use]
    pub fn started(&self) -> &RunStarted {
        &self.started
    }

    /// When its last event was, in milliseconds since it began.
    #[must_use]
    pub fn end_ms(&self) -> u64 {
        self.scan.ms
    }

    /// How it ended, if the log goes as far.
    #[must_use]
    pub fn ended(&self) -> Option<event::Ended> {
        self.scan.ended
    }

    /// How many events it has.
    #[expect(clippy::len_without_is_empty, reason = "one without any is refused")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.scan.events
    }

    /// Where somebody would want to jump to, in order.
    #[must_use]
    pub fn chapters(&self) -> &[Chapter] {
        &self.scan.chapters.all
    }

    /// The pauses between events that are longer than a second.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.scan.gaps
    }

    /// What could not be read, a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let scan = &self.scan;
        let mut notes = Vec::new();
        if self.started.format > event::FORMAT {
            notes.push(format!(
                "quorate {} wrote this log in format {}, which is newer than {}: what this version \
                 does not know is left out ({} events so far).",
                self.started.quorate,
                self.started.format,
                event::FORMAT,
                scan.unknown
            ));
        } else if scan.unknown > 0 {
            notes.push(format!("{} events are of a newer version: left out.", scan.unknown));
        }
        match scan.bad {
            Some((1, line)) => notes.push(format!("Line {line} cannot be read: left out.")),
            Some((count, line)) => notes
                .push(format!("{count} lines cannot be read, the first is line {line}: left out.")),
            None => {}
        }
        if let Some(line) = scan.second {
            notes.push(format!("In line {line} another run begins: it is not shown."));
        }
        if scan.cut {
            notes.push("The last line is cut off: left out.".to_owned());
        }
        if scan.ended.is_none() {
            notes.push("The log ends before the run does.".to_owned());
        }
        notes
    }

    /// Reads what was appended meanwhile; gives whether anything was.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub fn grow(&mut self) -> io::Result<bool> {
        self.scan.read_on(usize::MAX)
    }

    /// Whether all that was in it has been read.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.scan.whole
    }

    /// Reads on, but not more than so many events.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub fn read_more(&mut self, most: usize) -> io::Result<()> {
        self.scan.read_on(most).map(drop)
    }

    /// Everything known about the run at that moment, by all events until then.
    #[must_use]
    pub fn state_at(&self, ms: u64) -> RunState {
        self.wind(ms).0
    }

    /// The events from that moment on.
    #[must_use]
    pub fn events(&self, from_ms: u64) -> Events {
        match from_ms.checked_sub(1) {
            // The state is not needed, only where to read on.
            Some(before) => {
                let mut events = self.reader(self.snapshot(before));
                while let Ok(true) = events.skip_if(|ms| ms <= before) {}
                events
            }
            None => Events::new(self.source.clone(), 0, 0),
        }
    }

    /// The state at that moment, and the events that come after it.
    #[must_use]
    pub fn wind(&self, ms: u64) -> (RunState, Events) {
        let snapshot = self.snapshot(ms);
        let mut events = self.reader(snapshot);
        let mut state = snapshot.map(|s| s.state.clone()).unwrap_or_default();
        let mut said: Vec<Vec<u64>> = vec![Vec::new(); self.scan.said.len()];
        // What cannot be read any more is not shown; what is before it is.
        while let Ok(Some((offset, stamped))) = events.next_until(ms) {
            state.apply(stamped.ms, &stamped.event);
            set_aside(&mut state, &mut said, offset);
        }
        for (at, more) in said.iter().enumerate() {
            let before = snapshot.and_then(|s| s.said.get(at)).copied().unwrap_or_default();
            let before = self.scan.said.get(at).and_then(|said| said.get(..before));
            if let Some(node) = state.nodes.get_mut(at) {
                node.log = self.log_of(&node.plan, before.unwrap_or_default(), more);
            }
        }
        (state, events)
    }

    /// What a node said last, as far as it is kept.
    fn log_of(&self, node: &MemberPlan, before: &[u64], more: &[u64]) -> VecDeque<String> {
        let mut lines = Lines::new(self.source.clone(), 0, NEAR);
        let (mut pieces, mut kept) = (Vec::new(), 0);
        for offset in more.iter().rev().chain(before.iter().rev()) {
            if kept >= NodeState::LOG_LINES {
                break;
            }
            lines.go_to(*offset);
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => lines.tail(),
                Err(_) => continue,
            };
            let Some(stamped) = read::event(line.bytes) else { continue };
            if let RunEvent::Output { lines, .. } = &stamped.event {
                kept += lines.len();
            }
            pieces.push(stamped.event);
        }
        // Another one like it listens: it ends with the log that this one has.
        let mut started = self.started.clone();
        started.members = vec![node.clone()];
        let mut listener = RunState::default();
        listener.apply(0, &RunEvent::RunStarted(started));
        for event in pieces.iter().rev() {
            listener.apply(0, event);
        }
        listener.nodes.pop().map(|n| n.log).unwrap_or_default()
    }

    /// The last one with no later event in it.
    fn snapshot(&self, ms: u64) -> Option<&Snapshot> {
        let after = self.scan.snapshots.partition_point(|s| s.ms <= ms);
        after.checked_sub(1).and_then(|at| self.scan.snapshots.get(at))
    }

    fn reader(&self, from: Option<&Snapshot>) -> Events {
        let (offset, ms) = from.map_or((0, 0), |s| (s.offset, s.ms));
        Events::new(self.source.clone(), offset, ms)
    }
}

/// Events of a log, one by one; what cannot be read is left out. Asked again after its end, it
/// gives what was appended meanwhile.
#[derive(Debug)]
pub struct Events {
    lines: Lines,
    /// The first event was read, or lies before.
    begun: bool,
    /// Time never goes back.
    ms: u64,
    /// Read already, to see when it is.
    waiting: Option<(u64, Stamped)>,
    over: bool,
}

impl Events {
    fn new(source: Source, offset: u64, ms: u64) -> Self {
        let lines = Lines::new(source, offset, CHUNK);
        Self { lines, begun: offset > 0, ms, waiting: None, over: false }
    }

    /// When the next event is, without taking it; `None` at the end.
    ///
    /// # Errors
    /// If the log cannot be read any more.
    pub fn next_ms(&mut self) -> io::Result<Option<u64>> {
        if self.waiting.is_none() {
            self.waiting = self.read()?;
        }
        Ok(self.waiting.as_ref().map(|(_, stamped)| stamped.ms))
    }

    /// The next event if it is not after that moment.
    ///
    /// # Errors
    /// If the log cannot be read any more.
    pub fn until(&mut self, ms: u64) -> io::Result<Option<Stamped>> {
        Ok(self.next_until(ms)?.map(|(_, stamped)| stamped))
    }

    fn next_until(&mut self, ms: u64) -> io::Result<Option<(u64, Stamped)>> {
        let due = self.next_ms()?.is_some_and(|at| at <= ms);
        Ok(if due { self.waiting.take() } else { None })
    }

    fn skip_if(&mut self, skip: impl Fn(u64) -> bool) -> io::Result<bool> {
        let skips = self.next_ms()?.is_some_and(skip);
        if skips {
            self.waiting = None;
        }
        Ok(skips)
    }

    fn read(&mut self) -> io::Result<Option<(u64, Stamped)>> {
        while !self.over {
            let (offset, parsed) = if let Some(line) = self.lines.next()? {
                (line.offset, read::event(line.bytes))
            } else {
                let tail = self.lines.tail();
                let (offset, parsed) = (tail.offset, read::event(tail.bytes));
                if parsed.is_none() {
                    return Ok(None);
                }
                self.lines.take_tail();
                (offset, parsed)
            };
            let Some(mut stamped) = parsed else { continue };
            let starts = matches!(stamped.event, RunEvent::RunStarted(_));
            if starts && self.begun {
                self.over = true;
                return Ok(None);
            }
            if !starts && !self.begun {
                continue;
            }
            self.begun = true;
            stamped.ms = stamped.ms.max(self.ms);
            self.ms = stamped.ms;
            return Ok(Some((offset, stamped)));
        }
        Ok(None)
    }
}

impl Iterator for Events {
    type Item = io::Result<Stamped>;

    fn next(&mut self) -> Option<Self::Item> {
        self.until(u64::MAX).transpose()
    }
}

#[cfg(test)]
mod tests;

//! One walk through a log: what is in it, and enough of an index to be anywhere in it at once.
//!
//! What nodes said is most of a log. It is not parsed here: where it stands is noted, and only the
//! lines that a screen can show are read when somebody looks.

use std::io;

use super::{
    Gap, read,
    source::{Lines, Source},
};
use crate::{
    event::{self, Ended, RunEvent, RunState, Stamped},
    record::chapters::Chapters,
};

/// A state is kept every so many events.
const EVERY: usize = 4_000;
/// A shorter pause between two events is none, in milliseconds.
const PAUSE: u64 = 1000;
/// A log says within so many lines what it is about.
const BEGINS_WITHIN: u64 = 1000;
/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// The state after some events, but for what nodes said.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Where the next event stands.
    pub(super) offset: u64,
    /// When the last one was.
    pub(super) ms: u64,
    pub(super) state: RunState,
    /// How many pieces of output each node had said.
    pub(super) said: Vec<usize>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Scan {
    lines: Lines,
    /// Lines so far, counted from 1.
    line: u64,
    /// Events so far.
    pub(super) events: usize,
    /// When the last one was.
    pub(super) ms: u64,
    /// The state at the end, but for what nodes said.
    pub(super) state: RunState,
    /// Where each node's output stands, piece by piece.
    pub(super) said: Vec<Vec<u64>>,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) chapters: Chapters,
    pub(super) gaps: Vec<Gap>,
    /// Lines that could not be read: how many, and the first.
    pub(super) bad: Option<(u64, u64)>,
    /// Events that this version does not know.
    pub(super) unknown: u64,
    /// A start of a run that only a later version understands: its format, and that version.
    pub(super) newer: Option<(u32, String)>,
    /// The run has ended, and how.
    pub(super) ended: Option<Ended>,
    /// All that was there has been read.
    pub(super) whole: bool,
    /// The last line is not whole.
    pub(super) cut: bool,
    /// In that line another run begins, which is not looked at.
    pub(super) second: Option<u64>,
}

impl Scan {
    pub(super) fn new(source: Source) -> Self {
        Self {
            lines: Lines::new(source, 0, CHUNK),
            line: 0,
            events: 0,
            ms: 0,
            state: RunState::default(),
            said: Vec::new(),
            snapshots: Vec::new(),
            chapters: Chapters::default(),
            gaps: Vec::new(),
            bad: None,
            unknown: 0,
            newer: None,
            ended: None,
            whole: false,
            cut: false,
            second: None,
        }
    }

    /// Reads what is there by now, but not more than so many events; gives whether anything was new.
    pub(super) fn read_on(&mut self, most: usize) -> io::Result<bool> {
        let before = self.events;
        self.whole = false;
        while self.second.is_none() && !self.foreign() {
            if self.events >= before.saturating_add(most) {
                return Ok(true);
            }
            let Some(line) = self.lines.next()? else { break };
            self.line += 1;
            let (offset, seen) = (line.offset, see(line.bytes, &self.state));
            if self.newer.is_none() && self.state.started.is_none() {
                let newer = read::format(line.bytes);
                self.newer = newer.filter(|(format, _)| *format > event::FORMAT);
            }
            self.take(offset, seen);
        }
        if self.second.is_none() && !self.foreign() {
            self.read_tail();
        }
        self.whole = true;
        Ok(self.events > before)
    }

    /// A line without its end is taken if it is whole all the same.
    fn read_tail(&mut self) {
        let tail = self.lines.tail();
        let (offset, seen) = (tail.offset, see(tail.bytes, &self.state));
        self.cut = matches!(seen, Seen::Bad);
        if !self.cut && !matches!(seen, Seen::Nothing) {
            self.lines.take_tail();
            self.line += 1;
            self.take(offset, seen);
        }
    }

    /// Whether so much was read that this cannot be a run log.
    fn foreign(&self) -> bool {
        self.state.started.is_none() && self.line >= BEGINS_WITHIN
    }

    fn take(&mut self, offset: u64, seen: Seen) {
        let bad = |bad: Option<(u64, u64)>, line| {
            bad.map_or(Some((1, line)), |(count, first)| Some((count + 1, first)))
        };
        match seen {
            Seen::Nothing => return,
            Seen::Bad => return self.bad = bad(self.bad, self.line),
            Seen::Said { ms, node } => {
                self.passes(ms);
                if let Some(said) = self.said.get_mut(node) {
                    said.push(offset);
                }
            }
            Seen::Event(stamped) => {
                let starts = matches!(stamped.event, RunEvent::RunStarted(_));
                match (starts, self.state.started.is_some()) {
                    (true, true) => return self.second = Some(self.line),
                    // Nobody knows yet whom this is about.
                    (false, false) => return self.bad = bad(self.bad, self.line),
                    _ => {}
                }
                self.passes(stamped.ms);
                self.unknown += u64::from(stamped.event == RunEvent::Unknown);
                self.chapters.look(self.ms, &stamped.event);
                if let RunEvent::RunEnded { ended } = &stamped.event {
                    self.ended = Some(*ended);
                }
                self.state.apply(self.ms, &stamped.event);
                self.said.resize_with(self.state.nodes.len(), Vec::new);
                set_aside(&mut self.state, &mut self.said, offset);
            }
        }
        self.state.ms = self.ms;
        self.events += 1;
        if self.events.is_multiple_of(EVERY) || self.events == 1 {
            self.snapshots.push(Snapshot {
                offset: self.lines.offset(),
                ms: self.ms,
                state: self.state.clone(),
                said: self.said.iter().map(Vec::len).collect(),
            });
        }
    }

    /// Time never goes back, whatever a log says.
    fn passes(&mut self, ms: u64) {
        if self.events > 0 && ms > self.ms + PAUSE {
            self.gaps.push(Gap { ms: self.ms, lasts: ms - self.ms });
        }
        self.ms = self.ms.max(ms);
    }
}

/// The event that stands there has put something into logs: they are filled later, and only that is
/// noted.
pub(super) fn set_aside(state: &mut RunState, said: &mut [Vec<u64>], offset: u64) {
    for (node, said) in state.nodes.iter_mut().zip(said).filter(|(n, _)| !n.log.is_empty()) {
        node.log.clear();
        said.push(offset);
    }
}

/// What a line is.
enum Seen {
    Nothing,
    /// Output of that node of the run; not parsed.
    Said {
        ms: u64,
        node: usize,
    },
    Event(Box<Stamped>),
    Bad,
}

fn see(line: &[u8], state: &RunState) -> Seen {
    if line.trim_ascii().is_empty() {
        return Seen::Nothing;
    }
    if let Some((ms, name)) = said(line) {
        let node = state.nodes.iter().position(|n| n.plan.name.as_str().as_bytes() == name);
        if let Some(node) = node {
            return Seen::Said { ms, node };
        }
    }
    let Some(stamped) = read::event(line) else { return Seen::Bad };
    // Output that another program has written anew is still output.
    let node = match &stamped.event {
        RunEvent::Output { node, .. } => state.nodes.iter().position(|n| &n.plan.name == node),
        _ => None,
    };
    match node {
        Some(node) => Seen::Said { ms: stamped.ms, node },
        None => Seen::Event(Box::new(stamped)),
    }
}

/// When and by whom, if the line is output as this program writes it.
fn said(line: &[u8]) -> Option<(u64, &[u8])> {
    let text = std::str::from_utf8(line).ok().filter(|text| text.ends_with("}}"))?;
    let rest = line.strip_prefix(b"{\"ms\":")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (ms, rest) = rest.split_at_checked(digits)?;
    let rest = rest.strip_prefix(b",\"event\":{\"is\":\"output\",\"node\":\"")?;
    let name = rest.get(..memchr::memchr(b'"', rest)?)?;
    // What is skipped is not read, but it must be an event.
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let ms = std::str::from_utf8(ms).ok()?.parse().ok()?;
    read::can_be(ms).then_some((ms, name))
}

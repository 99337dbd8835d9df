//! The plain front end: lines a person likes to read, or events as JSON. No escape sequence but a
//! colour, no moving text: fit for logs, pipes, screen readers and serial lines.

#[expect(clippy::disallowed_methods, reason = "it opens the terminal")]
pub mod ask;
pub mod check;
pub mod lines;
pub mod summary;

use std::io::{self, Write};

use crate::event::{Ended, RunEvent, RunState, Severity, Stamped};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// The result alone.
    Quiet,
    /// A line for each node and step.
    Normal,
    /// Also each task, and what nodes say.
    Verbose,
}

/// How it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How much.
    pub talk: Talk,
    /// With colour.
    pub colour: bool,
    /// As one JSON object a line, instead of words.
    pub json: bool,
}

/// Tells a run to a person, or to a program.
pub struct Teller<W> {
    out: W,
    manner: Manner,
    state: RunState,
}

impl<W: Write> Teller<W> {
    /// Tells it to `out`.
    pub fn new(out: W, manner: Manner) -> Self {
        Self { out, manner, state: RunState::default() }
    }

    /// What has happened so far.
    #[must_use]
    pub fn state(&self) -> &RunState {
        &self.state
    }

    /// Tells one event.
    ///
    /// # Errors
    /// If nobody reads any more.
    pub fn tell(&mut self, event: &Stamped) -> io::Result<()> {
        self.state.apply(event.ms, &event.event);
        if self.manner.json {
            serde_json::to_writer(&mut self.out, event)?;
            self.out.write_all(b"\n")?;
            return self.out.flush();
        }
        let paint = lines::Paint(self.manner.colour);
        let lines = match (self.manner.talk, &event.event) {
            // The result alone still says what is in the way.
            (Talk::Quiet, RunEvent::Found { finding }) if finding.severity == Severity::Stop => {
                lines::told(finding, paint)
            }
            (Talk::Quiet, _) => Vec::new(),
            (talk, _) => lines::lines(&self.state, event, paint, talk == Talk::Verbose),
        };
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }

    /// Tells how it ended.
    ///
    /// # Errors
    /// If nobody reads any more.
    pub fn end(&mut self, ended: Ended) -> io::Result<()> {
        if !self.manner.json {
            let paint = lines::Paint(self.manner.colour);
            write!(self.out, "{}", summary::summary(&self.state, ended, paint))?;
        }
        self.out.flush()
    }
}

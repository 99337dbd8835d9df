//! The chapters of a run log: where somebody would want to jump to.

use std::collections::HashSet;

use crate::event::{Ended, RunEvent, Step, drill::Drilled};

/// More findings than this are no chapters any more.
const FINDINGS: usize = 20;

/// A place to jump to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// When it begins, in milliseconds since the run began.
    pub ms: u64,
    /// What it is called.
    pub title: String,
    /// What narration calls it: a step's id, `ready`, a finding's id, a mark's words, `drill`,
    /// or `end`.
    pub key: String,
}

/// Finds chapters in events, in their order.
#[derive(Debug, Default)]
pub(super) struct Chapters {
    pub(super) all: Vec<Chapter>,
    begun: HashSet<Step>,
    found: HashSet<String>,
}

impl Chapters {
    /// Looks at an event.
    pub(super) fn look(&mut self, ms: u64, event: &RunEvent) {
        match event {
            // Before the first step nodes are only called: that belongs to it.
            RunEvent::RunStarted(started) => {
                let first = started.steps.first().copied().unwrap_or(Step::Preflight);
                self.begins(ms, first);
            }
            RunEvent::StepStarted { step, .. } => self.begins(ms, *step),
            // Its lesson is read before anything of it is done.
            RunEvent::Looked(looked) if looked.guided => self.begins(ms, looked.step),
            RunEvent::Ready => self.push(ms, "Review", "ready"),
            RunEvent::Drill { what: Drilled::Began { .. } } => self.push(ms, "Drill", "drill"),
            RunEvent::Marked { text } => self.push(ms, text, text),
            RunEvent::Found { finding }
                if self.found.len() < FINDINGS && self.found.insert(finding.id.clone()) =>
            {
                self.push(ms, &finding.says, &finding.id);
            }
            RunEvent::Judged { ended } | RunEvent::RunEnded { ended }
                // The end after a drill is the drill's.
                if self.all.last().is_none_or(|last| last.key != "end" && last.key != "drill") =>
            {
                let title = match ended {
                    Ended::Well | Ended::WithFindings => "Result",
                    Ended::Incomplete | Ended::Refused => "What went wrong",
                    Ended::Stopped => "Stopped",
                };
                self.push(ms, title, "end");
            }
            _ => {}
        }
    }

    fn begins(&mut self, ms: u64, step: Step) {
        if self.begun.insert(step) {
            self.push(ms, step.title(), step.id());
        }
    }

    fn push(&mut self, ms: u64, title: &str, key: &str) {
        self.all.push(Chapter { ms, title: title.to_owned(), key: key.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_a_chapter_and_the_end_after_it_is_its_own() {
        let mut chapters = Chapters::default();
        let began = Drilled::Began {
            writer: "n1".parse().unwrap(),
            reader: "n2".parse().unwrap(),
            prefix: "p/".to_owned(),
            back_s: 60,
        };
        for (ms, event) in [
            (10, RunEvent::Ready),
            (20, RunEvent::Judged { ended: Ended::Well }),
            (30, RunEvent::Drill { what: began }),
            (40, RunEvent::Drill { what: Drilled::Ended }),
            (50, RunEvent::RunEnded { ended: Ended::Well }),
        ] {
            chapters.look(ms, &event);
        }
        let keys: Vec<_> = chapters.all.iter().map(|c| (c.ms, c.key.as_str())).collect();
        assert_eq!(keys, [(10, "ready"), (20, "end"), (30, "drill")]);
    }
}

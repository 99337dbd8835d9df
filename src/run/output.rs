//! What nodes say during a task, in batches: a screen is drawn 30 times a second, not a thousand.
//!
//! Of each task the first and the last lines are kept, and how many lay between.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    cluster::MemberName,
    event::{RunEvent, TaskId},
};

/// How long a line may wait for others.
const BATCH: Duration = Duration::from_millis(33);
/// How many lines are kept from the beginning of a task, and from its end.
const KEPT: usize = 500;

/// The lines that wait, by node.
#[derive(Debug, Default)]
pub struct Outputs(BTreeMap<MemberName, Output>);

#[derive(Debug)]
struct Output {
    task: TaskId,
    waiting: Vec<String>,
    since: Option<Instant>,
    told: usize,
    last: VecDeque<String>,
    left_out: u64,
}

impl Outputs {
    /// A node said a line.
    pub fn line(&mut self, node: &MemberName, task: &TaskId, line: String, now: Instant) {
        let output = self.0.entry(node.clone()).or_insert_with(|| Output {
            task: task.clone(),
            waiting: Vec::new(),
            since: None,
            told: 0,
            last: VecDeque::new(),
            left_out: 0,
        });
        if output.told < KEPT {
            output.told += 1;
            output.waiting.push(line);
            output.since.get_or_insert(now);
            return;
        }
        if output.last.len() == KEPT {
            output.last.pop_front();
            output.left_out += 1;
        }
        output.last.push_back(line);
    }

    /// When the next batch is due.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.0.values().filter_map(|o| o.since).min().map(|since| since + BATCH)
    }

    /// The batches that are due.
    pub fn take_due(&mut self, now: Instant) -> Vec<RunEvent> {
        let due = |o: &&mut Output| o.since.is_some_and(|since| since + BATCH <= now);
        let mut events = Vec::new();
        for (node, output) in &mut self.0 {
            if let Some(output) = Some(output).filter(due) {
                output.since = None;
                let (task, lines) = (output.task.clone(), std::mem::take(&mut output.waiting));
                events.push(RunEvent::Output { node: node.clone(), task, lines, left_out: 0 });
            }
        }
        events
    }

    /// All that a node said and was not told yet: its task ended.
    pub fn end(&mut self, node: &MemberName) -> Vec<RunEvent> {
        let Some(output) = self.0.remove(node) else { return Vec::new() };
        let event = |lines, left_out| RunEvent::Output {
            node: node.clone(),
            task: output.task.clone(),
            lines,
            left_out,
        };
        let mut events = Vec::new();
        if !output.waiting.is_empty() {
            events.push(event(output.waiting, 0));
        }
        if !output.last.is_empty() {
            events.push(event(output.last.into(), output.left_out));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Step;

    #[test]
    fn a_flood_keeps_its_beginning_and_its_end() {
        let (node, task) = ("n1".parse().unwrap(), TaskId::new(Step::Install, "packages"));
        let (mut outputs, start) = (Outputs::default(), Instant::now());
        for n in 0..3_000 {
            outputs.line(&node, &task, n.to_string(), start);
        }
        assert!(outputs.take_due(start).is_empty());
        let first = outputs.take_due(start + BATCH);
        let last = outputs.end(&node);
        let [RunEvent::Output { lines: head, .. }] = first.as_slice() else { panic!("{first:?}") };
        let [RunEvent::Output { lines: tail, left_out, .. }] = last.as_slice() else {
            panic!("{last:?}")
        };
        assert_eq!((head.len(), tail.len(), *left_out), (500, 500, 2_000));
        assert_eq!((head[0].as_str(), tail[499].as_str()), ("0", "2999"));
    }
}

//! What the person wants of a run that is under way.

use std::time::{Duration, Instant};

use super::Engine;
use crate::{
    event::RunEvent,
    run::{Order, watch},
};

impl Engine {
    /// Does what the person wants.
    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Go => {
                self.desk.aim_all(&self.plan);
                self.went();
            }
            Order::Aim { nodes, step } => {
                self.desk.aim.extend(nodes.into_iter().map(|node| (node, step)));
                self.went();
            }
            Order::Watch { nodes, step } => {
                let events = self.desk.watch(&nodes, step);
                self.tell_all(events);
                self.look = Some(Instant::now() + watch::EVERY);
            }
            Order::LookAgain { soon } => {
                let due = Instant::now() + if soon { watch::SOON } else { Duration::ZERO };
                // Who types on and on is looked at no less.
                self.look = self.look.map(|look| look.min(due));
            }
            Order::Unwatch => self.desk.unwatch(),
            Order::Undo { node, step } => {
                if self.desk.take_back(&self.plan, &node, step) {
                    self.went();
                    self.look.get_or_insert_with(Instant::now);
                    self.tell(RunEvent::UndoStarted { node, step });
                }
            }
            Order::Hinted { node, task, hint } => self.tell(RunEvent::Hinted { node, task, hint }),
            Order::Overheard(finding) => self.tell(RunEvent::Overheard { finding }),
            Order::Retry(node) => self.retry(node, None),
            Order::Remedy { node, remedy } => self.retry(node, Some(remedy)),
            Order::Mark(text) => self.tell(RunEvent::Marked { text }),
            Order::Looked(looked) => self.tell(RunEvent::Looked(looked)),
            Order::Drill(step) => self.drill(step),
            Order::Leave => {
                self.leaving = true;
                self.desk.stopping |= self.judged.is_none();
                self.end_drill();
            }
            // Nothing is under way that could be stopped.
            Order::Stop { .. } if self.judged.is_some() => {}
            Order::Stop { at_once } => {
                self.desk.stopping = true;
                self.tell(RunEvent::StopAsked { at_once });
            }
        }
    }

    /// From here on machines may be changed: that is said once.
    fn went(&mut self) {
        if !self.state.went {
            self.tell(RunEvent::Went);
        }
    }
}

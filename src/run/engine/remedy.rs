//! What is odd about a node where something is wrong, what it lacks that its sisters have, and what
//! the person takes of it.

use super::Engine;
use crate::{
    cluster::MemberName,
    event::{Finding, Remedy, RunEvent},
    lab::{
        lend::{Lack, NO_WAY},
        sisters,
    },
};

impl Engine {
    /// Tells what is odd about a node where something is wrong, and what is in order. What it
    /// could not fetch is asked of its sisters.
    pub(super) fn compare(&mut self, node: MemberName, resolves: Option<bool>) {
        let unlike = sisters::unlike(&self.surveyed, &node);
        let ruled_out = sisters::ruled_out(&self.surveyed, &node, resolves);
        let no_way = |f: &Finding| f.id == NO_WAY && f.node.as_ref() == Some(&node);
        let facts = self.surveyed.get(&node).filter(|_| self.state.findings.iter().any(no_way));
        if let Some(facts) = facts {
            let file = sisters::lacks_file(&self.surveyed, &node);
            for lack in [Some(Lack::Packages), file].into_iter().flatten() {
                self.desk.lacks(&node, facts, lack);
            }
        }
        self.tell(RunEvent::Compared { node, unlike, ruled_out });
    }

    /// A failed node is tried once more, with what a sister lends if the person chose so.
    pub(super) fn retry(&mut self, node: MemberName, with: Option<Remedy>) {
        let tried = match &with {
            Some(remedy) => self.desk.borrow(&node, remedy),
            None => self.desk.retry(&node),
        };
        if tried {
            self.judged = None;
            self.tell(RunEvent::Retried { node, with });
        }
    }
}

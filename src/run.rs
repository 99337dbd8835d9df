//! The engine: a pure conductor that says who may do what next, and dumb workers that do it.
//!
//! It knows no front end: what happens comes out as events, what the person wants goes in as
//! orders.

#[warn(clippy::disallowed_methods)] // pure
pub mod conductor;
#[warn(clippy::disallowed_methods)] // pure
pub mod desk;
mod drill;
mod engine;
pub mod enter;
pub mod entry;
#[warn(clippy::disallowed_methods)] // pure
mod findings;
#[warn(clippy::disallowed_methods)] // pure
pub mod job;
#[warn(clippy::disallowed_methods)] // pure
pub mod judge;
#[warn(clippy::disallowed_methods)] // pure
mod lend;
pub mod look;
pub mod meter;
pub mod order;
pub mod output;
pub mod overhear;
#[warn(clippy::disallowed_methods)] // pure
pub mod plan;
#[cfg(test)]
mod pretended;
pub mod prove;
#[cfg(test)]
mod tests;
pub mod undo;
pub mod vault;
#[warn(clippy::disallowed_methods)] // pure
pub mod watch;
pub mod worker;

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use self::{engine::Engine, worker::Report};
pub use self::{
    entry::{Connect, Entry, NoEntry},
    order::{DrillStep, Order},
    plan::Plan,
    vault::{Vault, VaultError},
};
use crate::{
    event::{Intent, Stamped, StepOutcome},
    remote::Cancel,
};

/// Reports that may wait for the engine: a node that floods is slowed down, not stored.
const WAITING: usize = 4_096;

/// A run that is under way.
pub struct Run {
    /// What the person wants goes in here.
    pub orders: Sender<Order>,
    /// What happens comes out here, until
    /// [`RunEnded`](crate::event::RunEvent::RunEnded).
    pub events: Receiver<Stamped>,
    thread: JoinHandle<()>,
}

impl Run {
    /// Waits until all threads of the run have ended.
    pub fn join(self) {
        drop(self.events);
        // A panic there was told already, by the hook.
        let _ = self.thread.join();
    }
}

enum Inbox {
    Report(Report),
    Order(Order),
}

/// Starts a run on threads of its own.
///
/// # Errors
/// If the system has no thread to give.
pub fn start(plan: Plan, connect: Arc<dyn Connect>) -> io::Result<Run> {
    let (orders, wanted) = mpsc::channel::<Order>();
    let (events, happened) = mpsc::channel();
    let (inbox, letters) = mpsc::sync_channel(WAITING);
    let cancel = Cancel::default();
    let forward = inbox.clone();
    let stop_now = cancel.clone();
    // Its own thread, so that an order to stop is heard while the engine waits for a report.
    thread::Builder::new().name("orders".to_owned()).spawn(move || {
        for order in wanted {
            if matches!(order, Order::Stop { at_once: true }) {
                stop_now.cancel();
            }
            if forward.send(Inbox::Order(order)).is_err() {
                return;
            }
        }
    })?;
    let thread = thread::Builder::new().name("engine".to_owned()).spawn(move || {
        Engine::new(plan, events).run(&connect, &cancel, &inbox, &letters);
    })?;
    Ok(Run { orders, events: happened, thread })
}

/// Whether a run that ended so has left every node where it was asked to be.
#[must_use]
pub fn went_well(intent: Intent, outcome: StepOutcome) -> bool {
    match intent {
        Intent::Check | Intent::Members => outcome == StepOutcome::Unchanged,
        Intent::Up | Intent::Reset => matches!(outcome, StepOutcome::Unchanged | StepOutcome::Done),
    }
}

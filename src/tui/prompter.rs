//! Questions of the run's threads, asked on the screen.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread,
};

use crate::{
    app::Msg,
    remote::ask::{Ask, Prompter, Reply},
};

/// A question and the way back for its answer.
pub struct Question {
    ask: Ask,
    answer: SyncSender<Reply>,
}

/// Asks on the screen; blocks the thread that asks until there is an answer.
pub struct ScreenPrompter(Sender<Question>);

/// A prompter, and the end that [`super::Link`] takes.
#[must_use]
pub fn prompter() -> (ScreenPrompter, Receiver<Question>) {
    let (sender, receiver) = channel();
    (ScreenPrompter(sender), receiver)
}

impl Prompter for ScreenPrompter {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        let (answer, reply) = sync_channel(1);
        self.0.send(Question { ask: ask.clone(), answer }).ok()?;
        // Fails when the screen is left: there is nobody to ask then.
        reply.recv().ok()
    }
}

/// Passes questions on to the screen that is there at that moment, since one login may outlive it.
/// Without one there is nobody to ask.
#[derive(Default)]
pub struct Relay(Mutex<Option<Arc<dyn Prompter>>>);

impl Relay {
    /// From now on that one is asked.
    pub fn to(&self, prompter: Option<Arc<dyn Prompter>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = prompter;
    }
}

impl Prompter for Relay {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        // Not held while the person thinks.
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        now?.ask(ask)
    }
}

/// The questions on the screen that have no answer yet.
#[derive(Clone, Default)]
pub(crate) struct Pending(Arc<Mutex<BTreeMap<u64, SyncSender<Reply>>>>);

impl Pending {
    pub(crate) fn answer(&self, id: u64, reply: Reply) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        // The thread that asked may have given up.
        if let Some(waiting) = waiting {
            drop(waiting.send(reply));
        }
    }

    fn add(&self, id: u64, answer: SyncSender<Reply>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, answer);
    }
}

/// Brings the questions to the loop, in a thread of its own.
pub(crate) fn forward(
    questions: Receiver<Question>,
    pending: Pending,
    messages: SyncSender<Msg>,
) -> io::Result<()> {
    thread::Builder::new().name("questions".to_owned()).spawn(move || {
        for (id, question) in (0..).zip(questions) {
            pending.add(id, question.answer);
            if messages.send(Msg::Asked { id, ask: question.ask }).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

//! Questions of the run's threads, asked on the screen.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread,
};

use crate::{
    app::Msg,
    remote::ask::{Ask, Prompter, Reply, Seen},
};

/// A question and the way back for its answer, or a key that was shown.
pub struct Question(Word);

enum Word {
    Ask(Ask, SyncSender<Reply>),
    Saw(Seen),
}

/// Asks on the screen; blocks the thread that asks until there is an answer.
#[derive(Clone)]
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
        self.0.send(Question(Word::Ask(ask.clone(), answer))).ok()?;
        // Fails when the screen is left: there is nobody to ask then.
        reply.recv().ok()
    }

    fn saw(&self, seen: &Seen) {
        // A screen that was left sees nothing any more.
        drop(self.0.send(Question(Word::Saw(seen.clone()))));
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

    fn saw(&self, seen: &Seen) {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(now) = now {
            now.saw(seen);
        }
    }
}

/// Asks only while the screen wants to be asked; else there is nobody. Keys are seen in any case.
pub struct Willing {
    screen: ScreenPrompter,
    asked: Arc<AtomicBool>,
}

impl Willing {
    /// Asks that screen while `asked` holds.
    #[must_use]
    pub fn new(screen: ScreenPrompter, asked: Arc<AtomicBool>) -> Self {
        Self { screen, asked }
    }
}

impl Prompter for Willing {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        self.asked.load(Ordering::SeqCst).then(|| self.screen.ask(ask))?
    }

    fn saw(&self, seen: &Seen) {
        self.screen.saw(seen);
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

    /// Nobody answers these any more: whoever waits goes on without an answer.
    pub(crate) fn drop_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
            let msg = match question.0 {
                Word::Saw(seen) => Msg::KeySeen(seen),
                Word::Ask(ask, answer) => {
                    pending.add(id, answer);
                    Msg::Asked { id, ask }
                }
            };
            if messages.send(msg).is_err() {
                // The screen is left: nobody answers what is open.
                return pending.drop_all();
            }
        }
    })?;
    Ok(())
}

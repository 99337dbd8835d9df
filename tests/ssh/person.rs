//! A person who answers from a list, and remembers what was asked.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use quorate::{
    cluster::Secret,
    remote::{
        Answer, Call, Cancel, Host, HostError,
        ask::{Ask, Prompter, Reply},
        connect::{ConnectError, HostSpec},
        keys::Keys,
        ssh::Ssh,
    },
};

/// Longer than anything here may take.
pub(crate) const LONG: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(crate) struct Person {
    replies: Mutex<Vec<Reply>>,
    asked: Mutex<Vec<Ask>>,
}

impl Person {
    /// Answers with these, the first one first; then there is nobody.
    pub(crate) fn with(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: Vec<_> = replies.into_iter().collect();
        replies.reverse();
        Self { replies: Mutex::new(replies), asked: Mutex::default() }
    }

    pub(crate) fn asked(&self) -> Vec<Ask> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Prompter for Person {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(ask.clone());
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

pub(crate) fn secret(text: &str) -> Reply {
    Reply::Secret(Secret::from(text.to_owned()))
}

pub(crate) fn connect(spec: &HostSpec, person: &Person) -> Result<Ssh, ConnectError> {
    Ssh::connect(spec, &Keys::default(), person, &Cancel::default())
}

/// Runs a text as root.
pub(crate) fn run(host: &mut dyn Host, text: &str) -> Result<Answer, HostError> {
    let call = Call { text: text.as_bytes(), root: true, limit: LONG };
    host.run(&[call], &mut |_, _, _| {}).map(|mut answers| answers.remove(0))
}

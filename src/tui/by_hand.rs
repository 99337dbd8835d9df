//! A node in the person's own hands: a shell on an SSH session of its own, logged in to as the run
//! does, and somebody who listens for mistakes that leave no other trace.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, mpsc::SyncSender},
    time::{Duration, Instant},
};

use crate::{
    app::Msg,
    cluster::{Cluster, MemberName},
    remote::shell::{ShellEnd, ShellEvent, ShellHandle, ShellInput, Size, owner},
    run::{enter::OverSsh, overhear::Overheard},
};

/// The same is not told again so soon.
const ONCE: Duration = Duration::from_secs(1);

/// What is needed to put a node into the person's hands.
#[derive(Clone)]
pub struct Hands {
    /// The cluster as it shall be.
    pub cluster: Arc<Cluster>,
    /// How nodes are logged in to.
    pub connect: Arc<OverSsh>,
}

/// A shell on a node; it ends when this is dropped.
pub(crate) struct Open(ShellHandle);

impl Open {
    /// Opens the shell.
    pub(crate) fn start(
        hands: &Hands,
        node: &MemberName,
        (rows, cols): (u16, u16),
        messages: &SyncSender<Msg>,
    ) -> io::Result<Self> {
        let member = hands.cluster.member(node).ok_or(io::ErrorKind::NotFound)?.clone();
        let connect = Arc::clone(&hands.connect);
        let size = Size { cols, rows };
        let (mut ears, mut told) = (Overheard::on(node.clone()), BTreeMap::new());
        let telling = messages.clone();
        let tell = move |event| match event {
            ShellEvent::Opened => true,
            ShellEvent::Output(bytes) => {
                let found = ears.hear(&bytes);
                let fresh = found.into_iter().filter(|f| {
                    let last = told.insert(f.id.clone(), Instant::now());
                    last.is_none_or(|at| at.elapsed() > ONCE)
                });
                // Shown first, explained then.
                let all = std::iter::once(Msg::Shell(bytes)).chain(fresh.map(Msg::Overheard));
                all.into_iter().all(|msg| telling.send(msg).is_ok())
            }
            ShellEvent::Ended(end) => telling.send(Msg::ShellEnded(how(end))).is_ok(),
        };
        let open = move |cancel: &_| connect.shell(&member, size, cancel);
        owner::spawn(node.as_str(), open, tell).map(Self)
    }

    /// What was typed goes to the node.
    pub(crate) fn type_in(&self, bytes: Vec<u8>) {
        self.0.send(ShellInput::Keys(bytes));
    }

    /// The pane has another size.
    pub(crate) fn fit(&self, rows: u16, cols: u16) {
        self.0.send(ShellInput::Resize(Size { cols, rows }));
    }
}

/// How it ended, as a clause.
fn how(end: ShellEnd) -> String {
    match end {
        ShellEnd::Exit(_) | ShellEnd::Closed => "has ended".to_owned(),
        ShellEnd::Lost(reason) => format!("is not there: {reason}"),
    }
}

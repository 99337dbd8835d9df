//! The thread that waits for keys, and notices when the terminal goes away.

use std::{
    io::{self, PipeReader, PipeWriter},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};

use crate::app::Msg;

/// How long the end of the thread is waited for. It comes at once, unless crossterm spins on a
/// terminal that went away just now (crossterm #793); the program ends then anyway.
const PATIENCE: Duration = Duration::from_millis(100);

/// Not zero, for which crossterm (0.29) does not look at all. It is built with `use-dev-tty`, since
/// its other way to wait leaves the rest of a long paste lying until the next key.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The thread, until dropped: afterwards nobody reads the terminal any more.
pub(crate) struct Input {
    stop: Option<PipeWriter>,
    ended: Receiver<()>,
}

impl Input {
    pub(crate) fn start(messages: SyncSender<Msg>) -> io::Result<Self> {
        let (stopped, stop) = io::pipe()?;
        let (ending, ended) = sync_channel(0);
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            let _ending: SyncSender<()> = ending;
            if let Err(error) = forward(&messages, &stopped) {
                tracing::error!("failed to read keys: {error}");
                drop(messages.send(Msg::Terminate));
            }
        })?;
        Ok(Self { stop: Some(stop), ended })
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the input thread did not end");
        }
    }
}

/// Sends what is typed until the terminal hangs up or nobody listens.
///
/// The wait is ours since crossterm's is not safe: once the terminal is gone it spins and never
/// returns. Nothing wakes it in vain: a resize comes as a signal of its own.
fn forward(messages: &SyncSender<Msg>, stopped: &PipeReader) -> io::Result<()> {
    let stdin = rustix::stdio::stdin();
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [keys, stop] = &fds;
        if !stop.revents().is_empty() {
            return Ok(());
        }
        if keys.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            // The send fails only if the program is leaving already.
            drop(messages.send(Msg::Terminate));
            return Ok(());
        }
        while event::poll(AT_ONCE)? {
            if let Some(msg) = translate(event::read()?)
                && messages.send(msg).is_err()
            {
                return Ok(());
            }
        }
    }
}

fn translate(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resized(columns, rows)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

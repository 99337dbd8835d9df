//! Signals as messages, while the screen is open; afterwards they do what they always do.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::SyncSender,
    },
    thread::{self, JoinHandle},
};

use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH},
    flag,
    iterator::{Handle, Signals},
};

use crate::app::Msg;

/// Whether the signals that end or stop a program have their usual effect: while no screen is open.
static USUAL: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The thread, until dropped.
pub(crate) struct SignalThread {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl SignalThread {
    pub(crate) fn start(messages: SyncSender<Msg>) -> io::Result<Self> {
        let usual = usual()?;
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
        usual.store(false, Ordering::SeqCst);
        let handle = signals.handle();
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                let msg = match signal {
                    SIGTSTP => Msg::Suspend,
                    SIGCONT => Msg::Redraw,
                    SIGWINCH => match crossterm::terminal::size() {
                        Ok((columns, rows)) => Msg::Resized(columns, rows),
                        Err(_) => continue,
                    },
                    SIGINT => Msg::Interrupt,
                    _ => Msg::Terminate,
                };
                if messages.send(msg).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { handle, thread: Some(thread) })
    }
}

impl Drop for SignalThread {
    fn drop(&mut self) {
        if let Some(usual) = USUAL.get() {
            usual.store(true, Ordering::SeqCst);
        }
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// signal-hook never gives a signal back to its default; this does, once for the whole program.
fn usual() -> io::Result<Arc<AtomicBool>> {
    if let Some(usual) = USUAL.get() {
        return Ok(Arc::clone(usual));
    }
    let usual = Arc::new(AtomicBool::new(true));
    for signal in [SIGTERM, SIGHUP, SIGINT, SIGTSTP] {
        flag::register_conditional_default(signal, Arc::clone(&usual))?;
    }
    Ok(Arc::clone(USUAL.get_or_init(|| usual)))
}

//! The thread that owns a shell: keys and sizes go in, bytes and its end come out.
//!
//! Whoever is told may block: then nothing more is read, the node's programs wait, and memory
//! stays as it is. A key wakes the thread at once.

use std::{
    io::{self, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::mpsc::{self, Receiver, Sender, TryRecvError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{Exit, Heard, Shell, Size};
use crate::remote::{Cancel, HostError};

/// The most that one event holds, in bytes.
const CHUNK: usize = 16 * 1024;
/// Keys that may wait to be sent; more are read when these are gone.
const KEYS: usize = 64 * 1024;
/// How long the thread waits when nothing happens.
const IDLE: Duration = Duration::from_mins(1);

/// What happens in a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellEvent {
    /// It is there, and keys may come.
    Opened,
    /// It wrote these bytes, hostile as they may be: for a terminal emulator.
    Output(Vec<u8>),
    /// The last event.
    Ended(ShellEnd),
}

/// How a shell ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellEnd {
    /// By itself.
    Exit(Exit),
    /// We closed it.
    Closed,
    /// It could not be opened, or its connection is gone; why, as a clause.
    Lost(String),
}

/// What a shell is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellInput {
    /// Bytes, as a terminal sends them for keys and pastes.
    Keys(Vec<u8>),
    /// Its window has another size.
    Resize(Size),
    /// Hang up.
    Close,
}

/// The way to a shell's thread. Dropped, it closes the shell.
pub struct ShellHandle {
    inputs: Sender<ShellInput>,
    wake: UnixStream,
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl ShellHandle {
    /// Tells the shell something. One that has ended hears nothing: its last event says so.
    pub fn send(&self, input: ShellInput) {
        if input == ShellInput::Close {
            self.cancel.cancel();
        }
        let _ = self.inputs.send(input);
        // Full means that it is woken already.
        let _ = (&self.wake).write(&[0]);
    }

    /// Closes the shell and waits for its thread. Not for whoever is told events: it may be waiting
    /// for just that one.
    pub fn join(mut self) {
        self.send(ShellInput::Close);
        if let Some(thread) = self.thread.take() {
            // A panic there was told already, by the hook.
            let _ = thread.join();
        }
    }
}

impl Drop for ShellHandle {
    fn drop(&mut self) {
        self.send(ShellInput::Close);
    }
}

/// Starts the thread. `open` logs in and opens the shell; `tell` hears what happens, may block as
/// long as it likes, and says false when nobody listens any more.
///
/// # Errors
/// If the system has no thread or socket to give.
pub fn spawn(
    name: &str,
    open: impl FnOnce(&Cancel) -> Result<Shell, String> + Send + 'static,
    mut tell: impl FnMut(ShellEvent) -> bool + Send + 'static,
) -> io::Result<ShellHandle> {
    let (inputs, wanted) = mpsc::channel();
    let (wake, woken) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let thread = thread::Builder::new().name(format!("shell-{name}")).spawn(move || {
        let end = match open(&stop) {
            Ok(shell) if tell(ShellEvent::Opened) => carry(shell, &wanted, &woken, &mut tell),
            Ok(_) => ShellEnd::Closed,
            Err(_) if stop.is_cancelled() => ShellEnd::Closed,
            Err(reason) => ShellEnd::Lost(reason),
        };
        // Nobody listens: there is no one to tell.
        let _ = tell(ShellEvent::Ended(end));
    })?;
    Ok(ShellHandle { inputs, wake, cancel, thread: Some(thread) })
}

fn carry(
    mut shell: Shell,
    inputs: &Receiver<ShellInput>,
    woken: &UnixStream,
    tell: &mut impl FnMut(ShellEvent) -> bool,
) -> ShellEnd {
    match turns(&mut shell, inputs, woken, tell) {
        Ok(end) => end,
        Err(HostError::Cancelled) => ShellEnd::Closed,
        Err(error) => ShellEnd::Lost(error.to_string()),
    }
}

fn turns(
    shell: &mut Shell,
    inputs: &Receiver<ShellInput>,
    mut woken: &UnixStream,
    tell: &mut impl FnMut(ShellEvent) -> bool,
) -> Result<ShellEnd, HostError> {
    let mut buffer = vec![0; CHUNK];
    loop {
        // Emptied before the inputs are read: what comes after wakes again.
        while woken.read(&mut buffer).is_ok_and(|n| n > 0) {}
        while shell.unsent() < KEYS {
            match inputs.try_recv() {
                Ok(ShellInput::Keys(keys)) => shell.write(&keys),
                Ok(ShellInput::Resize(size)) => shell.resize(size)?,
                Ok(ShellInput::Close) | Err(TryRecvError::Disconnected) => {
                    return Ok(ShellEnd::Closed);
                }
                Err(TryRecvError::Empty) => break,
            }
        }
        match shell.read(&mut buffer)? {
            Heard::Bytes(n) => {
                let bytes = buffer.get(..n).unwrap_or_default().to_vec();
                if !tell(ShellEvent::Output(bytes)) {
                    return Ok(ShellEnd::Closed);
                }
            }
            Heard::Nothing => shell.wait(Instant::now() + IDLE, Some(woken.as_fd()))?,
            Heard::Over => return shell.exit().map(ShellEnd::Exit),
        }
    }
}

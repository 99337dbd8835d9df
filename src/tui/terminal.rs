//! The terminal as a resource: taken once, given back on every way out.

use std::{
    io::{self, Write, stdout},
    panic,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use rustix::{
    process::{Signal, getpid, kill_process},
    termios::{LocalModes, tcgetattr},
};

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in raw mode on the alternate screen until dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If there is none, or it cannot be set up; nothing of it stays changed then.
    pub fn take() -> io::Result<Self> {
        // First, so that a failure half way is undone as well.
        let guard = Self(());
        take()?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// Gives the terminal back. Safe to call from anywhere and more than once; errors go nowhere, since
/// there is no screen to show them on.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// Stops the program as Ctrl-Z does, and takes the terminal again when it goes on.
pub(crate) fn suspend() -> io::Result<()> {
    give_back();
    // SIGTSTP has a handler of ours; SIGSTOP stops all threads, and here is where it goes on.
    kill_process(getpid(), Signal::STOP)?;
    take()
}

/// After a stop that nobody asked us about the shell may have changed the terminal.
pub(crate) fn take_again_if_lost() -> io::Result<()> {
    let modes = tcgetattr(rustix::stdio::stdin())?;
    if modes.local_modes.contains(LocalModes::ICANON) {
        give_back();
        take()?;
    }
    Ok(())
}

/// Makes a panic on this thread, which draws, give the terminal back before it is reported.
///
/// On a worker thread it must not: the screen is in use, and the engine turns the panic into an
/// event. Call it after other panic hooks are installed; the first call counts.
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let drawing: ThreadId = thread::current().id();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == drawing {
                give_back();
            }
            if TAKEN.load(Ordering::SeqCst) {
                tracing::error!("a worker panicked: {info}");
            } else {
                report(info);
            }
        }));
    });
}

/// Colours are the theme's business: with `NO_COLOR` set, crossterm 0.29 writes `ESC[;m` for a
/// colour, which switches bold and reverse off again.
pub(crate) fn leave_colours_to_the_theme() {
    crossterm::style::force_color_output(true);
}

/// Turns the many small writes of a frame into one, bracketed as a synchronized update so that no
/// terminal shows half of it (DEC private mode 2026).
pub(crate) struct FrameWriter<W> {
    out: W,
    frame: Vec<u8>,
}

const BEGIN_SYNC: &[u8] = b"\x1b[?2026h";
const END_SYNC: &[u8] = b"\x1b[?2026l";

impl<W: Write> FrameWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, frame: Vec::with_capacity(16 * 1024) }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(BEGIN_SYNC);
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.extend_from_slice(END_SYNC);
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        // Also after a failure: half a frame must not come twice.
        self.frame.clear();
        written
    }
}

//! A shell for a person: a login shell on a terminal of its own on the node.
//!
//! Bytes in, bytes out; what they draw is somebody else's business. The session is the shell's
//! alone, so that a flood here slows down nothing else. [`owner`] is the thread that has it.

pub mod owner;

use std::{
    io::{ErrorKind, Read, Write},
    os::fd::BorrowedFd,
    time::{Duration, Instant},
};

use rustix::event::PollFlags;
use ssh2::Channel;
use zeroize::Zeroizing;

pub use self::owner::{ShellEnd, ShellEvent, ShellHandle, ShellInput, spawn};
use super::{
    HostError,
    line::{self, OPENING},
    link::Stop,
    ssh::Ssh,
};

/// What the shell is told its terminal is; every Debian knows it (ncurses-base).
const TERM: &str = "xterm-256color";
/// How long after the start sudo may ask for the password; keys wait as long.
const ASKING: Duration = Duration::from_secs(5);

/// The size of a terminal, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// So many bytes.
    Bytes(usize),
    /// Nothing at the moment.
    Nothing,
    /// Nothing any more: all of it was read.
    Over,
}

/// How a shell ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With that status.
    Status(i32),
    /// By that signal: `HUP`.
    Signal(String),
}

/// An open shell. Used by one thread; closed, and its programs hung up, when dropped.
pub struct Shell {
    // Dropped before the session that carries it.
    channel: Channel,
    ssh: Ssh,
    unsent: Vec<u8>,
    /// libssh2 holds half a packet: nothing else may be sent before it is gone.
    stuck: bool,
    sudo: Option<Sudo>,
}

impl Ssh {
    /// Opens a login shell of root's on this session, which is the shell's from then on.
    ///
    /// # Errors
    /// If the server gives no terminal or no shell.
    pub fn open_shell(mut self, size: Size) -> Result<Shell, HostError> {
        self.settle(OPENING)?;
        let root = self.connected.user == "root";
        let sudo = if root { None } else { Some(Sudo::new()?) };
        let link = &self.link;
        let mut channel = link.patiently(OPENING, ssh2::Session::channel_session)?;
        let cells = Some((u32::from(size.cols), u32::from(size.rows), 0, 0));
        link.patiently(OPENING, |_| channel.request_pty(TERM, None, cells))?;
        match &sudo {
            None => link.patiently(OPENING, |_| channel.shell())?,
            Some(sudo) => link.patiently(OPENING, |_| channel.exec(&sudo.command()))?,
        }
        Ok(Shell { channel, ssh: self, unsent: Vec::new(), stuck: false, sudo })
    }
}

impl Shell {
    /// Reads what has come, without waiting, and sends on what was not sent yet.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<Heard, HostError> {
        self.send()?;
        if self.stuck {
            return Ok(Heard::Nothing);
        }
        match self.channel.read(buffer) {
            // No bytes mean both "not yet" and "no more".
            Ok(0) if self.channel.eof() => Ok(Heard::Over),
            Ok(0) => Ok(Heard::Nothing),
            Ok(n) => self.without_question(buffer, n),
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(Heard::Nothing),
            Err(_) => Err(self.lost()),
        }
    }

    /// Takes bytes to be sent; keys, most of all.
    pub fn write(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    /// How many bytes wait to be sent.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Tells the programs there that the window has another size.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn resize(&mut self, size: Size) -> Result<(), HostError> {
        let end = Instant::now() + OPENING;
        while self.stuck && Instant::now() < end {
            self.send()?;
            self.ssh.link.wait(end)?;
        }
        let (cols, rows) = (u32::from(size.cols), u32::from(size.rows));
        let channel = &mut self.channel;
        let resized = |_: &_| channel.request_pty_size(cols, rows, None, None);
        Ok(self.ssh.link.patiently(OPENING, resized)?)
    }

    /// Waits until bytes may have come from there or at `also`, until `end` at most; not for long
    /// in any case.
    ///
    /// # Errors
    /// If it was cancelled, or the connection is gone.
    pub fn wait(&self, end: Instant, also: Option<BorrowedFd<'_>>) -> Result<(), HostError> {
        if !self.stuck
            && let Err(error) = self.ssh.link.session.keepalive_send()
            && error.code() != ssh2::ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_EAGAIN)
        {
            return Err(Stop::Failed(error).into());
        }
        Ok(self.ssh.link.wait_also(end, also.map(|fd| (fd, PollFlags::IN)))?)
    }

    /// How it ended, once [`Heard::Over`] was read.
    ///
    /// # Errors
    /// If the connection was gone before it said so.
    pub fn exit(&mut self) -> Result<Exit, HostError> {
        let channel = &mut self.channel;
        self.ssh.link.patiently(OPENING, |_| channel.wait_close())?;
        let signal = channel.exit_signal().ok().and_then(|signal| signal.exit_signal);
        match signal {
            Some(signal) => Ok(Exit::Signal(super::clean::line(signal.as_bytes()))),
            None => channel.exit_status().map(Exit::Status).map_err(|e| Stop::Failed(e).into()),
        }
    }

    fn send(&mut self) -> Result<(), HostError> {
        if self.sudo.as_ref().is_some_and(Sudo::over) {
            self.sudo = None;
        }
        // sudo forgets what was typed before its question, or takes it for the password.
        if self.sudo.is_some() && self.ssh.sudo_password.is_some() {
            return Ok(());
        }
        while !self.unsent.is_empty() {
            match self.channel.write(&self.unsent) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    self.stuck = false;
                    self.unsent.drain(..n);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    // A full window of the peer holds no half packet: that is the session's to say.
                    let blocked = self.ssh.link.session.block_directions();
                    self.stuck = matches!(
                        blocked,
                        ssh2::BlockDirections::Outbound | ssh2::BlockDirections::Both
                    );
                    return Ok(());
                }
                // A shell that ended reads no more; what it said is still to be read.
                Err(_) if self.channel.eof() => self.unsent.clear(),
                Err(_) => return Err(self.lost()),
            }
        }
        self.stuck = false;
        Ok(())
    }

    /// Answers sudo's question, if it stands in these bytes, and takes it out of them.
    fn without_question(&mut self, buffer: &mut [u8], n: usize) -> Result<Heard, HostError> {
        let Some(sudo) = &mut self.sudo else { return Ok(Heard::Bytes(n)) };
        let (shown, asked) = sudo.hears(buffer.get(..n).unwrap_or_default());
        // At most what came, and what was held back before: less than a question.
        let kept = shown.len().min(buffer.len());
        for (into, from) in buffer.iter_mut().zip(&shown) {
            *into = *from;
        }
        if asked {
            self.answer()?;
        }
        Ok(if kept == 0 { Heard::Nothing } else { Heard::Bytes(kept) })
    }

    /// Sends the password that worked at the login. At once: it is kept nowhere else.
    fn answer(&mut self) -> Result<(), HostError> {
        let Some(password) = &self.ssh.sudo_password else {
            let reason = "sudo wants a password now, and did not before".to_owned();
            return Err(HostError::NoRoot(reason));
        };
        let mut answer = Zeroizing::new(Vec::with_capacity(password.reveal().len() + 1));
        answer.extend_from_slice(password.reveal());
        answer.push(b'\n');
        let (mut rest, end) = (answer.as_slice(), Instant::now() + OPENING);
        while !rest.is_empty() {
            match self.channel.write(rest) {
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                Err(e) if e.kind() == ErrorKind::WouldBlock && Instant::now() < end => {
                    self.ssh.link.wait(end)?;
                }
                Err(_) => return Err(self.lost()),
            }
        }
        Ok(())
    }

    fn lost(&self) -> HostError {
        HostError::Lost { reason: self.ssh.link.complaint() }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Non-blocking: the message is on its way. What runs on the terminal is hung up.
        drop(self.channel.close());
    }
}

/// sudo on a terminal: it may ask for the password, which is known since the login.
struct Sudo {
    prompt: String,
    began: Instant,
    /// What may be the beginning of the question.
    held: Vec<u8>,
    answered: bool,
    /// After the answer something was said: the shell is there, or sudo has refused.
    beyond: bool,
}

impl Sudo {
    fn new() -> Result<Self, HostError> {
        Ok(Self::asking(format!("[[password-{}]]", line::nonce()?)))
    }

    fn asking(prompt: String) -> Self {
        let (began, held) = (Instant::now(), Vec::new());
        Self { prompt, began, held, answered: false, beyond: false }
    }

    fn command(&self) -> String {
        format!("exec sudo -p '{}' -i", self.prompt)
    }

    /// The bytes to show, and whether the question stood in them.
    fn hears(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        if self.answered {
            // A line's end follows the answer at once, and does not count.
            self.beyond |= bytes.iter().any(|byte| !b"\r\n".contains(byte));
            return (bytes.to_vec(), false);
        }
        self.held.extend_from_slice(bytes);
        let prompt = self.prompt.as_bytes();
        if let Some(at) = self.held.windows(prompt.len()).position(|window| window == prompt) {
            self.held.drain(at..at + prompt.len());
            self.answered = true;
            return (std::mem::take(&mut self.held), true);
        }
        let longest = self.held.len().min(prompt.len());
        let begun = |n: &usize| prompt.get(..*n).is_some_and(|part| self.held.ends_with(part));
        let hold = (1..=longest).rev().find(begun).unwrap_or(0);
        let kept = self.held.split_off(self.held.len() - hold);
        (std::mem::replace(&mut self.held, kept), false)
    }

    /// No question comes any more.
    fn over(&self) -> bool {
        self.beyond || self.held.is_empty() && self.began.elapsed() > ASKING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudos_question_is_found_in_any_pieces_and_not_shown() {
        let lecture = "a lecture\r\n";
        for cut in 0..13 {
            let (first, second) = "[[password-1]]".split_at(cut);
            let mut sudo = Sudo::asking("[[password-1]]".to_owned());
            let pieces = [format!("{lecture}{first}"), second.to_owned()];
            let heard = pieces.map(|piece| sudo.hears(piece.as_bytes()));
            assert_eq!(heard, [(lecture.into(), false), (vec![], true)], "{cut}");
            assert!(!sudo.over());
            sudo.hears(b"\r\n");
            assert!(!sudo.over(), "sudo still empties its input");
            sudo.hears(b"root# ");
            assert!(sudo.over());
        }
        let mut sudo = Sudo::asking("[[p]]".to_owned());
        assert_eq!(sudo.hears(b"root# ["), (b"root# ".to_vec(), false));
        assert_eq!(sudo.hears(b"[x"), (b"[[x".to_vec(), false));
    }
}

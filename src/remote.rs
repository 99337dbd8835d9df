//! A node we can run text on: the seam between the engine and SSH.
//!
//! [`Host`] is all the engine knows of a machine. [`ssh`] is the real one, [`scripted`] one for
//! tests of our own logic. Nothing here knows what is run or why.

pub mod ask;
mod auth;
pub mod cancel;
pub mod clean;
pub mod connect;
mod entry;
pub mod frame;
pub mod host_keys;
pub mod https;
pub mod keys;
mod line;
mod link;
mod pump;
pub mod scripted;
pub mod shell;
mod socket;
pub mod ssh;
pub mod ssh_config;
pub mod sudo;
pub mod transfer;
mod tunnel;

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::Duration,
};

pub use self::cancel::Cancel;

/// One text to run on a node.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// POSIX `sh`, as it is run. It may hold a private key, so it is never logged from here.
    pub text: &'a [u8],
    /// As root (through sudo if the login is another), or as who logged in.
    pub root: bool,
    /// How long it may take.
    pub limit: Duration,
}

/// Which of the two output streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// How one text ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its exit status, 0 to 255.
    pub status: i32,
    /// What it wrote to standard output, made harmless, at most [`Answer::KEPT`] bytes.
    pub stdout: String,
    /// What it wrote to standard error, likewise.
    pub stderr: String,
    /// How long it took, seen from here.
    pub took: Duration,
}

impl Answer {
    /// How much of each stream is kept, in bytes; every line also went to the sink.
    pub const KEPT: usize = 256 * 1024;
}

/// Why a node gave no answer. Reads on from "failed to start etcd on n3: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The connection is gone; what ran may or may not have been done.
    #[error("lost the connection: {reason}")]
    Lost {
        /// What was seen.
        reason: String,
    },
    /// It took longer than it may; it may still be running on the node.
    #[error("no end within {} s", after.as_secs())]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// The person stopped it.
    #[error("stopped on request")]
    Cancelled,
    /// The node's sshd does not forward connections.
    #[error("the SSH server does not forward connections ({reason})")]
    NoForwarding {
        /// The server's words.
        reason: String,
    },
    /// From the node, that address does not answer.
    #[error("from there nobody answers at {to}: nothing listens, or there is no way")]
    Unreachable {
        /// Whom the node called.
        to: SocketAddr,
        /// The server's words.
        reason: String,
    },
    /// Root was asked for and not given.
    #[error("{0}")]
    NoRoot(String),
}

/// A stream of bytes from a node to somewhere else.
pub trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

/// A node, used by one thread: libssh2's handles are not to be shared.
pub trait Host: Send {
    /// Runs the texts one after the other and gives their answers in order.
    ///
    /// All are sent before the first answer is read, so that any number costs one round trip. A
    /// text that fails does not keep the next from running. Every line of output goes to `sink`
    /// as it arrives, made harmless, with the index of its call.
    ///
    /// # Errors
    /// If not all of them came to an end; what the answered ones said is lost then.
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError>;

    /// Called every few seconds while nothing runs, so that the server does not hang up.
    ///
    /// # Errors
    /// If the connection is gone.
    fn keep_alive(&mut self) -> Result<(), HostError> {
        Ok(())
    }

    /// Connects from the node to `to`, through the SSH connection.
    ///
    /// # Errors
    /// If the server forwards nothing, or nobody answers there.
    fn dial(&mut self, to: SocketAddr, limit: Duration) -> Result<Box<dyn Wire + '_>, HostError>;
}

//! Questions to the person, and who asks them.
//!
//! Whoever logs in knows what is missing, never how it is asked: the wizard shows a dialog, the
//! plain front end asks on the terminal, a test answers from a list.

use std::{net::IpAddr, path::PathBuf};

use super::{host_keys::Place, ssh_config::UserBy};
use crate::cluster::Secret;

/// Something only the person can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Is this the machine you mean? Answer with yes or no.
    HostKey {
        /// What SSH was asked for, as `known_hosts` writes it.
        host: String,
        /// Where that is; unknown behind a proxy.
        address: Option<IpAddr>,
        /// For example `ssh-ed25519`.
        key_type: String,
        /// `SHA256:` and base64, as `ssh-keygen -l` prints it.
        fingerprint: String,
        /// Keys of other types that are known for this host. Not empty is a warning: the machine
        /// no longer has the key we know.
        other_types_known: Vec<String>,
    },
    /// The passphrase of a private key file.
    Passphrase {
        /// The file.
        file: PathBuf,
        /// The last answer was wrong.
        again: bool,
    },
    /// A user's password on a node.
    Password {
        /// Who logs in.
        user: String,
        /// Where.
        host: String,
        /// It is a host on the way, whose passwords are its own.
        hop: bool,
        /// The last answer was wrong.
        again: bool,
    },
    /// A question of the server itself (a one-time code, for example).
    Interactive {
        /// Whose question.
        host: String,
        /// It is a host on the way.
        hop: bool,
        /// The server's words, made harmless.
        prompt: String,
        /// Whether the answer may be seen while it is typed.
        echo: bool,
        /// The last answer was wrong.
        again: bool,
    },
    /// The password sudo wants.
    SudoPassword {
        /// Whose password.
        user: String,
        /// Where.
        host: String,
        /// The last answer was wrong.
        again: bool,
    },
}

/// The person's answer.
#[derive(Clone)]
pub enum Reply {
    /// Yes.
    Yes,
    /// No: to a host key, or "I will not answer that".
    No,
    /// What was asked for.
    Secret(Secret),
}

/// A host key that was shown to us, whether that leads to a question or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What SSH was asked for, as `known_hosts` writes it.
    pub host: String,
    /// Where that is; unknown behind a proxy.
    pub address: Option<IpAddr>,
    /// For example `ssh-ed25519`.
    pub key_type: String,
    /// `SHA256:` and base64, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// What is known of it.
    pub standing: Standing,
    /// Who would log in there, and who says so; unknown where a key is asked about alone.
    pub user: Option<(String, UserBy)>,
}

/// What is known of a host key that was shown to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    New,
    /// It is the one we know, from there.
    Known(Place),
    /// It is another than the one we know.
    Changed {
        /// Where that one is.
        at: Place,
        /// Its fingerprint.
        known: String,
    },
    /// It was revoked there.
    Revoked(Place),
}

/// Asks the person. Shared by all threads; `ask` blocks until there is an answer.
pub trait Prompter: Send + Sync {
    /// The answer, or `None` if there is nobody to ask.
    fn ask(&self, ask: &Ask) -> Option<Reply>;

    /// A host has shown its key; nothing is asked by that.
    fn saw(&self, _: &Seen) {}
}

/// Nobody to ask: whatever would need a person fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Prompter for Nobody {
    fn ask(&self, _: &Ask) -> Option<Reply> {
        None
    }
}

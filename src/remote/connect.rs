//! Whom to connect to, what came of it, and every way it can fail.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{HostError, host_keys::Place, ssh_config::BadConfig, sudo::SudoError};
use crate::cluster::{Login, Member, MemberName};

/// A node, as the person described it. What is `None` is left to `~/.ssh/config` and its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSpec {
    /// The member whose node it is.
    pub name: MemberName,
    /// What SSH is asked for: a name, an IP address, an alias.
    pub host: String,
    /// The TCP port.
    pub port: Option<u16>,
    /// Who logs in.
    pub user: Option<String>,
    /// A private key file, tried first.
    pub identity: Option<PathBuf>,
    /// A `known_hosts` file, instead of the person's own.
    pub known_hosts: Option<PathBuf>,
    /// Accept the key of a host nothing is known of. Never a changed one.
    pub accept_new_host_keys: bool,
}

impl HostSpec {
    /// The node of a member, where the cluster's login says what the member's leaves open. Host keys
    /// are asked about.
    #[must_use]
    pub fn of(login: &Login, member: &Member) -> Self {
        let login = member.login.or(login);
        Self {
            name: member.name.clone(),
            host: member.host(),
            port: login.port,
            user: login.user,
            identity: login.identity,
            known_hosts: login.known_hosts,
            accept_new_host_keys: false,
        }
    }
}

/// A connection as it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Who logged in.
    pub user: String,
    /// What let them in; of several things that were wanted, the key.
    pub with: With,
    /// Where that is; unknown behind a proxy.
    pub address: Option<SocketAddr>,
    /// For example `ssh-ed25519`.
    pub key_type: String,
    /// Of the host key, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// How texts run as root.
    pub root: RootBy,
    /// How long all of it took, questions to the person included.
    pub took: Duration,
}

/// What let us in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum With {
    /// The server asked for nothing.
    Nothing,
    /// A key that the agent holds.
    Agent {
        /// Its file, if it is one of those that are tried here.
        file: Option<PathBuf>,
        /// What it is called, made harmless.
        comment: String,
    },
    /// A key file.
    Key {
        /// The file.
        file: PathBuf,
        /// Its passphrase was asked for.
        passphrase: bool,
    },
    /// A password.
    Password,
    /// Answers to the server's own questions.
    Answers,
}

/// How texts run as root on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootBy {
    /// Root logged in.
    Login,
    /// By sudo, which asks nothing.
    Sudo,
    /// By sudo with a password.
    SudoPassword,
}

/// Why there is no connection. Reads on from "failed to connect to n3: ".
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No address for the name.
    #[error(
        "no address is known for {host} ({reason}); use a name this computer resolves, or an IP"
    )]
    NameNotResolved {
        /// The name.
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// The machine is there, and nothing listens.
    #[error("{address} refuses the connection; is sshd running on that port?")]
    Refused {
        /// Whom we called.
        address: SocketAddr,
    },
    /// Nobody answers.
    #[error("{at} does not answer within {} s; is the machine on, and the address right?", after.as_secs())]
    TimedOut {
        /// Whom we called.
        at: String,
        /// How long we waited.
        after: Duration,
    },
    /// The network says no.
    #[error("{address} cannot be reached: {reason}")]
    Unreachable {
        /// Whom we called.
        address: SocketAddr,
        /// The system's words.
        reason: String,
    },
    /// Something answers that does not speak SSH.
    #[error("{at} does not speak SSH; it says {said:?}")]
    NotSsh {
        /// Whom we called.
        at: String,
        /// Its first line, made harmless.
        said: String,
    },
    /// The two sides found no common ground.
    #[error("no SSH session with {at}: {reason}")]
    Handshake {
        /// Whom we called.
        at: String,
        /// libssh2's words.
        reason: String,
    },
    /// Nothing is known of the host, and nobody accepted its key.
    #[error("the host key of {host} is unknown ({key_type} {fingerprint}) and was not accepted")]
    HostKeyUnknown {
        /// As `known_hosts` writes it.
        host: String,
        /// For example `ssh-ed25519`.
        key_type: String,
        /// As `ssh-keygen -l` prints it.
        fingerprint: String,
    },
    /// Another key is known.
    #[error(
        "the host key of {host} is not the one in {at} ({known}) but {key_type} {fingerprint}: it was installed anew, \
        or somebody is in between; if you know why, remove that line"
    )]
    HostKeyChanged {
        /// As `known_hosts` writes it.
        host: String,
        /// Where the known one is.
        at: Place,
        /// The fingerprint of that one.
        known: Box<str>,
        /// For example `ssh-ed25519`.
        key_type: String,
        /// Of the key it shows now.
        fingerprint: String,
    },
    /// This key was revoked.
    #[error("the host key of {host} is revoked by {at}")]
    HostKeyRevoked {
        /// As `known_hosts` writes it.
        host: String,
        /// Where that is said.
        at: Place,
    },
    /// Without `known_hosts` no key can be checked.
    #[error("the host key of {host} cannot be checked: {reason}")]
    KnownHosts {
        /// As `known_hosts` writes it.
        host: String,
        /// What is wrong with the file.
        reason: String,
    },
    /// The server does not let this user in.
    #[error("{user}@{host} is not let in: tried {tried}; the server takes {wants}")]
    LoginRefused {
        /// Who.
        user: String,
        /// Where.
        host: String,
        /// What was tried, in words.
        tried: String,
        /// The methods it would take.
        wants: String,
    },
    /// A private key that was named cannot be used.
    #[error("the private key {} cannot be used: {reason}", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// No root.
    #[error(transparent)]
    Sudo(#[from] SudoError),
    /// What runs there is no shell.
    #[error("texts cannot be run there: {0}")]
    NoShell(HostError),
    /// The person did not want to answer.
    #[error("a question was not answered")]
    Declined,
    /// The person stopped it.
    #[error("stopped on request")]
    Cancelled,
    /// The connection went away while logging in.
    #[error("the connection was lost while logging in: {reason}")]
    Lost {
        /// What was seen.
        reason: String,
    },
    /// A host on the way.
    #[error("on the way, at {hop}: {error}")]
    Jump {
        /// The jump host.
        hop: String,
        /// What went wrong there.
        error: Box<Self>,
    },
    /// `~/.ssh/config` cannot be followed.
    #[error(transparent)]
    Config(#[from] BadConfig),
    /// Something on this computer.
    #[error("this computer cannot: {0}")]
    Local(String),
}

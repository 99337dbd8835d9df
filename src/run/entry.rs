//! Being let in to a node, or not.

use crate::{
    cluster::Member,
    event::Finding,
    remote::{Cancel, Host, connect::With},
};

/// Logged in.
pub struct Entry {
    /// The connection.
    pub host: Box<dyn Host>,
    /// As whom.
    pub user: String,
    /// With what.
    pub with: With,
    /// How root is had.
    pub root: String,
}

/// Why nobody was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoEntry {
    /// As a clause: "the host key has changed".
    pub reason: String,
    /// Trying again may help: nobody answered.
    pub again: bool,
    /// The finding that explains it.
    pub finding: Finding,
}

/// How nodes are logged in to: over SSH, or by a script in tests.
pub trait Connect: Send + Sync {
    /// Logs in to that member's node.
    ///
    /// # Errors
    /// If it was not let in.
    fn connect(&self, member: &Member, cancel: &Cancel) -> Result<Entry, Box<NoEntry>>;
}

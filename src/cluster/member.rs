//! A member, and how to log in to the machine it runs on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Address, MemberName};

/// One etcd of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name: also `hostname -s` of its node.
    pub name: MemberName,
    /// What peers and clients call.
    pub address: Address,
    /// How to log in, where it differs from the cluster's way.
    pub login: Login,
    /// What SSH calls, if it is not the address: a name, an alias of `~/.ssh/config`, an IP.
    pub ssh_host: Option<String>,
}

impl Member {
    /// What SSH is asked for: `ssh_host`, else the address.
    #[must_use]
    pub fn host(&self) -> String {
        self.ssh_host.clone().unwrap_or_else(|| self.address.to_string())
    }
}

/// How to log in. What is `None` is left to `~/.ssh/config`, the agent and ssh's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The user to log in as.
    pub user: Option<String>,
    /// The TCP port of sshd.
    pub port: Option<u16>,
    /// A private key file.
    pub identity: Option<PathBuf>,
    /// A `known_hosts` file.
    pub known_hosts: Option<PathBuf>,
}

impl Login {
    /// As that user; an empty text leaves it to ssh.
    ///
    /// # Errors
    /// Why nobody is called that; reads on from "the user ".
    pub fn of(user: &str) -> Result<Self, String> {
        if user.is_empty() {
            return Ok(Self::default());
        }
        plain(user, "@+").map_err(|why| format!("{user:?} {why}"))?;
        Ok(Self { user: Some(user.to_owned()), ..Self::default() })
    }

    /// This one, with what it leaves open taken from `other`.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            user: self.user.clone().or_else(|| other.user.clone()),
            port: self.port.or(other.port),
            identity: self.identity.clone().or_else(|| other.identity.clone()),
            known_hosts: self.known_hosts.clone().or_else(|| other.known_hosts.clone()),
        }
    }
}

/// Whether it is no option, and has nothing a shell reads as anything else. `more` may also occur.
pub(super) fn plain(word: &str, more: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c);
    if word.starts_with('-') {
        return Err(
            "starts with '-', which ssh takes for an option; start with a letter".to_owned()
        );
    }
    match word.chars().find(|c| !fits(*c)) {
        Some(ch) => Err(format!("contains {ch:?}; use letters, digits and '.', '_', '-'")),
        None => Ok(()),
    }
}

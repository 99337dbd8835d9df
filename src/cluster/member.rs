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

//! What shall exist: a cluster, its members, and everything that follows from them.
//!
//! Pure: nothing here reads a file, a clock or the network. What a person wrote is parsed once,
//! at the edge ([`mod@file`]), into types that cannot be wrong.

pub mod address;
pub mod digest;
pub mod file;
pub mod identity;
pub mod member;
pub mod name;
pub mod secret;
pub mod tls;
pub mod version;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::{
    address::Address,
    digest::Digest,
    identity::{ClusterId, Identity, MemberId},
    member::{Login, Member},
    name::{ClusterName, MemberName, Token},
    secret::Secret,
    tls::TlsPaths,
    version::{EtcdVersion, Release},
};

/// etcd's port for clients (IANA `etcd-client`).
pub const CLIENT_PORT: u16 = 2379;
/// etcd's port for its peers (IANA `etcd-server`).
pub const PEER_PORT: u16 = 2380;

/// A cluster as it shall be. Members are in the order of the file, at least one, and no two share
/// a name or an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// What people call it.
    pub name: ClusterName,
    /// etcd's `--initial-cluster-token`.
    pub token: Token,
    /// How to reach the nodes, where a member says nothing else.
    pub login: Login,
    /// The certificate files on this computer.
    pub tls: TlsPaths,
    /// etcd's data directory on the nodes, absolute.
    pub data_dir: PathBuf,
    /// The members, in the order of the file.
    pub members: Vec<Member>,
}

impl Cluster {
    /// The member of that name.
    #[must_use]
    pub fn member(&self, name: &MemberName) -> Option<&Member> {
        self.members.iter().find(|m| &m.name == name)
    }

    /// How many members must live for the cluster to accept writes: more than half.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.members.len() / 2 + 1
    }

    /// How many members may fail while writes go on.
    #[must_use]
    pub fn tolerates(&self) -> usize {
        self.members.len() - self.quorum()
    }

    /// The member whom each other asks first, before it starts, whether the cluster is there already:
    /// the one whose peer URL sorts first (etcd `server/etcdserver/cluster_util.go`,
    /// `getRemotePeerURLs`).
    #[must_use]
    pub fn asked_first(&self) -> Option<&Member> {
        self.members.iter().min_by_key(|member| member.address.peer_url())
    }

    /// etcd's `--initial-cluster`: every member's name and peer URL.
    #[must_use]
    pub fn initial_cluster(&self) -> String {
        let parts: Vec<_> =
            self.members.iter().map(|m| format!("{}={}", m.name, m.address.peer_url())).collect();
        parts.join(",")
    }
}

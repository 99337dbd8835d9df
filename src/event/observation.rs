//! What was seen, typed: no table is ever parsed from output.

use serde::{Deserialize, Serialize};

use crate::cluster::{Address, ClusterId, EtcdVersion, MemberId, MemberName};

/// Something seen on a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observation {
    /// A node, at the survey.
    Node(NodeSeen),
    /// A member, asked by name.
    Member(MemberSeen),
    /// One member called another on its peer port, with its own certificate.
    Path(PathSeen),
    /// A value was written through a member.
    Written {
        /// Through whom.
        by: MemberName,
        /// How long it took, in microseconds.
        took_us: u64,
    },
    /// The value was read through a member, linearizably.
    Read {
        /// Through whom.
        by: MemberName,
        /// Whether it is the one that was written.
        same: bool,
        /// How long it took, in microseconds.
        took_us: u64,
    },
    /// How many members were up, seen on the peer port before any client can ask.
    Quorum {
        /// Who was asked.
        node: MemberName,
        /// Whether it answered on its peer port.
        answers: bool,
        /// Whether it knows the cluster's version: it has seen a leader.
        decided: bool,
    },
    /// The first of all certificates that the cluster stands on ends then.
    CertificatesEnd {
        /// Seconds since 1970.
        at_unix: i64,
    },
    /// How fast a member's disk is.
    Fsync {
        /// Which.
        node: MemberName,
        /// 99 of 100 writes to its log took no longer, in microseconds (an upper bound: the
        /// edge of etcd's histogram bucket).
        p99_us: u64,
        /// Of how many writes.
        of: u64,
    },
}

/// A node, as the survey found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeSeen {
    /// Which.
    pub node: MemberName,
    /// `Debian 12`.
    pub system: String,
    /// What `hostname -s` says.
    pub hostname: String,
    /// The etcd that is installed.
    pub installed: Option<EtcdVersion>,
    /// The etcd that apt offers.
    pub offered: Option<EtcdVersion>,
    /// Free space where the data will be, in bytes.
    pub free_bytes: u64,
    /// How far its clock is ahead of this computer's, in milliseconds.
    pub ahead_ms: i64,
    /// What is there already, in words; empty if nothing is.
    pub there: Vec<String>,
}

impl NodeSeen {
    /// What is said of a node on which etcd runs.
    pub const RUNS: &str = "etcd runs";

    /// Whether etcd ran there when it was looked at.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.there.iter().any(|there| there == Self::RUNS)
    }
}

/// Free space as people say it: `18 GB`, less than one in MB.
#[must_use]
pub fn room(bytes: u64) -> String {
    match bytes / 1_000_000_000 {
        0 => format!("{} MB", bytes / 1_000_000),
        gigabytes => format!("{gigabytes} GB"),
    }
}

/// A member, asked by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberSeen {
    /// Who was asked.
    pub node: MemberName,
    /// The cluster it says it belongs to.
    pub cluster: ClusterId,
    /// Who it says it is.
    pub id: MemberId,
    /// Who it says leads; `None` if nobody does.
    pub leader: Option<MemberId>,
    /// Its raft term.
    pub term: u64,
    /// Its version.
    pub version: EtcdVersion,
    /// The size of its database, in bytes.
    pub db_bytes: u64,
    /// Whether it answered a linearizable read.
    pub reads: bool,
    /// How long its answer took, in microseconds.
    pub took_us: u64,
    /// The members it knows.
    pub knows: Vec<KnownMember>,
    /// What is wrong with it in its own words (alarms).
    #[serde(default)]
    pub errors: Vec<String>,
}

/// A member as another one lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownMember {
    /// Its ID.
    pub id: MemberId,
    /// Its name; empty if it never started.
    pub name: String,
    /// Where peers call it.
    pub peer_urls: Vec<String>,
    /// Where clients call it; empty until it published itself.
    pub client_urls: Vec<String>,
    /// Whether it only learns and has no vote.
    #[serde(default)]
    pub learner: bool,
}

/// One member's call to another's peer port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathSeen {
    /// Who called.
    pub from: MemberName,
    /// Whom.
    pub to: MemberName,
    /// The address it called.
    pub address: Address,
    /// `None` if HTTP 200 was read; else what was wrong.
    pub fault: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

//! The IDs etcd will compute, computed before anything starts.
//!
//! A member's ID is the first 8 bytes of SHA-1 over its peer URL and the token; the cluster's the
//! same over the sorted member IDs (etcd `server/etcdserver/api/membership/{member,cluster}.go`,
//! unchanged from 3.2 to 3.6).

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Address, Cluster, MemberName, Token};

macro_rules! id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(pub u64);

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&format!("{:x}", self.0))
            }
        }

        impl FromStr for $type {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                u64::from_str_radix(text, 16).map(Self)
            }
        }

        impl TryFrom<String> for $type {
            type Error = std::num::ParseIntError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.to_string()
            }
        }
    };
}

id! {
    /// A member's ID, written as etcd writes it: hexadecimal, without leading zeros.
    MemberId
}
id! {
    /// A cluster's ID, written as etcd writes it.
    ClusterId
}

/// Who everybody will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The cluster's ID.
    pub cluster: ClusterId,
    /// Each member's ID.
    pub members: BTreeMap<MemberName, MemberId>,
}

impl Identity {
    /// What etcd will compute for this cluster.
    #[must_use]
    pub fn predict(cluster: &Cluster) -> Self {
        let members = cluster.members.iter().map(|m| (m.name.clone(), m.address));
        Self::of(&cluster.token, members)
    }

    /// What etcd will compute from that token, for members of those names and addresses.
    #[must_use]
    pub fn of(token: &Token, members: impl IntoIterator<Item = (MemberName, Address)>) -> Self {
        let id = |text: &str| MemberId(first_eight(text.as_bytes()));
        let members: BTreeMap<_, _> = members
            .into_iter()
            .map(|(name, address)| (name, id(&format!("{}{token}", address.peer_url()))))
            .collect();
        let mut ids: Vec<u64> = members.values().map(|id| id.0).collect();
        ids.sort_unstable();
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_be_bytes()).collect();
        Self { cluster: ClusterId(first_eight(&bytes)), members }
    }
}

fn first_eight(bytes: &[u8]) -> u64 {
    let hash = openssl::sha::sha1(bytes);
    hash.iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::file::tests::lab;

    #[test]
    fn the_labs_own_table_is_reproduced() {
        let identity = Identity::predict(&lab());
        let ids: Vec<_> = identity.members.values().map(ToString::to_string).collect();
        assert_eq!(
            ids,
            [
                "f15071bb2bcc0510",
                "ca225d371e604f6c",
                "3d9ce7c381e7f003",
                "3d0fa8ceae1b7a61",
                "f65430d6c44d7a2a"
            ]
        );
        assert_eq!(identity.cluster.to_string(), "cb4d04d908f08a13");
    }

    #[test]
    fn who_is_asked_first_goes_by_the_text_of_the_url() {
        let mut cluster = lab();
        assert_eq!(cluster.asked_first().unwrap().name.as_str(), "icc-etcd-1");
        cluster.members[4].address = "141.22.30.100".parse().unwrap();
        assert_eq!(cluster.asked_first().unwrap().name.as_str(), "icc-etcd-5");
    }

    #[test]
    fn ids_are_written_as_etcd_writes_them() {
        assert_eq!(MemberId(0xab).to_string(), "ab");
        assert_eq!(
            "8e9e05c52164694d".parse::<MemberId>().unwrap(),
            MemberId(0x8e9e_05c5_2164_694d)
        );
    }
}

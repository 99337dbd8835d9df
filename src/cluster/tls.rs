//! Where the cluster's certificates are on this computer, and what they are called on a node.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::MemberName;

/// Where the TLS files of a cluster are, on this computer.
///
/// `cert` and `key` may hold `{member}`: one pair for each member instead of one for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsPaths {
    /// The CA certificate (a bundle may hold several).
    pub ca: PathBuf,
    /// The members' certificate, leaf first.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsPaths {
    /// The certificate of that member.
    #[must_use]
    pub fn cert_of(&self, member: &MemberName) -> PathBuf {
        filled(&self.cert, member)
    }

    /// The private key of that member.
    #[must_use]
    pub fn key_of(&self, member: &MemberName) -> PathBuf {
        filled(&self.key, member)
    }

    /// The same files, where relative paths begin in that folder.
    #[must_use]
    pub fn under(&self, folder: &Path) -> Self {
        let [ca, cert, key] = [&self.ca, &self.cert, &self.key].map(|path| folder.join(path));
        Self { ca, cert, key }
    }

    /// One pair for each member, rather than the lab's one for all.
    #[must_use]
    pub fn per_member(&self) -> bool {
        [&self.cert, &self.key].iter().any(|p| p.to_string_lossy().contains("{member}"))
    }
}

fn filled(path: &Path, member: &MemberName) -> PathBuf {
    PathBuf::from(path.to_string_lossy().replace("{member}", member.as_str()))
}

//! Versions of etcd, and the releases of Debian and Ubuntu that carry them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A version of etcd, such as 3.4.23.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EtcdVersion {
    /// Always 3, so far.
    pub major: u16,
    /// The minor: features come and go with it.
    pub minor: u16,
    /// The patch.
    pub patch: u16,
}

/// A text that does not begin with `MAJOR.MINOR.PATCH`. Reads on from "the version ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none: 3.4.23 would be")]
pub struct VersionError(String);

impl EtcdVersion {
    /// A version from its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The path of the JSON gateway: `/v3alpha` in 3.2, `/v3beta` in 3.3, `/v3` from 3.4 on (etcd's
    /// `api_grpc_gateway` page).
    #[must_use]
    pub fn gateway(self) -> &'static str {
        match (self.major, self.minor) {
            (3, 0..=2) => "/v3alpha",
            (3, 3) => "/v3beta",
            _ => "/v3",
        }
    }

    /// Whether `member list -w table` has the column IS LEARNER: from 3.4 on.
    #[must_use]
    pub fn knows_learners(self) -> bool {
        (self.major, self.minor) >= (3, 4)
    }
}

impl FromStr for EtcdVersion {
    type Err = VersionError;

    /// Also takes a Debian version, `3.4.23-4+b4`, and an epoch before it.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError(text.to_owned());
        let upstream = text.split_once(':').map_or(text, |(_, rest)| rest);
        let end = upstream.find(|c: char| !c.is_ascii_digit() && c != '.');
        let numbers = upstream.get(..end.unwrap_or(upstream.len())).unwrap_or(upstream);
        let mut parts = numbers.split('.').map(str::parse::<u16>);
        let mut next = || parts.next().and_then(Result::ok).ok_or_else(error);
        Ok(Self { major: next()?, minor: next()?, patch: next()? })
    }
}

impl fmt::Display for EtcdVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

impl TryFrom<String> for EtcdVersion {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<EtcdVersion> for String {
    fn from(version: EtcdVersion) -> Self {
        version.to_string()
    }
}

/// A release of Debian whose packages are known: what practice machines run, and what `plan`
/// assumes of nodes it has not asked.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// Debian 11.
    Bullseye,
    /// Debian 12.
    #[default]
    Bookworm,
    /// Debian 13.
    Trixie,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::Bullseye, Self::Bookworm, Self::Trixie];

    /// `bookworm`.
    #[must_use]
    pub fn code_name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
        }
    }

    /// `Debian 12`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Bullseye => "Debian 11",
            Self::Bookworm => "Debian 12",
            Self::Trixie => "Debian 13",
        }
    }

    /// The etcd in its packages (packages.debian.org).
    #[must_use]
    pub fn etcd(self) -> EtcdVersion {
        match self {
            Self::Bullseye => EtcdVersion::new(3, 3, 25),
            Self::Bookworm => EtcdVersion::new(3, 4, 23),
            Self::Trixie => EtcdVersion::new(3, 5, 16),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_dpkg_and_etcd_print() {
        for text in ["3.4.23", "3.4.23-4+b4", "3.4.23+dfsg-1", "1:3.4.23-1", "3.4.23.1"] {
            assert_eq!(text.parse(), Ok(EtcdVersion::new(3, 4, 23)), "{text}");
        }
        for text in ["", "3.4", "v3.4.23", "three"] {
            assert!(text.parse::<EtcdVersion>().is_err(), "{text}");
        }
    }
}

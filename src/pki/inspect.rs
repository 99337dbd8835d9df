//! Whether a CA, a certificate and a key would serve a member: all that etcd will ask, at once.
//!
//! It follows Go's rules, since Go's is the verdict that counts: every certificate of the CA file
//! is an anchor, the common name is nothing, no extended key usage means any.

mod chain;
mod leaf;
#[cfg(test)]
pub(super) mod tests;

use std::net::IpAddr;

use openssl::{
    pkey::{PKey, Private},
    x509::X509,
};

use super::pem::{self, BadPem};
use crate::cluster::{MemberName, Secret};

/// Which of the three files cannot be read. Reads on from "failed to read certificates: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// `ca.pem`.
    #[error("the CA file {0}")]
    Ca(BadPem),
    /// The certificate.
    #[error("the certificate file {0}")]
    Certificate(BadPem),
    /// Its key.
    #[error("the key file {0}")]
    Key(BadPem),
}

/// The three files of a member, read.
pub struct Bundle {
    roots: Vec<X509>,
    leaf: X509,
    between: Vec<X509>,
    /// None if no key is known for it.
    key: Option<PKey<Private>>,
}

/// Whom the bundle must serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The member.
    pub name: MemberName,
    /// What its peers call.
    pub address: IpAddr,
    /// An end within so many days is to be looked at; usually [`SOON`].
    pub soon_days: i32,
}

impl Need {
    /// A member, which calls and is called; an end within a month is to be looked at.
    #[must_use]
    pub fn member(name: MemberName, address: IpAddr) -> Self {
        Self { name, address, soon_days: SOON }
    }
}

/// Days before its end at which a certificate is to be looked at.
pub const SOON: i32 = 30;

/// One thing that is asked of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Signatures lead to the CA file.
    Chain,
    /// The key is the certificate's.
    Key,
    /// The node's clock is within all dates.
    Dates,
    /// The member's address is a subject alternative name.
    Address,
    /// So are `localhost` and `127.0.0.1`.
    Loopback,
    /// Extended key usage: Server Authentication.
    Server,
    /// Extended key usage: Client Authentication.
    Client,
    /// Key and signature are such as Go accepts.
    Strength,
}

impl Check {
    /// The row's name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Chain => "chain up to the root",
            Self::Key => "key belongs to certificate",
            Self::Dates => "valid by the node's clock",
            Self::Address => "names its own address",
            Self::Loopback => "names localhost, 127.0.0.1",
            Self::Server => "may act as server",
            Self::Client => "may act as client",
            Self::Strength => "key strong enough",
        }
    }
}

/// How it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and should be looked at.
    Look,
    /// It will not work.
    Wrong,
}

/// One row: what was asked, and what came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What was asked.
    pub check: Check,
    /// How it came out.
    pub verdict: Verdict,
    /// For a cell: `364 d`, `P-256`, or nothing.
    pub brief: String,
    /// What was found, a sentence without a full stop.
    pub says: String,
    /// What would be right; none if it is.
    pub remedy: Option<String>,
}

/// What a check found, before it is put into its row.
struct Found {
    verdict: Verdict,
    brief: String,
    says: String,
    remedy: Option<String>,
}

impl Found {
    fn ok(says: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, brief: String::new(), says: says.into(), remedy: None }
    }

    fn not(verdict: Verdict, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { verdict, brief: String::new(), says: says.into(), remedy }
    }

    fn brief(self, brief: impl Into<String>) -> Self {
        Self { brief: brief.into(), ..self }
    }
}

impl Bundle {
    /// Reads the three files. In the certificate file the member's own comes first, intermediates
    /// after it.
    ///
    /// # Errors
    /// Which file cannot be read, and what would be right.
    pub fn read(ca: &[u8], cert: &[u8], key: &Secret) -> Result<Self, BadBundle> {
        let roots = pem::certificates(ca).map_err(BadBundle::Ca)?;
        let mut all = pem::certificates(cert).map_err(BadBundle::Certificate)?.into_iter();
        let none = BadPem::None { wanted: "certificate", label: "CERTIFICATE" };
        let leaf = all.next().ok_or(BadBundle::Certificate(none))?;
        let key = pem::private_key(key).map_err(BadBundle::Key)?;
        Ok(Self { roots, leaf, between: all.collect(), key: Some(key) })
    }

    /// The same from parts that were read already; the key may be missing still.
    #[must_use]
    pub fn of(
        roots: Vec<X509>,
        leaf: X509,
        between: Vec<X509>,
        key: Option<PKey<Private>>,
    ) -> Self {
        Self { roots, leaf, between, key }
    }

    /// Every row; all are judged, whatever the others say. `now_unix` is
    /// the node's clock, seconds since 1970.
    #[must_use]
    pub fn inspect(&self, need: &Need, now_unix: i64) -> Vec<Requirement> {
        let rows = vec![
            (Check::Chain, self.chain()),
            (Check::Key, self.key_belongs()),
            (Check::Dates, self.dates(now_unix, need.soon_days)),
            (Check::Address, self.names_itself(need)),
            (Check::Loopback, self.names_loopback()),
            (Check::Server, self.may_act("Server", "is called by")),
            (Check::Client, self.may_act("Client", "calls")),
            (Check::Strength, self.strength()),
        ];
        rows.into_iter()
            .map(|(check, Found { verdict, brief, says, remedy })| Requirement {
                check,
                verdict,
                brief,
                says,
                remedy,
            })
            .collect()
    }
}

//! What stands in a certificate, in words a person can compare.

use std::net::IpAddr;

use openssl::{
    hash::MessageDigest,
    nid::Nid,
    x509::{X509, X509NameRef},
};

/// The names and addresses a certificate is good for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// DNS names.
    pub dns: Vec<String>,
    /// IP addresses.
    pub ips: Vec<IpAddr>,
}

/// The subject: its common name, else all of its parts.
#[must_use]
pub fn subject(cert: &X509) -> String {
    in_words(cert.subject_name())
}

/// The issuer, in the same way.
#[must_use]
pub fn issuer(cert: &X509) -> String {
    in_words(cert.issuer_name())
}

fn in_words(name: &X509NameRef) -> String {
    let text = |entries: &mut dyn Iterator<Item = String>| entries.collect::<Vec<_>>().join(", ");
    let common = text(
        &mut name.entries_by_nid(Nid::COMMONNAME).map(|entry| printable(entry.data().as_slice())),
    );
    if !common.is_empty() {
        return common;
    }
    let all = text(&mut name.entries().map(|entry| {
        let key = entry.object().nid().short_name().unwrap_or("?");
        format!("{key}={}", printable(entry.data().as_slice()))
    }));
    if all.is_empty() { "(no name)".to_owned() } else { all }
}

/// Names in certificates are anybody's text: what could move a cursor is taken out.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(128).collect()
}

/// Whether it names itself as its issuer, as a root does.
#[must_use]
pub fn self_issued(cert: &X509) -> bool {
    same(cert.subject_name(), cert.issuer_name())
}

/// Whether two names are the same.
#[must_use]
pub fn same(one: &X509NameRef, other: &X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(std::cmp::Ordering::is_eq)
}

/// The SHA-256 fingerprint, as `openssl x509 -fingerprint -sha256` prints it.
#[must_use]
pub fn fingerprint(cert: &X509) -> String {
    let digest = cert.digest(MessageDigest::sha256());
    let bytes: Vec<_> =
        digest.iter().flat_map(|d| d.iter()).map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Its first bytes: enough to tell two CAs of the same name apart.
#[must_use]
pub fn short_fingerprint(cert: &X509) -> String {
    fingerprint(cert).chars().take(11).collect()
}

/// The subject alternative names. etcd looks at nothing else: the common name counts for nothing
/// (Go since 1.15).
#[must_use]
pub fn names(cert: &X509) -> Names {
    let mut names = Names::default();
    for name in cert.subject_alt_names().iter().flatten() {
        if let Some(dns) = name.dnsname() {
            names.dns.push(printable(dns.as_bytes()));
        }
        names.ips.extend(name.ipaddress().and_then(address));
    }
    names
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

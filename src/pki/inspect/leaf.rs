//! The certificate itself: its key, its names, what it may do, how strong it is.

use std::net::{IpAddr, Ipv4Addr};

use openssl::{
    nid::Nid,
    pkey::Id,
    x509::{X509, X509ExtendedKeyUsage},
};

use super::{Bundle, Found, Need, Verdict};
use crate::pki::describe;

/// Fewest bits of an RSA key: below, OpenSSL's level 2 and most auditors refuse it.
const RSA_BITS: u32 = 2048;

impl Bundle {
    pub(super) fn key_belongs(&self) -> Found {
        let Some(own) = &self.key else {
            let says = "none of the keys belongs to it";
            return Found::not(
                Verdict::Wrong,
                says,
                "put the key that was made with it beside it, or ask for a new certificate",
            );
        };
        if self.leaf.public_key().is_ok_and(|key| key.public_eq(own)) {
            Found::ok("the key is the certificate's")
        } else {
            let says = "the key does not belong to the certificate";
            Found::not(Verdict::Wrong, says, "use the two that were made together")
        }
    }

    pub(super) fn names_itself(&self, need: &Need) -> Found {
        let names = describe::names(&self.leaf);
        let Need { name, address, .. } = need;
        let right = format!("DNS:{name}, IP:{address}");
        if names.ips.contains(address) {
            if names.dns.iter().any(|dns| named(dns, name.as_str())) {
                return Found::ok(format!("names {name} and {address}"));
            }
            let says = format!("names {address}, but not {name}; etcd calls by address alone");
            return Found::not(Verdict::Look, says, right);
        }
        let says = if names.dns.contains(&address.to_string()) {
            format!("{address} stands in it as a DNS name, where nobody looks for an address")
        } else {
            format!(
                "{name} names {}, not {address}; peers call it by address and would refuse it",
                all(&names)
            )
        };
        Found::not(Verdict::Wrong, says, right)
    }

    pub(super) fn names_loopback(&self) -> Found {
        let names = describe::names(&self.leaf);
        let address = names.ips.contains(&IpAddr::from(Ipv4Addr::LOCALHOST));
        let missing: Vec<_> =
            [("localhost", names.dns.iter().any(|n| n == "localhost")), ("127.0.0.1", address)]
                .iter()
                .filter_map(|(name, there)| (!there).then_some(*name))
                .collect();
        if missing.is_empty() {
            return Found::ok("names localhost and 127.0.0.1");
        }
        let says = format!(
            "does not name {}; etcdctl on the node itself calls that",
            missing.join(" and ")
        );
        Found::not(Verdict::Look, says, "DNS:localhost, IP:127.0.0.1")
    }

    /// Server or Client Authentication, in the certificate and in every intermediate, as Go has it.
    pub(super) fn may_act(&self, role: &str, does: &str) -> Found {
        let barred = std::iter::once(&self.leaf).chain(&self.between).find(|c| !allows(c, role));
        match barred {
            None => Found::ok(format!("may act as {}", role.to_lowercase())),
            Some(cert) => Found::not(
                Verdict::Wrong,
                format!(
                    "{} lacks {role} Authentication; a member {does} others with it",
                    describe::subject(cert)
                ),
                "extended key usage: Server AND Client Authentication",
            ),
        }
    }

    pub(super) fn strength(&self) -> Found {
        let wrong = |says: String, brief: &str| {
            Found::not(Verdict::Wrong, says, "a P-256 key, signed with SHA-256").brief(brief)
        };
        let Ok(key) = self.leaf.public_key() else {
            return wrong("its public key cannot be read".to_owned(), "other");
        };
        let bits = key.bits();
        let (brief, fits) = match key.id() {
            Id::RSA => (format!("RSA {bits}"), bits >= RSA_BITS),
            Id::EC => {
                let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
                match curve {
                    Some(Nid::X9_62_PRIME256V1) => ("P-256".to_owned(), true),
                    Some(Nid::SECP384R1) => ("P-384".to_owned(), true),
                    Some(Nid::SECP521R1) => ("P-521".to_owned(), true),
                    _ => ("EC".to_owned(), false),
                }
            }
            Id::ED25519 => ("Ed25519".to_owned(), true),
            _ => ("other".to_owned(), false),
        };
        let signature = self.leaf.signature_algorithm().object().nid();
        if !fits {
            return wrong(
                format!("a key of {bits} bits, {brief}, is too weak or unknown to Go"),
                &brief,
            );
        }
        if [Nid::SHA1WITHRSAENCRYPTION, Nid::MD5WITHRSAENCRYPTION, Nid::ECDSA_WITH_SHA1]
            .contains(&signature)
        {
            let name = signature.long_name().unwrap_or("a broken hash");
            return wrong(format!("it is signed with {name}, which Go refuses"), &brief);
        }
        Found::ok(format!("{brief} is strong enough")).brief(brief)
    }
}

/// Whether a DNS name of a certificate is that name. A wildcard never is: it stands for a label
/// before a dot, and a member's name has none.
fn named(dns: &str, name: &str) -> bool {
    dns.eq_ignore_ascii_case(name)
}

fn all(names: &describe::Names) -> String {
    let texts: Vec<_> =
        names.dns.iter().cloned().chain(names.ips.iter().map(ToString::to_string)).collect();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

/// No extended key usage allows everything (RFC 5280, 4.2.1.12), and so does "any".
fn allows(cert: &X509, role: &str) -> bool {
    let Some(usage) = cert.extended_key_usage() else { return true };
    let wanted = if role == "Server" {
        X509ExtendedKeyUsage::SSL_SERVER
    } else {
        X509ExtendedKeyUsage::SSL_CLIENT
    };
    usage.intersects(wanted | X509ExtendedKeyUsage::ANYEKU)
}

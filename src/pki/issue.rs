//! A certificate authority, and the certificates it signs.
//!
//! EC P-256 throughout: quick to make, strong, and read by every etcd. The only thing that does
//! not come in as data is randomness.

use std::net::IpAddr;

use openssl::{
    asn1::{Asn1Integer, Asn1Time, Asn1TimeRef},
    bn::{BigNum, MsbOption},
    ec::{EcGroup, EcKey},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Builder, X509Name,
        extension::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage,
            SubjectAlternativeName, SubjectKeyIdentifier,
        },
    },
};

use crate::cluster::Secret;

/// Seconds by which `notBefore` lies back: a node whose clock is a little slow accepts it too.
const BACKDATED: i64 = 5 * 60;
/// Bits of a serial: random, positive, within the 20 bytes of RFC 5280, 4.1.2.2.
const SERIAL_BITS: i32 = 127;

/// Why no certificate came out. Reads on from "failed to issue certificates: ".
#[derive(Debug, thiserror::Error)]
#[error("OpenSSL refuses: {0}")]
pub struct IssueError(#[from] ErrorStack);

/// A CA: its certificate, and the key that signs.
pub struct Authority {
    cert: X509,
    key: PKey<Private>,
}

/// Whose certificate, and what it is good for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The common name, 64 characters at most; etcd does not look at it.
    pub common_name: String,
    /// The DNS names it may be called by.
    pub dns: Vec<String>,
    /// The addresses it may be called by.
    pub ips: Vec<IpAddr>,
}

/// A certificate and its private key.
pub struct Pair {
    /// The certificate, and after it any intermediate.
    pub cert_pem: Vec<u8>,
    /// The private key, PKCS#8.
    pub key_pem: Secret,
}

impl Authority {
    /// A new root, good for `days` from `now` (seconds since 1970).
    ///
    /// # Errors
    /// If OpenSSL refuses, as it does a common name of more than 64 characters.
    pub fn new(common_name: &str, now: i64, days: u32) -> Result<Self, IssueError> {
        let key = new_key()?;
        let name = name(common_name)?;
        let mut cert = draft(&name, &key, now, &*end(now, days)?)?;
        cert.set_issuer_name(&name)?;
        cert.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
        let usage = KeyUsage::new().critical().key_cert_sign().crl_sign().build()?;
        cert.append_extension(usage)?;
        let id = SubjectKeyIdentifier::new().build(&cert.x509v3_context(None, None))?;
        cert.append_extension(id)?;
        let id =
            AuthorityKeyIdentifier::new().keyid(true).build(&cert.x509v3_context(None, None))?;
        cert.append_extension(id)?;
        cert.sign(&key, MessageDigest::sha256())?;
        Ok(Self { cert: cert.build(), key })
    }

    /// The CA's own certificate: what every member is given.
    ///
    /// # Errors
    /// If OpenSSL cannot encode it.
    pub fn cert_pem(&self) -> Result<Vec<u8>, IssueError> {
        Ok(self.cert.to_pem()?)
    }

    /// The CA's key, PKCS#8. It stays on the person's computer; no node needs it.
    ///
    /// # Errors
    /// If OpenSSL cannot encode it.
    pub fn key_pem(&self) -> Result<Secret, IssueError> {
        Ok(Secret::new(self.key.private_key_to_pem_pkcs8()?))
    }

    /// A certificate with which a member may be called and may call others, and its key. It ends
    /// after `days`, or with the CA if that is sooner.
    ///
    /// # Errors
    /// If OpenSSL refuses the names.
    pub fn issue(&self, subject: &Subject, now: i64, days: u32) -> Result<Pair, IssueError> {
        let key = new_key()?;
        let wished = end(now, days)?;
        let last = self.cert.not_after();
        let end = if *wished > *last { last } else { &wished };
        let mut cert = draft(&name(&subject.common_name)?, &key, now, end)?;
        cert.set_issuer_name(self.cert.subject_name())?;
        cert.append_extension(BasicConstraints::new().critical().build()?)?;
        cert.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        // Both: a member is server and client with the same certificate, and so is etcd's own
        // gateway on the client port.
        cert.append_extension(ExtendedKeyUsage::new().server_auth().client_auth().build()?)?;
        let mut names = SubjectAlternativeName::new();
        for dns in &subject.dns {
            names.dns(dns);
        }
        for ip in &subject.ips {
            names.ip(&ip.to_string());
        }
        if !(subject.dns.is_empty() && subject.ips.is_empty()) {
            let names = names.build(&cert.x509v3_context(Some(&self.cert), None))?;
            cert.append_extension(names)?;
        }
        let id = SubjectKeyIdentifier::new().build(&cert.x509v3_context(None, None))?;
        cert.append_extension(id)?;
        let id = AuthorityKeyIdentifier::new()
            .keyid(true)
            .build(&cert.x509v3_context(Some(&self.cert), None))?;
        cert.append_extension(id)?;
        cert.sign(&self.key, MessageDigest::sha256())?;
        let cert_pem = cert.build().to_pem()?;
        Ok(Pair { cert_pem, key_pem: Secret::new(key.private_key_to_pem_pkcs8()?) })
    }
}

/// What all certificates have in common; issuer, extensions and signature are still to come.
fn draft(
    subject: &X509Name,
    key: &PKey<Private>,
    now: i64,
    end: &Asn1TimeRef,
) -> Result<X509Builder, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(SERIAL_BITS, MsbOption::MAYBE_ZERO, false)?;
    let mut cert = X509::builder()?;
    // 2 means version 3.
    cert.set_version(2)?;
    cert.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    cert.set_subject_name(subject)?;
    cert.set_pubkey(key)?;
    cert.set_not_before(&*Asn1Time::from_unix(now - BACKDATED)?)?;
    cert.set_not_after(end)?;
    Ok(cert)
}

fn new_key() -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    Ok(name.build())
}

fn end(now: i64, days: u32) -> Result<Asn1Time, ErrorStack> {
    Asn1Time::from_unix(now + i64::from(days) * 24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    fn authority() -> Authority {
        Authority::new("Lab CA", NOW, 3650).unwrap()
    }

    fn plain() -> Subject {
        Subject { common_name: "n1".to_owned(), ..Subject::default() }
    }

    fn text_of(pem: &[u8]) -> String {
        String::from_utf8(X509::from_pem(pem).unwrap().to_text().unwrap()).unwrap()
    }

    #[test]
    fn the_certificate_may_do_what_etcd_does_with_it_and_no_more() {
        let subject = Subject {
            common_name: "icc-etcd-1".to_owned(),
            dns: vec!["localhost".to_owned()],
            ips: vec!["::1".parse().unwrap(), "198.18.30.32".parse().unwrap()],
        };
        let leaf = text_of(&authority().issue(&subject, NOW, 365).unwrap().cert_pem);
        for part in [
            "Version: 3 (0x2)",
            "CA:FALSE",
            "X509v3 Key Usage: critical\n                Digital Signature\n",
            "TLS Web Server Authentication, TLS Web Client Authentication\n",
            "DNS:localhost, IP Address:0:0:0:0:0:0:0:1, IP Address:198.18.30.32\n",
            "X509v3 Authority Key Identifier",
            "NIST CURVE: P-256",
        ] {
            assert!(leaf.contains(part), "{part}\n{leaf}");
        }
        let root = text_of(&authority().cert_pem().unwrap());
        assert!(root.contains("critical\n                CA:TRUE, pathlen:0\n"), "{root}");
        assert!(root.contains("Certificate Sign, CRL Sign\n"), "{root}");
    }

    #[test]
    fn it_begins_five_minutes_ago_and_never_outlives_its_ca() {
        let cert = |days| {
            let pair = authority().issue(&plain(), NOW, days).unwrap();
            X509::from_pem(&pair.cert_pem).unwrap()
        };
        let at = |unix| Asn1Time::from_unix(unix).unwrap();
        assert!(*cert(10).not_before() == *at(NOW - 300));
        assert!(*cert(10).not_after() == *at(NOW + 10 * 86_400));
        assert!(*cert(9999).not_after() == *at(NOW + 3650 * 86_400));
        assert_ne!(
            cert(1).serial_number().to_bn().unwrap(),
            cert(1).serial_number().to_bn().unwrap()
        );
    }
}

//! What a file holds, whatever its form and name: PEM in any mixture, DER, PKCS#7, PKCS#12.
//!
//! It reads, and does not judge. A passphrase is tried only if it is given; nothing is asked here.

use std::cell::Cell;

use openssl::{
    pkcs7::Pkcs7,
    pkcs12::Pkcs12,
    pkey::{PKey, Private},
    provider::Provider,
    stack::StackRef,
    x509::X509,
};
use zeroize::Zeroizing;

use super::pem;
use crate::cluster::Secret;

/// Every DER form of these begins with a sequence (X.690, 8.9).
const SEQUENCE: u8 = 0x30;

/// What was found in one file.
#[derive(Default)]
pub struct Holds {
    /// Certificates, in the file's order.
    pub certs: Vec<X509>,
    /// Private keys, without their passphrases.
    pub keys: Vec<PKey<Private>>,
    /// Something in it wants a passphrase, and none of those given is right.
    pub locked: bool,
    /// What in it cannot be used, as a clause that reads on from the file's name.
    pub trouble: Option<String>,
    /// etcd could read it as it is: PEM without a passphrase.
    pub plain: bool,
}

impl Holds {
    /// Whether it is a file that has nothing to do with certificates.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.certs.is_empty() && self.keys.is_empty() && !self.locked && self.trouble.is_none()
    }
}

/// Whether a file that begins so may hold anything of that kind.
#[must_use]
pub fn may_hold(head: &[u8]) -> bool {
    head.first() == Some(&SEQUENCE) || is_utf16(head) || has(head, b"-----BEGIN ")
}

fn is_utf16(raw: &[u8]) -> bool {
    raw.starts_with(b"\xff\xfe") || raw.starts_with(b"\xfe\xff")
}

/// Reads a file. Each of the passphrases is tried on what is locked in it.
#[must_use]
pub fn holds(bytes: &Secret, passphrases: &[Secret]) -> Holds {
    let raw = bytes.reveal();
    if is_utf16(raw) {
        let trouble = Some("is UTF-16 text; save it as plain ASCII or UTF-8".to_owned());
        return Holds { trouble, ..Holds::default() };
    }
    if has(raw, b"-----BEGIN ") { of_pem(raw, passphrases) } else { of_der(raw, passphrases) }
}

fn has(text: &[u8], label: &[u8]) -> bool {
    text.windows(label.len()).any(|part| part == label)
}

fn of_pem(raw: &[u8], passphrases: &[Secret]) -> Holds {
    let text = Zeroizing::new(pem::normalize(raw));
    let mut found = Holds { plain: true, ..Holds::default() };
    for block in blocks(&text) {
        let label = block.split(|b| *b == b'\n').next().unwrap_or_default();
        if has(label, b"PRIVATE KEY") {
            match key_of_pem(block, passphrases) {
                Key::Open(key, needed) => {
                    found.keys.push(key);
                    found.plain &= !needed;
                }
                Key::Locked => (found.locked, found.plain) = (true, false),
                Key::Damaged => damaged(&mut found, "private key"),
            }
        } else if has(label, b"CERTIFICATE REQUEST") {
            // What was sent to the CA, not what came back.
        } else if has(label, b"CERTIFICATE") {
            match X509::from_pem(block) {
                Ok(cert) => found.certs.push(cert),
                Err(_) => damaged(&mut found, "certificate"),
            }
        } else if has(label, b"PKCS7") {
            match Pkcs7::from_pem(block) {
                Ok(bundle) => found.certs.extend(of_bundle(&bundle)),
                Err(_) => damaged(&mut found, "PKCS#7 bundle"),
            }
            found.plain = false;
        }
    }
    found
}

fn damaged(found: &mut Holds, what: &str) {
    found.plain = false;
    found.trouble =
        Some(format!("holds a {what} that is damaged; copy it again, whole, from BEGIN to END"));
}

/// The blocks of a PEM text, each from its BEGIN line to its END line.
fn blocks(text: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let mut begun = None;
    let mut at = 0;
    for line in text.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        if line.starts_with(b"-----BEGIN ") {
            begun = Some(at);
        } else if line.starts_with(b"-----END ")
            && let Some(start) = begun.take()
        {
            blocks.extend(text.get(start..end));
        }
        at = end;
    }
    // One that does not end is damaged; that is said of it, instead of nothing.
    blocks.extend(begun.and_then(|start| text.get(start..)));
    blocks
}

enum Key {
    Open(PKey<Private>, bool),
    Locked,
    Damaged,
}

fn key_of_pem(block: &[u8], passphrases: &[Secret]) -> Key {
    let asked = Cell::new(false);
    // Without a callback OpenSSL would ask on the terminal itself.
    let key = PKey::private_key_from_pem_callback(block, |_| {
        asked.set(true);
        Ok(0)
    });
    match key {
        Ok(key) => Key::Open(key, false),
        Err(_) if !asked.get() => Key::Damaged,
        Err(_) => passphrases
            .iter()
            .find_map(|p| PKey::private_key_from_pem_passphrase(block, p.reveal()).ok())
            .map_or(Key::Locked, |key| Key::Open(key, true)),
    }
}

fn of_der(raw: &[u8], passphrases: &[Secret]) -> Holds {
    let mut found = Holds::default();
    if raw.first() != Some(&SEQUENCE) {
        return found;
    }
    if let Ok(cert) = X509::from_der(raw) {
        found.certs.push(cert);
    } else if let Ok(store) = Pkcs12::from_der(raw) {
        of_store(&store, passphrases, &mut found);
    } else if let Ok(bundle) = Pkcs7::from_der(raw) {
        found.certs = of_bundle(&bundle);
    } else if let Ok(key) = PKey::private_key_from_der(raw) {
        found.keys.push(key);
    } else if let Some(key) = passphrases
        .iter()
        .find_map(|p| PKey::private_key_from_pkcs8_passphrase(raw, p.reveal()).ok())
    {
        found.keys.push(key);
    }
    found
}

fn of_bundle(bundle: &Pkcs7) -> Vec<X509> {
    let certs = bundle.signed().and_then(|signed| signed.certificates());
    certs.into_iter().flat_map(StackRef::iter).map(ToOwned::to_owned).collect()
}

/// A PKCS#12 store. Many have no passphrase at all, so that is tried first.
fn of_store(store: &Pkcs12, passphrases: &[Secret], found: &mut Holds) {
    let texts = passphrases.iter().filter_map(|p| std::str::from_utf8(p.reveal()).ok());
    for passphrase in std::iter::once("").chain(texts) {
        // Exports of Windows and of old OpenSSL use RC2, which lies in a provider of its own.
        let opened = store.parse2(passphrase).or_else(|error| {
            let _legacy = Provider::try_load(None, "legacy", true)?;
            store.parse2(passphrase).map_err(|_| error)
        });
        match opened {
            Ok(parsed) => {
                found.certs.extend(parsed.cert);
                found.certs.extend(parsed.ca.iter().flatten().map(ToOwned::to_owned));
                found.keys.extend(parsed.pkey);
                return;
            }
            Err(error) if error.errors().iter().any(|e| e.reason() == Some("unsupported")) => {
                found.trouble = Some(
                    "is encrypted with RC2, which this computer's OpenSSL does not read; \
                     openssl pkcs12 -legacy -in OLD -nodes -out NEW makes it readable"
                        .to_owned(),
                );
                return;
            }
            Err(_) => {}
        }
    }
    found.locked = true;
}

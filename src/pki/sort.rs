//! A folder of certificates, sorted by what is in the files and never by what they are called: which
//! key belongs to which certificate, which certificate to which member, what lies between it and
//! the root.

mod serve;
#[cfg(test)]
mod tests;

use openssl::{
    pkey::{PKey, Private},
    x509::X509,
};

pub use self::serve::{Column, Facts, Serves};
use super::{
    describe,
    holds::{Holds, holds},
};
use crate::cluster::Secret;

/// A file of the folder.
pub struct File {
    /// Its path inside the folder.
    pub name: String,
    /// Its content.
    pub bytes: Secret,
    /// Others than its owner may read it.
    pub open_to_others: bool,
}

/// How many of each kind the folder holds; the same one in two files counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// CA certificates that name themselves as their issuer.
    pub roots: usize,
    /// CA certificates that another CA signed.
    pub between: usize,
    /// Certificates that may not sign others.
    pub leaves: usize,
    /// Private keys.
    pub keys: usize,
}

/// The folder, sorted.
#[derive(Default)]
pub struct Sorted {
    roots: Vec<X509>,
    between: Vec<X509>,
    leaves: Vec<X509>,
    keys: Vec<PKey<Private>>,
    files: Vec<(String, Holds)>,
    /// Files that want a passphrase.
    pub locked: Vec<String>,
    /// What cannot be used or should not be so: file and clause.
    pub troubles: Vec<(String, String)>,
}

impl Sorted {
    /// Sorts the files. Each of the passphrases is tried on what is locked.
    #[must_use]
    pub fn of(files: &[File], passphrases: &[Secret]) -> Self {
        let mut sorted = Self::default();
        for file in files {
            let found = holds(&file.bytes, passphrases);
            if found.nothing() {
                continue;
            }
            if found.locked {
                sorted.locked.push(file.name.clone());
            }
            if let Some(trouble) = &found.trouble {
                sorted.troubles.push((file.name.clone(), trouble.clone()));
            }
            if file.open_to_others && !found.keys.is_empty() {
                let says = "holds a private key that others may read; chmod 600 it".to_owned();
                sorted.troubles.push((file.name.clone(), says));
            }
            for cert in &found.certs {
                let kind = match (is_authority(cert), describe::self_issued(cert)) {
                    (true, true) => &mut sorted.roots,
                    (true, false) => &mut sorted.between,
                    (false, _) => &mut sorted.leaves,
                };
                if !kind.iter().any(|known| same(known, cert)) {
                    kind.push(cert.clone());
                }
            }
            for key in &found.keys {
                if !sorted.keys.iter().any(|known| known.public_eq(key)) {
                    sorted.keys.push(key.clone());
                }
            }
            sorted.files.push((file.name.clone(), found));
        }
        sorted
    }

    /// Takes keys that lie elsewhere, where a certificate here has none; gives their files.
    pub fn take_keys(&mut self, elsewhere: &[File]) -> Vec<String> {
        let mut taken = Vec::new();
        for file in elsewhere {
            let mut found = holds(&file.bytes, &[]);
            found.certs.clear();
            found.keys.retain(|key| {
                let own = |leaf: &X509| leaf.public_key().is_ok_and(|public| public.public_eq(key));
                self.leaves.iter().any(own) && !self.keys.iter().any(|known| known.public_eq(key))
            });
            if !found.keys.is_empty() {
                self.keys.extend(found.keys.iter().cloned());
                self.files.push((file.name.clone(), found));
                taken.push(file.name.clone());
            }
        }
        taken
    }

    /// How many of each kind there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            roots: self.roots.len(),
            between: self.between.len(),
            leaves: self.leaves.len(),
            keys: self.keys.len(),
        }
    }

    fn key_of(&self, leaf: &X509) -> Option<&PKey<Private>> {
        let public = leaf.public_key().ok()?;
        self.keys.iter().find(|key| public.public_eq(key))
    }

    /// The intermediates from the certificate upwards, and the root they lead to, if it is there.
    fn way_up(&self, leaf: &X509) -> (Vec<X509>, Option<X509>) {
        let mut between: Vec<X509> = Vec::new();
        loop {
            let top = between.last().unwrap_or(leaf);
            if let Some(root) = self.roots.iter().find(|root| signed(top, root)) {
                return (between, Some(root.clone()));
            }
            // Of two renewals of one intermediate the later one is meant.
            let next = self
                .between
                .iter()
                .filter(|ca| signed(top, ca) && !between.iter().any(|seen| same(seen, ca)))
                .max_by(|a, b| order(a.not_after(), b.not_after()));
            match next {
                Some(ca) => between.push(ca.clone()),
                None => return (between, None),
            }
        }
    }
}

fn order(a: &openssl::asn1::Asn1TimeRef, b: &openssl::asn1::Asn1TimeRef) -> std::cmp::Ordering {
    a.compare(b).unwrap_or(std::cmp::Ordering::Equal)
}

fn same(one: &X509, other: &X509) -> bool {
    one.to_der().ok() == other.to_der().ok()
}

fn signed(cert: &X509, by: &X509) -> bool {
    describe::same(by.subject_name(), cert.issuer_name())
        && by.public_key().is_ok_and(|key| cert.verify(&key).unwrap_or(false))
}

/// Whether it may sign others: `CA:TRUE`, or a root from before that was said (X.509 version 1).
fn is_authority(cert: &X509) -> bool {
    let text = cert.to_text().unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // No subject can stand in for these lines: OpenSSL escapes line ends within names.
    let mut after = text.lines().skip_while(|l| !l.trim().starts_with("X509v3 Basic Constraints"));
    match (after.next(), after.next()) {
        (Some(_), Some(says)) => says.trim().starts_with("CA:TRUE"),
        _ => describe::self_issued(cert) && describe::names(cert) == describe::Names::default(),
    }
}

//! Is this the machine we know? Reads `known_hosts` as OpenSSH does (sshd(8), `SSH_KNOWN_HOSTS
//! FILE FORMAT`), and adds to it.
//!
//! All its rules: several names, wildcards, negation, hashed names, `[host]:port`, revoked keys.
//! A line that cannot be read is nobody's key and keeps none of the others from counting.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use ssh_key::{
    HashAlg, PublicKey,
    known_hosts::{Entry, HostPatterns, Marker},
};

/// Where a line is, for messages: `file:line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// What is known of a host's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one we know.
    Known(Place),
    /// Nothing is known of that host.
    Unknown,
    /// Only keys of these other types are known: not the key the machine had.
    OtherTypes(Vec<String>),
    /// Another key of this type is known, with this fingerprint: not the same machine, or somebody
    /// in between.
    Changed(Place, String),
    /// This very key was revoked.
    Revoked(Place),
}

/// The lines of all `known_hosts` files, the person's own first.
#[derive(Debug)]
pub struct KnownHosts(Vec<(Place, Entry)>);

/// A `known_hosts` file that is there and cannot be read; then nothing can be known.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}", file.display())]
pub struct Unreadable {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Host key algorithms in the order we like them. No certificates: libssh2 does not check them.
const ALGORITHMS: [&str; 6] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
];

/// The name a host has in `known_hosts`.
#[must_use]
pub fn name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// `SHA256:` and base64, as `ssh-keygen -l` prints it.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

impl KnownHosts {
    /// Reads the files; one that is not there knows nobody.
    ///
    /// # Errors
    /// If one is there and cannot be read.
    pub fn read(files: &[PathBuf]) -> Result<Self, Unreadable> {
        let mut all = Vec::new();
        for file in files {
            match fs::read(file) {
                Ok(bytes) => all.extend(entries(file, &bytes)),
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(Unreadable { file: file.clone(), source }),
            }
        }
        Ok(Self(all))
    }

    /// The algorithms to ask the host for, its known ones first. All are listed, so that a changed
    /// host is seen as changed and not as one that speaks nothing we do.
    #[must_use]
    pub fn preference(&self, name: &str) -> String {
        let known: BTreeSet<String> = self.types(name).collect();
        // The file calls a key ssh-rsa, whatever hash it signs with.
        let is_known =
            |a: &&str| known.contains(*a) || a.starts_with("rsa") && known.contains("ssh-rsa");
        let (mut first, rest): (Vec<_>, Vec<_>) = ALGORITHMS.into_iter().partition(is_known);
        first.extend(rest);
        first.join(",")
    }

    /// What is known of the host of that name, which showed this key.
    #[must_use]
    pub fn verdict(&self, name: &str, key: &PublicKey) -> Verdict {
        let same = |entry: &Entry| entry.public_key().key_data() == key.key_data();
        let of_host = || self.0.iter().filter(|(_, e)| matches(e.host_patterns(), name));
        if let Some((place, _)) =
            of_host().find(|(_, e)| e.marker() == Some(&Marker::Revoked) && same(e))
        {
            return Verdict::Revoked(place.clone());
        }
        let plain = || of_host().filter(|(_, e)| e.marker().is_none());
        if let Some((place, _)) = plain().find(|(_, e)| same(e)) {
            return Verdict::Known(place.clone());
        }
        if let Some((place, entry)) =
            plain().find(|(_, e)| e.public_key().algorithm() == key.algorithm())
        {
            return Verdict::Changed(place.clone(), fingerprint(entry.public_key()));
        }
        let others: BTreeSet<String> = self.types(name).collect();
        if others.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::OtherTypes(others.into_iter().collect())
        }
    }

    fn types(&self, name: &str) -> impl Iterator<Item = String> {
        let of_host = self.0.iter().filter(move |(_, e)| matches(e.host_patterns(), name));
        of_host
            .filter(|(_, e)| e.marker().is_none())
            .map(|(_, e)| e.public_key().algorithm().to_string())
    }
}

fn entries<'a>(file: &'a Path, bytes: &'a [u8]) -> impl Iterator<Item = (Place, Entry)> + 'a {
    bytes.split(|&b| b == b'\n').zip(1..).filter_map(move |(line, number)| {
        let text = std::str::from_utf8(line).ok()?.trim();
        let entry = text.parse().ok().filter(|_| !text.starts_with('#'))?;
        Some((Place { file: file.to_owned(), line: number }, entry))
    })
}

fn matches(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::Patterns(patterns) => {
            let hit = |p: &str| glob(p.to_ascii_lowercase().as_bytes(), name.as_bytes());
            let negated = patterns.iter().filter_map(|p| p.strip_prefix('!')).any(hit);
            !negated && patterns.iter().filter(|p| !p.starts_with('!')).any(|p| hit(p))
        }
        HostPatterns::HashedName { salt, hash } => hashed(salt, name).is_ok_and(|h| h == hash),
    }
}

/// `*` is any text, `?` any one character. Linear in both, whatever a file says.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (pattern, name);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        match (p, n) {
            ([], []) => return true,
            ([b'*', rest @ ..], _) => {
                star = Some((rest, n));
                p = rest;
            }
            ([a, ps @ ..], [b, ns @ ..]) if a == b || *a == b'?' => (p, n) = (ps, ns),
            _ => {
                let Some((after, [_, rest @ ..])) = star else { return false };
                star = Some((after, rest));
                (p, n) = (after, rest);
            }
        }
    }
}

/// A hashed name: HMAC-SHA1 of the name, keyed with the salt.
fn hashed(salt: &[u8], name: &str) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let key = PKey::hmac(salt)?;
    Signer::new(MessageDigest::sha1(), &key)?.sign_oneshot_to_vec(name.as_bytes())
}

/// Adds the key of a host, unless it is there: one line, written at once, at the end of the file.
/// Everything else in the file stays as it is.
///
/// # Errors
/// If the file cannot be written.
pub fn add(file: &Path, name: &str, key: &PublicKey) -> io::Result<()> {
    /// Five machines may be accepted at the same time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // All that go through one jump host bring its key.
    let known = KnownHosts::read(&[file.to_owned()]).map_err(io::Error::other)?;
    if matches!(known.verdict(name, key), Verdict::Known(_)) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut to =
        fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    let mut last = [b'\n'];
    if to.seek(SeekFrom::End(0))? > 0 {
        to.seek(SeekFrom::End(-1))?;
        to.read_exact(&mut last)?;
    }
    let start = if last == [b'\n'] { "" } else { "\n" };
    let mut bare = key.clone();
    bare.set_comment("");
    let key = bare.to_openssh().map_err(io::Error::other)?;
    to.write_all(format!("{start}{name} {}\n", key.trim_end()).as_bytes())
}

#[cfg(test)]
#[path = "host_keys/tests.rs"]
mod tests;

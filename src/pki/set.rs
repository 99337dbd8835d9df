//! The files of the lab: a CA, the members' certificate and key, under the lab's names.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::issue::{Authority, IssueError, Pair, Subject};
use crate::cluster::{Cluster, Member, Secret};

/// Days a root is good for: ten years. Replacing it means every node at once.
const CA_DAYS: u32 = 3653;

/// One pair for all members as the lab has it, or one for each as etcd's documentation advises
/// (op-guide/security.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// `kubernetes.pem` and `kubernetes-key.pem`, the same on all nodes.
    Shared,
    /// `MEMBER.pem` and `MEMBER-key.pem`.
    PerMember,
}

/// Files of certificates and keys, ready to be written.
#[derive(Default)]
pub struct Set {
    pub(super) public: Vec<(String, Vec<u8>)>,
    pub(super) private: Vec<(String, Secret)>,
}

/// Why the set was not written. Reads on from "failed to write certificates: ".
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file of that name is there. It may be the only copy of a key.
    #[error("{} is there already; nothing is overwritten, move it away or name another folder", .0.display())]
    Exists(PathBuf),
    /// The file system says no.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
}

/// A new CA and the members' certificates, from `now` (seconds since 1970) for `days`.
///
/// Every certificate names its members' names and addresses, `localhost`, `127.0.0.1` and `::1`:
/// peers call the address, etcdctl on a node calls the loopback.
///
/// # Errors
/// If OpenSSL refuses.
pub fn issue_for(cluster: &Cluster, pairs: Pairs, now: i64, days: u32) -> Result<Set, IssueError> {
    let authority = Authority::new(&format!("{} CA", cluster.name), now, CA_DAYS.max(days))?;
    let mut set = Set {
        public: vec![("ca.pem".to_owned(), authority.cert_pem()?)],
        private: vec![("ca-key.pem".to_owned(), authority.key_pem()?)],
    };
    match pairs {
        Pairs::Shared => {
            let all: Vec<_> = cluster.members.iter().collect();
            set.add("kubernetes", authority.issue(&subject("kubernetes", &all), now, days)?);
        }
        Pairs::PerMember => {
            for member in &cluster.members {
                let name = member.name.as_str();
                set.add(name, authority.issue(&subject(name, &[member]), now, days)?);
            }
        }
    }
    Ok(set)
}

/// What the certificate of these members must say.
pub(super) fn subject(common_name: &str, members: &[&Member]) -> Subject {
    let mut subject = Subject { common_name: common_name.to_owned(), ..Subject::default() };
    for member in members {
        subject.dns.push(member.name.to_string());
        subject.ips.push(member.address.ip());
    }
    subject.dns.push("localhost".to_owned());
    subject.ips.extend([IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()]);
    subject
}

/// Its alternative names, as `openssl` writes them.
pub(super) fn names_of(subject: &Subject) -> String {
    let dns = subject.dns.iter().map(|dns| format!("DNS:{dns}"));
    let ips = subject.ips.iter().map(|ip| format!("IP:{ip}"));
    dns.chain(ips).collect::<Vec<_>>().join(", ")
}

impl Set {
    fn add(&mut self, name: &str, pair: Pair) {
        self.public.push((format!("{name}.pem"), pair.cert_pem));
        self.private.push((format!("{name}-key.pem"), pair.key_pem));
    }

    /// The names of its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let private = self.private.iter().map(|(name, _)| name.as_str());
        self.public.iter().map(|(name, _)| name.as_str()).chain(private)
    }

    /// Whether all its files are in that folder already, byte for byte.
    #[must_use]
    pub fn is_in(&self, dir: &Path) -> bool {
        let public = self.public.iter().map(|(name, pem)| (name, pem.as_slice()));
        let private = self.private.iter().map(|(name, key)| (name, key.reveal()));
        public.chain(private).all(|(name, pem)| {
            fs::read(dir.join(name)).is_ok_and(|there| Zeroizing::new(there).as_slice() == pem)
        })
    }

    /// Writes all files into `dir`, the keys 0600 from the first moment. On failure what this call
    /// made is taken away again: half a set helps nobody.
    ///
    /// # Errors
    /// If one of the files is there already (then nothing is written), or cannot be written.
    pub fn write_set(&self, dir: &Path) -> Result<Vec<PathBuf>, WriteError> {
        let public = self.public.iter().map(|(name, pem)| (name, pem.as_slice(), 0o644));
        let private = self.private.iter().map(|(name, key)| (name, key.reveal(), 0o600));
        let files: Vec<_> =
            public.chain(private).map(|(name, pem, mode)| (dir.join(name), pem, mode)).collect();
        if let Some((path, ..)) = files.iter().find(|(path, ..)| path.symlink_metadata().is_ok()) {
            return Err(WriteError::Exists(path.clone()));
        }
        let mut written = Vec::new();
        for (path, pem, mode) in files {
            if let Err(error) = write_new(&path, pem, mode, &mut written) {
                for path in &written {
                    // The first error is the one to tell.
                    let _ = fs::remove_file(path);
                }
                return Err(match error.kind() {
                    io::ErrorKind::AlreadyExists => WriteError::Exists(path),
                    _ => WriteError::Io { path, source: error },
                });
            }
        }
        Ok(written)
    }
}

fn write_new(path: &Path, pem: &[u8], mode: u32, written: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    written.push(path.to_owned());
    file.write_all(pem)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::cluster::file::tests::lab;

    const NOW: i64 = 1_795_000_000;

    #[test]
    fn the_set_has_the_labs_names_and_keys_nobody_else_can_read() {
        let dir = tempfile::tempdir().unwrap();
        let set = issue_for(&lab(), Pairs::Shared, NOW, 365).unwrap();
        set.write_set(dir.path()).unwrap();
        for (name, mode) in [
            ("ca.pem", 0o644),
            ("ca-key.pem", 0o600),
            ("kubernetes.pem", 0o644),
            ("kubernetes-key.pem", 0o600),
        ] {
            let found = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
            assert_eq!(found & 0o777 & !mode, 0, "{name} {found:o}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_left_half_done() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("ca-key.pem"), "the only copy").unwrap();
        let set = issue_for(&lab(), Pairs::PerMember, NOW, 365).unwrap();
        let error = set.write_set(dir.path()).unwrap_err();
        assert!(error.to_string().contains("ca-key.pem is there already"), "{error}");
        assert_eq!(fs::read(dir.path().join("ca-key.pem")).unwrap(), b"the only copy");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

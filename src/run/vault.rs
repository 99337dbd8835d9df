//! The one place that holds the bytes of certificates, keys and what is lent while a run lasts.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    cluster::{Cluster, Digest, MemberName, Secret},
    lab::{LocalFile, Material, Script},
    pki::pem::normalize,
};

/// A cluster's TLS files, read once.
pub struct Vault {
    materials: BTreeMap<MemberName, Material>,
    keys: BTreeMap<PathBuf, Secret>,
    /// What sisters lend, as base64: by its SHA-256.
    lent: Mutex<BTreeMap<String, Secret>>,
}

/// Why a TLS file cannot be used. Reads on from "failed to read the certificates: ".
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It cannot be opened.
    #[error("{what} {}: {error}", path.display())]
    Unreadable {
        /// `tls.ca`, `tls.cert` or `tls.key`.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is something else.
    #[error("{what} {} is no PEM file: it has no line -----BEGIN …-----", path.display())]
    NoPem {
        /// `tls.ca`, `tls.cert` or `tls.key`.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
    },
}

impl Vault {
    /// Reads the CA, and each member's certificate and key.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn open(cluster: &Cluster) -> Result<Self, VaultError> {
        let ca = text("tls.ca", &cluster.tls.ca)?;
        let mut vault =
            Self { materials: BTreeMap::new(), keys: BTreeMap::new(), lent: Mutex::default() };
        for member in &cluster.members {
            let cert = text("tls.cert", &cluster.tls.cert_of(&member.name))?;
            let path = cluster.tls.key_of(&member.name);
            let key = Secret::new(normalize(&pem("tls.key", &path)?));
            let key_file = LocalFile {
                path: path.clone(),
                name: "kubernetes-key.pem".to_owned(),
                bytes: key.reveal().len(),
                digest: Digest::of(key.reveal()),
            };
            vault.keys.insert(path, key);
            let material = Material { ca: ca.clone(), cert, key: key_file };
            vault.materials.insert(member.name.clone(), material);
        }
        Ok(vault)
    }

    /// What is copied to each node.
    #[must_use]
    pub fn materials(&self) -> &BTreeMap<MemberName, Material> {
        &self.materials
    }

    /// What is copied to that member's node.
    #[must_use]
    pub fn material(&self, member: &MemberName) -> Option<&Material> {
        self.materials.get(member)
    }

    /// What the member proves to others who it is with: its files, and the key itself.
    #[must_use]
    pub fn tls(&self, member: &MemberName) -> Option<(&Material, &Secret)> {
        let files = self.materials.get(member)?;
        Some((files, self.keys.get(&files.key.path)?))
    }

    /// Takes in what a sister lends, as base64 in lines. A proxy's password may be in it.
    pub fn lend(&self, file: &LocalFile, content: Secret) {
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        lent.insert(file.digest.to_string(), content);
    }

    /// The text as it is sent: with the content of its file.
    #[must_use]
    pub fn fill(&self, script: &Script) -> Secret {
        let lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        let content = script
            .needs
            .as_ref()
            .and_then(|file| self.keys.get(&file.path).or_else(|| lent.get(file.digest.as_str())));
        match (script.around_file(), content) {
            (Some((before, after)), Some(content)) => {
                let parts = [before.as_bytes(), content.reveal(), after.as_bytes()];
                let mut bytes = Vec::with_capacity(parts.iter().map(|p| p.len()).sum());
                for part in parts {
                    bytes.extend_from_slice(part);
                }
                Secret::new(bytes)
            }
            _ => Secret::new(script.text.clone().into_bytes()),
        }
    }
}

fn text(what: &'static str, path: &Path) -> Result<String, VaultError> {
    let bytes = normalize(&pem(what, path)?);
    String::from_utf8(bytes).map_err(|_| VaultError::NoPem { what, path: path.to_owned() })
}

fn pem(what: &'static str, path: &Path) -> Result<Vec<u8>, VaultError> {
    let bytes = fs::read(path).map_err(|error| {
        let path = path.to_owned();
        VaultError::Unreadable { what, path, error }
    })?;
    if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
        Ok(bytes)
    } else {
        Err(VaultError::NoPem { what, path: path.to_owned() })
    }
}

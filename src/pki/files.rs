//! A member's three files on this computer: read, and looked at.

use std::{fs, io, path::PathBuf};

use super::{BadBundle, Bundle, Need, Requirement};
use crate::cluster::{Member, Secret, TlsPaths};

/// Why they cannot be looked at. Reads on from "failed to read the certificates: ".
#[derive(Debug, thiserror::Error)]
pub enum BadFiles {
    /// One is not there, or may not be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// One holds something else.
    #[error(transparent)]
    Bundle(#[from] BadBundle),
}

/// All that etcd will ask of that member's files; `now_unix` is the clock that counts, in seconds
/// since 1970.
///
/// # Errors
/// The first file that cannot be used.
pub fn inspect_files(
    tls: &TlsPaths,
    member: &Member,
    now_unix: i64,
) -> Result<Vec<Requirement>, BadFiles> {
    let read =
        |path: PathBuf| fs::read(&path).map_err(|source| BadFiles::Unreadable { path, source });
    let (ca, cert) = (read(tls.ca.clone())?, read(tls.cert_of(&member.name))?);
    let key = Secret::new(read(tls.key_of(&member.name))?);
    let need = Need::member(member.name.clone(), member.address.ip());
    Ok(Bundle::read(&ca, &cert, &key)?.inspect(&need, now_unix))
}

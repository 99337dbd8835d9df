//! Private key files, opened once for all hosts, so that a passphrase is asked once.

use std::{
    collections::HashMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use openssl::pkey::PKey;
use ssh_key::LineEnding;
use zeroize::Zeroizing;

use super::ask::{Ask, Prompter, Reply};
use crate::cluster::Secret;

/// Passphrases asked for before giving up on a key.
const TRIES: usize = 3;

/// The keys that were opened. Clones share them: give the same one to every host.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<HashMap<PathBuf, Option<Secret>>>>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// A private key file, as it lies there.
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) encrypted: bool,
    /// Its public half as SSH sends it, if that can be read without a passphrase.
    pub(super) public: Option<Vec<u8>>,
    text: Secret,
}

impl KeyFile {
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let text = Secret::new(fs::read(path)?);
        let key = ssh_key::PrivateKey::from_openssh(text.reveal()).ok();
        let beside = || {
            let mut name = path.as_os_str().to_owned();
            name.push(".pub");
            ssh_key::PublicKey::read_openssh_file(Path::new(&name)).ok()
        };
        let public = key.as_ref().map(|k| k.public_key().clone()).or_else(beside);
        let public = public.and_then(|k| k.to_bytes().ok());
        // Legacy PEM says it in its first lines (RFC 1421, RFC 5958).
        let says = |mark: &[u8]| text.reveal().windows(mark.len()).any(|w| w == mark);
        let encrypted = key.as_ref().map_or_else(
            || says(b"BEGIN ENCRYPTED PRIVATE KEY") || says(b"Proc-Type: 4,ENCRYPTED"),
            ssh_key::PrivateKey::is_encrypted,
        );
        Ok(Self { path: path.to_owned(), encrypted, public, text })
    }

    /// The key without its passphrase; `None` if that is wrong.
    fn decrypted(&self, passphrase: &Secret) -> Option<Secret> {
        let text = self.text.reveal();
        if let Ok(key) = ssh_key::PrivateKey::from_openssh(text) {
            let open = key.decrypt(passphrase.reveal()).ok()?;
            let pem: Zeroizing<String> = open.to_openssh(LineEnding::LF).ok()?;
            return Some(Secret::new(pem.as_bytes().to_vec()));
        }
        let key = PKey::private_key_from_pem_passphrase(text, passphrase.reveal()).ok()?;
        key.private_key_to_pem_pkcs8().ok().map(Secret::new)
    }
}

impl Keys {
    /// The key as it is given to the session. Hosts that need the same key at the same time wait
    /// for the one answer. `None`: there was nobody to ask, or no right answer.
    pub(super) fn open(&self, file: &KeyFile, prompter: &dyn Prompter) -> Option<Secret> {
        if !file.encrypted {
            return Some(file.text.clone());
        }
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = opened.get(&file.path) {
            return known.clone();
        }
        for attempt in 0..TRIES {
            match prompter.ask(&Ask::Passphrase { file: file.path.clone(), again: attempt > 0 }) {
                Some(Reply::Secret(passphrase)) => {
                    if let Some(key) = file.decrypted(&passphrase) {
                        opened.insert(file.path.clone(), Some(key.clone()));
                        return Some(key);
                    }
                }
                // Not this key, then, on no host; there may be another way in.
                Some(_) => {
                    opened.insert(file.path.clone(), None);
                    return None;
                }
                None => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// A key that `ssh-keygen` makes; what we make of it.
    fn made(kind: &[&str], passphrase: &str) -> KeyFile {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("key");
        let keygen = Command::new("ssh-keygen")
            .args(["-q", "-N", passphrase, "-f"])
            .arg(&file)
            .args(kind)
            .status();
        assert!(keygen.unwrap().success());
        KeyFile::read(&file).unwrap()
    }

    #[test]
    fn every_form_of_key_is_told_apart_and_opened() {
        for kind in [
            &["-t", "ed25519"][..],
            &["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"],
            &["-t", "ecdsa"],
            &["-t", "rsa", "-b", "2048"],
            &["-t", "rsa", "-b", "2048", "-m", "PEM"],
            &["-t", "rsa", "-b", "2048", "-m", "PKCS8"],
            &["-t", "ecdsa", "-m", "PKCS8"],
        ] {
            let plain = made(kind, "");
            assert!(!plain.encrypted && plain.public.is_some(), "{kind:?}");
            let locked = made(kind, "open sesame");
            assert!(locked.encrypted && locked.public.is_some(), "{kind:?}");
            let wrong = Secret::from("wrong".to_owned());
            assert!(locked.decrypted(&wrong).is_none(), "{kind:?}");
            let right = Secret::from("open sesame".to_owned());
            let open = locked.decrypted(&right).unwrap_or_else(|| panic!("{kind:?}"));
            assert!(!open.reveal().is_empty());
        }
    }
}

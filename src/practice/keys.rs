//! What is made once and by chance: SSH keys and machine IDs.

use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};
use zeroize::Zeroizing;

use super::error::Error;
use crate::cluster::Secret;

/// An SSH key pair in OpenSSH's formats.
pub(super) struct Pair {
    /// The private key file.
    pub(super) private: Secret,
    /// The public key's line.
    pub(super) public: String,
}

/// A new Ed25519 pair.
pub(super) fn host_key(comment: &str) -> Result<Pair, Error> {
    let mut seed = Zeroizing::new([0; Ed25519Keypair::BYTE_SIZE / 2]);
    random(seed.as_mut_slice())?;
    let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
    key.set_comment(comment);
    let private = Secret::new(key.to_openssh(LineEnding::LF)?.as_bytes().to_vec());
    Ok(Pair { private, public: format!("{}\n", key.public_key().to_openssh()?) })
}

/// A machine's ID: 32 hexadecimal digits, a random UUID of version 4 (machine-id(5)).
pub(super) fn machine_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    let id = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    Ok(format!("{id:032x}"))
}

fn random(bytes: &mut [u8]) -> Result<(), Error> {
    openssl::rand::rand_bytes(bytes).map_err(|e| Error::Certificates(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_id_is_a_random_uuid() {
        let (one, two) = (machine_id().unwrap(), machine_id().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 32);
        assert_eq!(one.get(12..13), Some("4"));
        assert!("89ab".contains(one.get(16..17).unwrap()), "{one}");
    }

    #[test]
    fn a_key_is_one_that_openssh_reads() {
        let pair = host_key("n1").unwrap();
        let private = PrivateKey::from_openssh(pair.private.reveal()).unwrap();
        assert_eq!(format!("{}\n", private.public_key().to_openssh().unwrap()), pair.public);
        assert!(pair.public.starts_with("ssh-ed25519 ") && pair.public.ends_with(" n1\n"));
    }
}

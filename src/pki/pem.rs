//! PEM files as people have them: with a byte order mark, Windows line ends, bag attributes.
//!
//! It reads certificates and keys, and does not judge them.

use std::cell::Cell;

use openssl::{
    pkey::{PKey, Private},
    x509::X509,
};
use zeroize::Zeroizing;

use crate::cluster::Secret;

/// Why a file is no certificate or key that etcd could read. Reads on from "the CA file ", "the
/// certificate file ", "the key file ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPem {
    /// No block of the kind that was looked for.
    #[error("holds no {wanted}; a line -----BEGIN {label}----- would begin one")]
    None {
        /// "certificate" or "private key".
        wanted: &'static str,
        /// The label of the PEM block.
        label: &'static str,
    },
    /// Binary. Go reads only PEM.
    #[error(
        "is DER, and etcd reads only PEM; openssl x509 -inform der -in OLD -out NEW makes it so"
    )]
    Der,
    /// Text as some Windows editors save it.
    #[error("is UTF-16 text; save it as plain ASCII or UTF-8")]
    Utf16,
    /// A block that does not decode.
    #[error("holds a {wanted} that is damaged; copy it again, whole, from BEGIN to END")]
    Damaged {
        /// "certificate" or "private key".
        wanted: &'static str,
    },
    /// A passphrase that nobody could type when etcd starts.
    #[error(
        "is encrypted, and etcd cannot ask for a passphrase; openssl pkey -in OLD -out NEW takes \
         it off"
    )]
    Encrypted,
}

/// The same text as etcd and a here-document like it: no byte order mark, `\n` line ends, one at
/// the end, and only lines of printable ASCII (others can only be comments).
#[must_use]
pub fn normalize(bytes: &[u8]) -> Vec<u8> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Room for all at once: a key must leave no half copy behind in freed memory.
    let mut clean = Vec::with_capacity(text.len() + 2);
    // Where a block says how it is encrypted, a blank line ends that (RFC 1421, 4.4).
    let mut headed = false;
    for line in text.split(|b| matches!(b, b'\n' | b'\r')) {
        let line = line.trim_ascii_end();
        if headed && !line.is_empty() && !line.contains(&b':') {
            clean.push(b'\n');
            headed = false;
        }
        headed |= line.starts_with(b"DEK-Info:");
        if !line.is_empty() && line.iter().all(|b| matches!(b, b' '..=b'~')) {
            clean.extend_from_slice(line);
            clean.push(b'\n');
        }
    }
    clean
}

/// All certificates of a file, in its order; at least one.
///
/// # Errors
/// If there is none, or one cannot be decoded.
pub fn certificates(bytes: &[u8]) -> Result<Vec<X509>, BadPem> {
    let wanted = "certificate";
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(BadPem::Utf16);
    }
    match X509::stack_from_pem(&normalize(bytes)) {
        Ok(all) if !all.is_empty() => Ok(all),
        Err(_) => Err(BadPem::Damaged { wanted }),
        // OpenSSL calls a file without any block an empty stack.
        Ok(_) if X509::from_der(bytes).is_ok() => Err(BadPem::Der),
        Ok(_) => Err(BadPem::None { wanted, label: "CERTIFICATE" }),
    }
}

/// The first private key of a file: PKCS#1, PKCS#8 or SEC1, whatever stands before it.
///
/// # Errors
/// If there is none, it cannot be decoded, or it has a passphrase.
pub fn private_key(bytes: &Secret) -> Result<PKey<Private>, BadPem> {
    let text = Zeroizing::new(normalize(bytes.reveal()));
    let asked = Cell::new(false);
    // Without a callback OpenSSL would ask on the terminal itself.
    let key = PKey::private_key_from_pem_callback(&text, |_| {
        asked.set(true);
        Ok(0)
    });
    let has = |label: &[u8]| text.windows(label.len()).any(|part| part == label);
    match key {
        Ok(key) => Ok(key),
        Err(_) if asked.get() => Err(BadPem::Encrypted),
        Err(_) if has(b"PRIVATE KEY-----") => Err(BadPem::Damaged { wanted: "private key" }),
        Err(_) if PKey::private_key_from_der(bytes.reveal()).is_ok() => Err(BadPem::Der),
        Err(_) => Err(BadPem::None { wanted: "private key", label: "PRIVATE KEY" }),
    }
}

#[cfg(test)]
mod tests {
    use openssl::symm::Cipher;

    use super::*;

    #[test]
    fn what_editors_add_is_taken_off() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"\xef\xbb\xbfa\r\nb\r\n", b"a\nb\n"),
            (b"a\nb", b"a\nb\n"),
            (b"a\n\n  \nb  \n", b"a\nb\n"),
            ("friendlyName: Jürgen\na\n".as_bytes(), b"a\n"),
            (b"a\x1b[2Jb\nc", b"c\n"),
        ];
        for (from, to) in cases {
            assert_eq!(normalize(from), to);
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_told_apart_without_a_prompt() {
        let key = PKey::generate_ed25519().unwrap();
        let encrypted = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"x");
        let whole = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let cases = [
            (encrypted.unwrap(), BadPem::Encrypted),
            (key.private_key_to_der().unwrap(), BadPem::Der),
            (whole.replacen("MC4", "M", 1).into(), BadPem::Damaged { wanted: "private key" }),
            (b"hello".to_vec(), BadPem::None { wanted: "private key", label: "PRIVATE KEY" }),
            (Vec::new(), BadPem::None { wanted: "private key", label: "PRIVATE KEY" }),
        ];
        for (bytes, want) in cases {
            assert_eq!(private_key(&Secret::new(bytes)).unwrap_err(), want);
        }
        assert!(private_key(&Secret::from(whole)).is_ok());
    }
}

//! Bytes that must not be seen: private keys, passphrases, passwords.

use zeroize::Zeroizing;

/// A secret. It cannot be printed or serialized, and its memory is wiped when it is dropped.
///
/// ```compile_fail
/// let key = quorate::cluster::Secret::new(Vec::new());
/// println!("{key:?}");
/// ```
/// ```compile_fail
/// let key = quorate::cluster::Secret::new(Vec::new());
/// serde_json::to_string(&key);
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the one place that needs them. Never log or store what this gives.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

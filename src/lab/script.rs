//! A text that is run on a node: POSIX `sh` on a minimal Debian.
//!
//! The text is the command: what is shown, logged, exported and run are the same bytes. Only a
//! secret file's content stands in it as one line that names it, and is put in when it is sent.

use std::{borrow::Cow, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::cluster::Digest;

/// A text and what it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The text, with the file's placeholder in it if there is one.
    pub text: String,
    /// The file whose content takes the placeholder's place.
    pub needs: Option<LocalFile>,
    /// How long it may take, in seconds.
    pub limit_s: u64,
}

/// A file whose content is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalFile {
    /// Where it is here; of what a sister lends, where it is there.
    pub path: PathBuf,
    /// What it is called on the node: `kubernetes-key.pem`.
    pub name: String,
    /// Its size, in bytes.
    pub bytes: usize,
    /// Its SHA-256.
    pub digest: Digest,
}

impl LocalFile {
    /// The line that stands for the content: `<kubernetes-key.pem: 1704 bytes, sha256 b1f3…>`.
    #[must_use]
    pub fn placeholder(&self) -> String {
        format!("<{}: {} bytes, sha256 {}…>", self.name, self.bytes, self.digest.short())
    }
}

/// How long a text may take that only looks, or changes a file.
const SHORT: u64 = 20;

impl Script {
    /// A text that is quick.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), needs: None, limit_s: SHORT }
    }

    /// The same, with another limit.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit_s = limit.as_secs();
        self
    }

    /// The same, with a file whose content takes the placeholder's place.
    #[must_use]
    pub fn with(mut self, file: LocalFile) -> Self {
        self.needs = Some(file);
        self
    }

    /// The text before and after the place of the file's content.
    #[must_use]
    pub fn around_file(&self) -> Option<(&str, &str)> {
        self.text.split_once(&format!("{}\n", self.needs.as_ref()?.placeholder()))
    }

    /// How long it may take.
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.limit_s)
    }
}

/// One word for `sh`, quoted if it needs to be. Quoting has this one home.
///
/// A NUL cannot be quoted and is left out; no type that comes here can hold one.
#[must_use]
pub fn quote(word: &str) -> Cow<'_, str> {
    shlex::try_quote(word).unwrap_or_else(|_| Cow::Owned(word.replace('\0', "")))
}

/// A here-document of `content`, which ends in a newline, with a delimiter that is not in it.
#[must_use]
pub fn here_doc(content: &str) -> String {
    let taken = |word: &str| content.lines().any(|line| line == word);
    // One more than there are lines: they cannot have taken all.
    let delimiter = std::iter::once("EOF".to_owned())
        .chain((1..=content.lines().count()).map(|n| format!("EOF{n}")))
        .find(|word| !taken(word))
        .unwrap_or_default();
    format!("<<'{delimiter}'\n{content}{delimiter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_cannot_break_out() {
        assert_eq!(quote("/var/lib/etcd"), "/var/lib/etcd");
        assert_eq!(quote("it's; rm -rf /"), "\"it's; rm -rf /\"");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn content_cannot_end_its_own_here_document() {
        assert_eq!(here_doc("a\n"), "<<'EOF'\na\nEOF");
        assert_eq!(here_doc("EOF\n"), "<<'EOF1'\nEOF\nEOF1");
    }
}

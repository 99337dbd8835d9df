//! What a sister can lend a node that cannot fetch it: her packages of etcd, or a file of apt's
//! settings that all others have alike.
//!
//! Pure. [`ask`] is a read-only text for the sister; its answer reads into a [`Loan`]. Nothing is
//! lent that apt's own lists on the sister do not know by its SHA-256.

mod tasks;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::tasks::{fetched, file, packages};
use super::{LocalFile, Script, script::quote};
use crate::{
    cluster::{Digest, MemberName},
    event::Remedy,
};

/// The finding that says that packages cannot be fetched.
pub const NO_WAY: &str = "no-route-to-mirror";
/// A file of settings is no larger, in bytes.
const FILE_MOST: usize = 64 << 10;
/// A package of etcd is no larger, in bytes.
const DEB_MOST: usize = 200 << 20;

/// What a node lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The packages of etcd.
    Packages,
    /// A file that all others have alike.
    File {
        /// Where.
        path: String,
        /// The first digits of its SHA-256.
        sum: String,
    },
}

/// What a sister lends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Loan {
    /// The packages of etcd.
    Packages {
        /// Who.
        from: MemberName,
        /// The packages.
        debs: Vec<Deb>,
    },
    /// A file.
    File {
        /// Who.
        from: MemberName,
        /// Where, on both.
        path: String,
        /// `root:root`.
        owner: String,
        /// `644`.
        mode: String,
        /// Its content.
        content: LocalFile,
    },
}

/// A package as apt's lists know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deb {
    /// `etcd-server`.
    pub package: String,
    /// `3.4.23-4+b4`.
    pub version: String,
    /// Its file, named as in apt's cache: `etcd-server_3.4.23-4+b4_amd64.deb`.
    pub content: LocalFile,
}

/// pipexec is what etcd needs beside it on Debian 11, and nowhere else.
const PACKAGES: &str = r#"set -- etcd-server etcd-client
case $(dpkg-query -W -f '${Depends} ' "$@" 2>/dev/null) in *pipexec*) set -- "$@" pipexec ;; esac
for p; do
  dpkg-query -W -f '${db:Status-Status} ${Version} ${Architecture}\n' "$p" 2>/dev/null |
    while read -r state version arch; do
      [ "$state" = installed ] || exit 1
      echo "deb $p $version $arch $(apt-cache show "$p=$version" 2>/dev/null | awk '
        /^Size:/ { size = $2 } /^SHA256:/ { sum = $2 } /^$/ && sum { exit } END { print size, sum }')"
    done || exit 1
done
echo whole
"#;

/// Asks a sister whether she has it. Read-only.
#[must_use]
pub fn ask(lack: &Lack) -> Script {
    match lack {
        Lack::Packages => Script::new(PACKAGES),
        Lack::File { path, .. } => Script::new(format!(
            "f={}\n\
             [ -f \"$f\" ] && [ \"$(stat -Lc %s \"$f\")\" -le {FILE_MOST} ] || exit 1\n\
             echo \"file $(stat -Lc '%U:%G %a %s' \"$f\") $(sha256sum <\"$f\")\"\n\
             base64 -w 3000 \"$f\"\n\
             echo whole\n",
            quote(path)
        )),
    }
}

/// Her answer: what she lends, and a file's content as base64. `None` if she has not all of it.
#[must_use]
pub fn read(lack: &Lack, from: &MemberName, answer: &str) -> Option<(Loan, String)> {
    let lines: Vec<_> = answer.strip_suffix("whole").map(str::trim_end)?.lines().collect();
    let from = from.clone();
    match lack {
        Lack::Packages => {
            let debs = lines.iter().map(|line| deb(line)).collect::<Option<Vec<_>>>()?;
            let has = |name| debs.iter().any(|deb| deb.package == name);
            let both = has("etcd-server") && has("etcd-client");
            both.then_some((Loan::Packages { from, debs }, String::new()))
        }
        Lack::File { path, sum } => {
            let (head, content) = lines.split_first()?;
            let words: Vec<_> = head.split_whitespace().collect();
            let ["file", owner, mode, bytes, digest, "-"] = words.as_slice() else { return None };
            let digest = Digest::read(digest).filter(|d| d.as_str().starts_with(sum))?;
            let mode_fits = mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
            let fits = plain(owner) && mode_fits && settings_file(path);
            let name = path.rsplit('/').next()?.to_owned();
            let bytes = bytes.parse().ok().filter(|bytes| *bytes <= FILE_MOST)?;
            let content_file = LocalFile { path: PathBuf::from(path), name, bytes, digest };
            let loan = Loan::File {
                from,
                path: path.clone(),
                owner: (*owner).to_owned(),
                mode: (*mode).to_owned(),
                content: content_file,
            };
            fits.then_some((loan, content.concat()))
        }
    }
}

fn deb(line: &str) -> Option<Deb> {
    let words: Vec<_> = line.split(' ').collect();
    let ["deb", package, version, arch, bytes, digest] = words.as_slice() else { return None };
    if ![package, version, arch].into_iter().all(|word| plain(word)) {
        return None;
    }
    // apt names files in its cache so: an epoch's colon is escaped.
    let name = format!("{package}_{version}_{arch}.deb").replace(':', "%3a");
    let content = LocalFile {
        path: PathBuf::from(format!("{}/{name}", tasks::CACHE)),
        name,
        bytes: bytes.parse().ok().filter(|bytes| *bytes <= DEB_MOST)?,
        digest: Digest::read(digest)?,
    };
    Some(Deb { package: (*package).to_owned(), version: (*version).to_owned(), content })
}

/// Nothing that a shell or a path would take for more than a name.
fn plain(word: &str) -> bool {
    let first = word.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    first && word.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-~:_".contains(&b))
}

/// Whether that is a file of apt's settings, which it would read (apt.conf(5)).
#[must_use]
pub fn settings_file(path: &str) -> bool {
    path == "/etc/apt/apt.conf" || path.strip_prefix("/etc/apt/apt.conf.d/").is_some_and(plain)
}

impl Loan {
    /// Whose it is.
    #[must_use]
    pub fn from(&self) -> &MemberName {
        match self {
            Self::Packages { from, .. } | Self::File { from, .. } => from,
        }
    }

    /// As it is offered; `text` is what the file says, made harmless.
    #[must_use]
    pub fn remedy(&self, text: &[String]) -> Remedy {
        match self {
            Self::Packages { from, debs } => {
                let bytes = debs.iter().map(|deb| deb.content.bytes as u64).sum();
                Remedy::Packages { from: from.clone(), bytes }
            }
            Self::File { from, path, owner, mode, .. } => Remedy::File {
                from: from.clone(),
                path: path.clone(),
                owner: format!("{owner} {mode}"),
                lines: text.iter().map(|line| masked(line)).collect(),
            },
        }
    }
}

/// The line without what stands before the `@` of a URL: a proxy's user and password.
#[must_use]
pub fn masked(line: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';');
    line.split_inclusive(ends)
        .map(|word| match word.rsplit_once('@') {
            None => word.to_owned(),
            Some((before, after)) => {
                let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
                let slashes = if scheme.is_empty() { "" } else { "://" };
                format!("{scheme}{slashes}…@{after}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;

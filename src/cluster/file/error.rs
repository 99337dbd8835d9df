//! What can be wrong with a cluster file, in one sentence each.

use std::fmt;

use crate::cluster::{address::AddressError, name::NameError};

/// Why a cluster file was not understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileError {
    /// The line, counted from 1; none if the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub problem: Problem,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => write!(f, "{}", self.problem),
        }
    }
}

/// What is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No TOML at all; the parser's own words.
    #[error("this is no TOML: {0}")]
    Syntax(String),
    /// A version that this program does not know.
    #[error("version {0} is not known here; version = 1 is, newer ones need a newer quorate")]
    Version(i64),
    /// A key nobody asked for, probably a slip.
    #[error("unknown key {key:?} {place}; {}", .nearest.map_or_else(
        || format!("known are {}", .known.join(", ")),
        |nearest| format!("did you mean {nearest:?}?")
    ))]
    UnknownKey {
        /// As written.
        key: String,
        /// In which table.
        place: &'static str,
        /// The known key that is most like it, if one is.
        nearest: Option<&'static str>,
        /// All that are known there.
        known: &'static [&'static str],
    },
    /// A key that must be there.
    #[error("{key} is missing {place}; {example} would be right")]
    Missing {
        /// The key or table.
        key: &'static str,
        /// In which table.
        place: &'static str,
        /// A line that would do.
        example: &'static str,
    },
    /// A number where a text should be, or the like.
    #[error("{key} {place} is {found}; {wanted} would be right")]
    WrongType {
        /// The key.
        key: &'static str,
        /// In which table.
        place: &'static str,
        /// What is there.
        found: &'static str,
        /// What should be there.
        wanted: &'static str,
    },
    /// A text that is no name or token.
    #[error("{what} {text:?} {why}")]
    Name {
        /// Of what.
        what: &'static str,
        /// As written.
        text: String,
        /// What is wrong with it.
        why: NameError,
    },
    /// A text that is no address.
    #[error("the address {0}")]
    Address(AddressError),
    /// Two members with the same name or address.
    #[error(
        "the {what} {text} is used twice; line {first} has it already, each member needs its own"
    )]
    Twice {
        /// "name" or "address".
        what: &'static str,
        /// As written.
        text: String,
        /// The line that has it first.
        first: usize,
    },
    /// `members = []`.
    #[error("there are no members; five [[members]] tables would be right, three at least")]
    NoMembers,
    /// A user or host with a character that ssh or a shell could take for something else.
    #[error("{what} {text:?} {why}")]
    Word {
        /// Of what.
        what: &'static str,
        /// As written.
        text: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// No TCP port.
    #[error("the port {0} is none; 22 would be one, 65535 is the highest")]
    Port(i64),
    /// A path that leads nowhere.
    #[error("the path {text:?} {why}")]
    Path {
        /// As written.
        text: String,
        /// What is wrong, and what would be right.
        why: &'static str,
    },
    /// A CA for each member: then they would not trust each other.
    #[error("ca is one for all members; {{member}} may stand in cert and key only")]
    CaPerMember,
    /// A data directory that is not absolute, or not a plain path.
    #[error("the data directory {0:?} is no absolute path; \"/var/lib/etcd\" would be right")]
    DataDir(String),
    /// A data directory that an environment file could not hold as it is.
    #[error(
        "the data directory {text:?} contains {ch:?}; use letters, digits and '/', '.', '_', '-'"
    )]
    DataDirChar {
        /// As written.
        text: String,
        /// The first wrong one.
        ch: char,
    },
}

/// The problem, at that line.
pub(super) fn bad(line: usize, problem: Problem) -> FileError {
    FileError { line: Some(line), problem }
}

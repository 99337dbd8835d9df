//! Names: of a member, of a cluster, and the token that tells clusters apart.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A DNS label: 1 to 63 of `a-z`, `0-9` and `-`, with no `-` at either end (RFC 1123, 2.1).
///
/// etcd puts the name into `--initial-cluster`, and the lab takes it from `hostname -s`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberName(String);

/// What people call a cluster: also a DNS label, since it names files and is typed to confirm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterName(String);

/// etcd's `--initial-cluster-token`: 1 to 128 letters, digits and `-_.`.
///
/// It is mixed into every member's ID, so that two clusters never take each other's members for
/// their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

/// Longest DNS label, in characters.
const LABEL: usize = 63;
/// Longest token, in characters; etcd sets no bound, a line on the screen does.
const TOKEN: usize = 128;

/// Why a text is no name. Reads on from "the name ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("is empty")]
    Empty,
    /// Longer than its kind may be.
    #[error("has {len} characters; {most} is the most")]
    TooLong {
        /// How long it is.
        len: usize,
        /// How long it may be.
        most: usize,
    },
    /// A character its kind does not have.
    #[error("contains {ch:?}; use {allowed}")]
    BadChar {
        /// The first wrong one.
        ch: char,
        /// What would be right, in words.
        allowed: &'static str,
    },
    /// A hyphen first or last.
    #[error("starts or ends with '-'")]
    EdgeHyphen,
}

fn check_label(text: &str) -> Result<(), NameError> {
    check(text, LABEL, "a-z, 0-9 and '-'", |c| matches!(c, 'a'..='z' | '0'..='9' | '-'))?;
    if text.starts_with('-') || text.ends_with('-') {
        return Err(NameError::EdgeHyphen);
    }
    Ok(())
}

fn check_token(text: &str) -> Result<(), NameError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    check(text, TOKEN, "letters, digits and '-', '_', '.'", fits)
}

fn check(
    text: &str,
    most: usize,
    allowed: &'static str,
    fits: impl Fn(char) -> bool,
) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(ch) = text.chars().find(|c| !fits(*c)) {
        return Err(NameError::BadChar { ch, allowed });
    }
    // All are ASCII by now, so bytes are characters.
    if text.len() > most {
        return Err(NameError::TooLong { len: text.len(), most });
    }
    Ok(())
}

macro_rules! name {
    ($type:ident, $check:ident) => {
        impl $type {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(MemberName, check_label);
name!(ClusterName, check_label);
name!(Token, check_token);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong_and_what_would_be_right() {
        let long = "a".repeat(64);
        let cases = [
            ("", "is empty"),
            ("Node1", "contains 'N'; use a-z, 0-9 and '-'"),
            ("n_1", "contains '_'; use a-z, 0-9 and '-'"),
            ("n1.example.org", "contains '.'; use a-z, 0-9 and '-'"),
            ("-n1", "starts or ends with '-'"),
            (&long, "has 64 characters; 63 is the most"),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<MemberName>().unwrap_err().to_string(), want, "{text:?}");
        }
    }

    #[test]
    fn a_token_cannot_carry_shell_or_env_syntax() {
        for text in ["a b", "a\"b", "$x", "a\nb", "a,b", "a=b"] {
            assert!(text.parse::<Token>().is_err(), "{text:?}");
        }
        assert!("etcd-cluster-0".parse::<Token>().is_ok());
    }
}

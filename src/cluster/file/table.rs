//! One table of a TOML file, asked for typed values; every refusal knows its line.
//!
//! It does not know which keys a cluster file has, only how to ask for one.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::error::{FileError, Problem, bad};
use crate::cluster::{Address, member::plain, name::NameError};

/// A value and the line it is on.
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// A table, the name a person knows it by, and the text it is from.
pub(super) struct Table<'a> {
    text: &'a str,
    place: &'static str,
    line: Option<usize>,
    rows: &'a DeTable<'a>,
}

/// Reads the text as TOML; what the values mean is not asked yet.
pub(super) fn parse(text: &str) -> Result<DeTable<'_>, FileError> {
    DeTable::parse(text).map(Spanned::into_inner).map_err(|error| FileError {
        line: error.span().map(|span| line_at(text, &span)),
        problem: Problem::Syntax(error.message().lines().collect::<Vec<_>>().join(", ")),
    })
}

fn line_at(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1
}

impl<'a> Table<'a> {
    /// The whole file.
    pub(super) fn root(text: &'a str, rows: &'a DeTable<'a>) -> Self {
        Self { text, place: "at the top", line: None, rows }
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.rows.get(key)
    }

    /// The line of the key's value, or the table's own.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.get(key).map_or(self.line.unwrap_or(1), |value| line_at(self.text, &value.span()))
    }

    /// Refuses the first key that is not in `known`.
    pub(super) fn only(&self, known: &'static [&'static str]) -> Result<(), FileError> {
        let stranger = self
            .rows
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        let Some(stranger) = stranger else { return Ok(()) };
        let key = stranger.get_ref().to_string();
        let nearest = known
            .iter()
            .copied()
            .map(|word| (strsim::damerau_levenshtein(&key, word), word))
            .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
            .min()
            .map(|(_, word)| word);
        let problem = Problem::UnknownKey { key, place: self.place, nearest, known };
        Err(bad(line_at(self.text, &stranger.span()), problem))
    }

    /// What `ask` finds under the key, which must be there.
    pub(super) fn needed<T>(
        &self,
        key: &'static str,
        ask: impl FnOnce(&Self, &'static str) -> Result<Option<T>, FileError>,
    ) -> Result<T, FileError> {
        ask(self, key)?.ok_or_else(|| FileError {
            line: self.line,
            problem: Problem::Missing { key, place: self.place, example: example(key) },
        })
    }

    /// The value under the key, if `pick` accepts its type.
    fn typed<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        pick: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Result<Option<Located<T>>, FileError> {
        let Some(found) = self.get(key) else { return Ok(None) };
        let line = line_at(self.text, &found.span());
        let Some(value) = pick(found.get_ref()) else {
            let found = in_words(found.get_ref());
            return Err(bad(line, Problem::WrongType { key, place: self.place, found, wanted }));
        };
        Ok(Some(Located { value, line }))
    }

    pub(super) fn text(&self, key: &'static str) -> Result<Option<Located<String>>, FileError> {
        self.typed(key, "a text in quotes", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn integer(&self, key: &'static str) -> Result<Option<Located<i64>>, FileError> {
        self.typed(key, "a whole number", |value| {
            let number = value.as_integer()?;
            i64::from_str_radix(number.as_str(), number.radix()).ok()
        })
    }

    pub(super) fn table(
        &self,
        key: &'static str,
        place: &'static str,
    ) -> Result<Option<Self>, FileError> {
        let found = self.typed(key, "a table", DeValue::as_table)?;
        Ok(found.map(|found| self.inner(found.value, place, found.line)))
    }

    pub(super) fn tables(
        &self,
        key: &'static str,
        place: &'static str,
    ) -> Result<Option<Vec<Self>>, FileError> {
        let found = self.typed(key, "a list of [[members]] tables", |value| {
            let rows = value.as_array()?.iter();
            rows.map(|row| Some((row.get_ref().as_table()?, row.span()))).collect()
        })?;
        Ok(found.map(|Located { value, .. }: Located<Vec<_>>| {
            let rows = value.into_iter();
            rows.map(|(table, span)| self.inner(table, place, line_at(self.text, &span))).collect()
        }))
    }

    fn inner(&self, rows: &'a DeTable<'a>, place: &'static str, line: usize) -> Self {
        Table { text: self.text, place, line: Some(line), rows }
    }

    /// A name or token, by its own rules.
    pub(super) fn parsed<T: FromStr<Err = NameError>>(
        &self,
        key: &'static str,
        what: &'static str,
    ) -> Result<Located<T>, FileError> {
        let Located { value: text, line } = self.needed(key, Self::text)?;
        match text.parse() {
            Ok(value) => Ok(Located { value, line }),
            Err(why) => Err(bad(line, Problem::Name { what, text, why })),
        }
    }

    /// The member's address.
    pub(super) fn address(&self) -> Result<Located<Address>, FileError> {
        let Located { value, line } = self.needed("address", Self::text)?;
        let value = value.parse().map_err(|why| bad(line, Problem::Address(why)))?;
        Ok(Located { value, line })
    }

    /// A user or host: no option, nothing a shell reads as anything else. `more` may also occur.
    pub(super) fn word(
        &self,
        key: &'static str,
        what: &'static str,
        more: &str,
    ) -> Result<Option<String>, FileError> {
        let Some(Located { value: text, line }) = self.text(key)? else { return Ok(None) };
        let why = if text.is_empty() {
            Err("is empty; leave the line out for ssh's own choice".to_owned())
        } else {
            plain(&text, more)
        };
        match why {
            Ok(()) => Ok(Some(text)),
            Err(why) => Err(bad(line, Problem::Word { what, text, why })),
        }
    }

    /// A TCP port.
    pub(super) fn port(&self, key: &'static str) -> Result<Option<u16>, FileError> {
        let Some(Located { value, line }) = self.integer(key)? else { return Ok(None) };
        let port = u16::try_from(value).ok().filter(|port| *port > 0);
        port.map(Some).ok_or_else(|| bad(line, Problem::Port(value)))
    }

    /// A path on this computer: absolute, from `home` after `~/`, else from `dir`.
    pub(super) fn path(
        &self,
        key: &'static str,
        dir: &Path,
        home: Option<&Path>,
    ) -> Result<Option<PathBuf>, FileError> {
        let Some(Located { value: text, line }) = self.text(key)? else { return Ok(None) };
        let why = if text.is_empty() {
            "is empty; name a file"
        } else if text.chars().any(char::is_control) {
            "contains a control character; no file of yours will be called that"
        } else if let Some(rest) = text.strip_prefix("~/") {
            match home {
                Some(home) => return Ok(Some(home.join(rest))),
                None => "needs a home directory, and there is none; write it from / on",
            }
        } else if text.starts_with('~') {
            "is another user's home; write it from / on"
        } else {
            return Ok(Some(dir.join(text)));
        };
        Err(bad(line, Problem::Path { text, why }))
    }
}

fn in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A line that would be right for a missing key.
fn example(key: &str) -> &'static str {
    match key {
        "version" => "version = 1",
        "name" => "name = \"icc-etcd-1\"",
        "token" => "token = \"etcd-cluster-0\"",
        "tls" => "[tls] with ca, cert and key",
        "ca" => "ca = \"ca.pem\"",
        "cert" => "cert = \"kubernetes.pem\"",
        "key" => "key = \"kubernetes-key.pem\"",
        "members" => "a [[members]] table for each member",
        _ => "address = \"192.0.2.32\"",
    }
}

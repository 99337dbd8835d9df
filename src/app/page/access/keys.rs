//! The host keys of all machines, and which of them are settled.

use std::{net::IpAddr, time::Duration};

use super::{PastedKey, kind, says::ago};
use crate::{
    app::{
        Effect, Model,
        page::nodes::{self, Tried},
    },
    cluster::{Address, MemberName},
    remote::ask::{Reply, Seen, Standing},
};

/// A host's key, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As the host showed it.
    pub seen: Seen,
    /// When it did so last, since the screen opened.
    pub shown: Duration,
    /// Who waits for an answer.
    pub asked: Vec<u64>,
    /// Types of keys that are known of this host; not empty is a warning.
    pub other_types: Vec<String>,
    /// The person said that it is the machine's, or pasted it.
    pub accepted: bool,
    /// The person said "not yet".
    pub put_off: bool,
    /// Whether it is what was pasted, if something was that is about it.
    pub same: Option<bool>,
}

impl Key {
    pub(super) fn new(seen: Seen) -> Self {
        let (shown, asked, other_types) = Default::default();
        Self { seen, shown, asked, other_types, accepted: false, put_off: false, same: None }
    }

    /// Whether nobody has said anything about it.
    #[must_use]
    pub fn open(&self) -> bool {
        self.seen.standing == Standing::New && !self.accepted
    }

    /// Whether somebody waits for it, and the person has not put it off.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.open() && !self.put_off && !self.asked.is_empty()
    }

    /// Whether it is not what was pasted.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.open() && self.same == Some(false)
    }

    /// Whether there is more to show of it: to compare, or what it was before.
    #[must_use]
    pub fn to_show(&self) -> bool {
        self.open() || matches!(self.seen.standing, Standing::Changed { .. } | Standing::Revoked(_))
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The member, or what ssh calls the host on the way.
    pub name: String,
    /// Whether it is a member.
    pub member: bool,
    /// Its key, once it was seen.
    pub key: Option<&'a Key>,
    /// What came of trying it.
    pub tried: Option<&'a Tried>,
}

impl Row<'_> {
    /// How long ago it showed the key that it is about, if that is said of it.
    pub(super) fn age(&self, model: &Model) -> Option<Duration> {
        let key = self.key.filter(|key| key.open() && !key.differs())?;
        Some(model.now.saturating_sub(key.shown))
    }

    /// One sentence about it.
    pub(super) fn says(&self, model: &Model) -> String {
        let name = &self.name;
        let out = matches!(self.tried, Some(Tried::Out { .. }));
        match self.key.map(|key| (key, &key.seen.standing)) {
            Some((key, _)) if key.differs() => {
                format!("{name} shows another key than you pasted. Nothing is sent to it.")
            }
            Some((key, _)) if key.open() => {
                let ago = ago(self.age(model).unwrap_or_default());
                format!("{name} showed this key {ago}. Nothing secret has been sent to it.")
            }
            Some((_, Standing::Changed { .. })) => {
                format!("The key of {name} has CHANGED. Nothing is sent to it; Enter shows both.")
            }
            Some((_, Standing::Revoked(_))) => format!("The key of {name} was revoked."),
            _ if out => format!("{name} has not let me in; its row says why. r tries it again."),
            Some((_, Standing::Known(at))) => format!("{name} is known, {}.", model.place(at)),
            Some(_) => format!("{name} is accepted, and written down as ssh would."),
            None => format!("{name} has not shown its key yet."),
        }
    }
}

/// The table: hosts on the way first, then the members.
#[must_use]
pub fn rows(model: &Model) -> Vec<Row<'_>> {
    let members = nodes::members(&model.nodes.form).unwrap_or_default();
    let whose: Vec<_> =
        model.access.keys.values().map(|key| (member_of(model, &key.seen), key)).collect();
    let way = whose.iter().filter(|(member, _)| member.is_none()).map(|(_, key)| Row {
        name: key.seen.host.clone(),
        member: false,
        key: Some(key),
        tried: None,
    });
    let mut rows: Vec<_> = way.collect();
    rows.extend(members.iter().map(|(name, address)| Row {
        name: name.to_string(),
        member: true,
        key: whose.iter().find(|(member, _)| member.as_ref() == Some(name)).map(|(_, key)| *key),
        tried: model.nodes.tried.get(address),
    }));
    rows
}

/// Which member showed that key; `None`: a host on the way.
fn member_of(model: &Model, seen: &Seen) -> Option<MemberName> {
    member_at(model, bare(&seen.host), seen.address)
}

/// Which member ssh calls by that name or address.
#[must_use]
pub fn member_called(model: &Model, host: &str) -> Option<MemberName> {
    member_at(model, host, None)
}

fn member_at(model: &Model, host: &str, address_seen: Option<IpAddr>) -> Option<MemberName> {
    let host = host.to_ascii_lowercase();
    let called = |name: &MemberName| {
        let way = model.nodes.ways.get(name)?;
        way.called.as_deref().or(way.host.as_deref()).map(str::to_ascii_lowercase)
    };
    let members = nodes::members(&model.nodes.form).ok()?;
    let is = |(name, address): &(MemberName, Address)| {
        address_seen == Some(address.ip())
            || host.parse() == Ok(address.ip())
            || called(name).as_deref() == Some(&host)
    };
    members.into_iter().find(is).map(|(name, _)| name)
}

/// Two members that show the same key: one is a copy of the other, or it is one machine twice.
#[must_use]
pub fn twins(rows: &[Row<'_>]) -> Option<(String, String)> {
    let members: Vec<_> = rows
        .iter()
        .filter(|row| row.member)
        .filter_map(|row| Some((&row.name, row.key?)))
        .collect();
    members.iter().enumerate().find_map(|(at, (first, key))| {
        let same = |(_, other): &&(&String, &Key)| other.seen.fingerprint == key.seen.fingerprint;
        let (second, _) = members.get(at + 1..)?.iter().find(same)?;
        Some(((*first).clone(), (*second).clone()))
    })
}

/// The host without port and brackets.
fn bare(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inner.map_or(host, |(inner, _)| inner)
}

/// How many keys have to be looked at still.
#[must_use]
pub fn to_go(model: &Model) -> usize {
    model.access.keys.values().filter(|key| key.open()).count()
}

/// Holds what was pasted against the keys that are new. A key that is in it is accepted. One that is
/// not is another machine's, if a pasted one of its kind is nobody's.
pub(super) fn compare(model: &mut Model) {
    let shown: Vec<_> = rows(model)
        .into_iter()
        .filter_map(|row| row.key.map(|key| (row.name.to_ascii_lowercase(), key.seen.clone())))
        .collect();
    let names = |pasted: &PastedKey, name: &str, seen: &Seen| {
        pasted.words.iter().any(|word| word == name || word == bare(&seen.host))
    };
    // A line that names a machine speaks of that one alone; others may be anybody's.
    let (of_one, of_any): (Vec<_>, Vec<_>) = model
        .access
        .pasted
        .iter()
        .partition(|pasted| shown.iter().any(|(name, seen)| names(pasted, name, seen)));
    let is_shown =
        |pasted: &PastedKey| shown.iter().any(|(_, seen)| seen.fingerprint == pasted.fingerprint);
    let mut judged = Vec::new();
    for (name, seen) in &shown {
        let own = || of_one.iter().filter(|pasted| names(pasted, name, seen));
        let fits =
            |pasted: &PastedKey| pasted.kind.is_none() || pasted.kind == kind(&seen.key_type);
        let is_same = |pasted: &&PastedKey| pasted.fingerprint == seen.fingerprint;
        let same = own().chain(&of_any).any(is_same);
        let other = own().any(|p| fits(p)) || of_any.iter().any(|p| !is_shown(p) && fits(p));
        let verdict = if same { Some(true) } else { other.then_some(false) };
        judged.push((seen.host.clone(), verdict));
    }
    for (host, verdict) in judged {
        if let Some(key) = model.access.keys.get_mut(&host) {
            key.same = verdict;
            key.accepted |= key.open() && verdict == Some(true);
        }
    }
}

/// Lets those go on whose host's key is accepted.
pub(super) fn answer(model: &mut Model) -> Vec<Effect> {
    let accepted = model.access.keys.values_mut().filter(|key| key.accepted);
    let ids = accepted.flat_map(|key| std::mem::take(&mut key.asked));
    ids.map(|id| Effect::Reply { id, reply: Reply::Yes }).collect()
}

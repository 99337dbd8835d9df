//! A run without the names of its machines and people: who reads it learns what was done, not
//! where.
//!
//! Names, addresses, users, the cluster's name and its token become others, the same everywhere,
//! also inside of texts and of what machines said; the IDs become those that follow from them.
//! Times, versions, paths of programs and checksums stay.

mod words;

use std::{collections::BTreeMap, net::IpAddr};

use serde_json::Value;

use self::words::Words;
use crate::{
    cluster::{Address, Identity, MemberName, Token},
    event::{RunEvent, RunStarted, Stamped, observation::Observation},
};

/// What every machine has, and so tells nothing of this one.
const EVERYBODYS: [&str; 10] = [
    "root",
    "etcd",
    "practice",
    "cluster",
    "localhost",
    "debian",
    "ubuntu",
    "admin",
    "user",
    "node",
];
/// What stands for the token.
const TOKEN: &str = "token";

/// Why a log cannot be told without names. Reads on from "failed to leave out the names: ".
#[derive(Debug, thiserror::Error)]
pub enum AnonymousError {
    /// It does not say what the run is about.
    #[error("the log does not say which run it is about")]
    NoRun,
    /// What came out is no event.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// The same run, of machines that nobody knows.
///
/// # Errors
/// If it is no whole run log.
pub fn anonymous(events: &[Stamped]) -> Result<Vec<Stamped>, AnonymousError> {
    let started = super::started(events).ok_or(AnonymousError::NoRun)?;
    let mut words = Words::default();
    learn(&mut words, started, events);
    // Domains are only known after the names in front of them were seen.
    let values = events.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    for value in &values {
        each(value, &mut |text| words.learn_domains(text));
    }
    values
        .into_iter()
        .map(|value| Ok(serde_json::from_value(replaced(value, &mut words))?))
        .collect()
}

fn learn(words: &mut Words, started: &RunStarted, events: &[Stamped]) {
    let mut members = BTreeMap::new();
    for (nth, member) in (1_u8..).zip(&started.members) {
        let name = format!("node-{nth}");
        let address = format!("192.0.2.{nth}");
        words.name(member.name.as_str(), &name);
        words.address(member.address.ip(), &address);
        if let (Ok(name), Ok(address)) = (name.parse::<MemberName>(), address.parse::<Address>()) {
            members.insert(name, (address, member.id));
        }
    }
    if let Ok(token) = TOKEN.parse::<Token>() {
        let of = members.iter().map(|(name, (address, _))| (name.clone(), *address));
        let identity = Identity::of(&token, of);
        for (name, (_, id)) in &members {
            let new = identity.members.get(name).map(ToString::to_string).unwrap_or_default();
            words.name(&id.to_string(), &new);
        }
        words.name(&started.cluster_id.to_string(), &identity.cluster.to_string());
    }
    if let Some(token) = &started.token {
        words.name(token.as_str(), TOKEN);
    }
    words.name_unless(started.cluster.as_str(), "cluster", &EVERYBODYS);
    for stamped in events {
        match &stamped.event {
            RunEvent::Connected { node, user, host, .. } => {
                words.name_unless(user, "user", &EVERYBODYS);
                if let Some(new) =
                    words.known(node.as_str()).filter(|_| host.parse::<IpAddr>().is_err())
                {
                    words.host(host, &new);
                }
            }
            RunEvent::Seen { what: Observation::Node(seen) } => {
                if let Some(new) = words.known(seen.node.as_str()) {
                    words.host(&seen.hostname, &new);
                }
            }
            _ => {}
        }
    }
}

fn each(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(values) => values.iter().for_each(|value| each(value, see)),
        Value::Object(fields) => fields.values().for_each(|value| each(value, see)),
        _ => {}
    }
}

fn replaced(value: Value, words: &mut Words) -> Value {
    match value {
        Value::String(text) => words.replace(&text).into(),
        Value::Array(values) => values.into_iter().map(|value| replaced(value, words)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                // These are words of the format.
                let ours = matches!(name.as_str(), "is" | "kind" | "step" | "steps" | "task" | "id" if !has_id(&value));
                (name, if ours { value } else { replaced(value, words) })
            })
            .collect(),
        other => other,
    }
}

/// Whether it may be the ID of a member or a cluster, rather than that of a task or a finding.
fn has_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))
}

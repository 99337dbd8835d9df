//! The one who asks every member who leads.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{EVERY, Shared, ask, open};
use crate::{
    cluster::{Identity, Member, MemberId, MemberName},
    event::drill::Drilled,
    lab::verify,
    remote::{Host, HostError, https::TlsClient},
};

/// What a member said: who leads, its term, and how far its log is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Said {
    leader: Option<MemberId>,
    term: u64,
    index: u64,
}

/// Asks every member who leads, again and again.
pub(super) fn look(
    shared: &Shared,
    _: &Member,
    host: &mut dyn Host,
    tls: &TlsClient,
) -> Result<(), HostError> {
    let members = &shared.plan.cluster.members;
    let ids = Identity::predict(&shared.plan.cluster).members;
    let mut known: BTreeMap<MemberName, Option<(Option<MemberId>, u64)>> = BTreeMap::new();
    let mut led: Option<(MemberId, u64)> = None;
    let mut behind: Vec<MemberName> = Vec::new();
    loop {
        let mut now: BTreeMap<&MemberName, Said> = BTreeMap::new();
        for member in members {
            let said = match open(host, tls, member.address)? {
                Some(mut line) => ask(&mut line, verify::status(shared.version)).map(|a| said(&a)),
                None => None,
            };
            if shared.cancel.is_cancelled() {
                return Ok(());
            }
            let brief = said.map(|s| (s.leader, s.term));
            if known.insert(member.name.clone(), brief) != Some(brief) {
                let (leader, term) = brief.unwrap_or_default();
                let (node, up) = (member.name.clone(), said.is_some());
                if !up && !behind.contains(&node) {
                    behind.push(node.clone());
                }
                shared.tell(Drilled::Member { node, up, leader, term });
            }
            if let Some(said) = said {
                now.insert(&member.name, said);
            }
        }
        for (id, term) in now.values().filter_map(|s| Some((s.leader?, s.term))) {
            let follow = |s: &&Said| (s.leader, s.term) == (Some(id), term);
            let quorum = now.values().filter(follow).count() > members.len() / 2;
            let leader = ids.iter().find(|(_, of)| **of == id).map(|(name, _)| name);
            let itself = leader.and_then(|name| now.get(name)).is_some_and(|s| follow(&s));
            if let (true, true, Some(node)) = (quorum && led != Some((id, term)), itself, leader) {
                led = Some((id, term));
                let followers = now.iter().filter(|(name, s)| follow(s) && **name != node);
                let followers = followers.map(|(name, _)| (*name).clone()).collect();
                shared.tell(Drilled::Leads { node: node.clone(), term, followers });
            }
        }
        // Whoever was away has caught up when its log is as long as all others' were in this round, and
        // all follow one leader: then nobody's last word is of an election.
        let furthest = now.values().map(|s| s.index).max().unwrap_or_default();
        let mut led_by = now.values().map(|s| (s.leader, s.term));
        let first = led_by.next().filter(|(leader, _)| leader.is_some());
        let agreed = first.is_some_and(|first| led_by.all(|other| other == first));
        behind.retain(|name| {
            let there = now.get(name).filter(|s| agreed && s.index + 20 >= furthest);
            if let Some(said) = there {
                shared.tell(Drilled::CaughtUp { node: name.clone(), index: said.index });
            }
            there.is_none()
        });
        if shared.cancel.sleep(EVERY) {
            return Ok(());
        }
    }
}

fn said(status: &Value) -> Said {
    let number = |at: &str| {
        let value = status.pointer(at);
        value.and_then(Value::as_str).and_then(|s| s.parse::<u64>().ok()).unwrap_or_default()
    };
    let leader = number("/leader");
    Said {
        leader: (leader != 0).then_some(MemberId(leader)),
        term: number("/header/raft_term"),
        index: number("/raftIndex"),
    }
}

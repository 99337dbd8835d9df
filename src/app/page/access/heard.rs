//! What is heard while the page is open, or before: logins that were tried, keys, questions, and what
//! the person said to the comparison of a key.

use super::{Key, keys, login, mark::focus, needs_somebody};
use crate::{
    app::{
        Effect, Model,
        dialog::{Asked, Typed},
        page::{
            Page,
            nodes::{self, Tried},
        },
    },
    cluster::Address,
    remote::ask::{Ask, Reply, Seen, Standing},
};

/// A machine was tried. One that was tried before there was somebody to ask is tried again.
pub(crate) fn tried(model: &mut Model, address: Address, mut tried: Tried) -> Vec<Effect> {
    if let Tried::In { took_ms, .. } = &mut tried
        && model.access.began.contains(&address)
    {
        *took_ms = None;
    }
    let again = model.page == Page::Access
        && needs_somebody(&tried)
        && !model.access.began.contains(&address);
    model.nodes.tried.insert(address, tried);
    if again {
        model.nodes.tried.remove(&address);
        model.access.began.insert(address);
        return nodes::try_rows(model);
    }
    if model.page == Page::Access {
        focus(model);
    }
    Vec::new()
}

/// A host has shown its key.
pub(crate) fn saw(model: &mut Model, seen: &Seen) -> Vec<Effect> {
    let known = model.access.keys.get(&seen.host);
    let mut effects = Vec::new();
    if let Some(key) = known.filter(|key| key.seen.fingerprint != seen.fingerprint) {
        // It shows another one than a moment ago: whoever waits for that one is not let on.
        let no = |id: &u64| Effect::Reply { id: *id, reply: Reply::No };
        effects.extend(key.asked.iter().map(no));
        model.access.keys.remove(&seen.host);
    }
    let key = model.access.keys.entry(seen.host.clone()).or_insert_with(|| Key::new(seen.clone()));
    key.seen.standing = seen.standing.clone();
    key.seen.user = seen.user.clone().or(key.seen.user.take());
    key.shown = model.now;
    keys::compare(model);
    focus(model);
    effects
}

/// A thread waits for an answer.
pub(crate) fn asked(model: &mut Model, id: u64, ask: Ask) -> Vec<Effect> {
    if login::is_late(model, &ask) {
        return vec![Effect::Reply { id, reply: Reply::No }];
    }
    let mut effects = Vec::new();
    if let Ask::HostKey { host, address, key_type, fingerprint, other_types_known } = ask {
        let standing = Standing::New;
        let user = None;
        let seen = Seen { host, address, key_type, fingerprint, standing, user };
        effects = saw(model, &seen);
        if let Some(key) = model.access.keys.get_mut(&seen.host) {
            key.asked.push(id);
            key.other_types = other_types_known;
        }
        effects.extend(keys::answer(model));
    } else {
        model.access.secrets.push_back(Asked { id, ask, typed: Typed::default(), at: 0 });
    }
    focus(model);
    effects
}

/// What was said to the comparison of a key.
pub(crate) fn compared(model: &mut Model, seen: &Seen, same: bool) -> Vec<Effect> {
    let Some(key) = model.access.keys.get_mut(&seen.host) else { return Vec::new() };
    if key.seen.fingerprint != seen.fingerprint {
        model.said = Some("It shows another key now: compare once more.".to_owned());
        return Vec::new();
    }
    key.accepted |= same && key.seen.standing == Standing::New;
    key.put_off = !same;
    model.access.moved = false;
    let effects = keys::answer(model);
    focus(model);
    effects
}

//! What is secret: asked for in turn, and given once no key is left to be settled.
//!
//! One answer goes to all machines, to each only after its own key was checked. So it is held back
//! until every machine has shown its key, or cannot be reached: whoever is in between with one of them
//! is seen before anything secret is sent to any.

use tui_input::InputRequest;

use super::{At, Key, mark::focus, rows};
use crate::{
    app::{Effect, Model, page::nodes::Tried},
    cluster::Secret,
    remote::ask::{Ask, Reply},
};

/// Whether letters go into the secret that is asked for.
#[must_use]
pub fn typing(model: &Model) -> bool {
    model.access.at == At::Secret && !model.access.secrets.is_empty() && model.overlay.is_none()
}

/// A key that is text, in the secret that is asked for.
pub(crate) fn edit(model: &mut Model, request: InputRequest) {
    if let Some(secret) = model.access.secrets.front_mut() {
        secret.typed.0.handle(request);
    }
}

/// Takes back what was typed; whether there was something.
pub(super) fn undo(model: &mut Model) -> bool {
    let typing = typing(model);
    let secret = model.access.secrets.front_mut().filter(|_| typing);
    secret.is_some_and(|secret| !Secret::from(secret.typed.0.value_and_reset()).reveal().is_empty())
}

/// What was typed goes to whom it is for, once all keys are settled.
pub(super) fn give(model: &mut Model) -> Vec<Effect> {
    let Some(front) = model.access.secrets.front() else { return Vec::new() };
    if let Some(says) = held_back(model, &front.ask) {
        model.said = Some(says);
        let leads_on = |secret: &super::Asked| held_back(model, &secret.ask).is_none();
        if let Some(at) = model.access.secrets.iter().position(leads_on)
            && let Some(first) = model.access.secrets.remove(at)
        {
            model.access.secrets.push_front(first);
            let says = "First this one: it leads to machines that have not shown their keys yet.";
            model.said = Some(says.to_owned());
        }
        return Vec::new();
    }
    let Some(mut secret) = model.access.secrets.pop_front() else { return Vec::new() };
    let key = matches!(secret.ask, Ask::Passphrase { .. });
    let typed = Secret::from(secret.typed.0.value_and_reset());
    if typed.reveal().is_empty() && !key {
        model.said = Some("Type it first; Esc goes back without it.".to_owned());
        model.access.secrets.push_front(secret);
        return Vec::new();
    }
    let reply = if typed.reveal().is_empty() { Reply::No } else { Reply::Secret(typed) };
    model.access.given.push(secret.ask);
    model.access.moved = false;
    focus(model);
    vec![Effect::Reply { id: secret.id, reply }]
}

/// Why the answer to that is not sent yet, as a sentence.
fn held_back(model: &Model, ask: &Ask) -> Option<String> {
    let hop = match ask {
        // It stays on this computer, where it opens a file.
        Ask::Passphrase { .. } => return None,
        Ask::Password { hop, .. } | Ask::Interactive { hop, .. } => *hop,
        _ => false,
    };
    let rows = rows(model);
    match rows.iter().filter(|row| row.key.is_some_and(Key::waits)).count() {
        0 => {}
        n => {
            return Some(format!(
                "First the keys: {n} to compare, or to put off. It is sent nowhere yet."
            ));
        }
    }
    let put_off = |key: &Key| key.open() && key.put_off;
    let way_is_shut = rows.iter().any(|row| !row.member && row.key.is_some_and(put_off));
    let late = rows.iter().find(|row| {
        let behind = || {
            model
                .nodes
                .ways
                .iter()
                .any(|(name, way)| name.as_str() == row.name && !way.via.is_empty())
        };
        match row.key {
            Some(key) => key.open() && !key.put_off && row.tried == Some(&Tried::Trying),
            // Those behind a host on the way show theirs only when that has let us in.
            None => row.tried == Some(&Tried::Trying) && !hop && !(way_is_shut && behind()),
        }
    });
    late.map(|row| {
        format!("First {} shows its key, or fails to. It is sent nowhere yet.", row.name)
    })
}

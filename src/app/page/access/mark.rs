//! What is marked on the page, and what the mark goes to by itself.

use super::{Key, login, rows};
use crate::app::Model;

/// What is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// A machine, by the name of its row.
    Row(String),
    /// The name to log in as.
    Login,
    /// The secret that is asked for.
    Secret,
    /// The button.
    #[default]
    Continue,
}

/// Marks what is to be done next, unless the person has moved.
pub(super) fn focus(model: &mut Model) {
    let access = &model.access;
    if access.at == At::Secret && access.secrets.is_empty() {
        model.access.moved = false;
    }
    if model.access.moved || model.access.form.editing() {
        return;
    }
    let open = rows(model).into_iter().find(|row| row.key.is_some_and(Key::waits));
    model.access.at = match open {
        Some(row) => At::Row(row.name),
        None if !model.access.secrets.is_empty() => At::Secret,
        None if login::refused(model) => At::Login,
        None => At::Continue,
    };
}

/// To the next of what can be marked, or to the one before.
pub(super) fn step(model: &mut Model, on: bool) {
    let mut stops: Vec<_> = rows(model).into_iter().map(|row| At::Row(row.name)).collect();
    stops.push(At::Login);
    if !model.access.secrets.is_empty() {
        stops.push(At::Secret);
    }
    stops.push(At::Continue);
    let here = stops.iter().position(|at| *at == model.access.at).unwrap_or_default();
    let next = if on { here + 1 } else { here.saturating_sub(1) };
    if let Some(at) = stops.into_iter().nth(next) {
        model.access.at = at;
    }
    model.access.moved = true;
}

//! The sentence below the page.

use std::time::Duration;

use super::{At, Row, login, rows, to_go};
use crate::{
    app::{
        Model, Overlay,
        page::nodes::{self, Tried},
    },
    remote::ask::Ask,
};

pub(crate) fn says(model: &Model) -> String {
    let access = &model.access;
    match &access.at {
        At::Secret => match access.secrets.front().map(|secret| &secret.ask) {
            Some(Ask::Passphrase { .. }) => {
                "Stays in memory. Enter with nothing typed: another way in is tried.".to_owned()
            }
            _ => "Kept in memory only; never written, logged or recorded.".to_owned(),
        },
        At::Login => login::says(model),
        At::Row(_) => marked(model).map_or_else(String::new, |row| row.says(model)),
        At::Continue => {
            let all = nodes::members(&model.nodes.form).unwrap_or_default();
            let at = |gate: fn(&Tried) -> bool| {
                all.iter().filter(|(_, a)| model.nodes.tried.get(a).is_some_and(gate)).count()
            };
            let within = at(|tried| matches!(tried, Tried::In { .. }));
            let under_way = at(|tried| *tried == Tried::Trying);
            match to_go(model) {
                0 if within == all.len() => {
                    "All machines let me in, with root. Nothing was changed there.".to_owned()
                }
                0 if under_way > 0 => format!("{under_way} being tried; {within} let me in."),
                _ => format!(
                    "{within} of {} let me in. What stays open is asked again before the run.",
                    all.len()
                ),
            }
        }
    }
}

/// The row that is marked.
fn marked(model: &Model) -> Option<Row<'_>> {
    let At::Row(name) = &model.access.at else { return None };
    rows(model).into_iter().find(|row| row.name == *name)
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// How long ago that is.
pub(super) fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "just now".to_owned(),
        s @ 1..MINUTE => format!("{s} s ago"),
        s @ MINUTE..HOUR => format!("{} min ago", s / MINUTE),
        s => format!("{} h ago", s / HOUR),
    }
}

/// How long the sentence stays true if nothing happens; `None`: for ever.
pub(crate) fn still_for(model: &Model) -> Option<Duration> {
    let covered = model.said.is_some()
        || !model.dialogs.is_empty()
        || model.overlay.is_some_and(|over| over != Overlay::Why);
    let age = marked(model).filter(|_| !covered)?.age(model)?;
    let unit = match age.as_secs() {
        0..MINUTE => 1,
        MINUTE..HOUR => MINUTE,
        _ => HOUR,
    };
    let into = Duration::new(age.as_secs() % unit, age.subsec_nanos());
    Some(Duration::from_secs(unit).saturating_sub(into))
}

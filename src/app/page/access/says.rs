//! The sentence below the page.

use super::{At, rows, to_go};
use crate::{
    app::{
        Model,
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
        At::Row(name) => rows(model)
            .into_iter()
            .find(|row| row.name == *name)
            .map_or_else(String::new, |row| row.says()),
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

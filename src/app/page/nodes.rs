//! Page 2: the members. Rows are tried while the person types on; a typo is mended with Enter, at the
//! character where it is.

mod pasted;
mod rows;
mod tried;

use std::collections::BTreeMap;

use tui_input::InputRequest;

pub(crate) use self::tried::{found, try_again, try_rows};
use self::{
    pasted::with_user,
    rows::{proposed, row},
};
pub use self::{
    pasted::{Pasted, read_pasted},
    rows::{COLUMNS, Wrong, count, member, members, rows},
    tried::{Gate, Tried, Way},
};
use super::access;
use crate::{
    app::{
        Effect, Model,
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        wizard,
    },
    cluster::{Address, MemberName},
};

/// The rows, and what trying them gave.
#[derive(Clone, Debug)]
pub struct State {
    /// Name and address, row by row.
    pub form: Form,
    /// How ssh gets to each name, as far as it was asked.
    pub ways: BTreeMap<MemberName, Way>,
    /// What was pasted instead of a name: ssh is asked for that.
    pub aliases: BTreeMap<MemberName, String>,
    /// What came of trying, by address: it stays true when rows move.
    pub tried: BTreeMap<Address, Tried>,
    /// What was understood of the last paste.
    pub pasted: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        let row = |n: usize| row(&proposed(n), "");
        Self {
            form: Form::new(COLUMNS, (1..=5).flat_map(row).collect()),
            ways: BTreeMap::new(),
            aliases: BTreeMap::new(),
            tried: BTreeMap::new(),
            pasted: None,
        }
    }
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let form = &model.nodes.form;
    if form.editing() {
        return vec![
            Offer::new(&[Command::Enter], "keep"),
            Offer::new(&[Command::Next], "next field"),
            Offer::new(&[Command::Back], "undo"),
        ];
    }
    let word = match member(form, form.row()) {
        _ if form.on_button() => "continue",
        Err(Wrong::Typo(..)) => "correct",
        _ => "edit",
    };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::new(&[Command::Up, Command::Down], "row"),
        Offer::new(&[Command::Next, Command::Previous, Command::Left, Command::Right], ""),
        Offer::new(&[Command::Add], "add"),
        Offer::new(&[Command::Drop], "drop"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Again], "try again"),
        Offer::new(&[Command::Back], "back"),
        Offer::new(&[Command::Quit], "quit"),
    ]
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let form = &mut model.nodes.form;
    if form.go(command) {
        return Vec::new();
    }
    match command {
        Command::Back => return wizard::go_back(model),
        Command::Quit | Command::Interrupt => return wizard::leave(),
        Command::Add => {
            form.fields.extend(row("", ""));
            form.at = form.fields.len().saturating_sub(COLUMNS);
            form.begin();
        }
        Command::Drop if !form.on_button() => {
            let from = form.row() * COLUMNS;
            form.fields.drain(from..(from + COLUMNS).min(form.fields.len()));
            form.at = form.at.min(form.fields.len());
        }
        Command::Again => return try_again(model),
        Command::Enter if form.on_button() => match members(form) {
            Ok(_) => return wizard::go_on(model),
            Err(says) => {
                // Where it is wrong is where it can be mended.
                let wrong = (0..rows(form)).find(|row| member(form, *row).is_err());
                form.at = wrong.map_or(form.at, |row| row * COLUMNS + 1);
                model.said = Some(says);
            }
        },
        Command::Enter => {
            let row = form.row();
            let Err(Wrong::Typo(mended, _)) = member(form, row) else {
                form.begin();
                return Vec::new();
            };
            if let Some(field) = form.fields.get_mut(row * COLUMNS + 1) {
                *field = Field::new("address", &mended.to_string());
            }
            return try_rows(model);
        }
        _ => {}
    }
    Vec::new()
}

/// A digit beside a name begins the address that lacks, and does not lengthen the name.
pub(crate) fn typing_begins(model: &mut Model, request: InputRequest) {
    let form = &mut model.nodes.form;
    let digit = matches!(request, InputRequest::InsertChar(ch) if ch.is_ascii_digit());
    let named = form.at.is_multiple_of(COLUMNS) && !form.text(form.at).is_empty();
    if digit && named && form.text(form.at + 1).is_empty() {
        form.at += 1;
    }
}

/// A field says something else: that row is tried anew. What is before a host is whom to log in as.
pub(crate) fn edited(model: &mut Model, at: usize) -> Vec<Effect> {
    if let Some((user, host)) = with_user(model.nodes.form.text(at)) {
        let (user, host) = (user.to_owned(), host.to_owned());
        model.nodes.form.set(at, &host);
        if let Some(effects) = access::named(model, &[user].into()) {
            return effects;
        }
    }
    if let Ok((_, address)) = member(&model.nodes.form, at / COLUMNS) {
        model.nodes.tried.remove(&address);
    }
    try_rows(model)
}

/// A paste: a list, host aliases, or the lab's own `ETCD_INITIAL_CLUSTER`.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Pasted { rows, aliases, users, says } = read_pasted(text);
    if rows.is_empty() {
        model.said = Some(says);
        return Vec::new();
    }
    let fields = rows.iter().flat_map(|(name, address)| row(name, address));
    model.nodes.form = Form::new(COLUMNS, fields.collect());
    model.nodes.pasted = Some(says);
    model.nodes.aliases = aliases.into_iter().collect();
    model.nodes.ways.clear();
    // The first row with a typo is where Enter helps.
    let form = &model.nodes.form;
    let wrong = |row: &usize| !matches!(member(form, *row), Ok(_) | Err(Wrong::Empty));
    let typo = (0..self::rows(form)).find(wrong);
    model.nodes.form.at = typo.map_or(form.fields.len(), |row| row * COLUMNS + 1);
    access::named(model, &users).unwrap_or_else(|| try_rows(model))
}

pub(crate) fn says(model: &Model) -> String {
    let form = &model.nodes.form;
    if form.editing() {
        return "Enter keeps it, Tab goes on, Esc brings back what was there.".to_owned();
    }
    match member(form, form.row()) {
        _ if form.on_button() => members(form).map_or_else(
            |says| says,
            |all| format!("{} members; {}.", all.len(), count(all.len())),
        ),
        Err(Wrong::Typo(mended, _)) => {
            format!(
                "Enter puts {mended} into row {}. The other rows are being tried.",
                form.row() + 1
            )
        }
        Err(Wrong::Says(says)) => format!("Row {}: {says}.", form.row() + 1),
        Err(Wrong::Empty) => "Type an address, or paste a list; rows are tried at once.".to_owned(),
        Ok((name, address)) => match model.nodes.tried.get(&address) {
            Some(Tried::Out { reason, .. }) => format!("{name}: {reason}"),
            _ => format!("Peers call {name} at {address}. Nothing is changed by looking."),
        },
    }
}

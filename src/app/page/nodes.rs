//! Page 2: the members. Rows are tried while the person types on; a typo is mended with Enter, at the
//! character where it is.

mod pasted;

use std::collections::BTreeMap;

pub use self::pasted::{Pasted, read_pasted};
use super::Page;
use crate::{
    app::{
        Effect, Exit, Model,
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
    },
    cluster::{Address, MemberName, address::AddressError},
};

/// The columns of a row.
pub const COLUMNS: usize = 2;

/// The rows, and what trying them gave.
#[derive(Clone, Debug)]
pub struct State {
    /// Name and address, row by row.
    pub form: Form,
    /// What came of trying, by address: it stays true when rows move.
    pub tried: BTreeMap<Address, Tried>,
    /// What was understood of the last paste.
    pub pasted: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        let row =
            |n: usize| [Field::new("name", &format!("icc-etcd-{n}")), Field::new("address", "")];
        Self {
            form: Form::new(COLUMNS, (1..=5).flat_map(row).collect()),
            tried: BTreeMap::new(),
            pasted: None,
        }
    }
}

/// What came of trying to log in to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Under way.
    Trying,
    /// Logged in.
    In {
        /// As whom.
        user: String,
        /// How root is had.
        root: String,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// Not let in.
    Out {
        /// Why, as a clause.
        reason: String,
    },
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It says nothing yet.
    Empty,
    /// A sentence about its name or address.
    Says(String),
    /// Its address has a typo: what it should say.
    Typo(Address, String),
}

/// A row as a member, or what is wrong with it.
///
/// # Errors
/// If it is none yet.
pub fn member(form: &Form, row: usize) -> Result<(MemberName, Address), Wrong> {
    let (name, address) = (form.text(row * COLUMNS), form.text(row * COLUMNS + 1));
    if address.is_empty() {
        return Err(Wrong::Empty);
    }
    let address = address.parse::<Address>().map_err(|error| match &error {
        AddressError::MissingColon { address, .. } | AddressError::HasPort { address, .. } => {
            let mended = address.to_string().parse();
            let says = format!("the address {error}");
            mended.map_or(Wrong::Says(says.clone()), |mended| Wrong::Typo(mended, says))
        }
        _ => Wrong::Says(format!("the address {error}")),
    })?;
    let name = name.parse().map_err(|error| Wrong::Says(format!("the name {error}")))?;
    Ok((name, address))
}

/// How many rows there are.
#[must_use]
pub fn rows(form: &Form) -> usize {
    form.fields.len() / COLUMNS
}

/// The members, if every row is one and no two share a name or an address.
///
/// # Errors
/// A sentence about the first row that keeps them from being a cluster.
pub fn members(form: &Form) -> Result<Vec<(MemberName, Address)>, String> {
    let mut members: Vec<(MemberName, Address)> = Vec::new();
    for row in 0..rows(form) {
        let (name, address) = member(form, row).map_err(|wrong| match wrong {
            Wrong::Empty => format!("Row {} has no address yet; Del drops a row.", row + 1),
            Wrong::Says(says) | Wrong::Typo(_, says) => format!("Row {}: {says}.", row + 1),
        })?;
        if let Some((other, _)) = members.iter().find(|(n, a)| *n == name || *a == address) {
            return Err(format!("Row {} is {other} once more; no two may be alike.", row + 1));
        }
        members.push((name, address));
    }
    if members.is_empty() {
        Err("There is no member yet; a adds one.".to_owned())
    } else {
        Ok(members)
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
        Offer::new(&[Command::Again], "try again"),
        Offer::new(&[Command::Why], "why"),
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
        Command::Back => model.page = Page::Welcome,
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        Command::Add => {
            form.fields.extend([Field::new("name", ""), Field::new("address", "")]);
            form.at = form.fields.len().saturating_sub(COLUMNS);
            form.begin();
        }
        Command::Drop if !form.on_button() => {
            let from = form.row() * COLUMNS;
            form.fields.drain(from..(from + COLUMNS).min(form.fields.len()));
            form.at = form.at.min(form.fields.len());
        }
        Command::Again => {
            model.nodes.tried.retain(|_, tried| !matches!(tried, Tried::Out { .. }));
            return try_rows(model);
        }
        Command::Enter if form.on_button() => match members(form) {
            Ok(_) => model.page = Page::Etcd,
            Err(says) => model.said = Some(says),
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

/// Tries every row that is a member and was not tried yet.
pub(crate) fn try_rows(model: &mut Model) -> Vec<Effect> {
    let State { form, tried, .. } = &mut model.nodes;
    let members = (0..rows(form)).filter_map(|row| member(form, row).ok());
    let fresh: Vec<_> = members.filter(|(_, address)| !tried.contains_key(address)).collect();
    tried.extend(fresh.iter().map(|(_, address)| (*address, Tried::Trying)));
    fresh.into_iter().map(|(name, address)| Effect::Try { name, address }).collect()
}

/// A paste: a list, or the lab's own `ETCD_INITIAL_CLUSTER`.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Pasted { rows, says } = read_pasted(text);
    if rows.is_empty() {
        model.said = Some(says);
        return Vec::new();
    }
    let fields = rows
        .into_iter()
        .flat_map(|(name, address)| [Field::new("name", &name), Field::new("address", &address)]);
    model.nodes.form = Form::new(COLUMNS, fields.collect());
    model.nodes.pasted = Some(says);
    // The first row with a typo is where Enter helps.
    let form = &model.nodes.form;
    let typo = (0..self::rows(form)).find(|row| member(form, *row).is_err());
    model.nodes.form.at = typo.map_or(form.fields.len(), |row| row * COLUMNS + 1);
    try_rows(model)
}

pub(crate) fn says(model: &Model) -> String {
    let form = &model.nodes.form;
    if form.editing() {
        return "Enter keeps it, Tab goes on, Esc brings back what was there.".to_owned();
    }
    match member(form, form.row()) {
        _ if form.on_button() => members(form).map_or_else(
            |says| says,
            |all| format!("{} members; {} must live.", all.len(), all.len() / 2 + 1),
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
            Some(Tried::Out { reason }) => format!("{name}: {reason}"),
            _ => format!("Peers call {name} at {address}. Nothing is changed by looking."),
        },
    }
}

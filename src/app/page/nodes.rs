//! Page 2: the members. Rows are tried while the person types on; a typo is mended with Enter, at the
//! character where it is.

mod pasted;

use std::collections::BTreeMap;

use self::pasted::with_user;
pub use self::pasted::{Pasted, read_pasted};
use super::access;
use crate::{
    app::{
        Effect, Model,
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        wizard,
    },
    cluster::{Address, Cluster, Login, Member, MemberName, TlsPaths, address::AddressError},
    lab::Facts,
    remote::connect::With,
};

/// The columns of a row.
pub const COLUMNS: usize = 2;

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

/// How ssh gets to a name, by the person's own configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// What ssh is asked for, if it is not the address.
    pub host: Option<String>,
    /// The address it stands for, if this computer knows.
    pub address: Option<Address>,
    /// The hosts on the way.
    pub via: Vec<String>,
    /// What ssh calls in the end: a name or an address.
    pub called: Option<String>,
}

/// What came of trying to log in to a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    /// Under way.
    Trying,
    /// Logged in.
    In {
        /// As whom.
        user: String,
        /// With what.
        with: With,
        /// How root is had.
        root: String,
        /// How long it took, in milliseconds; unknown where the person may have been asked.
        took_ms: Option<u64>,
        /// What is there, if it could be asked.
        facts: Option<Box<Facts>>,
    },
    /// Not let in.
    Out {
        /// How far it went.
        at: Gate,
        /// Why, as a clause.
        reason: String,
    },
}

/// What stands between here and root on a node, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Nobody answers there, or nobody who speaks SSH.
    Reach,
    /// Its host key is not known yet.
    NewKey,
    /// Its host key is another one than is known.
    WrongKey,
    /// It does not let in.
    Login,
    /// No root.
    Root,
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

/// The cluster as far as it is known: rows that are members, and the other pages' answers.
fn sketch(model: &Model) -> Option<Cluster> {
    let form = &model.nodes.form;
    let data = model.etcd.form.text(super::etcd::DATA);
    let member = |row| {
        let (name, address) = member(form, row).ok()?;
        Some(Member { name, address, login: Login::default(), ssh_host: None })
    };
    Some(Cluster {
        name: "sketch".parse().ok()?,
        token: "sketch".parse().ok()?,
        login: Login::of(access::user(model)).unwrap_or_default(),
        tls: TlsPaths { ca: "".into(), cert: "".into(), key: "".into() },
        data_dir: if data.starts_with('/') { data } else { "/var/lib/etcd" }.into(),
        members: (0..rows(form)).filter_map(member).collect(),
    })
}

/// The name of the `n`th member, as the lab has it, until the person says another.
fn proposed(n: usize) -> String {
    format!("icc-etcd-{n}")
}

fn row(name: &str, address: &str) -> [Field; COLUMNS] {
    [Field::new("name", name), Field::new("address", address)]
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

/// All that did not work, and all that was seen, once more.
pub(crate) fn try_again(model: &mut Model) -> Vec<Effect> {
    model.nodes.tried.retain(|_, tried| *tried == Tried::Trying);
    model.nodes.ways.clear();
    try_rows(model)
}

/// Tries every row that was not tried yet; of a row with a name alone, ssh's configuration may know
/// the address.
pub(crate) fn try_rows(model: &mut Model) -> Vec<Effect> {
    let Some(sketch) = sketch(model) else { return Vec::new() };
    let State { form, tried, ways, aliases, .. } = &mut model.nodes;
    let mut effects = Vec::new();
    for row in 0..rows(form) {
        let (name, address) = match member(form, row) {
            Ok((name, address)) if !tried.contains_key(&address) => (name, Some(address)),
            Err(Wrong::Empty) => match form.text(row * COLUMNS).parse::<MemberName>() {
                Ok(name) if !ways.contains_key(&name) => (name, None),
                _ => continue,
            },
            _ => continue,
        };
        match address {
            Some(address) => drop(tried.insert(address, Tried::Trying)),
            None => drop(ways.insert(name.clone(), Way::default())),
        }
        let alias = aliases.get(&name).map_or(name.as_str(), String::as_str).to_owned();
        effects.push(Effect::Try { name, alias, address, sketch: Box::new(sketch.clone()) });
    }
    effects
}

/// How ssh gets to a name. A row that has no address yet gets the one it stands for.
pub(crate) fn found(model: &mut Model, name: MemberName, way: Way) -> Vec<Effect> {
    let form = &mut model.nodes.form;
    let row = (0..rows(form)).find(|row| form.text(row * COLUMNS) == name.as_str());
    if let (Some(row), Some(address)) = (row, way.address) {
        let at = row * COLUMNS + 1;
        let typed = form.editing() && form.at == at;
        if !typed
            && form.text(at).is_empty()
            && let Some(field) = form.fields.get_mut(at)
        {
            *field = Field::new("address", &address.to_string());
            model.nodes.tried.entry(address).or_insert(Tried::Trying);
        }
    }
    model.nodes.ways.insert(name, way);
    Vec::new()
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

/// How many may fail, and whether the number is a wise one.
#[must_use]
pub fn count(members: usize) -> String {
    let (must, may) = (members / 2 + 1, members.saturating_sub(members / 2 + 1));
    match members {
        0 => "no member yet".to_owned(),
        1 => "must live: nothing may fail; 3, 5 or 7 are better".to_owned(),
        n if n % 2 == 0 => format!("{must} must live, {may} may fail: no more than with {}", n - 1),
        n if n > 7 => format!("{must} must live, {may} may fail; more than 7 only make it slower"),
        _ => format!("{must} must live, {may} may fail"),
    }
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

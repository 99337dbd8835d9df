//! Trying the rows: how ssh gets to each, and what came of logging in.

use super::{
    State,
    rows::{COLUMNS, Wrong, member, rows},
};
use crate::{
    app::{
        Effect, Model,
        form::Field,
        page::{access, etcd},
    },
    cluster::{Address, Cluster, Login, Member, MemberName, TlsPaths, file::DATA_DIR},
    lab::Facts,
    remote::connect::With,
};

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

/// The cluster as far as it is known: rows that are members, and the other pages' answers.
fn sketch(model: &Model) -> Option<Cluster> {
    let form = &model.nodes.form;
    let data = model.etcd.form.text(etcd::DATA);
    let member = |row| {
        let (name, address) = member(form, row).ok()?;
        Some(Member { name, address, login: Login::default(), ssh_host: None })
    };
    Some(Cluster {
        name: "sketch".parse().ok()?,
        token: "sketch".parse().ok()?,
        login: Login::of(access::user(model)).unwrap_or_default(),
        tls: TlsPaths { ca: "".into(), cert: "".into(), key: "".into() },
        data_dir: if data.starts_with('/') { data } else { DATA_DIR }.into(),
        members: (0..rows(form)).filter_map(member).collect(),
    })
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

//! Page 4: one folder, sorted by what is in its files; each certificate against each requirement. Or
//! they are made.

mod keys;

use std::{collections::BTreeMap, path::PathBuf};

pub(crate) use self::keys::{edited, offers, on, paste, says};
use super::{
    etcd,
    nodes::{self, Tried},
};
use crate::{
    app::{
        Effect, Model,
        form::{Field, Form},
    },
    cluster::{MemberName, TlsPaths},
    pki::{
        Check, Need, Requirement, Verdict,
        sort::{Column, Counts},
    },
};

/// The rows of the table, in their order.
pub const CHECKS: [Check; 8] = [
    Check::Chain,
    Check::Key,
    Check::Dates,
    Check::Address,
    Check::Loopback,
    Check::Server,
    Check::Client,
    Check::Strength,
];

/// What is asked of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which, as the person wrote it.
    pub folder: String,
    /// The folder of the cluster file: requests are beside it, with their keys.
    pub beside: String,
    /// Whom its certificates must serve, and by how many seconds that node's clock is ahead.
    pub needs: Vec<(Need, i64)>,
}

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How many of each kind.
    pub counts: Counts,
    /// Member by member.
    pub columns: Vec<Column>,
    /// Keys that were found where their requests were made.
    pub requested: Vec<PathBuf>,
    /// What cannot be used or should not be so: file and clause.
    pub troubles: Vec<(String, String)>,
    /// The files as they lie there, if a cluster can use them so.
    pub in_place: Option<TlsPaths>,
    /// Where they are, relative to the cluster file, once they are written beside it.
    pub beside: TlsPaths,
}

/// How far it is with the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Folder {
    /// None is named: certificates are made.
    #[default]
    Unnamed,
    /// It is being read.
    Reading(Box<Wanted>),
    /// It was read.
    Read(Box<Wanted>, Box<Looked>),
    /// It cannot be read.
    Unread(Box<Wanted>, String),
}

/// Where the certificates of the cluster come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A CA and a certificate for all are made.
    Made,
    /// They stay where they are.
    InPlace(TlsPaths),
    /// What was found is written beside the cluster file, in the form that etcd reads.
    Written(TlsPaths),
}

/// What can be chosen below the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Keys and signing requests, and the words around them.
    Request,
    /// Read the folder again.
    Again,
    /// Name another one.
    Other,
    /// Make them, whatever the folder holds.
    Make,
}

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The field.
    Folder,
    /// A cell: its row, and its column in [`State::column`].
    Row(usize),
    /// A choice.
    Choice(Choice),
    /// The way on.
    Button,
}

/// The page.
#[derive(Clone, Debug)]
pub struct State {
    /// The folder.
    pub form: Form,
    /// What it holds.
    pub folder: Folder,
    /// The place among [`places`].
    pub place: usize,
    /// The marked member, counted from 0.
    pub column: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            form: Form::new(1, vec![Field::path("Folder", "")]),
            folder: Folder::default(),
            place: 0,
            column: 0,
        }
    }
}

/// What can be marked, from top to bottom.
#[must_use]
pub fn places(model: &Model) -> Vec<At> {
    let mut places = vec![At::Folder];
    if let Folder::Read(..) = &model.certificates.folder {
        places.extend((0..CHECKS.len()).map(At::Row));
    }
    let choices: &[Choice] = match &model.certificates.folder {
        Folder::Read(..) => &[Choice::Request, Choice::Again, Choice::Other, Choice::Make],
        Folder::Unread(..) => &[Choice::Again, Choice::Other, Choice::Make],
        // A folder on a network may take its time: there is a way out meanwhile.
        Folder::Reading(_) => &[Choice::Other, Choice::Make],
        Folder::Unnamed => &[Choice::Request],
    };
    places.extend(choices.iter().copied().map(At::Choice));
    places.push(At::Button);
    places
}

/// What is marked.
#[must_use]
pub fn at(model: &Model) -> At {
    places(model).get(model.certificates.place).copied().unwrap_or(At::Button)
}

/// What was read, if it was.
#[must_use]
pub fn looked(model: &Model) -> Option<&Looked> {
    match &model.certificates.folder {
        Folder::Read(_, looked) => Some(looked),
        _ => None,
    }
}

/// Cells that are wrong, and such that are to be looked at; a member without a certificate is wrong
/// in all.
#[must_use]
pub fn count(looked: &Looked) -> (usize, usize) {
    let cells = |column: &Column, verdict| {
        let of = column.rows.iter().filter(|row| row.verdict == verdict).count();
        let none = column.rows.is_empty() && verdict == Verdict::Wrong;
        if none { CHECKS.len() } else { of }
    };
    let all = |verdict| looked.columns.iter().map(|column| cells(column, verdict)).sum();
    (all(Verdict::Wrong), all(Verdict::Look))
}

/// The cell that the page speaks of: the marked one, or the worst.
#[must_use]
pub fn spoken(model: &Model) -> Option<(&Column, Option<&Requirement>)> {
    let looked = looked(model)?;
    if let At::Row(row) = at(model) {
        let column = looked.columns.get(model.certificates.column)?;
        return Some((column, CHECKS.get(row).and_then(|check| column.cell(*check))));
    }
    let empty = looked.columns.iter().find(|column| column.rows.is_empty());
    let worst =
        looked.columns.iter().flat_map(|column| column.rows.iter().map(move |r| (column, r)));
    // Of those as bad as each other the first.
    let worst =
        worst.rev().max_by_key(|(_, row)| row.verdict).filter(|(_, r)| r.verdict != Verdict::Ok);
    empty.map(|column| (column, None)).or(worst.map(|(column, row)| (column, Some(row))))
}

/// What a cell says, as a clause that names its member.
#[must_use]
pub fn told(column: &Column, cell: &Requirement) -> String {
    if cell.says.starts_with(column.member.as_str()) {
        cell.says.clone()
    } else {
        format!("{}: {}", column.member, cell.says)
    }
}

/// Where the cluster's certificates come from, or what keeps it from going on.
///
/// # Errors
/// A sentence.
pub fn source(model: &Model) -> Result<Source, String> {
    match &model.certificates.folder {
        Folder::Unnamed => Ok(Source::Made),
        Folder::Reading(_) => Err("The folder is being read.".to_owned()),
        Folder::Unread(_, says) => Err(says.clone()),
        Folder::Read(_, looked) => match count(looked) {
            (0, _) => Ok(looked
                .in_place
                .clone()
                .map_or_else(|| Source::Written(looked.beside.clone()), Source::InPlace)),
            (wrong, _) => Err(format!("{wrong} ✗ to go: the cluster would not run like this.")),
        },
    }
}

/// The files as the cluster file names them; bare names lie beside it.
#[must_use]
pub fn paths(source: &Source) -> TlsPaths {
    match source {
        Source::InPlace(paths) | Source::Written(paths) => paths.clone(),
        Source::Made => TlsPaths {
            ca: "ca.pem".into(),
            cert: "kubernetes.pem".into(),
            key: "kubernetes-key.pem".into(),
        },
    }
}

/// The page comes to the front: members may be others by now.
pub(crate) fn opened(model: &mut Model) -> Vec<Effect> {
    let wanted = wanted(model);
    if wanted.is_none() {
        // Enter alone goes on.
        (model.certificates.place, model.certificates.form.at) = (places(model).len() - 1, 1);
    }
    let known = match &model.certificates.folder {
        Folder::Unnamed => None,
        Folder::Reading(was) | Folder::Read(was, _) | Folder::Unread(was, _) => Some(&**was),
    };
    if wanted.as_ref() == known { Vec::new() } else { read(model) }
}

/// Reads the folder, or none.
fn read(model: &mut Model) -> Vec<Effect> {
    let Some(wanted) = wanted(model) else {
        model.certificates.folder = Folder::Unnamed;
        return Vec::new();
    };
    model.certificates.folder = Folder::Reading(Box::new(wanted.clone()));
    (model.certificates.place, model.certificates.form.at) = (0, 0);
    vec![Effect::Sort(Box::new(wanted))]
}

fn wanted(model: &Model) -> Option<Wanted> {
    let folder = model.certificates.form.text(0).to_owned();
    let members = nodes::members(&model.nodes.form).unwrap_or_default();
    let ahead: BTreeMap<_, _> = model
        .nodes
        .tried
        .iter()
        .filter_map(|(address, tried)| match tried {
            Tried::In { facts: Some(facts), .. } => Some((*address, facts.ahead_ms / 1000)),
            _ => None,
        })
        .collect();
    let needs = members.into_iter().map(|(name, address)| {
        (Need::member(name, address.ip()), ahead.get(&address).copied().unwrap_or_default())
    });
    let beside = model.etcd.form.text(etcd::FOLDER).to_owned();
    (!folder.is_empty()).then(|| Wanted { folder, beside, needs: needs.collect() })
}

/// The folder was read; what was asked before that is old.
pub(crate) fn sorted(model: &mut Model, wanted: Wanted, how: Result<Looked, String>) {
    let state = &mut model.certificates;
    if !matches!(&state.folder, Folder::Reading(now) if **now == wanted) {
        return;
    }
    let wanted = Box::new(wanted);
    match how {
        Ok(looked) => state.folder = Folder::Read(wanted, Box::new(looked)),
        Err(says) => {
            // Its name is wrong, most likely.
            state.folder = Folder::Unread(wanted, says);
            return;
        }
    }
    // What is wrong is marked, else the way on.
    let worst = spoken(model).and_then(|(column, cell)| {
        let row = CHECKS.iter().position(|check| cell.is_some_and(|cell| cell.check == *check));
        cell.is_none_or(|cell| cell.verdict == Verdict::Wrong)
            .then(|| (column.member.clone(), row.unwrap_or_default()))
    });
    let last = places(model).len().saturating_sub(1);
    let at = worst.and_then(|(member, row)| Some((place_of(model, &member)?, row)));
    let state = &mut model.certificates;
    (state.column, state.place) = at.map_or((0, last), |(column, row)| (column, row + 1));
    state.form.at = 1;
}

fn place_of(model: &Model, member: &MemberName) -> Option<usize> {
    looked(model)?.columns.iter().position(|column| column.member == *member)
}

/// The requests are written, or are not.
pub(crate) fn requested(model: &mut Model, how: Result<PathBuf, String>) {
    model.said = Some(match how {
        Ok(folder) => format!("Written: {}. The keys stay there: I find them.", folder.display()),
        Err(says) => says,
    });
}

//! Page 3: what stands between here and the machines. Keys of all of them are compared at once;
//! what is secret is asked for here, once, and never before the keys are settled.

mod heard;
mod keys;
mod login;
mod mark;
mod pasted;
mod says;
mod secrets;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use self::mark::{focus, step};
pub(crate) use self::{
    heard::{asked, compared, saw, tried},
    login::{edited, named},
    pasted::paste,
    says::{says, still_for},
    secrets::edit,
};
pub use self::{
    keys::{Key, Row, member_called, rows, to_go, twins},
    login::{refused, user},
    mark::At,
    pasted::{PastedKey, kind, read_keys},
    secrets::typing,
};
use super::{
    Page,
    nodes::{self, Gate, Tried},
};
use crate::{
    app::{
        Effect, Model, Setting,
        dialog::{Asked, Dialog},
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        wizard,
    },
    cluster::Address,
    remote::ask::{Ask, Seen},
};

/// The keys, and what is asked.
#[derive(Clone, Debug)]
pub struct State {
    /// The name to log in as, in its one field.
    pub form: Form,
    /// By host, as `known_hosts` writes it.
    pub keys: BTreeMap<String, Key>,
    /// Secrets that are asked for; the first is shown.
    pub secrets: VecDeque<Asked>,
    /// What was asked for and given, without what it was.
    pub given: Vec<Ask>,
    /// What machines said of themselves.
    pub pasted: Vec<PastedKey>,
    /// What is marked.
    pub at: At,
    /// The person has moved: the mark stays where it is.
    pub moved: bool,
    /// The machines that were tried since this page is open.
    pub began: BTreeSet<Address>,
}

impl Default for State {
    fn default() -> Self {
        let form = Form::new(1, vec![Field::new("Log in as", "")]);
        Self {
            form,
            keys: BTreeMap::new(),
            secrets: VecDeque::new(),
            given: Vec::new(),
            pasted: Vec::new(),
            at: At::default(),
            moved: false,
            began: BTreeSet::new(),
        }
    }
}

/// Whether a person is needed there.
fn needs_somebody(tried: &Tried) -> bool {
    matches!(tried, Tried::Out { at: Gate::NewKey | Gate::WrongKey | Gate::Login | Gate::Root, .. })
}

/// Whether there is something to answer: a machine that did not let us in without.
#[must_use]
pub fn asks(model: &Model) -> bool {
    let members = nodes::members(&model.nodes.form).unwrap_or_default();
    let tried = |address: &Address| model.nodes.tried.get(address);
    model.setting == Setting::Live
        && members.iter().any(|(_, address)| tried(address).is_some_and(needs_somebody))
}

/// Opens the page: who was not let in is tried again, now that somebody can be asked.
pub(crate) fn open(model: &mut Model) -> Vec<Effect> {
    model.page = Page::Access;
    model.access.at = At::Continue;
    model.access.moved = false;
    model.access.began.clear();
    if model.nodes.ways.values().all(|way| way.via.is_empty()) {
        let ours: BTreeSet<String> = rows(model)
            .into_iter()
            .filter(|row| row.member)
            .filter_map(|row| row.key.map(|key| key.seen.host.clone()))
            .collect();
        model.access.keys.retain(|host, _| ours.contains(host));
    }
    let mut effects = vec![Effect::BeAsked(true)];
    effects.extend(try_again(model));
    focus(model);
    effects
}

/// Nobody is here to be asked any more; who waits goes on without an answer.
fn leave(model: &mut Model) -> Vec<Effect> {
    model.access.secrets.clear();
    model.access.began.clear();
    model.access.keys.values_mut().for_each(|key| key.asked.clear());
    vec![Effect::BeAsked(false)]
}

/// Whoever did not let us in, once more.
fn try_again(model: &mut Model) -> Vec<Effect> {
    model.nodes.tried.retain(|_, tried| !matches!(tried, Tried::Out { .. }));
    let effects = nodes::try_rows(model);
    for effect in &effects {
        if let Effect::Try { address: Some(address), .. } = effect {
            model.access.began.insert(*address);
        }
    }
    effects
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let moves = [
        Offer::new(&[Command::Up, Command::Down], "row"),
        Offer::new(&[Command::Next, Command::Previous], ""),
    ];
    if model.access.form.editing() {
        let mut offers = vec![Offer::new(&[Command::Enter], "keep")];
        offers.extend(moves);
        offers.push(Offer::new(&[Command::Back], "undo"));
        return offers;
    }
    if typing(model) {
        let mut offers = vec![Offer::new(&[Command::Enter], "give it")];
        offers.extend(moves);
        let typed = model.access.secrets.front().is_some_and(|s| !s.typed.0.value().is_empty());
        offers.push(Offer::new(&[Command::Back], if typed { "undo" } else { "back" }));
        return offers;
    }
    let word = match &model.access.at {
        At::Continue => Some("continue"),
        At::Login => Some("edit"),
        At::Secret => None,
        At::Row(name) => to_show(model, name).map(|_| "compare"),
    };
    let enter = word.map(|word| Offer::new(&[Command::Enter], word));
    let mut offers: Vec<_> = enter.into_iter().collect();
    offers.extend(moves);
    offers.extend([
        Offer::new(&[Command::Again], "again"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Back], "back"),
        Offer::new(&[Command::Quit], "quit"),
    ]);
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Up | Command::Previous => step(model, false),
        Command::Down | Command::Next => step(model, true),
        Command::Again => return try_again(model),
        Command::Back if secrets::undo(model) => {}
        Command::Back => {
            let mut effects = leave(model);
            effects.extend(wizard::go_back(model));
            return effects;
        }
        Command::Quit | Command::Interrupt => {
            let mut effects = leave(model);
            effects.extend(wizard::leave());
            return effects;
        }
        Command::Enter => return enter(model),
        _ => {}
    }
    Vec::new()
}

fn enter(model: &mut Model) -> Vec<Effect> {
    let name = match &model.access.at {
        At::Continue => {
            let mut effects = leave(model);
            effects.extend(wizard::go_on(model));
            return effects;
        }
        At::Secret => return secrets::give(model),
        At::Login => {
            model.access.form.begin();
            return Vec::new();
        }
        At::Row(name) => name.clone(),
    };
    if let Some(seen) = to_show(model, &name).cloned() {
        model.dialogs.push_front(Dialog::host_key(seen));
    }
    Vec::new()
}

/// What can be compared of that row.
fn to_show<'a>(model: &'a Model, name: &str) -> Option<&'a Seen> {
    let row = rows(model).into_iter().find(|row| row.name == name)?;
    row.key.filter(|key| key.to_show()).map(|key| &key.seen)
}

#[cfg(test)]
#[path = "access/tests.rs"]
mod tests;

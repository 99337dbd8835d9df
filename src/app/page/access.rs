//! Page 3: what stands between here and the machines. Keys of all of them are compared at once;
//! what is secret is asked for here, once, and never before the keys are settled.

mod keys;
mod login;
mod pasted;
mod says;
mod secrets;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use self::{
    keys::{Key, Row, member_called, rows, to_go, twins},
    login::{refused, user},
    pasted::{PastedKey, kind, read_keys},
    secrets::typing,
};
pub(crate) use self::{
    login::{edited, named},
    says::{says, still_for},
    secrets::edit,
};
use super::{
    Page,
    nodes::{self, Gate, Tried},
};
use crate::{
    app::{
        Effect, Model, Setting,
        dialog::{Asked, Dialog, Typed},
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        wizard,
    },
    cluster::Address,
    remote::ask::{Ask, Reply, Seen, Standing},
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

/// Marks what is to be done next, unless the person has moved.
fn focus(model: &mut Model) {
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

/// A machine was tried. One that was tried before there was somebody to ask is tried again.
pub(crate) fn tried(model: &mut Model, address: Address, mut tried: Tried) -> Vec<Effect> {
    if let Tried::In { took_ms, .. } = &mut tried
        && model.access.began.contains(&address)
    {
        *took_ms = None;
    }
    let again = model.page == Page::Access
        && needs_somebody(&tried)
        && !model.access.began.contains(&address);
    model.nodes.tried.insert(address, tried);
    if again {
        model.nodes.tried.remove(&address);
        model.access.began.insert(address);
        return nodes::try_rows(model);
    }
    if model.page == Page::Access {
        focus(model);
    }
    Vec::new()
}

/// A host has shown its key.
pub(crate) fn saw(model: &mut Model, seen: &Seen) -> Vec<Effect> {
    let known = model.access.keys.get(&seen.host);
    let mut effects = Vec::new();
    if let Some(key) = known.filter(|key| key.seen.fingerprint != seen.fingerprint) {
        // It shows another one than a moment ago: whoever waits for that one is not let on.
        let no = |id: &u64| Effect::Reply { id: *id, reply: Reply::No };
        effects.extend(key.asked.iter().map(no));
        model.access.keys.remove(&seen.host);
    }
    let key = model.access.keys.entry(seen.host.clone()).or_insert_with(|| Key::new(seen.clone()));
    key.seen.standing = seen.standing.clone();
    key.seen.user = seen.user.clone().or(key.seen.user.take());
    key.shown = model.now;
    keys::compare(model);
    focus(model);
    effects
}

/// A thread waits for an answer.
pub(crate) fn asked(model: &mut Model, id: u64, ask: Ask) -> Vec<Effect> {
    if login::is_late(model, &ask) {
        return vec![Effect::Reply { id, reply: Reply::No }];
    }
    let mut effects = Vec::new();
    if let Ask::HostKey { host, address, key_type, fingerprint, other_types_known } = ask {
        let standing = Standing::New;
        let user = None;
        let seen = Seen { host, address, key_type, fingerprint, standing, user };
        effects = saw(model, &seen);
        if let Some(key) = model.access.keys.get_mut(&seen.host) {
            key.asked.push(id);
            key.other_types = other_types_known;
        }
        effects.extend(keys::answer(model));
    } else {
        model.access.secrets.push_back(Asked { id, ask, typed: Typed::default(), at: 0 });
    }
    focus(model);
    effects
}

/// What was said to the comparison of a key.
pub(crate) fn compared(model: &mut Model, seen: &Seen, same: bool) -> Vec<Effect> {
    let Some(key) = model.access.keys.get_mut(&seen.host) else { return Vec::new() };
    if key.seen.fingerprint != seen.fingerprint {
        model.said = Some("It shows another key now: compare once more.".to_owned());
        return Vec::new();
    }
    key.accepted |= same && key.seen.standing == Standing::New;
    key.put_off = !same;
    model.access.moved = false;
    let effects = keys::answer(model);
    focus(model);
    effects
}

/// A paste: what machines say of themselves. `None`: it has no key, and is for the field.
pub(crate) fn paste(model: &mut Model, text: &str) -> Option<Vec<Effect>> {
    let pasted = read_keys(text);
    if pasted.is_empty() {
        if model.typing() {
            return None;
        }
        let says = "There is no fingerprint in that: ssh-keygen -lf prints one, as SHA256:…";
        model.said = Some(says.to_owned());
        return Some(Vec::new());
    }
    model.access.pasted.extend(pasted);
    let before = to_go(model);
    keys::compare(model);
    let effects = keys::answer(model);
    let settled = before.saturating_sub(to_go(model));
    let wrong = model.access.keys.values().filter(|key| key.differs()).count();
    model.said = Some(match (settled, wrong) {
        (0, 0) => "None of the keys that are new is in what you pasted.".to_owned(),
        (n, 0) => format!("{n} {} as pasted, and accepted.", is_same(n)),
        (0, n) => format!("{n} not what you pasted: nothing is sent there.", n = is_are(n)),
        (n, m) => {
            format!("{n} {} as pasted; {} not: nothing is sent there.", is_same(n), is_are(m))
        }
    });
    // A comparison that is settled by it is over.
    model.dialogs.retain(|dialog| match dialog.compares() {
        Some(seen) => model.access.keys.get(&seen.host).is_some_and(|key| !key.accepted),
        None => true,
    });
    model.access.moved = false;
    focus(model);
    Some(effects)
}

fn is_same(n: usize) -> &'static str {
    if n == 1 { "is the same" } else { "are the same" }
}

fn is_are(n: usize) -> String {
    if n == 1 { "1 is".to_owned() } else { format!("{n} are") }
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

/// To the next of what can be marked, or to the one before.
fn step(model: &mut Model, on: bool) {
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

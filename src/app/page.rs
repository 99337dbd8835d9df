//! The pages, and the way through them.

pub mod access;
pub mod building;
pub mod by_hand;
pub mod certificates;
pub mod drill;
pub mod etcd;
pub mod failure;
pub mod guided;
pub mod nodes;
pub mod replay;
pub mod result;
pub mod review;
pub mod run;
pub mod welcome;

use std::cmp::Ordering;

use super::{Behind, Effect, Model, form::Form, wizard};
use crate::event::{Ended, Step, StepOutcome};

/// A page; `screens` of the documentation draws each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// What can be done, and what exists already.
    Welcome,
    /// The machines are being built.
    Building,
    /// The members, tried live.
    Nodes,
    /// Keys to compare, and what is asked to log in.
    Access,
    /// A folder of certificates, or that they are made.
    Certificates,
    /// Name, token, data directory.
    Etcd,
    /// What will be changed, and what comes out.
    Review,
    /// The grid: all nodes at once.
    #[default]
    Run,
    /// Step by step, with the lesson.
    Guided,
    /// Lesson, shell and ticks.
    ByHand,
    /// What went wrong, and the ways out.
    Failure,
    /// What was proved.
    Result,
    /// The leader is lost on purpose.
    Drill,
}

/// How a station of the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Behind us.
    Done,
    /// Here.
    Here,
    /// Before us.
    Ahead,
    /// Wrong.
    Wrong,
}

/// The way that row 2 shows: stations with their names.
#[must_use]
pub fn way(model: &Model) -> Vec<(Mark, &'static str)> {
    match model.page {
        Page::Welcome => return vec![(Mark::Here, "Welcome")],
        Page::Building => return vec![(Mark::Done, "Welcome"), (Mark::Here, "Machines")],
        _ => {}
    }
    let stations = [(Page::Review, "Review"), (Page::Run, "Run")];
    let wizard: Vec<_> = wizard::pages().iter().copied().chain(stations).collect();
    let here = wizard.iter().position(|(page, _)| *page == model.page);
    let reviewed = model.page == Page::Review && model.can.back == Some(Behind::Pages);
    if let Some(here) = here.filter(|here| *here < wizard::pages().len() || reviewed) {
        // Before a machine let us in, nobody knows whether there is something to ask.
        let tried = model.nodes.tried.values().any(|t| matches!(t, nodes::Tried::In { .. }));
        let marks = wizard.into_iter().enumerate().map(|(at, (page, name))| {
            let passed = at < wizard::pages().len() && tried && !wizard::asks(model, page);
            let mark = match at.cmp(&here) {
                Ordering::Less => Mark::Done,
                Ordering::Equal => Mark::Here,
                Ordering::Greater if passed => Mark::Done,
                Ordering::Greater => Mark::Ahead,
            };
            (mark, name)
        });
        return marks.collect();
    }
    if model.page == Page::Drill {
        return drill::way(model);
    }
    let steps = model.run.started.as_ref().map(|s| s.steps.as_slice()).unwrap_or_default();
    let here = model.step();
    steps.iter().map(|step| (mark(model, *step, here), step.title())).collect()
}

fn mark(model: &Model, step: Step, here: Option<Step>) -> Mark {
    // What was seen while looking is in the way of the first change.
    if model.run.ended == Some(Ended::Refused) {
        return if step == Step::Preflight { Mark::Wrong } else { Mark::Ahead };
    }
    let bad = |outcome| matches!(outcome, StepOutcome::Failed | StepOutcome::Differs);
    let stopped = model.run.ended.is_some() && !model.ended_well();
    if model.run.nodes.iter().any(|n| n.outcome(step).is_some_and(bad)) {
        Mark::Wrong
    } else if here.is_none_or(|here| step < here) {
        Mark::Done
    } else if here == Some(step) {
        if stopped { Mark::Wrong } else { Mark::Here }
    } else {
        Mark::Ahead
    }
}

/// The form of the page, if it has one.
pub(crate) fn form(model: &mut Model) -> Option<&mut Form> {
    match model.page {
        Page::Nodes => Some(&mut model.nodes.form),
        Page::Access if model.access.at == access::At::Login => Some(&mut model.access.form),
        Page::Certificates => Some(&mut model.certificates.form),
        Page::Etcd => Some(&mut model.etcd.form),
        _ => None,
    }
}

/// Whether a letter begins a text: on an empty field, and on a field that is the page's only one.
#[must_use]
pub fn awaits_text(model: &Model) -> bool {
    let (form, alone) = match model.page {
        Page::Nodes => (&model.nodes.form, false),
        Page::Access if model.access.at == access::At::Login => (&model.access.form, true),
        Page::Certificates => (&model.certificates.form, false),
        Page::Etcd => (&model.etcd.form, false),
        _ => return false,
    };
    !form.on_button() && !form.editing() && (alone || form.text(form.at).is_empty())
}

/// A field of the page's form says something else than before.
pub(crate) fn edited(model: &mut Model, at: usize, before: &str) -> Vec<Effect> {
    match model.page {
        Page::Nodes => nodes::edited(model, at),
        Page::Access => access::edited(model, before),
        Page::Certificates => certificates::edited(model),
        Page::Etcd => etcd::edited(model, at, before),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::*;
    use crate::app::{Msg, keymap::Command, update};

    fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
        update(model, Msg::Key(code.into()))
    }

    /// The page Nodes with that in its first field, which is marked.
    fn nodes(name: &str) -> Model {
        let mut model = Model { page: Page::Nodes, ..Model::default() };
        model.nodes.form.set(0, name);
        model
    }

    /// The page Access with the name to log in as marked.
    fn login(user: &str) -> Model {
        let mut model = Model { page: Page::Access, ..Model::default() };
        model.access.form.set(0, user);
        model.access.at = access::At::Login;
        model
    }

    #[test]
    fn whoever_types_into_an_empty_field_gets_what_they_type() {
        for word in ["quorum", "adam", "wilma", "root", "x1"] {
            for mut model in [nodes(""), login("")] {
                assert!(!model.has(Command::Quit) && model.has(Command::Help));
                for ch in word.chars() {
                    assert!(press(&mut model, KeyCode::Char(ch)).is_empty(), "{word}");
                }
                let typed = form(&mut model).map(|form| form.text(0).to_owned());
                assert_eq!(typed.as_deref(), Some(word));
                assert!(model.typing() && model.overlay.is_none());
            }
        }
    }

    #[test]
    fn an_address_typed_beside_a_proposed_name_is_the_address() {
        let mut model = nodes("icc-etcd-1");
        "10.0.0.32".chars().for_each(|ch| drop(press(&mut model, KeyCode::Char(ch))));
        press(&mut model, KeyCode::Enter);
        let row = [0, 1].map(|at| model.nodes.form.text(at).to_owned());
        assert_eq!(row, ["icc-etcd-1", "10.0.0.32"]);
    }

    #[test]
    fn a_letter_beside_a_name_is_what_the_hint_says() {
        let mut model = nodes("n1");
        assert!(model.has(Command::Quit) && model.has(Command::Add));
        press(&mut model, KeyCode::Char('w'));
        assert_eq!(model.nodes.form.text(0), "n1");
        assert!(model.overlay.is_some());
        // The login's is the only field of its page: there a letter is never anything else.
        let mut model = login("deb");
        assert!(press(&mut model, KeyCode::Char('q')).is_empty());
        assert_eq!(model.access.form.text(0), "debq");
    }
}

//! Keys and events in, effects and pages out.

use crossterm::event::{KeyCode, KeyModifiers};

use super::*;
use crate::{
    app::Setting,
    cluster::{MemberName, Secret},
    event::{Ended, Intent, RunEvent, RunStarted, Stamped, Step, step::By},
    remote::ask::{Ask, Reply},
};

fn event(model: &mut Model, ms: u64, event: RunEvent) -> Vec<Effect> {
    update(model, Msg::Run(Box::new(Stamped { ms, event })))
}

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(model, Msg::Key(code.into()))
}

fn ctrl_c(model: &mut Model) -> Vec<Effect> {
    update(model, Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)))
}

/// A run of two nodes, looked at and waiting for go.
fn ready(setting: Setting) -> Model {
    let mut model = Model { setting, ..Model::default() };
    let members = ["n1", "n2"].map(|name| crate::event::MemberPlan {
        name: name.parse().unwrap(),
        address: format!("192.0.2.{}", &name[1..]).parse().unwrap(),
        id: crate::cluster::MemberId(1),
    });
    let started = RunStarted {
        format: 1,
        quorate: "0.1.0".to_owned(),
        at: "2026-11-22T12:03:00Z".to_owned(),
        intent: Intent::Up,
        practice: false,
        cluster: "c".parse().unwrap(),
        cluster_id: crate::cluster::ClusterId(2),
        token: None,
        members: members.to_vec(),
        steps: Step::LAB.to_vec(),
        frame: String::new(),
    };
    event(&mut model, 0, RunEvent::RunStarted(started));
    for node in ["n1", "n2"] {
        let node = node.parse().unwrap();
        let outcome = crate::event::StepOutcome::Done;
        let ended = RunEvent::StepEnded {
            node,
            step: Step::Preflight,
            outcome,
            took_ms: 1,
            by: By::Quorate,
        };
        event(&mut model, 1, ended);
    }
    event(&mut model, 2, RunEvent::Ready);
    model
}

/// The same after go.
fn running() -> Model {
    let mut model = ready(Setting::Live);
    model.page = Page::Run;
    event(&mut model, 3, RunEvent::Went);
    model
}

#[test]
fn on_own_machines_go_is_never_where_the_choice_rests_and_asks_once_more() {
    let mut model = ready(Setting::Live);
    assert_eq!(model.page, Page::Review);
    let leaves = press(&mut model, KeyCode::Enter);
    assert!(leaves.iter().any(|e| matches!(e, Effect::Exit(Exit::Left))));

    let mut model = ready(Setting::Live);
    press(&mut model, KeyCode::Right);
    assert!(press(&mut model, KeyCode::Enter).is_empty(), "it asks first");
    assert!(press(&mut model, KeyCode::Enter).is_empty(), "and rests on not yet");
    assert_eq!(model.review.choice, 0, "which leads away from it");
    press(&mut model, KeyCode::Right);
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Down);
    let effects = press(&mut model, KeyCode::Enter);
    assert!(matches!(effects.as_slice(), [Effect::Order(Order::Go), ..]));
    assert_eq!(model.page, Page::Run);
}

#[test]
fn practice_rests_on_the_lesson_and_enter_does_the_next_thing() {
    let mut model = ready(Setting::Practice);
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Guided);
    let effects = press(&mut model, KeyCode::Enter);
    let [Effect::Order(Order::Aim { nodes, step })] = effects.as_slice() else {
        panic!("an aim");
    };
    assert_eq!((nodes.len(), *step), (2, Step::Certificates));
}

#[test]
fn one_ctrl_c_does_not_stop_a_run_and_the_third_does_not_wait() {
    let mut model = running();
    assert!(ctrl_c(&mut model).is_empty());
    assert!(model.dialogs.front().is_some_and(Dialog::is_stop));
    let stop = ctrl_c(&mut model);
    assert!(matches!(stop.as_slice(), [Effect::Order(Order::Stop { at_once: false })]));
    event(&mut model, 4, RunEvent::StopAsked { at_once: false });
    let stop = ctrl_c(&mut model);
    assert!(matches!(stop.as_slice(), [Effect::Order(Order::Stop { at_once: true })]));
}

#[test]
fn q_rests_on_going_on_and_esc_closes_it() {
    let mut model = running();
    press(&mut model, KeyCode::Char('q'));
    assert!(press(&mut model, KeyCode::Enter).is_empty());
    assert!(model.dialogs.is_empty());
    press(&mut model, KeyCode::Char('q'));
    press(&mut model, KeyCode::Esc);
    assert!(model.dialogs.is_empty());
}

#[test]
fn p_holds_everybody_and_p_lets_them_go() {
    let mut model = running();
    event(
        &mut model,
        4,
        RunEvent::StepStarted { node: "n1".parse().unwrap(), step: Step::Install },
    );
    let effects = press(&mut model, KeyCode::Char('p'));
    let [Effect::Order(Order::Aim { nodes, step })] = effects.as_slice() else { panic!("an aim") };
    assert_eq!((nodes.len(), *step), (2, Step::Install));
    let effects = press(&mut model, KeyCode::Char('p'));
    assert!(matches!(effects.as_slice(), [Effect::Order(Order::Go)]));
}

#[test]
fn a_hangup_stops_the_run_and_leaves_at_once() {
    let mut model = running();
    let effects = update(&mut model, Msg::Terminate);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Terminated)]
    ));
}

#[test]
fn the_end_of_a_run_leads_to_its_page() {
    for (ended, page) in [
        (Ended::Well, Page::Result),
        (Ended::WithFindings, Page::Result),
        (Ended::Incomplete, Page::Failure),
        (Ended::Refused, Page::Failure),
        (Ended::Stopped, Page::Failure),
    ] {
        let mut model = running();
        press(&mut model, KeyCode::Char('q'));
        event(&mut model, 9, RunEvent::RunEnded { ended });
        assert_eq!(model.page, page, "{ended:?}");
        assert!(model.dialogs.is_empty(), "there is nothing to stop any more");
        assert!(model.still_for().is_none(), "nothing moves any more");
    }
    let mut model = running();
    update(&mut model, Msg::RunGone);
    assert_eq!(model.page, Page::Failure);
}

#[test]
fn a_password_is_typed_unseen_and_given_once() {
    let mut model = running();
    let ask =
        Ask::Password { user: "ops".to_owned(), host: "n1".to_owned(), hop: false, again: false };
    update(&mut model, Msg::Asked { id: 7, ask });
    for ch in "q?s3cret".chars() {
        assert!(press(&mut model, KeyCode::Char(ch)).is_empty());
    }
    press(&mut model, KeyCode::Backspace);
    update(&mut model, Msg::Paste("T\n".to_owned()));
    assert!(!format!("{model:?}").contains("s3cre"), "not in any debug output");
    let effects = press(&mut model, KeyCode::Enter);
    let [Effect::Reply { id: 7, reply: Reply::Secret(secret) }] = effects.as_slice() else {
        panic!("an answer");
    };
    assert_eq!(Secret::reveal(secret), b"q?s3creT");
}

#[test]
fn an_unknown_host_key_is_not_accepted_by_enter() {
    let mut model = running();
    let ask = Ask::HostKey {
        host: "n1".to_owned(),
        address: None,
        key_type: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:x".to_owned(),
        other_types_known: Vec::new(),
    };
    update(&mut model, Msg::Asked { id: 1, ask: ask.clone() });
    let effects = press(&mut model, KeyCode::Enter);
    assert!(matches!(effects.as_slice(), [Effect::Reply { id: 1, reply: Reply::No }]));
    update(&mut model, Msg::Asked { id: 2, ask });
    press(&mut model, KeyCode::Down);
    let effects = press(&mut model, KeyCode::Enter);
    assert!(matches!(effects.as_slice(), [Effect::Reply { id: 2, reply: Reply::Yes }]));
}

#[test]
fn a_key_without_a_meaning_says_so_until_the_next_one() {
    let mut model = running();
    press(&mut model, KeyCode::Char('u'));
    assert!(says::says(&model).contains("means nothing here"));
    press(&mut model, KeyCode::Down);
    assert!(!says::says(&model).contains("means nothing here"));
}

#[test]
fn a_pasted_fingerprint_is_compared_as_a_whole() {
    let mut model = running();
    let ask = Ask::HostKey {
        host: "n1".to_owned(),
        address: None,
        key_type: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:abc".to_owned(),
        other_types_known: Vec::new(),
    };
    update(&mut model, Msg::Asked { id: 1, ask });
    for (text, at) in [
        ("256 SHA256:abc root@n1 (ED25519)\n", 1),
        ("256 SHA256:abcd root@n1 (ED25519)\n", 0),
        ("256 SHA256:ab root@n1 (ED25519)\n", 0),
    ] {
        update(&mut model, Msg::Paste(text.to_owned()));
        assert_eq!(model.dialogs.front().map(Dialog::at), Some(at), "{text}");
    }
}

#[test]
fn a_shell_leads_back_to_where_it_was_opened() {
    let mut model = running();
    assert!(press(&mut model, KeyCode::Char('s')).is_empty(), "not offered where it cannot be had");
    model.can.by_hand = true;
    event(&mut model, 9, RunEvent::RunEnded { ended: Ended::Incomplete });
    let effects = press(&mut model, KeyCode::Char('s'));
    assert!(matches!(effects.as_slice(), [Effect::TakeOver { .. }]));
    let typed = ctrl_c(&mut model);
    assert!(matches!(typed.as_slice(), [Effect::Type(bytes)] if bytes == b"\x03"));
    press(&mut model, KeyCode::F(2));
    let effects = press(&mut model, KeyCode::Esc);
    assert!(matches!(effects.as_slice(), [Effect::LetGo]));
    assert_eq!(model.page, Page::Failure);

    let mut model = running();
    model.can.by_hand = true;
    press(&mut model, KeyCode::Char('s'));
    event(&mut model, 9, RunEvent::RunEnded { ended: Ended::Well });
    assert_eq!(model.page, Page::ByHand, "the shell stays while it is typed into");
    press(&mut model, KeyCode::F(2));
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Result);
}

/// Ticks beside every shell: where a step failed, too, until the run is left. What has failed is
/// helped with in words, and done by trying again.
#[test]
fn a_shell_where_a_step_failed_is_looked_at() {
    let mut model = running();
    model.can.by_hand = true;
    let (node, step): (MemberName, _) = ("n1".parse().unwrap(), Step::Install);
    let task = crate::event::TaskPlan {
        id: crate::event::TaskId::new(step, "packages"),
        title: "Install etcd-server".to_owned(),
        holds: String::new(),
        change: String::new(),
        undo: None,
    };
    let (by, outcome) = (By::Quorate, crate::event::StepOutcome::Failed);
    for what in [
        RunEvent::StepStarted { node: node.clone(), step },
        RunEvent::Planned { node: node.clone(), step, tasks: vec![task] },
        RunEvent::StepEnded { node: node.clone(), step, outcome, took_ms: 1, by },
        RunEvent::Judged { ended: Ended::Incomplete },
    ] {
        event(&mut model, 9, what);
    }
    assert_eq!(model.page, Page::Failure);
    let effects = press(&mut model, KeyCode::Char('s'));
    let [Effect::TakeOver { .. }, Effect::Order(Order::Watch { nodes, step: Step::Install })] =
        effects.as_slice()
    else {
        panic!("a shell, and somebody who looks");
    };
    assert_eq!(nodes.as_slice(), std::slice::from_ref(&node));
    event(&mut model, 10, RunEvent::Watching { node: node.clone(), step, look: None });
    event(&mut model, 11, RunEvent::Watched { node, step, wrong: None });
    press(&mut model, KeyCode::F(2));
    for _ in 0..2 {
        let effects = press(&mut model, KeyCode::Char('h'));
        assert!(matches!(effects.as_slice(), [Effect::Order(Order::Hinted { .. })]));
    }
    assert!(press(&mut model, KeyCode::Char('h')).is_empty(), "it is tried again, not done twice");
    let effects = press(&mut model, KeyCode::Enter);
    assert!(matches!(effects.as_slice(), [Effect::LetGo, Effect::Order(Order::Unwatch)]));
    assert_eq!(model.page, Page::Failure);
}

/// Guided waits by itself: `p` says so. `s` is the shell that "I type it myself" would be.
#[test]
fn guided_has_nothing_to_pause_and_a_shell_on_its_step() {
    let mut model = running();
    model.can.by_hand = true;
    press(&mut model, KeyCode::Char('g'));
    assert_eq!((model.page, model.aim), (Page::Guided, None));
    assert!(!model.has(Command::Pause));
    assert!(press(&mut model, KeyCode::Char('p')).is_empty());
    assert!(says::says(&model).contains("waits after each step by itself"));
    let effects = press(&mut model, KeyCode::Char('s'));
    let [Effect::TakeOver { .. }, Effect::Order(Order::Watch { step, .. }), ..] =
        effects.as_slice()
    else {
        panic!("a shell, and somebody who looks");
    };
    assert_eq!(*step, Step::Certificates);
}

#[test]
fn u_takes_a_step_back_once_it_was_said_twice() {
    let mut model = running();
    model.page = Page::Guided;
    model.guided.step = Some(Step::Certificates);
    let ended = |node: &str| RunEvent::StepEnded {
        node: node.parse().unwrap(),
        step: Step::Certificates,
        outcome: crate::event::StepOutcome::Done,
        took_ms: 1,
        by: By::Person,
    };
    event(&mut model, 5, ended("n2"));
    press(&mut model, KeyCode::Char('u'));
    assert!(press(&mut model, KeyCode::Enter).is_empty(), "it rests on not yet");
    press(&mut model, KeyCode::Char('u'));
    press(&mut model, KeyCode::Down);
    let effects = press(&mut model, KeyCode::Enter);
    let [Effect::Order(Order::Undo { node, step: Step::Certificates })] = effects.as_slice() else {
        panic!("an undo");
    };
    assert_eq!(node.as_str(), "n2");
}

/// Every command that is offered has a key, on every page.
#[test]
fn no_hint_promises_a_key_that_is_not_there() {
    let mut model = running();
    for page in [
        Page::Welcome,
        Page::Building,
        Page::Nodes,
        Page::Access,
        Page::Etcd,
        Page::Review,
        Page::Run,
        Page::Guided,
        Page::ByHand,
        Page::Failure,
        Page::Result,
    ] {
        model.page = page;
        for offer in crate::app::offers(&model) {
            for command in offer.commands {
                assert!(crate::app::keymap::key_of(*command).is_some(), "{page:?} {command:?}");
            }
        }
    }
}

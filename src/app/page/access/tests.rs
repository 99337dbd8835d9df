use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};

use super::*;
use crate::{
    app::{Msg, update},
    remote::{
        ask::{Reply, Standing},
        connect::With,
        host_keys::Place,
    },
};

fn sum(letter: char) -> String {
    format!("SHA256:{}", letter.to_string().repeat(43))
}

fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    update(model, Msg::Key(KeyEvent::from(code)))
}

fn type_in(model: &mut Model, text: &str) {
    text.chars().for_each(|ch| drop(press(model, KeyCode::Char(ch))));
}

/// Three members whose keys are new; the page is open.
fn opened() -> (Model, Vec<Effect>) {
    let mut model = Model { page: Page::Nodes, ..Model::default() };
    update(&mut model, Msg::Paste("n1 10.0.0.1\nn2 10.0.0.2\nn3 10.0.0.3".to_owned()));
    for n in 1..=3 {
        let reason = "its host key is not known".to_owned();
        let tried = Tried::Out { at: Gate::NewKey, reason };
        update(&mut model, Msg::Tried { address: address(n), tried });
    }
    model.nodes.form.at = model.nodes.form.fields.len();
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Access);
    (model, effects)
}

fn address(n: u8) -> Address {
    format!("10.0.0.{n}").parse().unwrap()
}

fn key_of(n: u8, fingerprint: String) -> Ask {
    Ask::HostKey {
        host: format!("10.0.0.{n}"),
        address: None,
        key_type: "ssh-ed25519".to_owned(),
        fingerprint,
        other_types_known: Vec::new(),
    }
}

/// All three ask about their keys, a, b, and c.
fn asking() -> Model {
    let (mut model, _) = opened();
    for (n, letter) in [(1, 'a'), (2, 'b'), (3, 'c')] {
        update(&mut model, Msg::Asked { id: n.into(), ask: key_of(n, sum(letter)) });
    }
    assert!(model.dialogs.is_empty(), "rows, no dialogs");
    model
}

fn password(again: bool) -> Ask {
    Ask::Password { user: "ops".to_owned(), host: "10.0.0.1".to_owned(), hop: false, again }
}

fn yes(effects: &[Effect]) -> Vec<u64> {
    let yes = |effect: &Effect| match effect {
        Effect::Reply { id, reply: Reply::Yes } => Some(*id),
        _ => None,
    };
    effects.iter().filter_map(yes).collect()
}

fn secrets(effects: &[Effect]) -> Vec<(u64, Vec<u8>)> {
    let secret = |effect: &Effect| match effect {
        Effect::Reply { id, reply: Reply::Secret(secret) } => Some((*id, secret.reveal().to_vec())),
        _ => None,
    };
    effects.iter().filter_map(secret).collect()
}

fn unasked(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::BeAsked(false)))
}

#[test]
fn the_page_is_passed_where_nobody_is_needed() {
    let (mut model, effects) = opened();
    assert!(matches!(effects.first(), Some(Effect::BeAsked(true))), "before anything is tried");
    let begun = effects.iter().filter(|e| matches!(e, Effect::Try { .. })).count();
    assert_eq!(begun, 3, "all at once");
    for n in 1..=3 {
        let (user, root) = ("ops".to_owned(), "sudo".to_owned());
        let tried = Tried::In { user, with: With::Password, root, took_ms: Some(1), facts: None };
        update(&mut model, Msg::Tried { address: address(n), tried });
    }
    assert!(!asks(&model));
    // How long a person took to answer says nothing of the machine.
    let took = |tried: &Tried| matches!(tried, Tried::In { took_ms: None, .. });
    assert!(model.nodes.tried.values().all(took));
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Certificates);
    assert!(unasked(&effects));
    press(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Nodes, "it is passed on the way back, too");
    model.setting = Setting::Practice;
    let tried = Tried::Out { at: Gate::NewKey, reason: String::new() };
    update(&mut model, Msg::Tried { address: address(1), tried });
    assert!(!asks(&model));
}

#[test]
fn enter_opens_the_comparison_which_rests_on_not_yet() {
    let mut model = asking();
    assert_eq!(to_go(&model), 3);
    assert_eq!(model.access.at, At::Row("n1".to_owned()));
    press(&mut model, KeyCode::Enter);
    assert!(model.dialogs.front().is_some_and(|d| d.compares().is_some() && d.at() == 0));
    assert_eq!(yes(&press(&mut model, KeyCode::Enter)), Vec::<u64>::new());
    assert_eq!(to_go(&model), 3);
    assert_eq!(model.access.at, At::Row("n2".to_owned()), "the next one");
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Down);
    assert_eq!(yes(&press(&mut model, KeyCode::Enter)), [2]);
    assert_eq!(to_go(&model), 2);
}

#[test]
fn a_paste_settles_all_at_once_and_tells_what_is_not_in_it() {
    for (text, accepted, differ) in [
        (format!("{}\n{}\n{}", sum('a'), sum('b'), sum('c')), vec![1, 2, 3], vec![]),
        // Nothing is said of the third.
        (format!("{}\n{}", sum('a'), sum('b')), vec![1, 2], vec![]),
        // Somebody's key is nobody's.
        (format!("{}\n{}\n{}", sum('a'), sum('b'), sum('d')), vec![1, 2], vec!["10.0.0.3"]),
        (format!("{}\n{}", sum('a'), sum('d')), vec![1], vec!["10.0.0.2", "10.0.0.3"]),
        // The name says whose.
        (format!("{}\nn2: {}", sum('a'), sum('d')), vec![1], vec!["10.0.0.2"]),
        // One that names a machine settles nothing elsewhere, though it is shown there.
        (format!("{}\nn1: {}", sum('c'), sum('b')), vec![3], vec!["10.0.0.1"]),
        // A key of another kind says nothing of this one.
        (format!("{}\n2048 {} x (RSA)", sum('a'), sum('d')), vec![1], vec![]),
    ] {
        let mut model = asking();
        let effects = update(&mut model, Msg::Paste(text.clone()));
        assert_eq!(yes(&effects), accepted, "{text}");
        let keys = model.access.keys.values().filter(|key| key.differs());
        let hosts: Vec<_> = keys.map(|key| key.seen.host.as_str()).collect();
        assert_eq!(hosts, differ, "{text}");
        assert_eq!(to_go(&model), 3 - accepted.len());
    }
    let mut model = asking();
    update(&mut model, Msg::Paste("hello".to_owned()));
    assert!(model.said.as_deref().is_some_and(|said| said.contains("no fingerprint")));
    // Pasted first, asked later; and in the comparison.
    let (mut model, _) = opened();
    update(&mut model, Msg::Paste(sum('a')));
    assert_eq!(yes(&update(&mut model, Msg::Asked { id: 9, ask: key_of(1, sum('a')) })), [9]);
    let mut model = asking();
    press(&mut model, KeyCode::Enter);
    assert_eq!(yes(&update(&mut model, Msg::Paste(sum('a')))), [1]);
    assert!(model.dialogs.is_empty(), "it is over");
}

#[test]
fn promise_a_changed_key_is_never_accepted() {
    let (mut model, _) = opened();
    let at = Place { file: PathBuf::from("/home/ops/.ssh/known_hosts"), line: 7 };
    let standing = Standing::Changed { at, known: sum('z') };
    let (host, key_type) = ("10.0.0.2".to_owned(), "ssh-ed25519".to_owned());
    let fingerprint = sum('b');
    let seen = Seen { host, address: None, key_type, fingerprint, standing, user: None };
    update(&mut model, Msg::KeySeen(seen));
    // Not even if the machine says the same.
    assert!(yes(&update(&mut model, Msg::Paste(sum('b')))).is_empty());
    for _ in 0..3 {
        press(&mut model, KeyCode::Up);
    }
    assert_eq!(model.access.at, At::Row("n2".to_owned()));
    press(&mut model, KeyCode::Enter);
    let dialog = model.dialogs.front().unwrap();
    assert_eq!(dialog.choices(), [crate::app::Choice::NotYet]);
    assert!(yes(&press(&mut model, KeyCode::Enter)).is_empty());
    assert!(!model.access.keys.values().any(|key| key.accepted));
}

#[test]
fn a_key_that_changes_while_it_is_compared_is_not_accepted() {
    let mut model = asking();
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Down);
    let effects = update(&mut model, Msg::Asked { id: 7, ask: key_of(1, sum('x')) });
    assert!(matches!(effects.as_slice(), [Effect::Reply { id: 1, reply: Reply::No }]));
    assert!(yes(&press(&mut model, KeyCode::Enter)).is_empty());
    assert_eq!(to_go(&model), 3);
}

#[test]
fn no_password_is_sent_before_the_keys_are_settled() {
    let mut model = asking();
    update(&mut model, Msg::Asked { id: 4, ask: password(false) });
    for _ in 0..4 {
        press(&mut model, KeyCode::Down);
    }
    assert_eq!(model.access.at, At::Secret);
    // What begins like a command is text here.
    type_in(&mut model, "qwhr");
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty());
    assert!(model.said.as_deref().is_some_and(|said| said.contains("First the keys")));
    update(&mut model, Msg::Paste(format!("{}\n{}\n{}", sum('a'), sum('b'), sum('c'))));
    assert_eq!(model.access.at, At::Secret, "what is left");
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(4, b"qwhr".to_vec())]);
    assert_eq!(model.access.at, At::Continue);
    // Mistyped: asked again, in words; pasted with its line end.
    update(&mut model, Msg::Asked { id: 5, ask: password(true) });
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty(), "nothing typed");
    update(&mut model, Msg::Paste("right\n".to_owned()));
    assert!(!format!("{model:?}").contains("right"), "a secret is not shown");
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(5, b"right".to_vec())]);
}

#[test]
fn esc_undoes_what_was_typed_and_then_goes_back_and_nobody_waits_for_ever() {
    let (mut model, _) = opened();
    update(&mut model, Msg::Asked { id: 4, ask: password(false) });
    type_in(&mut model, "abc");
    press(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Access);
    let effects = press(&mut model, KeyCode::Esc);
    assert!(unasked(&effects));
    assert_eq!(model.page, Page::Nodes);
    assert!(model.access.secrets.is_empty());
    // A question that was under way then.
    let effects = update(&mut model, Msg::Asked { id: 5, ask: password(false) });
    assert!(unasked(&effects) && model.dialogs.is_empty());
    let mut model = asking();
    let effects = press(&mut model, KeyCode::Char('q'));
    assert!(unasked(&effects));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Exit(_))));
}

#[test]
fn a_row_that_ended_before_there_was_somebody_to_ask_is_tried_again_once() {
    let (mut model, _) = opened();
    model.access.began.remove(&address(1));
    let out = || Tried::Out { at: Gate::Login, reason: "not let in".to_owned() };
    let effects = update(&mut model, Msg::Tried { address: address(1), tried: out() });
    assert!(matches!(effects.as_slice(), [Effect::Try { .. }]));
    assert!(update(&mut model, Msg::Tried { address: address(1), tried: out() }).is_empty());
    let row = rows(&model).into_iter().find(|row| row.name == "n1").unwrap();
    assert_eq!(row.says(&model), "n1 has not let me in; its row says why. r tries it again.");
    model.access.at = At::Continue;
    let again = press(&mut model, KeyCode::Char('r'));
    assert!(matches!(again.as_slice(), [Effect::Try { .. }]), "r tries it again");
}

#[test]
fn a_host_on_the_way_is_asked_about_once_for_all() {
    let (mut model, _) = opened();
    let ask = || Ask::HostKey {
        host: "bastion".to_owned(),
        address: None,
        key_type: "ssh-ed25519".to_owned(),
        fingerprint: sum('j'),
        other_types_known: Vec::new(),
    };
    for id in [11, 12, 13] {
        update(&mut model, Msg::Asked { id, ask: ask() });
    }
    assert_eq!(rows(&model).first().map(|row| row.name.clone()), Some("bastion".to_owned()));
    assert_eq!(to_go(&model), 1);
    assert_eq!(yes(&update(&mut model, Msg::Paste(sum('j')))), [11, 12, 13]);
}

#[test]
fn no_password_is_sent_before_every_machine_has_shown_its_key() {
    let (mut model, _) = opened();
    let show = |model: &mut Model, n: u8, letter| {
        update(model, Msg::Asked { id: n.into(), ask: key_of(n, sum(letter)) });
        update(model, Msg::Paste(sum(letter)));
    };
    show(&mut model, 1, 'a');
    show(&mut model, 2, 'b');
    update(&mut model, Msg::Asked { id: 7, ask: password(false) });
    type_in(&mut model, "secret");
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty());
    assert_eq!(model.said.as_deref().unwrap_or_default().split(' ').nth(1), Some("n3"));
    // What is typed stays; a passphrase never leaves this computer, and lets others go on.
    let file = PathBuf::from("/home/ops/.ssh/id_ed25519");
    update(&mut model, Msg::Asked { id: 8, ask: Ask::Passphrase { file, again: false } });
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty());
    type_in(&mut model, "open");
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(8, b"open".to_vec())]);
    // One that cannot be reached keeps nobody waiting.
    let tried = Tried::Out { at: Gate::Reach, reason: "it does not answer".to_owned() };
    update(&mut model, Msg::Tried { address: address(3), tried });
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(7, b"secret".to_vec())]);
}

#[test]
fn a_host_on_the_way_is_given_its_password_before_those_behind_it_show_their_keys() {
    let (mut model, _) = opened();
    let name = "n3".parse().unwrap();
    model.nodes.ways.insert(name, nodes::Way { via: vec!["bastion".to_owned()], ..<_>::default() });
    for (n, letter) in [(1, 'a'), (2, 'b')] {
        update(&mut model, Msg::Asked { id: n.into(), ask: key_of(n, sum(letter)) });
        update(&mut model, Msg::Paste(sum(letter)));
    }
    update(&mut model, Msg::Asked { id: 7, ask: password(false) });
    type_in(&mut model, "secret");
    let (user, host) = ("ops".to_owned(), "bastion".to_owned());
    let ask = Ask::Password { user, host, hop: true, again: false };
    update(&mut model, Msg::Asked { id: 8, ask });
    // It comes first, and nothing that was typed for another goes there.
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty());
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty());
    type_in(&mut model, "way");
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(8, b"way".to_vec())]);
    assert!(secrets(&press(&mut model, KeyCode::Enter)).is_empty(), "n3 has not shown its key");
    update(&mut model, Msg::Asked { id: 3, ask: key_of(3, sum('c')) });
    update(&mut model, Msg::Paste(sum('c')));
    assert_eq!(secrets(&press(&mut model, KeyCode::Enter)), [(7, b"secret".to_vec())]);
}

#[test]
fn the_age_of_a_key_moves_the_screen_only_when_its_words_change() {
    let mut model = asking();
    let says = |model: &mut Model, ms| {
        update(model, Msg::Tick(std::time::Duration::from_millis(ms)));
        (crate::app::says(model), model.still_for().map(|still| still.as_millis()))
    };
    for (ms, ago, still) in [
        (400, "just now", 600),
        (40_300, "40 s ago", 700),
        (61_000, "1 min ago", 59_000),
        (3_600_000, "1 h ago", 3_600_000),
    ] {
        let want = format!("n1 showed this key {ago}. Nothing secret has been sent to it.");
        assert_eq!(says(&mut model, ms), (want, Some(still)));
    }
    // Shown anew; and where no age is on the screen nothing moves.
    update(&mut model, Msg::Asked { id: 1, ask: key_of(1, sum('a')) });
    assert!(says(&mut model, 3_600_000).0.contains("just now"));
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.still_for(), None, "the comparison lies over it");
    press(&mut model, KeyCode::Esc);
    for _ in 0..4 {
        press(&mut model, KeyCode::Down);
    }
    assert_eq!((&model.access.at, model.still_for()), (&At::Continue, None));
}

#[test]
fn two_members_with_the_same_key_are_told() {
    let mut model = asking();
    assert_eq!(twins(&rows(&model)), None);
    update(&mut model, Msg::Asked { id: 5, ask: key_of(3, sum('a')) });
    assert_eq!(twins(&rows(&model)), Some(("n1".to_owned(), "n3".to_owned())));
}

//! Page 3: keys of all machines in one table, and the field for what is secret.

use std::{net::IpAddr, time::Duration};

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Model, Msg, Page,
        page::nodes::{Gate, Tried},
        update,
    },
    remote::{
        ask::{Ask, Seen, Standing},
        host_keys::Place,
        ssh_config::UserBy,
    },
};

use super::{
    draw, key, snapshot, ui_text,
    wizard::{nodes, welcome, within},
};

const FINGERPRINTS: [&str; 5] = [
    "SHA256:OLTmUuRNp/I3DZ4mDicTZVCko6bQf1wMMy+LEiQIP9I",
    "SHA256:K5AviRHoGBj4yZ1dXZgxlXUE2Q6UXeLo9U7ngcx19jY",
    "SHA256:2FCZCVqjABZaZwNvm1QNa48L4hEkF5w92fc4F85uEY0",
    "SHA256:vX0m9n4WqjL2hT8cRk5sYb1uEo7iPz3aGd6fJtNlQxA",
    "SHA256:e4RkTqY7nHs0WbZl9UvCm2xJdP8gFi5oAa1QzKtLh3M",
];

fn tried(model: &mut Model, last: u8, tried: Tried) {
    let address = format!("198.18.30.{last}").parse().expect("an address");
    update(model, Msg::Tried { address, tried });
}

fn new_key() -> Tried {
    Tried::Out { at: Gate::NewKey, reason: "its host key is not known".to_owned() }
}

fn saw(model: &mut Model, last: u8, fingerprint: &str, standing: Standing) {
    let user = ("ops".to_owned(), UserBy::Config("/home/ops/.ssh/config".into()));
    saw_as(model, last, fingerprint, standing, user);
}

fn saw_as(
    model: &mut Model,
    last: u8,
    fingerprint: &str,
    standing: Standing,
    user: (String, UserBy),
) {
    let address: Option<IpAddr> = format!("198.18.30.{last}").parse().ok();
    update(
        model,
        Msg::KeySeen(Seen {
            host: format!("198.18.30.{last}"),
            address,
            key_type: "ssh-ed25519".to_owned(),
            fingerprint: fingerprint.to_owned(),
            standing,
            user: Some(user),
        }),
    );
}

fn known_hosts(line: usize) -> Place {
    Place { file: "/home/ops/.ssh/known_hosts".into(), line }
}

/// Two known, three new.
pub(super) fn access() -> Model {
    let mut model = nodes();
    model.home = Some("/home/ops".into());
    key(&mut model, KeyCode::Enter);
    saw(&mut model, 32, FINGERPRINTS[3], Standing::Known(known_hosts(7)));
    saw(&mut model, 34, FINGERPRINTS[4], Standing::Known(known_hosts(12)));
    tried(&mut model, 35, new_key());
    tried(&mut model, 36, new_key());
    model.nodes.form.at = model.nodes.form.fields.len();
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Access);
    for (id, (last, fingerprint)) in (0..).zip([33, 35, 36].into_iter().zip(FINGERPRINTS)) {
        saw(&mut model, last, fingerprint, Standing::New);
        let ask = Ask::HostKey {
            host: format!("198.18.30.{last}"),
            address: None,
            key_type: "ssh-ed25519".to_owned(),
            fingerprint: fingerprint.to_owned(),
            other_types_known: Vec::new(),
        };
        update(&mut model, Msg::Asked { id, ask });
    }
    update(&mut model, Msg::Tick(Duration::from_millis(40_300)));
    model
}

/// The keys are settled, and a password is asked for once more.
pub(super) fn password() -> Model {
    let mut model = access();
    update(&mut model, Msg::Paste(FINGERPRINTS.join("\n")));
    let (user, host) = ("ops".to_owned(), "198.18.30.33".to_owned());
    update(&mut model, Msg::Asked { id: 9, ask: Ask::SudoPassword { user, host, again: true } });
    "xyzzy".chars().for_each(|ch| key(&mut model, KeyCode::Char(ch)));
    model
}

#[test]
fn keys_are_compared_at_once() {
    snapshot("access", access());
    let mut model = access();
    key(&mut model, KeyCode::Char('w'));
    snapshot("access-why", model);
    let mut model = access();
    key(&mut model, KeyCode::Enter);
    snapshot("access-compare", model);
    let mut model = access();
    let text = format!(
        "root@icc-etcd-2:~# ssh-keygen -lf x\n256 {} root@icc-etcd-2 (ED25519)\n\
                        256 SHA256:{} root@icc-etcd-4 (ED25519)",
        FINGERPRINTS[0],
        "A".repeat(43)
    );
    update(&mut model, Msg::Paste(text));
    snapshot("access-pasted", model);
}

#[test]
fn a_changed_key_shows_both_and_the_line() {
    let mut model = access();
    let known = FINGERPRINTS[1].to_owned();
    saw(&mut model, 36, FINGERPRINTS[2], Standing::Changed { at: known_hosts(9), known });
    let reason = "its host key is another one".to_owned();
    tried(&mut model, 36, Tried::Out { at: Gate::WrongKey, reason });
    for _ in 0..3 {
        key(&mut model, KeyCode::Down);
    }
    key(&mut model, KeyCode::Enter);
    snapshot("access-changed", model);
}

#[test]
fn secrets_are_asked_for_on_the_page_and_never_shown() {
    let model = password();
    let shown = ui_text(&model);
    assert!(!shown.contains("xyz") && shown.contains("•••••"), "{shown}");
    snapshot("access-password", model);
    let mut model = password();
    key(&mut model, KeyCode::Enter);
    for last in [33, 35, 36] {
        tried(&mut model, last, within("sudo with a password", 11, None));
    }
    snapshot("access-done", model);
}

/// A window that is drawn smaller and larger in the middle of it loses nothing.
#[test]
fn what_is_typed_survives_a_resize() {
    let mut model = password();
    for (columns, rows) in [(60, 16), (120, 40), (40, 10), (80, 24)] {
        update(&mut model, Msg::Resized(columns, rows));
        draw(&model, columns, rows);
    }
    assert!(ui_text(&model).contains("•••••"));
}

#[test]
fn machines_that_show_the_same_key_are_pointed_out() {
    let mut model = access();
    saw(&mut model, 34, FINGERPRINTS[3], Standing::Known(known_hosts(12)));
    snapshot("access-twins", model);
}

/// A computer that knows nothing of them: its own name for the person is refused.
fn refused() -> Model {
    let mut model = pasted("198.18.30.32 198.18.30.33 198.18.30.34");
    let refuse = |model: &mut Model| {
        for (last, fingerprint) in [32, 33, 34].into_iter().zip(FINGERPRINTS) {
            let known = Standing::Known(known_hosts(last.into()));
            saw_as(model, last, fingerprint, known, ("kim".to_owned(), UserBy::Computer));
            let reason = format!(
                "kim@198.18.30.{last} is not let in: tried key ~/.ssh/id_ed25519; the server takes \
                 publickey, password"
            );
            tried(model, last, Tried::Out { at: Gate::Login, reason });
        }
    };
    refuse(&mut model);
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Access);
    refuse(&mut model);
    model
}

fn pasted(text: &str) -> Model {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    update(&mut model, Msg::Paste(text.to_owned()));
    model
}

#[test]
fn a_refused_name_is_answered_with_another_one() {
    snapshot("access-refused", refused());
    let typed = || {
        let mut model = refused();
        "debian".chars().for_each(|ch| key(&mut model, KeyCode::Char(ch)));
        model
    };
    snapshot("access-login", typed());
    let mut model = typed();
    key(&mut model, KeyCode::Enter);
    for last in 32..=34 {
        tried(&mut model, last, within("sudo", 11, None));
    }
    snapshot("access-as-typed", model);
    // Where not all reasons have room, that of the marked machine has.
    let mut model = refused();
    (0..4).for_each(|_| key(&mut model, KeyCode::Up));
    (0..2).for_each(|_| key(&mut model, KeyCode::Down));
    snapshot("access-reason", model);
    snapshot("nodes-login", pasted("debian@198.18.30.32\ndebian@198.18.30.33"));
}

//! Whole screens, from a run log to characters: what a person sees, at the sizes they have.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

#[path = "screens/access.rs"]
mod access;
#[path = "screens/by_hand.rs"]
mod by_hand;
#[path = "screens/certificates.rs"]
mod certificates;
#[path = "screens/damage.rs"]
mod damage;
#[path = "screens/drill.rs"]
mod drill;
#[path = "screens/failure.rs"]
mod failure;
#[path = "screens/life.rs"]
mod life;
#[path = "screens/logs.rs"]
mod logs;
#[path = "screens/replay.rs"]
mod replay;
#[path = "screens/review.rs"]
mod review;
#[path = "screens/sizes.rs"]
mod sizes;
#[path = "screens/wizard.rs"]
mod wizard;

use crossterm::event::KeyCode;
use quorate::{
    app::{Look, Model, Msg, Setting, update},
    event::{RunEvent, Stamped},
    remote::ask::Ask,
    ui,
};
use ratatui::{Terminal, backend::TestBackend};

const HEALTHY: &str = include_str!("screens/healthy.ndjson");
const NO_PACKAGES: &str = include_str!("screens/no-packages.ndjson");
const FOREIGN_DATA: &str = include_str!("screens/foreign-data.ndjson");
const AGREES: &str = include_str!("screens/agrees.ndjson");

/// The screen a run log leaves behind at that moment of the run.
fn at(log: &str, ms: u64) -> Model {
    play(log, &[], ms)
}

/// The same, with keys pressed at moments of the run.
fn play(log: &str, keys: &[(u64, &[KeyCode])], ms: u64) -> Model {
    let mut model = Model::default();
    let mut keys = keys.iter().peekable();
    for line in log.lines() {
        let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
        while let Some((_, pressed)) = keys.next_if(|(at, _)| *at < stamped.ms) {
            pressed.iter().for_each(|code| key(&mut model, *code));
        }
        if let RunEvent::RunStarted(started) = &stamped.event
            && started.practice
        {
            model.setting = Setting::Practice;
        }
        if stamped.ms <= ms {
            update(&mut model, Msg::Run(Box::new(stamped)));
        }
    }
    let now = std::time::Duration::from_millis(model.run.ms);
    update(&mut model, Msg::Tick(now));
    model
}

fn draw(model: &Model, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut screen = Terminal::new(TestBackend::new(width, height)).expect("test backend");
    screen.draw(|frame| ui::view(model, frame)).expect("test backend");
    screen
}

/// At 80×24, at 120×40, and at 80×24 without colour and with ASCII alone.
fn snapshot(name: &str, mut model: Model) {
    for (size, width, height, look) in [
        ("80x24", 80, 24, Look::default()),
        ("120x40", 120, 40, Look::default()),
        ("ascii", 80, 24, Look { colour: false, ascii: true }),
    ] {
        model.look = look;
        insta::assert_snapshot!(format!("{name}-{size}"), draw(&model, width, height).backend());
    }
}

fn key(model: &mut Model, code: KeyCode) {
    update(model, Msg::Key(code.into()));
}

#[test]
fn pages() {
    let end = u64::MAX;
    for (name, log, ms) in [
        ("preflight", HEALTHY, 100),
        ("review", HEALTHY, 500),
        ("review-live", NO_PACKAGES, 500),
        ("run", HEALTHY, 3000),
        ("run-start", HEALTHY, 7100),
        ("result", HEALTHY, end),
        ("failure", NO_PACKAGES, end),
        ("refused", FOREIGN_DATA, end),
        ("agrees", AGREES, end),
    ] {
        snapshot(name, at(log, ms));
    }
}

/// Guided, which practice machines open with: the lesson, the step under way, and done.
#[test]
fn step_by_step() {
    let enter: &[(u64, &[KeyCode])] = &[(800, &[KeyCode::Enter])];
    let then: &[(u64, &[KeyCode])] =
        &[(800, &[KeyCode::Enter]), (1140, &[KeyCode::Enter, KeyCode::Enter])];
    snapshot("guided", play(HEALTHY, enter, 500));
    snapshot("guided-done", play(HEALTHY, enter, 1110));
    snapshot("guided-busy", play(HEALTHY, then, 3000));
    let mut model = play(HEALTHY, enter, 500);
    key(&mut model, KeyCode::Char('w'));
    snapshot("guided-more", model);
}

#[test]
fn in_the_smallest_window_every_way_on_is_shown() {
    let todo = ["Do it on all", "Do it on one", "I type it myself", "All the rest", "Look first"];
    for (ms, ways) in [(500, &todo[..]), (1110, &["On to ", "All the rest"])] {
        let mut model = play(HEALTHY, &[(800, &[KeyCode::Enter])], ms);
        model.can.by_hand = true;
        let screen = draw(&model, 60, 16).backend().to_string();
        assert!(ways.iter().all(|way| screen.contains(way)), "{screen}");
    }
}

/// What threads ask: a key to compare, and a password that is never shown.
#[test]
fn questions() {
    let mut model = at(NO_PACKAGES, 100);
    let ask = Ask::HostKey {
        host: "icc-etcd-2".to_owned(),
        address: None,
        key_type: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:OLTmUuRNp/I3DZ4mDicTZVCko6bQf1wMMy+LEiQIP9I".to_owned(),
        other_types_known: Vec::new(),
    };
    update(&mut model, Msg::Asked { id: 0, ask });
    snapshot("ask-host-key", model);
    let mut model = at(NO_PACKAGES, 100);
    let (user, host) = ("ops".to_owned(), "icc-etcd-1".to_owned());
    update(&mut model, Msg::Asked { id: 0, ask: Ask::SudoPassword { user, host, again: true } });
    "xyzzy".chars().for_each(|ch| key(&mut model, KeyCode::Char(ch)));
    assert!(!ui_text(&model).contains("xyz"), "{}", ui_text(&model));
    snapshot("ask-password", model);
}

fn ui_text(model: &Model) -> String {
    draw(model, 80, 24).backend().to_string()
}

#[test]
fn what_lies_over_a_page() {
    use KeyCode::Char;
    for (name, log, keys) in [
        ("help", HEALTHY, "?"),
        ("script", HEALTHY, "x"),
        ("why", HEALTHY, "w"),
        ("log", HEALTHY, "l"),
        ("stop", HEALTHY, "q"),
        ("nothing-here", HEALTHY, "v"),
    ] {
        let mut model = at(log, 3000);
        keys.chars().for_each(|ch| key(&mut model, Char(ch)));
        snapshot(name, model);
    }
    let mut model = at(HEALTHY, 3000);
    key(&mut model, Char('?'));
    key(&mut model, KeyCode::PageDown);
    snapshot("help-words", model);
    let mut model = at(HEALTHY, u64::MAX);
    key(&mut model, Char('t'));
    snapshot("table", model);
}

#[test]
fn what_stays_in_the_terminal() {
    insta::assert_snapshot!(
        "farewell",
        ui::farewell::lines(&at(HEALTHY, u64::MAX), 120).join("\n")
    );
    let mut elsewhere = at(&HEALTHY.replace("\"practice\":false", "\"practice\":true"), u64::MAX);
    elsewhere.elsewhere = Some("/srv/machines".into());
    let lines = ui::farewell::lines(&elsewhere, 80);
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:?}");
    insta::assert_snapshot!("farewell-elsewhere", lines.join("\n"));
    insta::assert_snapshot!(
        "farewell-stopped",
        ui::farewell::lines(&at(NO_PACKAGES, u64::MAX), 80).join("\n")
    );
}

//! Whole screens, from a run log to characters: what a person sees, at the sizes they have.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

use crossterm::event::KeyCode;
use quorate::{
    app::{Look, Model, Msg, Setting, update},
    event::{RunEvent, Stamped},
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
    let mut model = at(HEALTHY, u64::MAX);
    key(&mut model, Char('t'));
    snapshot("table", model);
}

/// Every page at every size people have, and at those they do not have.
#[test]
fn no_size_breaks_a_page() {
    use KeyCode::Char;
    let mut models = Vec::new();
    for (log, ms) in [
        ("", 0),
        (HEALTHY, 100),
        (HEALTHY, 500),
        (HEALTHY, 3000),
        (HEALTHY, u64::MAX),
        (NO_PACKAGES, u64::MAX),
        (FOREIGN_DATA, u64::MAX),
    ] {
        models.push(at(log, ms));
        for ch in ['?', 'w', 'l', 'q', 't'] {
            let mut model = at(log, ms);
            key(&mut model, Char(ch));
            models.push(model);
        }
    }
    models.push(play(HEALTHY, &[(800, &[KeyCode::Enter])], 1110));
    // Each size once, with the pages taking turns; the sizes where something changes, all pages.
    let mut turns = models.iter().cycle();
    for (width, height) in (0..=130).flat_map(|w| (0..=45).map(move |h| (w, h))) {
        draw(turns.next().expect("models go round"), width, height);
    }
    for model in &models {
        for width in [0, 1, 59, 60, 61, 79, 80, 107, 108, 130] {
            for height in [0, 1, 2, 3, 15, 16, 24, 31, 32, 45] {
                draw(model, width, height);
            }
        }
    }
}

/// The whole run, drawn after every event, to the farewell.
#[test]
fn every_moment_of_a_run_can_be_drawn() {
    for log in [HEALTHY, NO_PACKAGES, FOREIGN_DATA, AGREES] {
        let mut model = Model::default();
        for line in log.lines() {
            let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
            update(&mut model, Msg::Run(Box::new(stamped)));
            draw(&model, 80, 24);
        }
        assert!(!ui::farewell::lines(&model, 80).is_empty());
    }
}

#[test]
fn what_stays_in_the_terminal() {
    insta::assert_snapshot!(
        "farewell",
        ui::farewell::lines(&at(HEALTHY, u64::MAX), 120).join("\n")
    );
    insta::assert_snapshot!(
        "farewell-stopped",
        ui::farewell::lines(&at(NO_PACKAGES, u64::MAX), 80).join("\n")
    );
}

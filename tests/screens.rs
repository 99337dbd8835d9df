//! Whole screens, from a run log to characters: what a person sees, at the sizes they have.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

#[path = "screens/by_hand.rs"]
mod by_hand;

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Effect, Exit, Look, Model, Msg, Page, Setting,
        page::{
            nodes::Tried,
            welcome::{Chosen, Known},
        },
        update,
    },
    event::{RunEvent, Stamped},
    practice::{Check, Verdict},
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

/// The lab's own line, with its missing colon.
const PASTED: &str = "ETCD_INITIAL_CLUSTER=\"icc-etcd-1=https://198.18.30.32:2380,\
icc-etcd-2=https://198.18.30.33:2380,icc-etcd-3=https://198.18.30.34:2380,\
icc-etcd-4=https://198.18.30.352380,icc-etcd-5=https://198.18.30.36:2380\"";

/// The wizard at its first page, with what is known of this computer.
fn welcome() -> Model {
    let mut model = Model { page: Page::Welcome, ..Model::default() };
    model.welcome.known = vec![Known {
        name: "icc-etcd".parse().expect("a name"),
        practice: false,
        verdict: Verdict::Look,
        says: "certificates end in 12 days".to_owned(),
        when: "5 of 5 up on 21 May".to_owned(),
    }];
    for (what, verdict, says) in [
        ("root", Verdict::Ok, "sudo, asked once: one bridge, five machines, nothing else"),
        ("packages", Verdict::Look, "mmdebstrap is missing; installed after your yes"),
    ] {
        let way_out = String::new();
        let check = Check { what, verdict, says: says.to_owned(), way_out };
        update(&mut model, Msg::Checked(check));
    }
    model
}

/// Own servers, the lab's list pasted, two rows tried.
fn nodes() -> Model {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Paste(PASTED.to_owned()));
    let tried = effects.iter().filter(|e| matches!(e, Effect::Try { .. })).count();
    assert_eq!(tried, 4, "every row but the one with the typo is tried");
    for (address, tried) in [
        (
            "198.18.30.32",
            Tried::In { user: "ops".to_owned(), root: "sudo".to_owned(), took_ms: 11 },
        ),
        ("198.18.30.33", Tried::Out { reason: "no answer within 10 s".to_owned() }),
    ] {
        let address = address.parse().expect("an address");
        update(&mut model, Msg::Tried { address, tried });
    }
    model
}

#[test]
fn the_wizard() {
    snapshot("welcome", welcome());
    let mut model = Model { page: Page::Building, ..Model::default() };
    let doing = "installing systemd, openssh-server".to_owned();
    update(&mut model, Msg::Building { percent: 66, doing });
    key(&mut model, KeyCode::Char('3'));
    key(&mut model, KeyCode::Char('5'));
    snapshot("building", model);
    snapshot("nodes", nodes());
    let mut model = nodes();
    key(&mut model, KeyCode::Enter);
    (0..4).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    snapshot("etcd", model);
}

/// Enter mends the typo, typing changes a field, Esc brings back what was there, Back keeps all.
#[test]
fn the_wizard_ends_in_a_cluster_file() {
    let mut model = nodes();
    assert!(ui_text(&model).contains("198.18.30.352380"));
    key(&mut model, KeyCode::Enter);
    assert!(!ui_text(&model).contains("198.18.30.352380"), "{}", ui_text(&model));
    (0..2).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Etcd);
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    key(&mut model, KeyCode::Char('q'));
    assert_eq!(model.etcd.form.text(1), "etcd-cluster-0q", "letters are text in a field");
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.etcd.form.text(1), "etcd-cluster-0");
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Nodes, "back keeps everything");
    key(&mut model, KeyCode::Enter);
    (0..6).for_each(|_| key(&mut model, KeyCode::Down));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::Chosen)]));
    let Some(Chosen::Made(text)) = model.chosen else { panic!("no cluster") };
    assert!(text.contains("address = \"198.18.30.35\""), "{text}");
    assert!(text.contains("token = \"etcd-cluster-0\""), "{text}");
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
    models.extend([welcome(), nodes()]);
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

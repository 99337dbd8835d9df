//! Whole screens, from a run log to characters: what a person sees, at the sizes they have.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

#[path = "screens/by_hand.rs"]
mod by_hand;

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Behind, Effect, Exit, Look, Model, Msg, Page, Setting,
        page::{
            etcd::{Made, NotSaved},
            nodes::{Gate, Tried, Way},
            replay::{self, Reel, State, Wound},
            welcome::{self, Chosen, Known},
        },
        update,
        wizard::draft::Draft,
    },
    cluster::Release,
    event::{RunEvent, Stamped},
    lab::Facts,
    practice::{Check, Verdict},
    record::{narration::Narration, tape::Tape, timeline::Timeline},
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
    let checks = [
        ("root", Verdict::Ok, "sudo, asked once: one bridge, the machines, nothing else", ""),
        (
            "packages",
            Verdict::Look,
            "not installed: mmdebstrap",
            "installed after your yes: apt-get install mmdebstrap",
        ),
        ("disk", Verdict::Ok, "900 MB in /var/lib/quorate; 41000 MB free", ""),
        ("overlay", Verdict::Ok, "the kernel has overlayfs", ""),
        ("network", Verdict::Ok, "80 MB once; later it works offline", ""),
    ];
    let check = |(what, verdict, says, way_out): (&'static str, Verdict, &str, &str)| Check {
        what,
        verdict,
        says: says.to_owned(),
        way_out: way_out.to_owned(),
    };
    update(&mut model, Msg::Checked(checks.map(check).into()));
    for (name, practice, verdict, says, when, unfinished) in [
        ("old", false, Verdict::Ok, "5 of 5 up", "3 Mar 2025", false),
        (
            "practice",
            true,
            Verdict::Look,
            "stopped in Install, 3 of 5 done",
            "yesterday 16:40",
            true,
        ),
        ("icc-etcd", false, Verdict::Wrong, "certificates are not valid today", "21 May", false),
    ] {
        let known = Known {
            name: name.parse().expect("a name"),
            practice,
            verdict,
            says: says.to_owned(),
            when: when.to_owned(),
            at: when.to_owned(),
            file: format!("/home/ops/{name}/cluster.toml"),
            unfinished,
        };
        update(&mut model, Msg::Known(known));
    }
    model
}

/// Facts of a Debian 12, its clock that far ahead.
fn facts(ahead_ms: i64) -> Box<Facts> {
    let disk = Some((18_000_000, "ext4".to_owned()));
    Box::new(Facts { ahead_ms, disk, ..Facts::assumed(Release::Bookworm) })
}

/// Own servers, the lab's list pasted, four rows tried.
fn nodes() -> Model {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Paste(PASTED.to_owned()));
    let tried = effects.iter().filter(|e| matches!(e, Effect::Try { .. })).count();
    assert_eq!(tried, 4, "every row but the one with the typo is tried");
    let within = |took_ms, ahead_ms| Tried::In {
        user: "ops".to_owned(),
        root: "sudo".to_owned(),
        took_ms,
        facts: Some(facts(ahead_ms)),
    };
    let out = |at, reason: &str| Tried::Out { at, reason: reason.to_owned() };
    for (address, tried) in [
        ("198.18.30.32", within(11, 0)),
        ("198.18.30.33", out(Gate::NewKey, "its host key is not known")),
        ("198.18.30.34", within(9, 1400)),
    ] {
        let address = address.parse().expect("an address");
        update(&mut model, Msg::Tried { address, tried });
    }
    model
}

/// The page about etcd, all rows in order.
fn etcd() -> Model {
    let mut model = nodes();
    key(&mut model, KeyCode::Enter);
    for address in ["198.18.30.33", "198.18.30.35"] {
        let tried = Tried::In {
            user: "ops".to_owned(),
            root: "sudo".to_owned(),
            took_ms: 12,
            facts: Some(facts(0)),
        };
        update(&mut model, Msg::Tried { address: address.parse().expect("one"), tried });
    }
    (0..4).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Etcd);
    model
}

#[test]
fn the_wizard() {
    snapshot("welcome", welcome());
    let mut model = welcome();
    model.welcome.checks.clear();
    let check = Check {
        what: "addresses",
        verdict: Verdict::Wrong,
        says: "198.18.30.0/24 is in use on wg0".to_owned(),
        way_out: "another network: --subnet 10.99.30.0".to_owned(),
    };
    update(&mut model, Msg::Checked(vec![check]));
    key(&mut model, KeyCode::Enter);
    snapshot("welcome-not-here", model);
    let mut model = welcome();
    (0..2).for_each(|_| key(&mut model, KeyCode::Down));
    snapshot("welcome-known", model);
    let mut model = welcome();
    key(&mut model, KeyCode::Enter);
    snapshot("welcome-install", model);
    snapshot("nodes", nodes());
    snapshot("etcd", etcd());
}

#[test]
fn the_minute_of_building() {
    let mut model = Model { page: Page::Building, ..Model::default() };
    let doing = "installing systemd, openssh-server".to_owned();
    update(&mut model, Msg::Building { percent: 1, doing: doing.clone() });
    update(&mut model, Msg::Tick(std::time::Duration::from_secs(50)));
    update(&mut model, Msg::Building { percent: 66, doing });
    key(&mut model, KeyCode::Char('3'));
    key(&mut model, KeyCode::Char('5'));
    snapshot("building", model);
    let mut model = Model { page: Page::Building, ..Model::default() };
    update(&mut model, Msg::Built(Err("E: Unable to locate package\nis the network up?".into())));
    snapshot("building-failed", model);
}

/// What is marked stays marked when news arrive, and the worst of them is the first.
#[test]
fn news_do_not_move_what_is_marked() {
    let mut model = Model { page: Page::Welcome, ..Model::default() };
    key(&mut model, KeyCode::Down);
    assert_eq!(welcome::marked(&model), Some(Chosen::Own));
    let full = self::welcome();
    for known in full.welcome.known.iter().rev() {
        update(&mut model, Msg::Known(known.clone()));
    }
    assert_eq!(welcome::marked(&model), Some(Chosen::Own));
    let names: Vec<_> = model.welcome.known.iter().map(|known| known.name.as_str()).collect();
    assert_eq!(names, ["icc-etcd", "practice", "old"]);
    (0..9).for_each(|_| key(&mut model, KeyCode::Down));
    assert_eq!(welcome::marked(&model), Some(Chosen::Known("old".parse().expect("one"), false)));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::Chosen)]));
}

/// Enter before this computer was looked at waits for that, and then asks what it must.
#[test]
fn practising_never_installs_unasked_and_never_ends_in_a_dead_end() {
    let mut model = Model { page: Page::Welcome, ..Model::default() };
    assert!(update(&mut model, Msg::Key(KeyCode::Enter.into())).is_empty());
    assert!(ui_text(&model).contains("then it goes on by itself"));
    let checks = self::welcome().welcome.checks;
    assert!(update(&mut model, Msg::Checked(checks.clone())).is_empty(), "packages are asked for");
    key(&mut model, KeyCode::Esc);
    assert!(model.chosen.is_none() && model.dialogs.is_empty());
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::Chosen)]));
    assert_eq!(model.chosen, Some(Chosen::Practise));
    let mut model = Model { page: Page::Welcome, ..Model::default() };
    let wrong = |mut check: Check| {
        check.verdict = Verdict::Wrong;
        check.way_out = "the way out".to_owned();
        check
    };
    update(&mut model, Msg::Checked(checks.into_iter().map(wrong).collect()));
    assert!(update(&mut model, Msg::Key(KeyCode::Enter.into())).is_empty());
    assert!(ui_text(&model).contains("the way out"), "{}", ui_text(&model));
    assert!(model.dialogs.is_empty() && model.chosen.is_none());
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
    key(&mut model, KeyCode::Enter);
    key(&mut model, KeyCode::Home);
    "my-".chars().for_each(|ch| key(&mut model, KeyCode::Char(ch)));
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.etcd.form.text(1), "./my-icc-etcd", "the folder follows the name");
    let fields = |model: &Model| -> Vec<String> {
        model.etcd.form.fields.iter().map(|field| field.text().to_owned()).collect()
    };
    let answered = fields(&model);
    (0..2).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    key(&mut model, KeyCode::Char('q'));
    assert_eq!(model.etcd.form.text(2), "etcd-cluster-0q", "letters are text in a field");
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.etcd.form.text(2), "etcd-cluster-0");
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Nodes);
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Welcome);
    (0..2).for_each(|_| key(&mut model, KeyCode::Enter));
    assert_eq!((model.page, fields(&model)), (Page::Etcd, answered), "back loses nothing");
    (0..6).for_each(|_| key(&mut model, KeyCode::Down));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let [Effect::Save { made, aside: false }] = effects.as_slice() else { panic!("not saved") };
    let Made { cluster, issue, .. } = made.as_ref();
    assert!(cluster.members.iter().any(|m| m.address.to_string() == "198.18.30.35"));
    assert!(*issue && cluster.token.as_str() == "etcd-cluster-0");
    // Another file is there: it rests on the harmless answer, and is asked again.
    let exists = || NotSaved::Exists { file: "/home/ops/icc-etcd/cluster.toml".to_owned() };
    update(&mut model, Msg::Saved(Err(exists())));
    insta::assert_snapshot!("etcd-aside", draw(&model, 80, 24).backend());
    key(&mut model, KeyCode::Enter);
    assert_eq!((model.dialogs.len(), model.etcd.form.at), (0, 1), "at the folder's field");
    update(&mut model, Msg::Saved(Err(exists())));
    key(&mut model, KeyCode::Down);
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(matches!(effects.as_slice(), [Effect::Save { aside: true, .. }]));
    let effects = update(&mut model, Msg::Saved(Ok("/home/ops/icc-etcd/cluster.toml".into())));
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::Chosen)]));
    assert!(matches!(model.chosen, Some(Chosen::Made(_))));
}

/// A wizard that was left is offered again, with all that was answered and nothing else.
#[test]
fn answers_outlive_the_wizard() {
    assert_eq!(Draft::of(&welcome()), None, "nothing was answered");
    let model = etcd();
    let draft = Draft::of(&model).expect("answers");
    let text = serde_json::to_string(&draft).expect("JSON");
    let mut again = welcome();
    again.welcome.unfinished = serde_json::from_str(&text).expect("the same");
    welcome::mark(&mut again, &Chosen::GoOn);
    snapshot("welcome-go-on", {
        let mut model = welcome();
        model.welcome.unfinished = Some(draft.clone());
        welcome::mark(&mut model, &Chosen::GoOn);
        model
    });
    let effects = update(&mut again, Msg::Key(KeyCode::Enter.into()));
    assert_eq!(again.page, Page::Etcd);
    assert_eq!(Draft::of(&again), Some(draft));
    let tried = effects.iter().filter(|e| matches!(e, Effect::Try { .. })).count();
    assert_eq!(tried, 5, "every row is tried anew");
}

/// Names that ssh knows: their addresses arrive, but never over something typed.
#[test]
fn host_aliases_get_the_addresses_they_stand_for() {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Paste("etcd-a\netcd-b.lab.example\netcd-c\n".to_owned()));
    let asked: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Try { alias, address: None, .. } => Some(alias.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["etcd-a", "etcd-b.lab.example", "etcd-c"]);
    let way = |host: &str, address: Option<&str>| Way {
        host: Some(host.to_owned()),
        address: address.map(|address| address.parse().expect("one")),
        via: vec!["bastion.example".to_owned()],
    };
    for (name, way) in [
        ("etcd-a", way("etcd-a", Some("192.0.2.1"))),
        ("etcd-b", way("etcd-b.lab.example", Some("192.0.2.2"))),
        ("etcd-c", Way::default()),
    ] {
        update(&mut model, Msg::Found { name: name.parse().expect("one"), way });
    }
    snapshot("nodes-aliases", {
        let mut copy = welcome();
        copy.page = Page::Nodes;
        copy.nodes = model.nodes.clone();
        copy
    });
    assert_eq!(model.nodes.form.text(1), "192.0.2.1");
    assert_eq!(model.nodes.form.text(3), "192.0.2.2");
    assert_eq!(model.nodes.form.text(5), "");
}

/// Each thing that can be wrong with a row is said, and Continue leads to where it is.
#[test]
fn an_operator_who_errs_in_every_field_is_told_in_words() {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    for (paste, says) in [
        ("N1 192.0.2.1", "the name contains 'N'"),
        ("n1 192.0.2.300", "192.0.2.300"),
        ("n1 0.0.0.0", "cannot be called by other machines"),
        ("n1 192.0.2.1:2380", "has a port"),
        ("n1 192.0.2.1\nn1 192.0.2.2", "once more"),
        ("n1 192.0.2.1\nn2 192.0.2.1", "once more"),
    ] {
        update(&mut model, Msg::Paste(paste.to_owned()));
        model.nodes.form.at = model.nodes.form.fields.len();
        assert!(update(&mut model, Msg::Key(KeyCode::Enter.into())).is_empty());
        assert_eq!(model.page, Page::Nodes, "{paste}");
        assert!(ui_text(&model).contains(says), "{paste}: {}", ui_text(&model));
    }
    update(&mut model, Msg::Paste("n1 192.0.2.1\nn2 192.0.2.2\nn3 192.0.2.3".to_owned()));
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Etcd);
    for (field, wrong, says) in [
        (0, "Icc", "The name contains 'I'"),
        (1, "", "no name yet"),
        (2, "a b", "The token contains ' '"),
        (3, "var/lib/etcd", "must be a folder that begins with /"),
        (3, "/", "must be a folder"),
    ] {
        let right = model.etcd.form.text(field).to_owned();
        if let Some(field) = model.etcd.form.fields.get_mut(field) {
            field.input = wrong.into();
        }
        model.etcd.form.at = 5;
        assert!(update(&mut model, Msg::Key(KeyCode::Enter.into())).is_empty(), "{wrong}");
        assert!(ui_text(&model).contains(says), "{wrong}: {}", ui_text(&model));
        if let Some(field) = model.etcd.form.fields.get_mut(field) {
            field.input = right.into();
        }
    }
}

/// At the review, "not yet" and Esc lead back to the wizard that led here; q leaves.
#[test]
fn not_yet_leads_back() {
    for code in [KeyCode::Enter, KeyCode::Esc] {
        let mut model = at(NO_PACKAGES, 500);
        model.can.back = Some(Behind::Pages);
        assert!(ui_text(&model).contains("▸ Review"), "{}", ui_text(&model));
        let effects = update(&mut model, Msg::Key(code.into()));
        let back = |effect: &Effect| matches!(effect, Effect::Exit(Exit::Back));
        assert!(effects.iter().any(back), "{code:?}");
    }
    let mut model = at(FOREIGN_DATA, u64::MAX);
    model.can.back = Some(Behind::Pages);
    let effects = update(&mut model, Msg::Key(KeyCode::Esc.into()));
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::Back)]));
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

/// A real run, shown again from its log at that moment.
fn replayed(log: &'static str, ms: u64) -> Model {
    let tape = Tape::of(log.as_bytes()).expect("a run log");
    let timeline = Timeline::new(tape.gaps(), tape.end_ms(), Some(2000));
    let chapters = Narration::default().told(tape.chapters());
    let (run, mut events) = tape.wind(ms);
    let next_ms = events.next_ms().expect("the log");
    let at = timeline.shown(ms);
    let state = State { timeline, chapters, at, speed: 100, next_ms, ..State::default() };
    replay::open(Model::default(), state, run, false)
}

#[test]
fn a_run_shown_again() {
    snapshot("replay", replayed(HEALTHY, 7140));
    let mut model = replayed(HEALTHY, 7140);
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Char('w'));
    snapshot("replay-why", model);
}

/// The rows of the page alone: not the header, not the bar, not the last two.
fn page_of(model: &Model) -> String {
    let shown = ui_text(model);
    shown.lines().skip(1).take(20).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_replay_ends_on_the_very_page_of_the_run() {
    for log in [HEALTHY, NO_PACKAGES, FOREIGN_DATA, AGREES] {
        let mut live = at(log, u64::MAX);
        let end = live.run.ms;
        let again = replayed(log, end);
        live.can = again.can;
        assert_eq!(page_of(&again), page_of(&live));
    }
}

/// Does what the thread does that reads the log.
fn read(tape: &Tape, model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let Effect::Wind { to_ms } = effect else { continue };
        let (run, mut events) = tape.wind(to_ms);
        let next_ms = events.next_ms().expect("the log");
        let reel = Reel { to_ms, how: Wound::Anew(Box::new(run)), next_ms };
        assert!(update(model, Msg::Wound(Box::new(reel))).is_empty());
    }
}

/// Played by the clock to a moment, or sought: the same screen. The keys of a presenter's remote.
#[test]
fn playing_to_a_moment_is_seeking_to_it() {
    let tape = Tape::of(HEALTHY.as_bytes()).expect("a run log");
    let mut playing = replayed(HEALTHY, 0);
    let press = |model: &mut Model, code: KeyCode| {
        let effects = update(model, Msg::Key(code.into()));
        read(&tape, model, effects);
    };
    press(&mut playing, KeyCode::Char(' '));
    for ms in (0..9000).step_by(170) {
        let effects = update(&mut playing, Msg::Tick(std::time::Duration::from_millis(ms)));
        read(&tape, &mut playing, effects);
        let state = playing.replay.as_ref().expect("a replay");
        let (run_ms, done) = (state.run_ms(), state.plays.is_none());
        assert!(playing.run == tape.state_at(run_ms), "at {ms}");
        let mut sought = replayed(HEALTHY, run_ms);
        sought.replay.as_mut().expect("a replay").plays = state.plays;
        assert_eq!(ui_text(&playing), ui_text(&sought), "at {ms}");
        assert_eq!(done, run_ms == tape.end_ms(), "at {ms}");
    }
    assert_eq!(playing.page, Page::Result);
    press(&mut playing, KeyCode::PageUp);
    press(&mut playing, KeyCode::PageUp);
    assert!(ui_text(&playing).contains("▸ Start"), "{}", ui_text(&playing));
    assert_eq!(playing.page, Page::Run);
    press(&mut playing, KeyCode::Home);
    assert_eq!(playing.run, tape.state_at(0));
    press(&mut playing, KeyCode::End);
    assert_eq!(playing.page, Page::Result);
    assert_eq!(playing.still_for(), None, "nothing is drawn while it is paused");
}

/// With stops it pauses where each chapter begins.
#[test]
fn a_talk_stops_at_every_chapter() {
    let tape = Tape::of(HEALTHY.as_bytes()).expect("a run log");
    let mut model = replayed(HEALTHY, 0);
    model.replay.as_mut().expect("a replay").stops = true;
    let (mut stops, mut now) = (0, 0);
    while model.page != Page::Result && now < 60_000 {
        let effects = update(&mut model, Msg::Key(KeyCode::Char(' ').into()));
        read(&tape, &mut model, effects);
        while model.replay.as_ref().is_some_and(|replay| replay.plays.is_some()) {
            now += 33;
            let tick = Msg::Tick(std::time::Duration::from_millis(now));
            let effects = update(&mut model, tick);
            read(&tape, &mut model, effects);
        }
        stops += 1;
    }
    // Review, four steps, verify and the end.
    assert_eq!((model.page, stops), (Page::Result, 7));
}

//! Pages 1, 2 and 5: what a person answers before anything runs.

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Behind, Effect, Exit, Model, Msg, Page,
        page::{
            certificates::Source,
            etcd::{Made, NotSaved},
            nodes::{Gate, Tried, Way},
            welcome::{self, Chosen, Known},
        },
        update,
        wizard::draft::Draft,
    },
    cluster::Release,
    lab::Facts,
    practice::{Check, Verdict},
    remote::connect::With,
};

use super::{FOREIGN_DATA, NO_PACKAGES, at, draw, key, snapshot, ui_text};

/// The lab's own line, with its missing colon.
const PASTED: &str = "ETCD_INITIAL_CLUSTER=\"icc-etcd-1=https://198.18.30.32:2380,\
icc-etcd-2=https://198.18.30.33:2380,icc-etcd-3=https://198.18.30.34:2380,\
icc-etcd-4=https://198.18.30.352380,icc-etcd-5=https://198.18.30.36:2380\"";

/// The wizard at its first page, with what is known of this computer.
pub(super) fn welcome() -> Model {
    let mut model = Model { page: Page::Welcome, ..Model::default() };
    let checks = [
        ("root", Verdict::Ok, "sudo, asked once: one bridge, the machines, nothing else", ""),
        (
            "packages",
            Verdict::Look,
            "not installed: mmdebstrap",
            "installed after your yes: apt-get install mmdebstrap",
        ),
        ("disk", Verdict::Ok, "900 MB in /var/lib/quorate; 41 GB free", ""),
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

/// Let in with a key that the agent holds.
pub(super) fn within(root: &str, took_ms: u64, facts: Option<Box<Facts>>) -> Tried {
    let file = Some("/home/ops/.ssh/id_ed25519".into());
    let with = With::Agent { file, comment: "ops@desk".to_owned() };
    let (user, root) = ("ops".to_owned(), root.to_owned());
    Tried::In { user, with, root, took_ms: Some(took_ms), facts }
}

/// Own servers, the lab's list pasted, four rows tried.
pub(super) fn nodes() -> Model {
    let mut model = welcome();
    key(&mut model, KeyCode::Down);
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Paste(PASTED.to_owned()));
    let tried = effects.iter().filter(|e| matches!(e, Effect::Try { .. })).count();
    assert_eq!(tried, 4, "every row but the one with the typo is tried");
    let within = |took_ms, ahead_ms| within("sudo", took_ms, Some(facts(ahead_ms)));
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
pub(super) fn etcd() -> Model {
    let mut model = nodes();
    key(&mut model, KeyCode::Enter);
    for address in ["198.18.30.33", "198.18.30.35"] {
        let tried = within("sudo", 12, Some(facts(0)));
        update(&mut model, Msg::Tried { address: address.parse().expect("one"), tried });
    }
    (0..4).for_each(|_| key(&mut model, KeyCode::Down));
    (0..2).for_each(|_| key(&mut model, KeyCode::Enter));
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

/// The machines are being built, with a guess typed; and that has failed.
pub(super) fn building() -> [Model; 2] {
    let mut model = Model { page: Page::Building, ..Model::default() };
    let doing = "installing systemd, openssh-server".to_owned();
    update(&mut model, Msg::Building { percent: 1, doing: doing.clone() });
    update(&mut model, Msg::Tick(std::time::Duration::from_secs(50)));
    update(&mut model, Msg::Building { percent: 66, doing });
    key(&mut model, KeyCode::Char('3'));
    key(&mut model, KeyCode::Char('5'));
    let mut failed = Model { page: Page::Building, ..Model::default() };
    update(&mut failed, Msg::Built(Err("E: Unable to locate package\nis the network up?".into())));
    [model, failed]
}

#[test]
fn the_minute_of_building() {
    let [model, failed] = building();
    snapshot("building", model);
    snapshot("building-failed", failed);
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
    // One key is new; what stays open there is asked before the run.
    assert_eq!(model.page, Page::Access);
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Certificates);
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
    for page in [Page::Certificates, Page::Nodes, Page::Welcome] {
        key(&mut model, KeyCode::Esc);
        assert_eq!(model.page, page);
    }
    (0..3).for_each(|_| key(&mut model, KeyCode::Enter));
    assert_eq!((model.page, fields(&model)), (Page::Etcd, answered), "back loses nothing");
    (0..6).for_each(|_| key(&mut model, KeyCode::Down));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let [Effect::Save { made, aside: false }] = effects.as_slice() else { panic!("not saved") };
    let Made { cluster, source, .. } = made.as_ref();
    assert!(cluster.members.iter().any(|m| m.address.to_string() == "198.18.30.35"));
    assert!(*source == Source::Made && cluster.token.as_str() == "etcd-cluster-0");
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
        called: None,
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
    // As terminals send it.
    update(&mut model, Msg::Paste("n1 192.0.2.1\rn2 192.0.2.2\r\nn3 192.0.2.3\r".to_owned()));
    (0..2).for_each(|_| key(&mut model, KeyCode::Enter));
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

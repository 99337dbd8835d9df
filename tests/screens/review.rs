//! The page that a colleague reads aloud and signs, and what is kept of it.

use std::{collections::BTreeMap, path::Path};

use crossterm::event::KeyCode;
use quorate::{
    app::{Effect, Exit, Keep, Model, Msg, Order, Page, update},
    cluster::{Cluster, Release, file},
    event::{RunEvent, Stamped},
    lab::{
        Facts, Material,
        outline::{Basis, Outline},
    },
    ui,
};

use super::{HEALTHY, NO_PACKAGES, draw, key, snapshot};

/// The cluster of the recorded runs.
fn cluster() -> Cluster {
    let members: String = (1..=5)
        .map(|n| {
            format!("[[members]]\nname = \"icc-etcd-{n}\"\naddress = \"198.18.30.3{}\"\n", n + 1)
        })
        .collect();
    let text = format!(
        "version = 1\nname = \"icc-etcd\"\ntoken = \"etcd-cluster-0\"\n[tls]\nca = \"ca.pem\"\n\
         cert = \"kubernetes.pem\"\nkey = \"kubernetes-key.pem\"\n{members}"
    );
    file::read(&text, Path::new("/home/ops/icc-etcd"), None).expect("a cluster file").cluster
}

/// The plan for machines that are fresh, but for what `mend` makes of the third.
fn numbered(mend: impl Fn(&mut Facts)) -> RunEvent {
    let cluster = cluster();
    let (mut materials, mut facts) = (BTreeMap::new(), BTreeMap::new());
    for (nth, member) in cluster.members.iter().enumerate() {
        let mut found = Facts::assumed(Release::Bookworm);
        if nth == 2 {
            mend(&mut found);
        }
        materials.insert(member.name.clone(), Material::assumed("/home/ops/key.pem".into()));
        facts.insert(member.name.clone(), found);
    }
    let outline = Outline::new(&cluster, &materials, &facts, Basis::Asked);
    RunEvent::Numbered {
        plan: outline.number(),
        text: outline.ticket(),
        files: outline.files().to_vec(),
    }
}

/// The page of that run, where the plan can be kept.
fn review(log: &str, numbered: RunEvent) -> Model {
    let mut model = super::at(log, 0);
    model.can.keep = true;
    let mut numbered = Some(numbered);
    for line in log.lines().skip(1) {
        let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
        if stamped.event == RunEvent::Went {
            break;
        }
        let (ms, ready) = (stamped.ms, stamped.event == RunEvent::Ready);
        if let Some(event) = numbered.take_if(|_| ready) {
            update(&mut model, Msg::Run(Box::new(Stamped { ms, event })));
        }
        update(&mut model, Msg::Run(Box::new(stamped)));
        if ready {
            break;
        }
    }
    let now = std::time::Duration::from_millis(model.run.ms);
    update(&mut model, Msg::Tick(now));
    model
}

#[test]
fn what_is_reviewed() {
    snapshot("review-ticket", review(NO_PACKAGES, numbered(|_| ())));
    snapshot("review-practice", review(HEALTHY, numbered(|_| ())));
    snapshot("review-diffs", review_diffs());
}

/// What becomes of the files, over the page.
pub(crate) fn review_diffs() -> Model {
    let mut model = review(NO_PACKAGES, numbered(|_| ()));
    key(&mut model, KeyCode::Char('d'));
    (0..8).for_each(|_| key(&mut model, KeyCode::Down));
    model
}

/// The choice rests on what changes nothing; it ends in a file and in the words to begin with.
#[test]
fn saved_for_the_ticket() {
    let mut model = review(NO_PACKAGES, numbered(|_| ()));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let [Effect::Keep(Keep::Ticket { number, text })] = effects.as_slice() else {
        panic!("it is saved");
    };
    assert!(text.contains(&format!("quorate up icc-etcd --plan {number}")), "{text}");
    insta::assert_snapshot!("ticket", text.replace(number, "7f3a-19c2"));
    let keep = Keep::Ticket { number: number.clone(), text: text.clone() };
    // What is in the way is said, and the page stays.
    let how = Err("there is another".to_owned());
    assert!(update(&mut model, Msg::Kept { keep: keep.clone(), how }).is_empty());
    let shown = draw(&model, 80, 24).backend().to_string();
    assert!(shown.contains("Not saved: there is another."), "{shown}");
    let how = Ok("/home/ops/icc-etcd/plan.txt".to_owned());
    let effects = update(&mut model, Msg::Kept { keep, how });
    assert!(matches!(
        effects.as_slice(),
        [Effect::Order(Order::Stop { at_once: false }), Effect::Exit(Exit::Saved)]
    ));
    let said = ui::farewell::lines(&model, 80).join("\n");
    assert!(said.contains("/home/ops/icc-etcd/plan.txt"), "{said}");
    assert!(said.contains(&format!("quorate up icc-etcd --plan {number}")), "{said}");
}

/// What a colleague did meanwhile changes the number; what the run itself does, does not.
#[test]
fn the_number_is_that_of_the_machines_too() {
    let number = |mend: fn(&mut Facts)| match numbered(mend) {
        RunEvent::Numbered { plan, .. } => plan,
        _ => String::new(),
    };
    let reviewed = number(|_| ());
    assert_ne!(number(|f| f.offered = "3.5.16".parse().ok()), reviewed);
    assert_ne!(number(|f| f.os_version = "13".to_owned()), reviewed);
    assert_eq!(number(|f| f.installed = f.offered), reviewed);
    let mut model = review(NO_PACKAGES, numbered(|_| ()));
    assert_eq!(model.page, Page::Review);
    key(&mut model, KeyCode::Right);
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.dialogs.len(), 1, "on LIVE, Go asks once more");
}

#[test]
fn members_that_run_are_not_said_to_be_started() {
    let runs = HEALTHY.replace("\"there\":[]", "\"there\":[\"etcd runs\"]");
    let text = |log: &str| draw(&super::at(log, 500), 80, 24).backend().to_string();
    assert!(text(&runs).contains("runs on all 5; restarted only where its settings are older"));
    assert!(text(HEALTHY).contains("enabled, then all started together"));
    // One that does not run is started.
    let one = HEALTHY.replacen("\"there\":[]", "\"there\":[\"etcd runs\"]", 4);
    assert!(text(&one).contains("enabled, then all started together"));
}

//! What is broken, why, how it is known, what was changed, and the ways out.

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Effect, Exit, Keep, Model, Msg, Order, Page,
        page::{self, failure::Way},
        update,
    },
    cluster::MemberName,
    event::{Remedy, RunEvent, Stamped, Step},
};

use super::{NO_PACKAGES, draw, key, snapshot};

/// As it is offered: its password is not in the event.
const PROXY: &str = "Acquire::http::Proxy \"http://…@proxy.example:3128/\";";

/// One of five has no way to the packages; the run is open for more.
pub(crate) fn failure() -> Model {
    let mut model = Model::default();
    (model.can.by_hand, model.can.keep, model.can.again) = (true, true, true);
    for line in NO_PACKAGES.lines().filter(|line| !line.contains("\"is\":\"run_ended\"")) {
        let mut stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
        if let RunEvent::Found { finding } = &mut stamped.event {
            // As the catalogue tells it; what its sisters have comes by itself.
            finding.evidence.truncate(2);
        }
        update(&mut model, Msg::Run(Box::new(stamped)));
    }
    let ms = model.run.ms;
    let node: MemberName = "icc-etcd-4".parse().expect("a name");
    let from: MemberName = "icc-etcd-1".parse().expect("a name");
    let unlike = vec!["not on icc-etcd-4, on the other 4: /etc/apt/apt.conf.d/95proxy (2f3a91bc)"];
    let ruled_out = vec!["apt's lock", "name resolution", "disk", "package name", "clock"];
    for event in [
        RunEvent::Offered {
            node: node.clone(),
            remedy: Remedy::Packages { from: from.clone(), bytes: 13_082_616 },
        },
        RunEvent::Offered {
            node: node.clone(),
            remedy: Remedy::File {
                from,
                path: "/etc/apt/apt.conf.d/95proxy".to_owned(),
                owner: "root:root 644".to_owned(),
                lines: vec![PROXY.to_owned()],
            },
        },
        RunEvent::Compared {
            node,
            unlike: unlike.into_iter().map(str::to_owned).collect(),
            ruled_out: ruled_out.into_iter().map(str::to_owned).collect(),
        },
        RunEvent::Judged { ended: quorate::event::Ended::Incomplete },
    ] {
        update(&mut model, Msg::Run(Box::new(Stamped { ms, event })));
    }
    update(&mut model, Msg::Tick(std::time::Duration::from_millis(ms)));
    model
}

fn text(model: &Model) -> String {
    draw(model, 80, 24).backend().to_string()
}

fn typed(model: &mut Model, words: &str) -> Vec<Effect> {
    words.chars().for_each(|ch| key(model, KeyCode::Char(ch)));
    update(model, Msg::Key(KeyCode::Enter.into()))
}

#[test]
fn the_odd_one_out() {
    snapshot("failure-sisters", failure());
}

/// However much there is to tell, the ways out are all there, and what is odd is among the evidence.
#[test]
fn the_ways_out_always_have_their_rows() {
    let mut model = failure();
    model.can.archive = true;
    model.setting = quorate::app::Setting::Practice;
    for finding in &mut model.run.findings {
        finding.cause = "One thing after another. ".repeat(8);
        finding.remedy = "Do this, then that. ".repeat(8);
    }
    let shown = text(&model);
    for words in ["Try again", "Watch how it goes", "Take everything back", "finding ", "95proxy"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

/// Marks the way out of that kind; the hint line must name it.
fn mark(model: &mut Model, wanted: impl Fn(&Way) -> bool, hint: &str) {
    let at = page::failure::ways(model).iter().position(wanted).expect("it is offered");
    (0..at).for_each(|_| key(model, KeyCode::Down));
    assert!(text(model).contains(hint), "{}", text(model));
}

fn order(effects: &[Effect]) -> Option<&Remedy> {
    match effects {
        [Effect::Order(Order::Remedy { node, remedy }), ..] if node.as_str() == "icc-etcd-4" => {
            Some(remedy)
        }
        _ => None,
    }
}

/// A sister's packages are taken at once, and the run goes on by itself.
#[test]
fn the_packages_of_a_sister_are_taken_and_the_run_goes_on() {
    let mut model = failure();
    mark(&mut model, |way| *way == Way::Remedy(0), "Enter take them");
    snapshot("failure-packages", model);

    let mut model = failure();
    key(&mut model, KeyCode::Down);
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let Some(Remedy::Packages { from, .. }) = order(&effects) else { panic!("no order") };
    assert_eq!((from.as_str(), model.page), ("icc-etcd-1", Page::Run));

    // Tried again, there is nothing to offer; and nothing is once the run is over.
    let node = "icc-etcd-4".parse().expect("a name");
    let event = RunEvent::Retried { node, with: None };
    let ms = model.run.ms;
    update(&mut model, Msg::Run(Box::new(Stamped { ms, event })));
    assert!(page::failure::remedies(&model).is_empty());
    let mut over = failure();
    update(&mut over, Msg::RunGone);
    assert!(!page::failure::ways(&over).iter().any(|way| matches!(way, Way::Remedy(_))));
}

/// A file is shown before it is written; not yet is what the question rests on.
#[test]
fn a_file_of_the_sisters_is_shown_and_written_after_a_yes() {
    let mut model = failure();
    mark(&mut model, |way| *way == Way::Remedy(1), "Enter look at it");
    key(&mut model, KeyCode::Enter);
    assert!(text(&model).contains("http://…@proxy.example:3128/"), "{}", text(&model));
    snapshot("failure-file", model);

    let mut model = failure();
    mark(&mut model, |way| *way == Way::Remedy(1), "Enter look at it");
    key(&mut model, KeyCode::Enter);
    assert!(update(&mut model, Msg::Key(KeyCode::Enter.into())).is_empty(), "not yet");
    assert_eq!(model.page, Page::Failure);
    key(&mut model, KeyCode::Enter);
    key(&mut model, KeyCode::Down);
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(matches!(order(&effects), Some(Remedy::File { .. })));
    assert_eq!(model.page, Page::Run);
}

/// The harmless comes first; what takes all back is typed.
#[test]
fn everything_is_taken_back_once_the_clusters_name_is_typed() {
    let mut model = failure();
    let ways = page::failure::ways(&model);
    assert_eq!(ways.first(), Some(&page::failure::Way::Again));
    assert_eq!(ways.last(), Some(&page::failure::Way::TakeBack));
    (0..ways.len()).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    snapshot("take-back", model);

    let mut model = failure();
    (0..ways.len()).for_each(|_| key(&mut model, KeyCode::Down));
    key(&mut model, KeyCode::Enter);
    assert!(typed(&mut model, "icc").is_empty(), "that is not its name");
    let effects = typed(&mut model, "-etcd");
    assert!(matches!(effects.as_slice(), [Effect::Exit(Exit::TakeBack)]));

    // Nothing to take back before anything was changed.
    let refused = super::at(super::FOREIGN_DATA, u64::MAX);
    assert!(!page::failure::ways(&refused).contains(&page::failure::Way::TakeBack));
}

#[test]
fn a_bundle_is_written_and_said_where() {
    let mut model = failure();
    let effects = update(&mut model, Msg::Key(KeyCode::Char('b').into()));
    assert!(matches!(effects.as_slice(), [Effect::Keep(Keep::Bundle)]));
    let how = Ok("/home/ops/quorate-help-icc-etcd".to_owned());
    update(&mut model, Msg::Kept { keep: Keep::Bundle, how });
    assert!(text(&model).contains("/home/ops/quorate-help-icc-etcd"), "{}", text(&model));
    let how = Err("/home/ops: no space left".to_owned());
    update(&mut model, Msg::Kept { keep: Keep::Bundle, how });
    assert!(text(&model).contains("No bundle: /home/ops: no space left."));
}

/// A mark has the person's own word; without one nothing is marked.
#[test]
fn a_mark_is_typed() {
    let mut model = failure();
    key(&mut model, KeyCode::Char('m'));
    assert!(text(&model).contains("Mark this moment"));
    assert!(typed(&mut model, "").is_empty());
    key(&mut model, KeyCode::Char('m'));
    let effects = typed(&mut model, "the mirror");
    assert!(
        matches!(effects.as_slice(), [Effect::Order(Order::Mark(word))] if word == "the mirror")
    );
    assert!(text(&model).contains("\"the mirror\" is a chapter"));
}

/// A cluster that stands already, gone through again and stopped: nothing was changed on it.
#[test]
fn what_was_there_already_is_not_told_as_changed_by_this_run() {
    let stands = super::HEALTHY
        .replace("\"there\":[]", "\"there\":[\"etcd runs\"]")
        .replace("\"changed\"", "\"unchanged\"");
    let after =
        stands.lines().find(|line| line.contains("step_ended") && line.contains("\"install\""));
    let stamped: Stamped = serde_json::from_str(after.expect("a step")).expect("an event");
    let model = super::at(&stands, stamped.ms);
    assert!(
        model.run.went && model.run.nodes.iter().all(|n| page::run::well(n, Step::Certificates))
    );
    assert_eq!(page::failure::changed(&model), "nothing so far.");
    // The same moment of a run that does it all for the first time.
    let model = super::at(super::HEALTHY, stamped.ms);
    let told = page::failure::changed(&model);
    assert!(told.starts_with("certificates on 5 of 5"), "{told}");
    assert!(told.ends_with(". No etcd has run yet."), "{told}");
}

#[test]
fn what_preflight_refuses_is_wrong_in_preflight() {
    // No node failed to look; all of them together are refused.
    let log = super::FOREIGN_DATA.replace("\"failed\"", "\"unchanged\"");
    let refused = super::at(&log, u64::MAX);
    let way = page::way(&refused);
    assert_eq!(way.first(), Some(&(page::Mark::Wrong, "Preflight")));
    assert!(way.iter().skip(1).all(|(mark, _)| *mark == page::Mark::Ahead), "{way:?}");
}

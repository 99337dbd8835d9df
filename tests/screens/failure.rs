//! What is broken, why, how it is known, what was changed, and the ways out.

use crossterm::event::KeyCode;
use quorate::{
    app::{Effect, Exit, Keep, Model, Msg, Order, page, update},
    event::{RunEvent, Stamped},
};

use super::{NO_PACKAGES, draw, key, snapshot};

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
    let node = "icc-etcd-4".parse().expect("a name");
    let unlike = vec!["not on icc-etcd-4, on the other 4: /etc/apt/apt.conf.d/95proxy (2f3a91bc)"];
    let ruled_out = vec!["apt's lock", "name resolution", "disk", "package name", "clock"];
    for event in [
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

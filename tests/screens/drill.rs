//! Page 12, with a real drill: the leader stopped, a second one, a third one beyond the quorum, and
//! all of them brought back by their timers. And what the result offers besides.

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Dialog, DrillStep, Effect, Exit, Model, Msg, Order, Page, Setting, Watch,
        page::{
            drill::{Next, choices},
            replay::{State, inside::Opened},
            result,
        },
        update,
    },
    event::{Ended, RunEvent, Stamped, Step, drill::Drilled},
    ui,
};

use super::{NO_PACKAGES, at, draw, key, snapshot};

pub(crate) const DRILL: &str = include_str!("drill.ndjson");

/// The result, as soon as it was there.
fn result() -> Model {
    let mut model = at(DRILL, 8_000);
    (model.can.drill, model.can.archive, model.can.again) = (true, true, true);
    assert_eq!((&model.setting, model.page), (&Setting::Practice, Page::Result));
    model
}

/// The drill's page at that moment of the run.
pub(crate) fn drill(ms: u64) -> Model {
    let mut model = result();
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Drill);
    for line in DRILL.lines() {
        let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
        if stamped.ms > 8_000 && stamped.ms <= ms {
            update(&mut model, Msg::Run(Box::new(stamped)));
        }
    }
    let now = std::time::Duration::from_millis(model.run.ms);
    update(&mut model, Msg::Tick(now));
    model
}

fn tell(model: &mut Model, what: Drilled) {
    let (ms, event) = (model.run.ms + 10, RunEvent::Drill { what });
    update(model, Msg::Run(Box::new(Stamped { ms, event })));
}

fn enter(model: &mut Model) -> Vec<Effect> {
    update(model, Msg::Key(KeyCode::Enter.into()))
}

/// The dialog that wants the third one's name.
fn beyond() -> Model {
    let mut model = drill(29_000);
    assert!(matches!(choices(&model).as_slice(), [Next::Back(two), Next::Beyond(_, 2), Next::End]
        if two.len() == 2));
    key(&mut model, KeyCode::Right);
    assert!(enter(&mut model).is_empty(), "it asks first");
    model
}

#[test]
fn a_gap_in_a_bar_with_its_seconds() {
    for (name, ms) in [
        ("drill-choose", 8_000),
        ("drill-gap", 10_900),
        ("drill", 12_000),
        ("drill-no-quorum", 40_000),
        ("drill-by-timer", 86_000),
        ("drill-over", 157_000),
    ] {
        snapshot(name, drill(ms));
    }
    snapshot("drill-beyond", beyond());
    snapshot("result-choices", result());
}

#[test]
fn without_a_gap_it_is_told_that_nothing_was_lost() {
    let mut model = drill(12_000);
    let name = model.run.nodes[0].plan.name.clone();
    for what in [
        Drilled::Stopping { node: name.clone(), led: false },
        Drilled::Stopped { node: name.clone() },
        Drilled::Starting { node: name.clone() },
        Drilled::Back { node: name.clone(), by_timer: false },
        Drilled::Checked { by: name, written: 53, lost: 0, cleaned: true },
        Drilled::Ended,
    ] {
        tell(&mut model, what);
    }
    let screen = draw(&model, 80, 24).backend().to_string();
    assert!(screen.contains("All 53 writes are read back: none was lost."), "{screen}");
}

/// Every way on the page, and what it asks the engine for.
#[test]
fn what_the_drill_asks_for() {
    let mut model = drill(8_000);
    let effects = enter(&mut model);
    let [Effect::Order(Order::Drill(DrillStep::Stop { node, typed: None }))] = effects.as_slice()
    else {
        panic!("the leader is stopped");
    };
    assert_eq!(node.as_str(), "icc-etcd-4");
    let mut model = drill(12_000);
    let effects = enter(&mut model);
    assert!(matches!(effects.as_slice(), [Effect::Order(Order::Drill(DrillStep::Back))]));
    for code in [KeyCode::Esc, KeyCode::Char('q')] {
        let mut model = drill(12_000);
        let effects = update(&mut model, Msg::Key(code.into()));
        assert!(matches!(effects.as_slice(), [Effect::Order(Order::Drill(DrillStep::End))]));
        // Nobody is left behind: the page stays until everybody is back.
        assert_eq!(model.page, Page::Drill);
        tell(&mut model, Drilled::Ended);
        assert_eq!(model.page, Page::Result);
    }
    let mut model = drill(157_000);
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Result);
}

/// A third one: on practice machines, and only if its very name is typed.
#[test]
fn a_third_one_wants_its_name() {
    let mut model = beyond();
    assert!(matches!(model.dialogs.front(), Some(Dialog::Type { .. })));
    "icc-etcd-3".chars().for_each(|ch| key(&mut model, KeyCode::Char(ch)));
    assert!(enter(&mut model).is_empty(), "another name");
    assert!(model.said.is_some() && !model.dialogs.is_empty());
    key(&mut model, KeyCode::Backspace);
    key(&mut model, KeyCode::Char('2'));
    let effects = enter(&mut model);
    let [Effect::Order(Order::Drill(DrillStep::Stop { node, typed: Some(typed) }))] =
        effects.as_slice()
    else {
        panic!("it is stopped");
    };
    assert_eq!((node.as_str(), typed.as_str()), ("icc-etcd-2", "icc-etcd-2"));
    let mut model = beyond();
    key(&mut model, KeyCode::Char('q'));
    key(&mut model, KeyCode::Esc);
    assert!(model.dialogs.is_empty() && model.page == Page::Drill);
    // Somebody's own machines never lose their quorum.
    let mut model = drill(29_000);
    model.setting = Setting::Live;
    assert!(matches!(choices(&model).as_slice(), [Next::Back(_), Next::End]));
    let mut model = result();
    model.setting = Setting::Live;
    assert!(!result::choices(&model).contains(&result::Next::Break));
}

/// A stop that fails is told, and whoever began to stop is brought back.
#[test]
fn a_stop_that_fails_is_told() {
    let mut model = drill(10_100);
    let says = "icc-etcd-4 could not be stopped: it ended with status 1.".to_owned();
    tell(&mut model, Drilled::Failed { says: says.clone() });
    let node = "icc-etcd-4".parse().expect("a name");
    tell(&mut model, Drilled::Starting { node });
    let screen = draw(&model, 80, 24).backend().to_string();
    assert!(screen.contains(&says) && screen.contains("being started"), "{screen}");
    for size in [(130, 45), (60, 16), (59, 15), (80, 24)] {
        update(&mut model, Msg::Resized(size.0, size.1));
        draw(&model, size.0, size.1);
    }
    // The run's end, in the middle of it.
    let ended = RunEvent::RunEnded { ended: Ended::Well };
    update(&mut model, Msg::Run(Box::new(Stamped { ms: 20_000, event: ended })));
    update(&mut model, Msg::RunGone);
    draw(&model, 80, 24);
}

/// This run once more, on top of the screen: it leads back to where it was asked for, and what
/// happens meanwhile is not missed.
#[test]
fn the_run_once_more_and_back() {
    let mut model = result();
    (0..3).for_each(|_| key(&mut model, KeyCode::Right));
    assert!(matches!(enter(&mut model).as_slice(), [Effect::Watch(Watch::This)]));
    let early = at(DRILL, 3_000);
    let opened =
        || Opened { state: State { speed: 100, ..State::default() }, run: early.run.clone() };
    for code in [KeyCode::Esc, KeyCode::Char('q')] {
        update(&mut model, Msg::Opened(Ok(Box::new(opened()))));
        assert!(matches!(model.setting, Setting::Replay(_)) && model.behind.is_some());
        update(&mut model, Msg::Resized(100, 30));
        let marked = RunEvent::Marked { text: "x".to_owned() };
        update(&mut model, Msg::Run(Box::new(Stamped { ms: 9_999, event: marked })));
        assert!(model.run.ms < 9_999);
        let effects = update(&mut model, Msg::Key(code.into()));
        assert!(effects.is_empty(), "the run is not left");
        assert_eq!((model.page, model.run.ms, model.window), (Page::Result, 9_999, (100, 30)));
    }
    update(&mut model, Msg::Opened(Ok(Box::new(opened()))));
    let effects = update(&mut model, Msg::Terminate);
    assert!(matches!(effects.as_slice(), [Effect::Order(_), Effect::Exit(Exit::Terminated)]));
    assert!(model.ended_well(), "how the run ended, not the one that was shown");
    update(&mut model, Msg::Opened(Err("Not shown: no log.".to_owned())));
    assert_eq!(model.said.as_deref(), Some("Not shown: no log."));
}

#[test]
fn a_report_is_written_and_where_is_said() {
    let mut model = result();
    key(&mut model, KeyCode::Right);
    assert!(matches!(enter(&mut model).as_slice(), [Effect::Report]));
    update(&mut model, Msg::Reported(Ok("/root/quorate-report-1.md".into())));
    assert!(draw(&model, 80, 24).backend().to_string().contains("is /root/quorate-report-1.md."));
}

/// Where it went wrong on practice machines, the recorded run from that step.
#[test]
fn how_it_goes_when_it_goes_well() {
    let mut model = at(NO_PACKAGES, u64::MAX);
    model.can.archive = true;
    model.setting = Setting::Live;
    assert!(!draw(&model, 80, 24).backend().to_string().contains("when it goes well"));
    model.setting = Setting::Practice;
    for _ in 0..6 {
        if ui_hint(&model).contains("Enter watch") {
            break;
        }
        key(&mut model, KeyCode::Down);
    }
    let effects = enter(&mut model);
    assert!(matches!(effects.as_slice(), [Effect::Watch(Watch::Recorded(Step::Install))]));
    snapshot("failure-practice", model);
}

fn ui_hint(model: &Model) -> String {
    draw(model, 80, 24).backend().to_string()
}

/// What stays in the terminal after a drill is what was proved before it.
#[test]
fn the_farewell_after_a_drill() {
    let model = drill(u64::MAX);
    let lines = ui::farewell::lines(&model, 80).join("\n");
    assert!(lines.contains("healthy, 5 of 5"), "{lines}");
}

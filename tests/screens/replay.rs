//! Page 13: a run shown again.

use crossterm::event::KeyCode;
use proptest::prelude::*;
use quorate::{
    app::{
        Effect, Model, Msg, Overlay, Page,
        page::replay::{self, Reel, State, Wound},
        update,
    },
    event::{Looked, RunEvent, RunState, Stamped, Step},
    record::{narration::Narration, tape::Tape, timeline::Timeline},
};

use super::{AGREES, FOREIGN_DATA, HEALTHY, NO_PACKAGES, key, snapshot, ui_text};

pub(super) const BY_HAND: &str = include_str!("../logs/v1-by-hand.ndjson");
const DRILL: &str = include_str!("../logs/v1-drill.ndjson");

/// A real run, shown again from its log at that moment.
pub(super) fn replayed(log: &'static str, ms: u64) -> Model {
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

/// What was looked at while somebody typed is in the log, and `v` shows it as on that day.
#[test]
fn what_was_looked_at_by_hand_can_be_looked_at_again() {
    let v = KeyCode::Char('v');
    let mut model = replayed(BY_HAND, 2819);
    key(&mut model, v);
    assert_eq!(model.overlay, None, "nothing is done by hand on this page");
    let node = "icc-etcd-1".parse().expect("a name");
    let looked = Looked { node, step: Step::Install, guided: true, by_hand: true };
    model.run.apply(2819, &RunEvent::Looked(looked));
    replay::follow(&mut model);
    key(&mut model, v);
    assert_eq!(model.overlay, Some(Overlay::Looked));
    snapshot("replay-looked", model);
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

/// What a viewer does: nothing for so many milliseconds, or a key.
fn deed() -> impl Strategy<Value = (u64, Option<KeyCode>)> {
    let keys = [
        KeyCode::Char(' '),
        KeyCode::Char('+'),
        KeyCode::Char('-'),
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
    ];
    (1..4000_u64, prop::option::of(prop::sample::select(keys.to_vec())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a viewer got to a moment of a real run, the state is that of all events until then,
    /// and the screen that of one who went there at once.
    #[test]
    fn any_way_to_a_moment_leads_to_the_same_screen(
        which in 0..6_usize,
        deeds in prop::collection::vec(deed(), 1..25),
    ) {
        let log = [HEALTHY, NO_PACKAGES, FOREIGN_DATA, AGREES, BY_HAND, DRILL][which];
        let tape = Tape::of(log.as_bytes()).expect("a run log");
        let events: Vec<Stamped> =
            log.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
        let mut model = replayed(log, 0);
        let mut now = 0;
        for (after, code) in deeds {
            now += after;
            let tick = Msg::Tick(std::time::Duration::from_millis(now));
            let effects = update(&mut model, tick);
            read(&tape, &mut model, effects);
            if let Some(code) = code {
                let effects = update(&mut model, Msg::Key(code.into()));
                read(&tape, &mut model, effects);
            }
            let state = model.replay.clone().expect("a replay");
            let mut played = RunState::default();
            for stamped in events.iter().filter(|stamped| stamped.ms <= state.run_ms()) {
                played.apply(stamped.ms, &stamped.event);
            }
            prop_assert!(model.run == played, "at {} of {which}", state.run_ms());
            let mut sought = replayed(log, state.run_ms());
            (sought.replay, sought.now, sought.said) = (Some(state), model.now, model.said.clone());
            prop_assert_eq!(ui_text(&model), ui_text(&sought));
        }
    }
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

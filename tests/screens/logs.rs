//! Logs of every version that has been written stay playable to their end: `tests/logs` is never
//! edited, only added to. (No version has written the one of a later version yet.)

use std::{fs, path::Path};

use quorate::{
    app::{
        Model,
        page::{
            replay::{self, State},
            result,
        },
    },
    event::table,
    record::{narration::Narration, tape::Tape, timeline::Timeline},
};

use super::draw;

/// What is left of a log: the words about it, the last page, and the member table.
fn last_of(path: &Path) -> String {
    let tape = Tape::open(path).expect("a run log");
    let timeline = Timeline::new(tape.gaps(), tape.end_ms(), Some(2000));
    let chapters = Narration::default().told(tape.chapters());
    let (at, speed) = (timeline.length(), 100);
    let state = State { timeline, chapters, at, speed, ..State::default() };
    let (run, rest) = tape.wind(tape.end_ms());
    assert_eq!(rest.count(), 0, "nothing comes after the end");
    let table = table::observed(&run).unwrap_or_default();
    let model = replay::open(Model::default(), state, run, false);
    let notes = tape.notes().join("\n");
    let page = draw(&model, 80, 24).backend().to_string();
    format!("{notes}\n\n{page}\n{table}\n")
}

/// The run that comes with the program is the one that is told of: a node by hand through every
/// step, a drill without a loss, and words for each chapter that fit under the smallest picture.
#[test]
fn the_shipped_run_is_what_is_said_of_it() {
    let tape = Tape::of(include_bytes!("../../assets/demo/run.ndjson")).expect("a run log");
    assert_eq!(tape.notes(), Vec::<String>::new());
    let run = tape.state_at(u64::MAX);
    let by_whom = result::by_whom(&run).expect("somebody typed");
    assert!(by_whom.starts_with("icc-etcd-1 by you (5 of 5 steps, 1 hint)"), "{by_whom}");
    assert!(
        run.drill.and_then(|drill| drill.checked).is_some_and(|(of, lost)| of > 0 && lost == 0)
    );
    let narration = include_str!("../../assets/demo/narration.toml");
    let told = Narration::read(narration).expect("a narration").told(tape.chapters());
    assert_eq!(told.len(), Narration::read(narration).expect("a narration").chapter.len());
    for (chapter, says) in told {
        let says = says.unwrap_or_default();
        assert!((1..=76).contains(&says.chars().count()), "{}: {says}", chapter.key);
    }
}

#[test]
fn logs_of_every_version_stay_playable_to_their_end() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let files = fs::read_dir(dir).expect("golden logs").map(|entry| entry.expect("a file").path());
    let mut names = Vec::new();
    for path in files {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        insta::assert_snapshot!(format!("log-{name}"), last_of(&path));
        names.push(name);
    }
    for kind in ["healthy", "failure", "by-hand", "drill", "cut-off", "later-version"] {
        assert!(names.iter().any(|name| name.contains(kind)), "no log {kind}: {names:?}");
    }
}

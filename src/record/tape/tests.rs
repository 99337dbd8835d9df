use proptest::prelude::*;

use super::*;
use crate::event::{Ended, Looked, Step, TaskId};

const HEALTHY: &str = include_str!("../../../tests/screens/healthy.ndjson");
const LOGS: [&str; 4] = [
    HEALTHY,
    include_str!("../../../tests/screens/no-packages.ndjson"),
    include_str!("../../../tests/screens/foreign-data.ndjson"),
    include_str!("../../../tests/screens/agrees.ndjson"),
];

/// A tape of a file with that content.
fn tape(bytes: &[u8]) -> Result<Tape, TapeError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    Tape::open(file.path())
}

/// The state by folding all events until then, one by one.
fn played(log: &str, ms: u64) -> RunState {
    let mut state = RunState::default();
    for line in log.lines() {
        let stamped: Stamped = serde_json::from_str(line).unwrap();
        if stamped.ms <= ms {
            state.apply(stamped.ms, &stamped.event);
        }
    }
    state
}

fn write(events: &[Stamped]) -> String {
    events.iter().map(|e| serde_json::to_string(e).unwrap() + "\n").collect()
}

#[test]
fn seeking_is_playing_at_every_moment_of_real_runs() {
    for log in LOGS {
        let tape = tape(log.as_bytes()).unwrap();
        let end = tape.end_ms();
        for ms in (0..=end + 40).step_by(usize::try_from(end / 97).unwrap().max(1)) {
            assert!(tape.state_at(ms) == played(log, ms), "at {ms}");
        }
        assert!(tape.state_at(u64::MAX) == played(log, u64::MAX));
        assert!(tape.notes().is_empty(), "{:?}", tape.notes());
    }
}

#[test]
fn output_whose_field_is_no_text_is_no_event() {
    let mut lines: Vec<Vec<u8>> = HEALTHY.lines().map(|line| line.as_bytes().to_vec()).collect();
    let output = |line: &str| line.contains("\"is\":\"output\"");
    let line = HEALTHY.lines().position(output).unwrap();
    let field = HEALTHY.lines().nth(line).unwrap().find("\"lines\":[").unwrap();
    lines[line][field + 2] ^= 0x80;
    let tape = tape(&lines.join(&b'\n')).unwrap();
    assert_eq!(tape.events(0).map(Result::unwrap).count(), tape.len());
    assert_eq!(tape.len(), lines.len() - 1);
}

#[test]
fn a_log_is_read_whole_and_from_any_moment_on() {
    let tape = tape(HEALTHY.as_bytes()).unwrap();
    let all: Vec<_> = tape.events(0).map(Result::unwrap).collect();
    let parsed: Vec<Stamped> = HEALTHY.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(all == parsed);
    for from in [1, 500, 3000, tape.end_ms(), tape.end_ms() + 1] {
        let some: Vec<_> = tape.events(from).map(Result::unwrap).collect();
        let want: Vec<_> = all.iter().filter(|e| e.ms >= from).cloned().collect();
        assert!(some == want, "from {from}");
    }
}

#[test]
fn chapters_are_steps_findings_marks_and_the_end() {
    let of = |log: &str| {
        let tape = tape(log.as_bytes()).unwrap();
        tape.chapters().iter().map(|c| c.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        of(HEALTHY),
        ["preflight", "ready", "certificates", "install", "configure", "start", "verify", "end"]
    );
    let mut marked: Vec<_> = tape(HEALTHY.as_bytes()).unwrap().events(0).flatten().collect();
    let text = "Look at this".to_owned();
    marked.insert(300, Stamped { ms: marked[300].ms, event: RunEvent::Marked { text } });
    assert!(of(&write(&marked)).contains(&"Look at this".to_owned()));
    assert!(of(LOGS[2]).contains(&"foreign-data".to_owned()), "{:?}", of(LOGS[2]));
}

#[test]
fn what_is_damaged_is_named_and_the_rest_is_played() {
    let lines: Vec<_> = HEALTHY.lines().collect();
    let notes = |text: &str| tape(text.as_bytes()).unwrap().notes().join(" ");

    let cut = &HEALTHY[..HEALTHY.len() / 2];
    let opened = tape(cut.as_bytes()).unwrap();
    assert!(opened.notes().join(" ").contains("The last line is cut off"), "{:?}", opened.notes());
    assert!(opened.notes().join(" ").contains("ends before the run does"));
    let whole = &cut[..=cut.rfind('\n').unwrap()];
    assert!(opened.state_at(u64::MAX) == played(whole, u64::MAX));

    let mut some = lines.clone();
    some.insert(7, "Killed");
    some.insert(9, "{\"ms\":12,\"event\":{\"is\":\"output\",\"node\":\"icc-etcd-1\",\"li}}");
    let damaged = some.join("\n");
    assert!(notes(&damaged).contains("2 lines cannot be read, the first is line 8"), "{damaged}");
    let damaged = tape(damaged.as_bytes()).unwrap();
    assert!(damaged.state_at(u64::MAX) == played(HEALTHY, u64::MAX));

    let twice = format!("{HEALTHY}{HEALTHY}");
    assert!(notes(&twice).contains("another run begins"), "{}", notes(&twice));
    assert_eq!(tape(twice.as_bytes()).unwrap().events(0).count(), lines.len());
    assert!(tape(b"").unwrap_err().to_string().contains("is empty"));
    let foreign = tape(b"[1, 2]\n{\"version\": 2, \"width\": 80}\n").unwrap_err().to_string();
    assert!(foreign.contains("is no run log"), "{foreign}");
    let foreign = tape(&vec![0xff; 100_000]).unwrap_err().to_string();
    assert!(foreign.contains("is no run log"), "{foreign}");
    assert!(matches!(Tape::open(Path::new("/")), Err(TapeError::Io(_))));
}

/// A log as a later version may write it: written here by hand, no version does yet.
#[test]
fn a_log_of_a_later_version_says_so_and_is_played() {
    let later = HEALTHY.replacen("\"format\":1", "\"format\":2", 1);
    let later =
        later.replacen('\n', "\n{\"ms\":1,\"event\":{\"is\":\"danced\",\"with\":\"me\"}}\n", 3);
    let tape = tape(later.as_bytes()).unwrap();
    assert!(tape.notes().join(" ").contains("in format 2, which is newer"), "{:?}", tape.notes());
    assert!(tape.notes().join(" ").contains("3 events so far"), "{:?}", tape.notes());
    let mut state = tape.state_at(u64::MAX);
    state.started.as_mut().unwrap().format = 1;
    assert!(state == played(HEALTHY, u64::MAX));
}

#[test]
fn a_log_that_grows_is_read_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let first = HEALTHY.find('\n').unwrap() + 1;
    std::fs::write(file.path(), &HEALTHY[..first + 10]).unwrap();
    let mut tape = Tape::open(file.path()).unwrap();
    let mut events = tape.events(0);
    assert!(events.next().is_some() && events.next().is_none());
    for to in (first..HEALTHY.len()).step_by(997).chain([HEALTHY.len()]) {
        std::fs::write(file.path(), &HEALTHY[..to]).unwrap();
        tape.grow().unwrap();
        for stamped in events.by_ref() {
            assert!(stamped.unwrap().ms <= tape.end_ms());
        }
        assert_eq!(tape.len(), HEALTHY[..to].matches("}}\n").count().max(1));
    }
    assert!(!tape.grow().unwrap(), "nothing was appended");
    assert_eq!(tape.ended(), Some(Ended::Well));
    assert!(tape.state_at(3000) == played(HEALTHY, 3000));
    assert_eq!(tape.notes(), Vec::<String>::new());
}

/// Cut anywhere, the short log at every 97th byte: what is left is read, and nothing panics.
#[test]
fn no_damage_breaks_the_reader() {
    for (log, step) in LOGS.into_iter().zip([97 * 23, 97 * 23, 97, 97 * 5]) {
        for end in (0..log.len()).step_by(step) {
            if let Ok(tape) = tape(&log.as_bytes()[..end]) {
                let state = tape.state_at(u64::MAX);
                assert_eq!(state.ms, tape.end_ms());
                assert_eq!(tape.events(0).count(), tape.len());
            }
        }
    }
}

fn event() -> impl Strategy<Value = RunEvent> {
    let node = (1..=6).prop_map(|n| format!("icc-etcd-{n}").parse().unwrap());
    let task = || TaskId::new(Step::Install, "packages");
    (node, 0..8, prop::collection::vec("[ -~é]{0,12}", 0..9)).prop_map(
        move |(node, kind, lines)| match kind {
            0 => RunEvent::Connecting { node },
            1 => RunEvent::StepStarted { node, step: Step::Install },
            2 => RunEvent::TaskStarted { node, task: task() },
            3 => {
                let (guided, by_hand) = (lines.is_empty(), lines.len() == 1);
                RunEvent::Looked(Looked { node, step: Step::Install, guided, by_hand })
            }
            4 => RunEvent::Progress { node, task: task(), percent: 7, doing: lines.concat() },
            _ => RunEvent::Output { node, task: task(), left_out: lines.len() as u64 % 3, lines },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Seeking to a moment equals playing to it.
    #[test]
    fn seeking_is_playing(
        steps in prop::collection::vec((0..3_u64, event()), 1..250),
        times in 1..80_usize,
        at in 0.0..1.1_f64,
    ) {
        let mut events: Vec<Stamped> = HEALTHY.lines().take(1).map(|l| serde_json::from_str(l).unwrap()).collect();
        let mut ms = 0;
        // Long enough for several snapshots, now and then.
        for (more, event) in steps.iter().cycle().take(steps.len() * times) {
            ms += more;
            events.push(Stamped { ms, event: event.clone() });
        }
        let log = write(&events);
        let tape = tape(log.as_bytes()).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "any moment will do")]
        let at = (ms as f64 * at) as u64;
        prop_assert_eq!(tape.len(), events.len());
        prop_assert!(tape.state_at(at) == played(&log, at));
        let (_, rest) = tape.wind(at);
        prop_assert_eq!(rest.count(), events.iter().filter(|e| e.ms > at).count());
        prop_assert_eq!(tape.events(at).count(), events.iter().filter(|e| e.ms >= at).count());
    }

    #[test]
    fn flipped_bytes_break_nothing(flips in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 1..60), which in 0..4_usize) {
        let mut bytes = LOGS[which].as_bytes().to_vec();
        for (at, with) in flips {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "any place will do")]
            let at = (bytes.len() as f64 * at) as usize;
            bytes[at] ^= with;
        }
        if let Ok(tape) = tape(&bytes) {
            let _ = (tape.notes(), tape.state_at(u64::MAX), tape.events(0).count());
        }
    }

    #[test]
    fn random_lines_break_nothing(text in "([ -~]{0,40}\n){0,40}", after in any::<bool>()) {
        let text = if after { format!("{HEALTHY}{text}") } else { text };
        if let Ok(tape) = tape(text.as_bytes()) {
            prop_assert!(after);
            prop_assert!(tape.state_at(u64::MAX) == played(HEALTHY, u64::MAX));
        }
    }
}

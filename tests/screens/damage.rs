//! Whatever became of a log on its way here, a word is said, and what can be read is played: the
//! reader, the fold and what is drawn of it take any damage to the golden logs.

use std::{collections::HashSet, fs, io::Write, sync::LazyLock};

use proptest::prelude::*;
use quorate::{
    app::{
        Model,
        page::replay::{self, State},
    },
    event::{RunState, Stamped},
    export::{
        film::{Take, film, still},
        report, transcript,
    },
    record::{
        narration::Narration,
        tape::{Tape, TapeError},
        timeline::Timeline,
    },
};

use super::draw;

static LOGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/logs");
    let files = fs::read_dir(dir).expect("golden logs").map(|entry| entry.expect("a file").path());
    files.map(|path| fs::read(path).expect("a log")).collect()
});

/// Numbers that no run has.
const ABSURD: [&str; 7] =
    ["18446744073709551615", "99999999999999999999999", "-1", "1e400", "0", "4294967296", "null"];

/// What becomes of a log; places are taken modulo what is there.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    CutOff(usize),
    CutLine(usize, usize),
    Gone(usize),
    Swapped(usize, usize),
    Twice(usize, usize),
    Number(usize, usize, usize),
    Name(usize, usize),
    Long(usize, usize),
    NoText(usize),
    Deep(usize, bool),
}

fn damage() -> impl Strategy<Value = Damage> {
    use Damage::{CutLine, CutOff, Deep, Flip, Gone, Long, Name, NoText, Number, Swapped, Twice};
    let at = any::<usize>;
    prop_oneof![
        8 => (at(), 1..=255_u8).prop_map(|(at, with)| Flip(at, with)),
        1 => at().prop_map(CutOff),
        2 => (at(), at()).prop_map(|(line, at)| CutLine(line, at)),
        2 => at().prop_map(Gone),
        2 => (at(), at()).prop_map(|(one, other)| Swapped(one, other)),
        2 => (at(), at()).prop_map(|(line, to)| Twice(line, to)),
        8 => (at(), at(), at()).prop_map(|(line, which, with)| Number(line, which, with)),
        4 => (at(), at()).prop_map(|(line, which)| Name(line, which)),
        1 => (at(), 0..300_000_usize).prop_map(|(line, many)| Long(line, many)),
        2 => at().prop_map(NoText),
        1 => (at(), any::<bool>()).prop_map(|(line, within)| Deep(line, within)),
    ]
}

/// Where digits (or texts) begin and end in a line.
fn runs(line: &[u8], within: impl Fn(u8) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, byte) in line.iter().enumerate().filter(|(_, byte)| within(**byte)) {
        match runs.last_mut().filter(|(_, end)| *end == at) {
            Some((_, end)) => *end = at + 1,
            None => runs.push((at, at + usize::from(*byte < 0x80))),
        }
    }
    runs.retain(|(from, to)| from < to);
    runs
}

fn damaged(log: &[u8], damage: &Damage) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = log.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let count = lines.len();
    let replaced = |line: &[u8], (from, to): (usize, usize), with: &[u8]| {
        [&line[..from], with, &line[to..]].concat()
    };
    match damage {
        Damage::Flip(at, with) => {
            let mut bytes = log.to_vec();
            if let Some(byte) = bytes.get_mut(at % log.len().max(1)) {
                *byte ^= with;
            }
            return bytes;
        }
        Damage::CutOff(at) => return log[..at % (log.len() + 1)].to_vec(),
        Damage::NoText(at) => {
            let at = at % (log.len() + 1);
            return [&log[..at], b"\xff\xc0\x80\xf5", &log[at..]].concat();
        }
        Damage::CutLine(line, at) => {
            let line = &mut lines[line % count];
            line.truncate(at % (line.len() + 1));
        }
        Damage::Gone(line) => drop(lines.remove(line % count)),
        Damage::Swapped(one, other) => lines.swap(one % count, other % count),
        Damage::Twice(line, to) => lines.insert(to % count, lines[line % count].clone()),
        Damage::Number(line, which, with) => {
            let line = &mut lines[line % count];
            let all = runs(line, |byte| byte.is_ascii_digit());
            if let Some(digits) = all.get(which % all.len().max(1)) {
                *line = replaced(line, *digits, ABSURD[with % ABSURD.len()].as_bytes());
            }
        }
        Damage::Name(line, which) => {
            let line = &mut lines[line % count];
            let all = runs(line, |byte| byte.is_ascii_lowercase() || byte == b'_');
            if let Some(name) = all.get(which % all.len().max(1)) {
                *line = replaced(line, *name, "nobody\u{202e}é".as_bytes());
            }
        }
        Damage::Long(line, many) => {
            let line = &mut lines[line % count];
            if let Some(at) = line.windows(2).position(|two| two == b":\"") {
                *line = replaced(line, (at + 2, at + 2), &b"x".repeat(*many));
            }
        }
        Damage::Deep(line, within) => {
            let line = &mut lines[line % count];
            let deep = [b"[".repeat(50_000), b"]".repeat(50_000)].concat();
            let field = [b"{\"deep\":", deep.as_slice(), b","].concat();
            *line = if *within { replaced(line, (0, line.len().min(1)), &field) } else { deep };
        }
    }
    lines.join(&b'\n')
}

/// All that is made of a log; gives how many events were read.
fn shown(bytes: &[u8]) -> Result<usize, TapeError> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let tape = Tape::open(file.path()).inspect_err(|error| {
        assert!(error.to_string().starts_with(&file.path().display().to_string()), "{error}");
    })?;
    let (events, mut played) = (tape.events(0).collect::<Result<Vec<_>, _>>(), RunState::default());
    let events: Vec<Stamped> = events.expect("read");
    for stamped in &events {
        played.apply(stamped.ms, &stamped.event);
    }
    assert!(tape.state_at(u64::MAX) == played, "seeking to the end is playing to it");
    let timeline = Timeline::new(tape.gaps(), tape.end_ms(), Some(2000));
    for run_ms in [tape.end_ms() / 2, tape.end_ms()] {
        let chapters = Narration::default().told(tape.chapters());
        let (at, timeline) = (timeline.shown(run_ms), timeline.clone());
        let state = State { timeline, chapters, at, speed: 100, ..State::default() };
        let model = replay::open(Model::default(), state, tape.state_at(run_ms), false);
        draw(&model, 80, 24);
    }
    // Of few pictures each, so that there is time for many.
    let few = Take { every_ms: 3_600_000, ..Take::default() };
    let mut last = None;
    let Ok(()) = film(&events, tape.chapters(), &few, |shot| {
        last = Some(shot.picture.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    assert!(last == Some(still(&events, u64::MAX, &few)), "the last picture is that of the end");
    assert!(!transcript::markdown(&events).is_empty() && !report::markdown(&events).is_empty());
    assert_eq!(events.len(), tape.len());
    assert!(tape.notes().iter().all(|note| note.ends_with('.')), "{:?}", tape.notes());
    Ok(events.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_breaks_what_is_shown_of_a_log(
        which in any::<usize>(),
        damages in prop::collection::vec(damage(), 1..8),
    ) {
        let log = &LOGS[which % LOGS.len()];
        let bytes = damages.iter().fold(log.clone(), |bytes, damage| damaged(&bytes, damage));
        // What is whole is played, up to where another run begins.
        let begin = log.split(|b| *b == b'\n').next().unwrap_or_default();
        let starts = |bytes: &[u8]| bytes.windows(11).filter(|w| *w == b"run_started").count();
        let whole = |line: &&[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        let whole: HashSet<_> = log.split(|b| *b == b'\n').skip(1).filter(whole).collect();
        let left = bytes.split(|b| *b == b'\n').skip(1).filter(|line| whole.contains(line));
        let least = 1 + left.count();
        let sound = bytes.starts_with(begin) && bytes.get(begin.len()) == Some(&b'\n');
        match shown(&bytes) {
            Ok(events) => prop_assert!(!sound || starts(&bytes) > 1 || events >= least, "{events} of {least}"),
            Err(error) => prop_assert!(!sound, "{error}"),
        }
    }
}

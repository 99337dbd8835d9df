//! How soon a run is shown again, however long its log is, against the limits.
//!
//! `cargo bench --bench replay` prints a table; with `-- --assert` it fails where a limit is missed.
//! The logs of a million events are the shipped one's events over and over, with times that go on:
//! once with a node that talks very much, once with a run that changes things again and again.
//! `QUORATE` names another program.
#![expect(clippy::print_stdout, reason = "a table is what a bench is for")]
#![expect(clippy::print_stderr, reason = "what is going on, meanwhile")]

mod long;
#[expect(dead_code, reason = "the bench of the terminal uses all of it, this one a part")]
#[path = "../terminal/pty.rs"]
mod pty;
#[path = "../terminal/table.rs"]
mod table;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use quorate::record::tape::Tape;

use self::{long::Shape, pty::Pty, table::Row};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many events a long log has.
const EVENTS: usize = 1_000_000;
/// Moments that are sought in the log itself.
const MOMENTS: u64 = 300;
/// A frame is whole.
const DRAWN: &str = "\u{1b}[?2026l";

fn main() -> Result<()> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay");
    fs::create_dir_all(&place)?;
    let mut rows = vec![demo(&place)?];
    for shape in [Shape::Talks, Shape::Changes] {
        let file = place.join(format!("{shape:?}.ndjson"));
        eprintln!("a log that {shape:?}");
        long::write(shape, EVENTS, &file)?;
        rows.extend(screen(shape, &file, &place)?);
        rows.push(moments(shape, &file)?);
        fs::remove_file(&file)?;
    }
    table::print(rows)
}

fn quorate() -> PathBuf {
    env::var_os("QUORATE").map_or_else(|| env!("CARGO_BIN_EXE_quorate").into(), PathBuf::from)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The program, when it has drawn for the first time, and how long that took after exec.
fn open(words: &[&str], place: &Path) -> Result<(Pty, f64)> {
    let began = Instant::now();
    let mut pty = Pty::start(&quorate(), words, &[("QUORATE_STATE", &place.join("empty"))])?;
    pty.wait_for("the first frame", |pty| pty.wrote(DRAWN))?;
    let took = ms(pty.last_read - began);
    Ok((pty, took))
}

/// The middle one.
fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::INFINITY)
}

fn demo(place: &Path) -> Result<Row> {
    eprintln!("the demo");
    let times = (0..11).map(|_| Ok(open(&["demo"], place)?.1)).collect::<Result<_>>()?;
    Ok(Row("demo: first frame after exec".to_owned(), middle(times), 100.0, "ms"))
}

/// As a viewer has it: the first frame, the ways to the end and back, and the memory of all that.
fn screen(shape: Shape, file: &Path, place: &Path) -> Result<[Row; 3]> {
    let words = ["replay", file.to_str().ok_or("no name")?];
    let mut firsts = Vec::new();
    for _ in 0..4 {
        firsts.push(open(&words, place)?.1);
    }
    let (mut pty, first) = open(&words, place)?;
    firsts.push(first);
    pty.press(" ")?;
    pty.wait_for("a pause", |pty| pty.shows("paused"))?;
    // What is left of the log is read behind the first frame.
    pty.press("\u{1b}[F")?;
    pty.wait_for("the end", |pty| pty.shows("Your cluster stands."))?;
    pty.press("\u{1b}[H")?;
    pty.wait_for("the start", |pty| pty.shows("Preflight:"))?;
    let mut longest: f64 = 0.0;
    for _ in 0..20 {
        for (key, page) in [("\u{1b}[F", "Your cluster stands."), ("\u{1b}[H", "Preflight:")] {
            let began = Instant::now();
            pty.press(key)?;
            pty.wait_for(page, |pty| pty.shows(page))?;
            longest = longest.max(ms(pty.last_read - began));
        }
    }
    let memory = pty.peak_memory()?;
    let name = |what: &str| format!("{}: {what}", shape.name());
    Ok([
        Row(name("first frame after exec"), middle(firsts), 1000.0, "ms"),
        Row(name("key to the other end's frame, longest"), longest, 100.0, "ms"),
        Row(name("memory, at its highest"), memory, 200.0, "MB"),
    ])
}

/// Moments all over the log, in an order that no reading ahead would help.
fn moments(shape: Shape, file: &Path) -> Result<Row> {
    let tape = Tape::open(file)?;
    assert_eq!(tape.len(), EVENTS, "{:?}", tape.notes());
    let mut longest: f64 = 0.0;
    for nth in 0..MOMENTS {
        let moment = tape.end_ms() / MOMENTS * (nth * 127 % MOMENTS) + nth;
        let began = Instant::now();
        let (state, _) = tape.wind(moment);
        longest = longest.max(ms(began.elapsed()));
        assert!(state.ms <= moment, "{} is after {moment}", state.ms);
    }
    let what = format!("{}: seeking any of {MOMENTS} moments, longest", shape.name());
    Ok(Row(what, longest, 100.0, "ms"))
}

//! A run that is shown again: the last one, any other, or the one that came with the program.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use clap::Args;
use color_eyre::eyre::{Report, Result, WrapErr};

use super::{How, screen, wrong};
use crate::{
    app::{self, Model},
    event::Ended,
    exit::Exit,
    plain::Teller,
    record::{
        find,
        narration::Narration,
        tape::{Tape, TapeError},
    },
    tui::{self, Showing},
};

/// A real run on practice machines, as it was written.
const DEMO: &[u8] = include_bytes!("../../assets/demo/run.ndjson");
/// What is said along.
const NARRATION: &str = include_str!("../../assets/demo/narration.toml");
/// The longest pause, unless another one is wanted.
pub(super) const IDLE_MS: u64 = 2000;
/// How often a log that grows is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// So many events are read before the screen is drawn, the rest of a longer log behind it.
const FIRST: usize = 20_000;

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The run: "last", "demo", a day (2026-11-22), or a file
    #[arg(default_value = "last")]
    pub log: String,
    /// Show a run that is still under way, read-only, as it happens
    #[arg(long)]
    pub follow: bool,
    #[command(flatten)]
    pub pace: Pace,
}

#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// How fast, 1 is as it was
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// The longest pause, in seconds; 0 leaves all as they were
    #[arg(long, default_value_t = 2.0, value_parser = seconds, value_name = "SECONDS")]
    pub idle: f64,
    /// Pause where a chapter begins
    #[arg(long)]
    pub stops: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.25..=16.0).contains(speed));
    speed.ok_or_else(|| "a number from 0.25 to 16".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds));
    seconds.ok_or_else(|| "seconds, such as 2 or 0.5".to_owned())
}

pub(super) fn replay(how: &How, args: &Replay) -> Result<Exit> {
    if args.log == "demo" {
        return demo(how, &args.pace);
    }
    let path = find::log(&args.log).map_err(|error| wrong(error.to_string()))?;
    let most = if screen::wanted(how) && !args.follow { FIRST } else { usize::MAX };
    let tape = Tape::begin(&path, most).map_err(|error| refused(error, &path))?;
    show(how, tape, beside(&path)?, &args.pace, args.follow)
}

/// The log that is meant by those words.
pub(super) fn tape(words: &str) -> Result<Tape> {
    if words == "demo" {
        return Tape::of(DEMO).wrap_err("failed to read the recording");
    }
    open(&find::log(words).map_err(|error| wrong(error.to_string()))?)
}

fn open(path: &Path) -> Result<Tape> {
    Tape::open(path).map_err(|error| refused(error, path))
}

fn refused(error: TapeError, path: &Path) -> Report {
    match error {
        TapeError::Io(error) => wrong(format!("failed to open {}: {error}", path.display())),
        other => wrong(other.to_string()),
    }
}

/// The run that came with the program, and what is said along.
pub(super) fn recorded() -> Result<(Tape, Narration)> {
    let narration = Narration::read(NARRATION).wrap_err("failed to read the narration")?;
    Ok((tape("demo")?, narration))
}

/// That run, and what is said along, if anything is.
pub(super) fn again(log: &Path) -> Result<(Tape, Narration)> {
    Ok((open(log)?, beside(log)?))
}

/// The run that came with the program.
pub(super) fn demo(how: &How, pace: &Pace) -> Result<Exit> {
    let (tape, narration) = recorded()?;
    show(how, tape, narration, pace, false)
}

/// The same from the wizard, which has the terminal already.
pub(super) fn watch() -> Result<Exit> {
    let (tape, narration) = recorded()?;
    let pace = Pace { speed: 1.0, idle: 2.0, stops: false };
    on_screen(tape, narration, &pace, false)
}

/// What stands in the text file beside a log, if there is one.
fn beside(log: &Path) -> Result<Narration> {
    let path: PathBuf = log.with_extension("toml");
    match fs::read_to_string(&path) {
        Ok(text) => Narration::read(&text)
            .map_err(|error| wrong(format!("{} is no narration: {error}", path.display()))),
        Err(_) => Ok(Narration::default()),
    }
}

fn show(how: &How, tape: Tape, narration: Narration, pace: &Pace, follows: bool) -> Result<Exit> {
    if screen::wanted(how) {
        on_screen(tape, narration, pace, follows)
    } else {
        lines(how, tape, follows)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both were looked at")]
fn on_screen(tape: Tape, narration: Narration, pace: &Pace, follows: bool) -> Result<Exit> {
    let idle = (pace.idle > 0.0).then_some((pace.idle * 1000.0) as u64);
    let speed = (pace.speed * 100.0) as u32;
    let showing = Showing { narration, idle, speed, stops: pace.stops, follows, from: None };
    let zone = jiff::tz::TimeZone::system();
    let at = tape.started().at.parse().unwrap_or_else(|_| jiff::Timestamp::now());
    let model = Model {
        look: tui::look(|name| std::env::var(name).ok()),
        offset: Some(zone.to_offset(at)),
        ..Model::default()
    };
    let exit = tui::replay(model, tape, &showing).wrap_err("failed to use the terminal")?;
    Ok(if exit == app::Exit::Terminated { Exit::Stopped } else { Exit::Well })
}

/// All of it at once, in lines or as events; a run that goes on is told until its end.
fn lines(how: &How, mut tape: Tape, follows: bool) -> Result<Exit> {
    let mut teller = Teller::new(io::stdout(), how.manner());
    let mut events = tape.events(0);
    loop {
        for stamped in events.by_ref() {
            teller.tell(&stamped.wrap_err("failed to read the log")?)?;
        }
        if !follows || tape.ended().is_some() {
            break;
        }
        thread::sleep(LOOK);
        tape.grow().wrap_err("failed to read the log")?;
    }
    teller.end(tape.ended().unwrap_or(Ended::Incomplete))?;
    if !how.quiet && !how.json {
        for note in tape.notes() {
            io::Write::write_all(&mut io::stderr(), format!("quorate: {note}\n").as_bytes())?;
        }
    }
    Ok(Exit::Well)
}

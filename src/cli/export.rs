//! A run as a file, and as a report.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use color_eyre::eyre::Result;

use super::{How, keep, replay::tape, wrong};
use crate::{
    event::Stamped,
    exit::Exit,
    export::{
        anonymous::anonymous,
        cast,
        film::{Take, film, still},
        html, report, started, svg, title, transcript,
    },
    record::tape::{Chapter, chapters},
    ui::text::elapsed,
};

/// The shortest time between two pictures of a moving SVG, in milliseconds: it has to stay small.
const MOVING_EVERY_MS: u64 = 400;

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The run: "last", "demo", a day (2026-11-22), or a file
    pub log: String,
    /// The file to write: .cast, .html, .svg or .md
    pub out: PathBuf,
    /// The window's columns and rows
    #[arg(long, default_value = "80x24", value_name = "COLUMNSxROWS")]
    pub size: Size,
    /// The longest silence, in seconds
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS")]
    pub idle: f64,
    /// An .svg shows that moment of the run, as 2:31 [default: its end]
    #[arg(long, value_name = "TIME", conflicts_with = "animate")]
    pub at: Option<Moment>,
    /// An .svg that plays the run, again and again
    #[arg(long)]
    pub animate: bool,
    /// Leave out the names and addresses of machines, people and the cluster
    #[arg(long)]
    pub anonymous: bool,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The run: "last", "demo", a day (2026-11-22), or a file
    #[arg(default_value = "last")]
    pub log: String,
    /// Write it to that file, instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Leave out the names and addresses of machines, people and the cluster
    #[arg(long)]
    pub anonymous: bool,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
    /// Compute the IDs in that report again, and say whether they belong to its token
    #[arg(long, value_name = "FILE", conflicts_with_all = ["log", "out", "anonymous", "force"])]
    pub verify: Option<PathBuf>,
}

/// A window's size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size(u16, u16);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let says = || format!("{text:?} is none; 80x24 and up to 400x200 would be one");
        let (columns, rows) = text.split_once(['x', '×']).ok_or_else(says)?;
        let (columns, rows) = (columns.parse(), rows.parse());
        match (columns, rows) {
            (Ok(columns @ 60..=400), Ok(rows @ 16..=200)) => Ok(Self(columns, rows)),
            (Ok(_), Ok(_)) => Err("the screen wants 60x16 to 400x200".to_owned()),
            _ => Err(says()),
        }
    }
}

/// A moment of a run, in milliseconds since it began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(u64);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let says = || format!("{text:?} is none; 2:31, 1:02:31 or 151.5 would be one");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let ms = format!("{part:0<3}").get(..3).and_then(|ms| ms.parse::<u64>().ok());
        let mut seconds: u64 = 0;
        for field in whole.split(':') {
            let field: u64 = field.parse().map_err(|_| says())?;
            seconds =
                seconds.checked_mul(60).and_then(|s| s.checked_add(field)).ok_or_else(says)?;
        }
        let ms = ms.filter(|_| part.len() <= 3).ok_or_else(says)?;
        seconds.checked_mul(1000).map(|s| Self(s + ms)).ok_or_else(says)
    }
}

/// What a file's ending asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cast,
    Html,
    Svg,
    Md,
}

impl Kind {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        match ending.as_deref() {
            Some("cast") => Ok(Self::Cast),
            Some("html" | "htm") => Ok(Self::Html),
            Some("svg") => Ok(Self::Svg),
            Some("md") => Ok(Self::Md),
            _ => Err(wrong(format!(
                "nothing is known of the ending of {}: a name that ends in .cast, .html, .svg or \
                 .md says what it shall be",
                path.display()
            ))),
        }
    }
}

pub(super) fn export(how: &How, args: &Export) -> Result<Exit> {
    let kind = Kind::of(&args.out)?;
    if kind != Kind::Svg && (args.animate || args.at.is_some()) {
        return Err(wrong("--at and --animate are for .svg"));
    }
    if !(0.0..=60.0).contains(&args.idle) {
        return Err(wrong("--idle wants 0 to 60 seconds"));
    }
    free(&args.out, args.force)?;
    let run = Run::open(how.quiet, &args.log, args.anonymous)?;
    let Size(columns, rows) = args.size;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within 0 and 60000"
    )]
    let idle_ms = (args.idle * 1000.0) as u64;
    let take = Take { columns, rows, idle_ms, ..Take::default() };
    let bytes = match kind {
        Kind::Cast => {
            let mut bytes = Vec::new();
            cast::write(&run.events, &run.chapters, &take, &mut bytes)?;
            bytes
        }
        Kind::Html => html::page(&run.events, &run.chapters, &take)?.into_bytes(),
        Kind::Svg => picture(&run, args, &take)?.into_bytes(),
        Kind::Md => transcript::markdown(&run.events).into_bytes(),
    };
    written(how, &args.out, &bytes, args.force)
}

/// Writes the file, and says so.
fn written(how: &How, out: &Path, bytes: &[u8], force: bool) -> Result<Exit> {
    write(out, bytes, force)?;
    if !how.quiet {
        let said = format!("{}: {} kB\n", out.display(), bytes.len().div_ceil(1000));
        io::stderr().write_all(said.as_bytes())?;
    }
    Ok(Exit::Well)
}

fn picture(run: &Run, args: &Export, take: &Take) -> Result<String> {
    if args.animate {
        let take = Take { every_ms: MOVING_EVERY_MS, ..take.clone() };
        let mut moving = svg::Moving::default();
        film(&run.events, &[], &take, |shot| {
            moving.show(shot.at_ms, shot.picture);
            Ok::<(), io::Error>(())
        })?;
        return Ok(moving.finish(&run.title));
    }
    if let Some(Moment(ms)) = args.at
        && ms > run.end_ms
    {
        let end = elapsed(run.end_ms);
        return Err(wrong(format!("the run is over at {end}; --at wants a moment of it")));
    }
    let ms = args.at.map_or(u64::MAX, |Moment(ms)| ms);
    Ok(svg::still(&still(&run.events, ms, take), &run.title))
}

pub(super) fn report(how: &How, args: &Report) -> Result<Exit> {
    if let Some(file) = &args.verify {
        let text = fs::read_to_string(file)
            .map_err(|error| wrong(format!("failed to read {}: {error}", file.display())))?;
        let verdict = report::verify::verify(&text)
            .map_err(|error| wrong(format!("failed to verify {}: {error}", file.display())))?;
        io::stdout().write_all(verdict.to_string().as_bytes())?;
        return Ok(if verdict.wrong.is_empty() { Exit::Well } else { Exit::Incomplete });
    }
    if let Some(out) = &args.out {
        free(out, args.force)?;
    }
    let run = Run::open(how.quiet, &args.log, args.anonymous)?;
    let text = report::markdown(&run.events);
    if let Some(out) = &args.out {
        return written(how, out, text.as_bytes(), args.force);
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Well)
}

/// Writes the report of that log where the person is, else at home, under a name that is free.
pub(super) fn hand_in(log: &Path) -> Result<PathBuf> {
    let run = Run::open(true, &log.display().to_string(), false)?;
    let text = report::markdown(&run.events);
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let places =
        std::env::current_dir().into_iter().chain(home).chain(log.parent().map(Into::into));
    new_file(places, log, &text)
}

/// Writes the report of that log in the first of the places that takes it.
fn new_file(places: impl Iterator<Item = PathBuf>, log: &Path, text: &str) -> Result<PathBuf> {
    let stem = log.file_stem().unwrap_or_default().to_string_lossy();
    let mut failed = None;
    for place in places {
        let name = |end: &str| place.join(format!("quorate-report-{stem}{end}.md"));
        let Some(path) = keep::free(name) else { continue };
        match write(&path, text.as_bytes(), false) {
            Ok(()) => return Ok(path),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| wrong("no name is free for it")))
}

/// A run, read.
struct Run {
    events: Vec<Stamped>,
    chapters: Vec<Chapter>,
    end_ms: u64,
    title: String,
}

impl Run {
    fn open(quiet: bool, words: &str, nameless: bool) -> Result<Self> {
        let tape = tape(words)?;
        if !quiet {
            for note in tape.notes() {
                io::stderr().write_all(format!("quorate: {note}\n").as_bytes())?;
            }
        }
        let mut reader = tape.events(0);
        let mut events = Vec::new();
        while let Some(stamped) = reader.until(u64::MAX)? {
            events.push(stamped);
        }
        if !nameless {
            let (chapters, title) = (tape.chapters().to_vec(), title(tape.started()));
            return Ok(Self { events, chapters, end_ms: tape.end_ms(), title });
        }
        let left_out = anonymous(&events)
            .map_err(|error| wrong(format!("failed to leave out the names: {error}")))?;
        Ok(Self::of(left_out, tape.end_ms()))
    }

    /// Chapters and title have names in them too.
    fn of(events: Vec<Stamped>, end_ms: u64) -> Self {
        let chapters = chapters(&events);
        let title = started(&events).map(title).unwrap_or_default();
        Self { events, chapters, end_ms, title }
    }
}

/// Nothing that is there is lost, and nobody waits for what cannot be written.
fn free(path: &Path, force: bool) -> Result<()> {
    if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(wrong(format!("{} is a folder; name a file in it", path.display())));
    }
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
        return Err(wrong(format!("there is no folder {}; nothing was written", folder.display())));
    }
    if force || fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    Err(wrong(format!(
        "{} is there already, and nothing was written; take another name, or --force to replace it",
        path.display()
    )))
}

/// The file appears whole, or not at all.
fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let failed = |error: io::Error| wrong(format!("failed to write {}: {error}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let whole = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if force {
            return fs::rename(&new, path);
        }
        // A link, unlike a renaming, replaces nothing that has come meanwhile; not every disk has
        // links.
        match fs::hard_link(&new, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&new, path),
            linked => linked,
        }
    })();
    let _ = fs::remove_file(&new);
    whole.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_to_hand_in_replaces_nothing_and_finds_a_place() {
        let dir = tempfile::tempdir().unwrap();
        let places = || [dir.path().join("gone"), dir.path().to_owned()].into_iter();
        let log = Path::new("/runs/20261128T060752Z.ndjson");
        let first = new_file(places(), log, "one").unwrap();
        let second = new_file(places(), log, "two").unwrap();
        assert!(first.ends_with("quorate-report-20261128T060752Z.md"), "{}", first.display());
        assert!(second.ends_with("quorate-report-20261128T060752Z-2.md"), "{}", second.display());
        assert_eq!(fs::read_to_string(first).unwrap(), "one");
        assert_eq!(fs::read_to_string(second).unwrap(), "two");
        assert!(new_file(places().take(1), log, "three").is_err());
    }
}

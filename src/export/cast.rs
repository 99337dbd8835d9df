//! A film as an asciicast, version 2 (docs.asciinema.org/manual/asciicast/v2): a header, then one
//! JSON array a line: seconds, `o` for what is written, `m` for a chapter.
//!
//! What is written are the cells that changed, as on a real terminal.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::Rect,
};

use super::{
    film::{Take, film},
    palette,
};
use crate::{event::Stamped, record::tape::Chapter};

/// Writes the run as a cast.
///
/// # Errors
/// Those of `out`.
pub fn write(
    events: &[Stamped],
    chapters: &[Chapter],
    take: &Take,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", header(events, take))?;
    // With NO_COLOR set crossterm would write broken colours; the theme decides.
    crossterm::style::force_color_output(true);
    let mut last: Option<Buffer> = None;
    film(events, chapters, take, |shot| {
        let text = difference(last.as_ref(), shot.picture)?;
        let seconds = Seconds(shot.at_ms);
        if !text.is_empty() {
            writeln!(out, "[{seconds},\"o\",{}]", serde_json::Value::from(text))?;
        }
        // After its picture, so that a player which stops there shows it.
        for chapter in &shot.chapters {
            let title = serde_json::Value::from(chapter.title.as_str());
            writeln!(out, "[{seconds},\"m\",{title}]")?;
        }
        last = Some(shot.picture.clone());
        Ok(())
    })
}

/// Milliseconds as seconds, to the millisecond.
pub(crate) struct Seconds(pub(crate) u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

fn header(events: &[Stamped], take: &Take) -> serde_json::Value {
    let started = super::started(events);
    let at = started.and_then(|s| s.at.parse::<jiff::Timestamp>().ok());
    let mut header = serde_json::json!({
        "version": 2,
        "width": take.columns,
        "height": take.rows,
        "timestamp": at.map_or(0, jiff::Timestamp::as_second),
        "env": { "TERM": "xterm-256color" },
        "theme": {
            "fg": palette::TEXT,
            "bg": palette::GROUND,
            "palette": palette::SIXTEEN.join(":"),
        },
    });
    if let (Some(started), Some(header)) = (started, header.as_object_mut()) {
        header.insert("title".to_owned(), super::title(started).into());
    }
    header
}

/// What a terminal is sent to show the next picture instead of the last.
fn difference(last: Option<&Buffer>, next: &Buffer) -> io::Result<String> {
    let mut written = Vec::new();
    let empty;
    let last = if let Some(last) = last {
        last
    } else {
        // The cursor never shows: nobody types into a film.
        written.extend_from_slice(b"\x1b[0m\x1b[?25l\x1b[2J");
        empty = Buffer::empty(Rect { x: 0, y: 0, ..next.area });
        &empty
    };
    let changed = last.diff(next);
    if !changed.is_empty() {
        CrosstermBackend::new(&mut written).draw(changed.into_iter())?;
    }
    String::from_utf8(written).map_err(io::Error::other)
}

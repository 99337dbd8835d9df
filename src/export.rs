//! A run as a file: a cast, a page, a picture, a text, a report.
//!
//! Pure: events come in, bytes go out; the same events give the same bytes. Pictures are drawn by
//! [`crate::ui`], so a film shows what a person saw.

pub mod cast;
pub mod film;
mod palette;
pub mod svg;

use crate::event::RunStarted;

/// What a file about that run is called: whose cluster, and on what day.
#[must_use]
pub fn title(started: &RunStarted) -> String {
    let day = started.at.get(..10).unwrap_or_default();
    format!("quorate: {}, {} members, {day}", started.cluster, started.members.len())
}

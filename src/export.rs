//! A run as a file: a cast, a page, a picture, a text, a report.
//!
//! Pure: events come in, bytes go out; the same events give the same bytes. Pictures are drawn by
//! [`crate::ui`], so a film shows what a person saw.

mod account;
pub mod anonymous;
pub mod cast;
pub mod film;
pub mod html;
mod markdown;
mod palette;
pub mod report;
pub mod svg;
pub mod transcript;

use crate::event::{RunEvent, RunStarted, Stamped};

/// What a file about that run is called: whose cluster, and on what day.
#[must_use]
pub fn title(started: &RunStarted) -> String {
    let day = started.at.get(..10).unwrap_or_default();
    format!("quorate: {}, {} members, {day}", started.cluster, started.members.len())
}

/// What that run is about, if its log says so.
#[must_use]
pub fn started(events: &[Stamped]) -> Option<&RunStarted> {
    events.iter().find_map(|stamped| match &stamped.event {
        RunEvent::RunStarted(started) => Some(started),
        _ => None,
    })
}

//! A line of a log as an event, whoever wrote it.

use serde::Deserialize;

use crate::event::{RunEvent, Stamped};

/// No run lasts longer, in milliseconds: ten years. A later moment is damage, and would be the last
/// one, since time never goes back.
const LONGEST_MS: u64 = 10 * 365 * 86_400_000;

/// What every version of the format has.
#[derive(Deserialize)]
struct Bare {
    ms: u64,
    event: BareEvent,
}

#[derive(Deserialize)]
struct BareEvent {
    is: String,
    format: Option<u32>,
    quorate: Option<String>,
}

/// An event; one that is known by its name only, or not even so, reads as
/// [`RunEvent::Unknown`]. `None`: it is none at all.
pub(super) fn event(line: &[u8]) -> Option<Stamped> {
    let bare = || {
        let Bare { ms, .. } = serde_json::from_slice(line).ok()?;
        Some(Stamped { ms, event: RunEvent::Unknown })
    };
    serde_json::from_slice(line).ok().or_else(bare).filter(|stamped| can_be(stamped.ms))
}

/// Whether that moment can be one of a run.
pub(super) fn can_be(ms: u64) -> bool {
    ms <= LONGEST_MS
}

/// The format that the line says the log has, and the version that wrote it; `None` if it is not
/// the start of a run.
pub(super) fn format(line: &[u8]) -> Option<(u32, String)> {
    let Bare { event, .. } = serde_json::from_slice(line).ok()?;
    let format = event.format.filter(|_| event.is == "run_started")?;
    Some((format, event.quorate.unwrap_or_default()))
}

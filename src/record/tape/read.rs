//! A line of a log as an event, whoever wrote it.

use serde::Deserialize;

use crate::event::{RunEvent, Stamped};

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
    if let Ok(stamped) = serde_json::from_slice(line) {
        return Some(stamped);
    }
    let Bare { ms, .. } = serde_json::from_slice(line).ok()?;
    Some(Stamped { ms, event: RunEvent::Unknown })
}

/// The format that the line says the log has, and the version that wrote it; `None` if it is not
/// the start of a run.
pub(super) fn format(line: &[u8]) -> Option<(u32, String)> {
    let Bare { event, .. } = serde_json::from_slice(line).ok()?;
    let format = event.format.filter(|_| event.is == "run_started")?;
    Some((format, event.quorate.unwrap_or_default()))
}

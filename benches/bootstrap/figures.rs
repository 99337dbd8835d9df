//! Numbers: medians, seconds, and how long each step took by the run log.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use quorate::event::{RunEvent, Stamped, Step};

use super::Result;

/// The middle one; of none, nothing.
pub(super) fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Each step of the run, from the first node that began it to the last that ended it; connecting
/// is a row of its own. The nodes go from step to step alone, so that the rows may overlap.
pub(super) fn steps(log: &Path) -> Result<Vec<(String, Duration)>> {
    let mut spans: BTreeMap<u8, (String, u64, u64)> = BTreeMap::new();
    let mut note = |row: u8, name: String, from: u64, to: u64| {
        let span = spans.entry(row).or_insert((name, from, to));
        (span.1, span.2) = (span.1.min(from), span.2.max(to));
    };
    let row = |step: Step| {
        let at = Step::LAB.iter().position(|s| *s == step).unwrap_or_default();
        u8::try_from(at + 1).unwrap_or(u8::MAX)
    };
    let mut connected = 0;
    for line in fs::read_to_string(log)?.lines() {
        let Stamped { ms, event } = serde_json::from_str(line)?;
        match event {
            RunEvent::Connected { .. } => {
                connected = ms;
                note(0, "connect".to_owned(), 0, ms);
            }
            RunEvent::StepStarted { step, .. } if step != Step::Preflight => {
                note(row(step), step.to_string(), ms, ms);
            }
            RunEvent::StepEnded { step, .. } => {
                let from = if step == Step::Preflight { connected } else { ms };
                note(row(step), step.to_string(), from, ms);
            }
            _ => {}
        }
    }
    let took = |(name, from, to): (String, u64, u64)| (name, Duration::from_millis(to - from));
    Ok(spans.into_values().map(took).collect())
}

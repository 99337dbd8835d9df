//! The drills of a run, as a report tells them: who was stopped, how long no write counted, and that
//! none was lost.

use std::fmt::Write;

use super::super::markdown::{row, table_head, text};
use crate::{
    event::{
        RunEvent, Stamped,
        drill::{DrillState, Drilled},
    },
    ui::text::{elapsed, seconds},
};

/// A section for each drill; nothing if there was none.
pub(super) fn drills(events: &[Stamped]) -> String {
    let mut all: Vec<Drill> = Vec::new();
    for stamped in events {
        let RunEvent::Drill { what } = &stamped.event else { continue };
        if matches!(what, Drilled::Began { .. }) {
            all.push(Drill { began_ms: stamped.ms, ..Drill::default() });
        }
        if let Some(drill) = all.last_mut().filter(|drill| !drill.state.ended) {
            drill.take(stamped.ms, what);
        }
    }
    let mut out = String::new();
    for drill in all {
        let _ = writeln!(out, "## Drill ({})\n\n{}", elapsed(drill.began_ms), drill.told());
    }
    out
}

#[derive(Default)]
struct Drill {
    began_ms: u64,
    state: DrillState,
    /// What happened, and when, in words.
    told: Vec<(u64, String)>,
}

impl Drill {
    fn take(&mut self, ms: u64, what: &Drilled) {
        self.state.apply(ms, what);
        let words = match what {
            Drilled::Stopping { node, led: true } => format!("{node}, the leader, was stopped"),
            Drilled::Stopping { node, led: false } => format!("{node} was stopped"),
            Drilled::Leads { node, term, .. } => format!("{node} leads, in term {term}"),
            Drilled::Gap { ms, waited } if self.state.stop_ms.is_some() => {
                format!("writes count again, after {}; {waited} waited", seconds(*ms))
            }
            Drilled::Back { node, by_timer: true } => format!("{node} is back, by its timer"),
            Drilled::Back { node, by_timer: false } => format!("{node} is back"),
            Drilled::CaughtUp { node, .. } => format!("{node} has caught up"),
            Drilled::Refused { says } | Drilled::Failed { says } => text(says),
            _ => return,
        };
        self.told.push((ms, words));
    }

    fn told(&self) -> String {
        let mut out = table_head(&["when", "what"]);
        for (ms, words) in &self.told {
            let at = format!("{}.{}", elapsed(*ms), ms % 1000 / 100);
            out.push_str(&row([at.as_str(), words]));
        }
        let total = self.state.total;
        let _ = writeln!(
            out,
            "\n{} writes were acknowledged and {} reads answered meanwhile; {} answers were wrong.",
            total.written, total.read, total.wrong
        );
        if total.plain > 0 {
            let _ = writeln!(
                out,
                "While no quorum answered, {} plain reads were answered by one member alone.",
                total.plain
            );
        }
        match self.state.checked {
            Some((written, lost)) => {
                let _ = writeln!(
                    out,
                    "All {written} acknowledged writes were looked for at the end: {lost} lost."
                );
            }
            None => out.push_str("The writes were not read back at the end.\n"),
        }
        out
    }
}

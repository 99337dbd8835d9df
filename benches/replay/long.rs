//! Logs as long as nobody's, of a real one's events.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use quorate::event::{RunEvent, Stamped};

use super::Result;

/// What there is so much of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// What nodes say.
    Talks,
    /// Everything, from the first step to the last and once more.
    Changes,
}

impl Shape {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Talks => "a million events, most of them output",
            Self::Changes => "a million events, a run over and over",
        }
    }
}

/// So long after the line before comes one that was not in the real log, in milliseconds.
const NEXT: u64 = 5;

/// Writes a log of that many events; it begins and ends as the real one.
pub(super) fn write(shape: Shape, events: usize, path: &Path) -> Result<()> {
    let real = include_str!("../../assets/demo/run.ndjson").lines();
    let real: Vec<Stamped> =
        real.map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    let is_end =
        |s: &Stamped| matches!(s.event, RunEvent::Judged { .. } | RunEvent::RunEnded { .. });
    let (ends, rest): (Vec<_>, Vec<_>) = real.into_iter().partition(is_end);
    let (first, body) = rest.split_first().ok_or("an empty log")?;
    let more = events - ends.len() - 1;
    let mut log = Log { out: BufWriter::new(File::create(path)?), ms: 0 };
    log.write(first, 0)?;
    match shape {
        Shape::Talks => {
            let says = |s: &&Stamped| matches!(s.event, RunEvent::Output { .. });
            let spoken = body.iter().filter(says).count();
            let mut left = more - body.len();
            let mut left_spoken = spoken;
            let mut was = 0;
            for stamped in body {
                log.write(stamped, stamped.ms - was)?;
                was = stamped.ms;
                if says(&stamped) {
                    // As often as the others, and the last all that are left.
                    let again = left / left_spoken;
                    for _ in 0..again {
                        log.write(stamped, NEXT)?;
                    }
                    (left, left_spoken) = (left - again, left_spoken - 1);
                }
            }
        }
        Shape::Changes => {
            let mut was = 0;
            for stamped in body.iter().cycle().take(more) {
                // Begins again some time after it ended.
                log.write(stamped, stamped.ms.checked_sub(was).unwrap_or(NEXT))?;
                was = stamped.ms;
            }
        }
    }
    for stamped in &ends {
        log.write(stamped, NEXT)?;
    }
    Ok(log.out.flush()?)
}

struct Log {
    out: BufWriter<File>,
    /// When the last event was.
    ms: u64,
}

impl Log {
    /// That event, so many milliseconds after the one before.
    fn write(&mut self, stamped: &Stamped, after: u64) -> Result<()> {
        self.ms += after;
        let event = Stamped { ms: self.ms, event: stamped.event.clone() };
        serde_json::to_writer(&mut self.out, &event)?;
        Ok(self.out.write_all(b"\n")?)
    }
}

//! Events in, pictures out: each picture that differs from the one before, and when it is due.
//!
//! Time in a film is the run's, but for silences: where nothing but the clock moves for longer
//! than [`Take::idle_ms`], the film goes on.

use std::{mem, time::Duration};

use jiff::tz::Offset;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use crate::{
    app::{Can, Model, Msg, Setting, page::replay, update},
    event::{RunEvent, Stamped},
    record::tape::Chapter,
    ui,
};

/// The shortest time between two pictures, in milliseconds: as the screen itself draws.
const SHORTEST_MS: u64 = 33;
/// No silence is longer, whatever is asked for, in milliseconds.
const LONGEST_IDLE_MS: u64 = 60_000;

/// How a run is filmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Columns of the window.
    pub columns: u16,
    /// Rows of the window.
    pub rows: u16,
    /// How long a silence may be, in milliseconds.
    pub idle_ms: u64,
    /// The shortest time between two pictures, in milliseconds; less than the screen's own is not
    /// possible.
    pub every_ms: u64,
    /// The clock that the run's times of day are told by.
    pub offset: Option<Offset>,
}

impl Default for Take {
    fn default() -> Self {
        Self { columns: 80, rows: 24, idle_ms: 2000, every_ms: SHORTEST_MS, offset: None }
    }
}

/// A picture of a film.
pub struct Shot<'a> {
    /// When it is due, in milliseconds since the film began.
    pub at_ms: u64,
    /// When it was, in milliseconds since the run began.
    pub run_ms: u64,
    /// The chapters that begin with it.
    pub chapters: Vec<Chapter>,
    /// What is seen.
    pub picture: &'a Buffer,
}

/// Films a run: `see` gets each picture, in order.
///
/// # Errors
/// Those of `see`.
pub fn film<E>(
    events: &[Stamped],
    chapters: &[Chapter],
    take: &Take,
    see: impl FnMut(&Shot<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut camera = Camera::new(take, chapters, see);
    let mut left = events;
    let every = take.every_ms.max(SHORTEST_MS);
    while let Some(first) = left.first() {
        // What happens within a picture's time is one picture, as on the screen.
        let until = first.ms.max(camera.run_ms).saturating_add(every);
        let many = left.iter().position(|s| s.ms >= until).unwrap_or(left.len());
        let (now, later) = left.split_at(many);
        let ms = now.iter().map(|s| s.ms).max().unwrap_or(first.ms).max(camera.run_ms);
        camera.wait(first.ms)?;
        for stamped in now {
            happens(&mut camera.model, stamped);
        }
        camera.look(ms, later.is_empty())?;
        left = later;
    }
    Ok(())
}

/// The screen as it was at that moment of the run, with what had happened by then.
#[must_use]
pub fn still(events: &[Stamped], ms: u64, take: &Take) -> Buffer {
    let mut model = model(take);
    for stamped in events.iter().take_while(|s| s.ms <= ms) {
        happens(&mut model, stamped);
    }
    let end = events.last().map_or(0, |s| s.ms);
    look(&mut model, ms.min(end), take)
}

fn model(take: &Take) -> Model {
    let (columns, rows) = (take.columns, take.rows);
    // The clock of a film is the run's.
    let run_began = Some(Duration::ZERO);
    let mut model = Model { offset: take.offset, run_began, ..Model::default() };
    update(&mut model, Msg::Resized(columns, rows));
    model
}

/// Takes an event in, as a run that is shown again does; the pages follow when somebody looks.
fn happens(model: &mut Model, stamped: &Stamped) {
    if let RunEvent::RunStarted(started) = &stamped.event {
        model.can = Can::of(started.intent);
        model.setting = if started.practice { Setting::Practice } else { Setting::Live };
    }
    model.run.apply(stamped.ms, &stamped.event);
}

/// The page as it was then.
fn look(model: &mut Model, ms: u64, take: &Take) -> Buffer {
    update(model, Msg::Tick(Duration::from_millis(ms)));
    replay::follow(model);
    draw(model, take)
}

fn draw(model: &Model, take: &Take) -> Buffer {
    let Ok(mut screen) = Terminal::new(TestBackend::new(take.columns, take.rows));
    let Ok(drawn) = screen.draw(|frame| ui::view(model, frame));
    drawn.buffer.clone()
}

struct Camera<'a, S> {
    take: &'a Take,
    see: S,
    model: Model,
    chapters: &'a [Chapter],
    /// Chapters that begin with the next picture.
    begun: Vec<Chapter>,
    last: Option<Buffer>,
    /// The run's time up to which was filmed.
    run_ms: u64,
    /// The run's and the film's time of the last picture that was more than a tick of the clock.
    moved: (u64, u64),
}

impl<'a, S> Camera<'a, S> {
    fn new(take: &'a Take, chapters: &'a [Chapter], see: S) -> Self {
        let (begun, last) = (Vec::new(), None);
        Self { take, see, model: model(take), chapters, begun, last, run_ms: 0, moved: (0, 0) }
    }

    fn idle(&self) -> u64 {
        self.take.idle_ms.min(LONGEST_IDLE_MS)
    }

    /// The clock's seconds until then, as long as a silence may be.
    fn wait<E>(&mut self, until: u64) -> Result<(), E>
    where
        S: FnMut(&Shot<'_>) -> Result<(), E>,
    {
        if self.last.is_none() {
            return Ok(());
        }
        let end = until.min(self.moved.0.saturating_add(self.idle()));
        let mut second = (self.run_ms / 1000 + 1) * 1000;
        while second < end {
            self.look(second, false)?;
            second += 1000;
        }
        Ok(())
    }

    fn look<E>(&mut self, ms: u64, always: bool) -> Result<(), E>
    where
        S: FnMut(&Shot<'_>) -> Result<(), E>,
    {
        self.run_ms = ms;
        let due = self.chapters.iter().take_while(|c| c.ms <= ms).count();
        let (begun, ahead) = self.chapters.split_at(due);
        self.begun.extend_from_slice(begun);
        self.chapters = ahead;
        let picture = look(&mut self.model, ms, self.take);
        let row = usize::from(self.take.columns);
        let below = |picture: &Buffer| picture.content.get(row..).map(<[_]>::to_vec);
        let moves = self.last.as_ref().is_none_or(|last| below(last) != below(&picture));
        let changed = self.last.as_ref() != Some(&picture);
        let silence = ms.saturating_sub(self.moved.0);
        let wanted = moves || always || !self.begun.is_empty() || silence <= self.idle();
        if !changed && self.begun.is_empty() || !wanted {
            return Ok(());
        }
        let at_ms = self.moved.1.saturating_add(silence.min(self.idle()));
        if moves {
            self.moved = (ms, at_ms);
        }
        let chapters = mem::take(&mut self.begun);
        let shot = Shot { at_ms, run_ms: ms, chapters, picture: &picture };
        (self.see)(&shot)?;
        self.last = Some(picture);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const HEALTHY: &str = include_str!("../../tests/screens/healthy.ndjson");

    fn events(log: &str) -> Vec<Stamped> {
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn times(events: &[Stamped], take: &Take) -> Vec<(u64, u64)> {
        let mut times = Vec::new();
        let Ok(()) = film(events, &[], take, |shot| {
            times.push((shot.at_ms, shot.run_ms));
            Ok::<(), Infallible>(())
        });
        times
    }

    #[test]
    fn a_film_has_the_runs_own_times() {
        let events = events(HEALTHY);
        let times = times(&events, &Take::default());
        assert!(times.len() > 60, "{times:?}");
        assert!(times.iter().all(|(at, run)| at == run), "{times:?}");
        assert!(times.windows(2).all(|w| w[0].0 < w[1].0), "{times:?}");
    }

    #[test]
    fn a_silence_is_cut_and_its_clock_with_it() {
        let mut events = events(HEALTHY);
        let middle = events.len() / 2;
        let hour = 3_600_000;
        events.iter_mut().skip(middle).for_each(|s| s.ms += hour);
        let take = Take::default();
        let times = times(&events, &take);
        let longest = times.windows(2).map(|w| w[1].0 - w[0].0).max().unwrap();
        assert!(longest <= take.idle_ms, "{times:?}");
        let end = times.last().unwrap().0;
        assert!(end < 12_000, "{end}: an hour of silence takes two seconds");
    }

    #[test]
    fn the_last_picture_is_the_still_of_the_end() {
        let events = events(HEALTHY);
        let take = Take::default();
        let mut last = None;
        let Ok(()) = film(&events, &[], &take, |shot| {
            last = Some(shot.picture.clone());
            Ok::<(), Infallible>(())
        });
        assert_eq!(last, Some(still(&events, u64::MAX, &take)));
    }
}

//! The time of a run as it is shown again: long pauses are shortened. Pure.

use super::tape::Gap;

/// Maps the time of the run to the time it takes to show it, both in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    cuts: Vec<Cut>,
    end_ms: u64,
}

/// A part of a pause that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    /// When it begins, in the run.
    ms: u64,
    /// How long it is.
    lasts: u64,
    /// How much was cut before.
    before: u64,
}

impl Timeline {
    /// Of a run that ends then; no pause takes longer than `idle` milliseconds, if that is given.
    #[must_use]
    pub fn new(gaps: &[Gap], end_ms: u64, idle: Option<u64>) -> Self {
        let Some(idle) = idle else { return Self { cuts: Vec::new(), end_ms } };
        let mut before = 0;
        let long = gaps.iter().filter(|gap| gap.lasts > idle);
        let cuts = long.map(|gap| {
            let cut = Cut { ms: gap.ms + idle, lasts: gap.lasts - idle, before };
            before += cut.lasts;
            cut
        });
        Self { cuts: cuts.collect(), end_ms }
    }

    /// When that moment of the run is shown.
    #[must_use]
    pub fn shown(&self, run_ms: u64) -> u64 {
        let after = self.cuts.partition_point(|cut| cut.ms <= run_ms);
        match after.checked_sub(1).and_then(|at| self.cuts.get(at)) {
            Some(cut) => run_ms - cut.before - cut.lasts.min(run_ms - cut.ms),
            None => run_ms,
        }
    }

    /// What moment of the run is shown then. After a cut it is the one after.
    #[must_use]
    pub fn run(&self, shown_ms: u64) -> u64 {
        let after = self.cuts.partition_point(|cut| cut.ms - cut.before <= shown_ms);
        match after.checked_sub(1).and_then(|at| self.cuts.get(at)) {
            Some(cut) => shown_ms + cut.before + cut.lasts,
            None => shown_ms,
        }
    }

    /// How long all of it takes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.shown(self.end_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_pauses_are_shortened_and_every_event_keeps_its_place() {
        let gaps = [
            Gap { ms: 1000, lasts: 10_000 },
            Gap { ms: 12_000, lasts: 1500 },
            Gap { ms: 20_000, lasts: 2500 },
        ];
        let timeline = Timeline::new(&gaps, 30_000, Some(2000));
        assert_eq!(timeline.length(), 30_000 - 8000 - 500);
        for (run, shown) in [
            (0, 0),
            (1000, 1000),
            (3000, 3000),
            (7000, 3000),
            (11_000, 3000),
            (12_000, 4000),
            (22_000, 14_000),
            (22_500, 14_000),
            (30_000, 21_500),
        ] {
            assert_eq!(timeline.shown(run), shown, "{run}");
        }
        // The event that ends a pause is there when the pause is over.
        assert_eq!(
            (timeline.run(2999), timeline.run(3000), timeline.run(3001)),
            (2999, 11_000, 11_001)
        );
        for shown in (0..=21_500).step_by(7) {
            assert_eq!(timeline.shown(timeline.run(shown)), shown);
        }
        let whole = Timeline::new(&gaps, 30_000, None);
        assert_eq!((whole.length(), whole.run(7000), whole.shown(7000)), (30_000, 7000, 7000));
    }
}

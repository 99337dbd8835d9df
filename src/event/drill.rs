//! What happens in a drill: members are stopped on purpose, while one client writes and one reads.
//!
//! Pure, and part of the file format.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::cluster::{MemberId, MemberName};

/// Something that happened in a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Drilled {
    /// It began: clients write and read.
    Began {
        /// On whose node the writer's connection begins.
        writer: MemberName,
        /// On whose node the reader's does.
        reader: MemberName,
        /// What all keys begin with that are written, and taken away at the end.
        prefix: String,
        /// A timer on the node starts a stopped member after so many seconds.
        back_s: u64,
    },
    /// It was not done, and why.
    Refused {
        /// As a sentence.
        says: String,
    },
    /// A member is being stopped.
    Stopping {
        /// Which.
        node: MemberName,
        /// Whether it led.
        led: bool,
    },
    /// It is stopped, and its timer runs.
    Stopped {
        /// Which.
        node: MemberName,
    },
    /// What a member says of itself, when that has changed.
    Member {
        /// Which.
        node: MemberName,
        /// Whether it answers.
        up: bool,
        /// Who leads, as it knows.
        leader: Option<MemberId>,
        /// Its term.
        term: u64,
    },
    /// A quorum follows this leader now.
    Leads {
        /// Who.
        node: MemberName,
        /// Its term.
        term: u64,
        /// Who follows it.
        followers: Vec<MemberName>,
    },
    /// What the clients did in the last tenth of a second.
    Pulse(Pulse),
    /// For a while no write was acknowledged; now one was.
    Gap {
        /// From one acknowledged write to the next, in milliseconds.
        ms: u64,
        /// How many writes were due meanwhile.
        waited: u64,
    },
    /// A stopped member is being started.
    Starting {
        /// Which.
        node: MemberName,
    },
    /// It answers again.
    Back {
        /// Which.
        node: MemberName,
        /// Its timer did it.
        by_timer: bool,
    },
    /// It has all that the leader has, and is healthy.
    CaughtUp {
        /// Which.
        node: MemberName,
        /// How far its log is.
        index: u64,
    },
    /// Something did not work.
    Failed {
        /// As a sentence.
        says: String,
    },
    /// All acknowledged writes were read back, through a member that had been stopped.
    Checked {
        /// Through whom.
        by: MemberName,
        /// How many were acknowledged.
        written: u64,
        /// How many of them are not there.
        lost: u64,
        /// Whether the keys were taken away.
        cleaned: bool,
    },
    /// It is over: everybody was brought back, or that failed and was told.
    Ended,
    /// Of a newer version.
    #[serde(other)]
    Unknown,
}

/// A tenth of a second of two clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// Writes that were acknowledged.
    pub written: u64,
    /// Writes that are due and not acknowledged yet.
    pub waiting: u64,
    /// Reads that were answered by a quorum.
    pub read: u64,
    /// Plain reads, answered by one member alone, while a quorum does not answer.
    #[serde(default)]
    pub plain: u64,
    /// Answers that were not what had been acknowledged before.
    #[serde(default)]
    pub wrong: u64,
}

impl Pulse {
    /// All so far, and the next tenth of a second.
    pub fn then(&mut self, next: &Self) {
        let Self { written, waiting, read, plain, wrong } = next;
        self.written = self.written.saturating_add(*written);
        self.read = self.read.saturating_add(*read);
        self.plain = self.plain.saturating_add(*plain);
        self.wrong = self.wrong.saturating_add(*wrong);
        self.waiting = *waiting;
    }
}

/// A member, as it is seen in a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub node: MemberName,
    /// Whether it answers.
    pub up: bool,
    /// Its term.
    pub term: u64,
    /// When it was stopped, in milliseconds of the run, and whether it led then.
    pub stopped: Option<(u64, bool)>,
    /// It is being started.
    pub starting: bool,
    /// It came back, and whether its timer did that.
    pub back: Option<bool>,
    /// It has caught up.
    pub caught_up: bool,
}

/// Everything known about a drill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrillState {
    /// What all keys begin with that are written.
    pub prefix: String,
    /// A timer starts a stopped member after so many seconds.
    pub back_s: u64,
    /// The members, as they were seen.
    pub members: Vec<Seen>,
    /// Who leads, since when, in which term, and who follows.
    pub leads: Option<(MemberName, u64, u64, Vec<MemberName>)>,
    /// The last tenths of a second, and when each was.
    pub pulses: VecDeque<(u64, Pulse)>,
    /// How many were stopped at once, at most.
    pub most: usize,
    /// When the last member was stopped, in milliseconds of the run.
    pub stop_ms: Option<u64>,
    /// The time without an acknowledged write after that, how many waited, and when it was over.
    pub gap: Option<(u64, u64, u64)>,
    /// Of all pulses.
    pub total: Pulse,
    /// Plain reads that were answered since the last member was stopped; unknown while it is being
    /// stopped.
    pub plain: Option<u64>,
    /// Why the last wish was refused, or what did not work.
    pub trouble: Option<String>,
    /// How many acknowledged writes were looked for at the end, and how many were lost.
    pub checked: Option<(u64, u64)>,
    /// It is over.
    pub ended: bool,
}

impl DrillState {
    /// Tenths of a second that are kept.
    pub const KEPT: usize = 600;

    /// Those that are stopped now.
    pub fn stopped(&self) -> impl Iterator<Item = &Seen> {
        self.members.iter().filter(|m| m.stopped.is_some())
    }

    /// The member of that name.
    #[must_use]
    pub fn member(&self, node: &MemberName) -> Option<&Seen> {
        self.members.iter().find(|m| &m.node == node)
    }

    /// Which of the pulses nobody will miss: the oldest that is not about the last stop or its end.
    fn least(&self) -> usize {
        let Some(about) = self.gap.map(|(.., ms)| ms).or(self.stop_ms) else { return 0 };
        let kept = about.saturating_sub(10_000)..about + 10_000;
        self.pulses.iter().position(|(ms, _)| !kept.contains(ms)).unwrap_or_default()
    }

    fn seen(&mut self, node: &MemberName) -> Option<&mut Seen> {
        if self.member(node).is_none() {
            self.members.push(Seen {
                node: node.clone(),
                up: true,
                term: 0,
                stopped: None,
                starting: false,
                back: None,
                caught_up: false,
            });
        }
        self.members.iter_mut().find(|m| &m.node == node)
    }

    fn with(&mut self, node: &MemberName, change: impl FnOnce(&mut Seen)) {
        if let Some(seen) = self.seen(node) {
            change(seen);
        }
    }

    /// Takes one event in.
    pub fn apply(&mut self, ms: u64, what: &Drilled) {
        match what {
            Drilled::Began { prefix, back_s, .. } => {
                *self = Self { prefix: prefix.clone(), back_s: *back_s, ..Self::default() };
            }
            Drilled::Refused { says } | Drilled::Failed { says } => {
                self.trouble = Some(says.clone());
            }
            Drilled::Stopping { node, led } => {
                (self.stop_ms, self.gap, self.plain, self.trouble) = (Some(ms), None, None, None);
                self.with(node, |m| {
                    m.stopped = Some((ms, *led));
                    (m.back, m.caught_up, m.starting) = (None, false, false);
                });
                self.most = self.most.max(self.stopped().count());
            }
            Drilled::Member { node, up, term, .. } => self.with(node, |m| {
                m.up = *up;
                // What was its term stays known.
                m.term = if *up { *term } else { m.term };
            }),
            Drilled::Leads { node, term, followers } => {
                self.leads = Some((node.clone(), ms, *term, followers.clone()));
            }
            Drilled::Pulse(pulse) => {
                self.total.then(pulse);
                self.plain = self.plain.map(|plain| plain.saturating_add(pulse.plain));
                if self.pulses.len() == Self::KEPT {
                    self.pulses.remove(self.least());
                }
                self.pulses.push_back((ms, *pulse));
            }
            Drilled::Gap { ms: took, waited } => {
                // Of several the longest is the one that counts.
                let longest = self.gap.is_none_or(|(before, ..)| before < *took);
                if self.stop_ms.is_some() && longest {
                    self.gap = Some((*took, *waited, ms));
                }
            }
            Drilled::Starting { node } => self.with(node, |m| m.starting = true),
            Drilled::Back { node, by_timer } => self.with(node, |m| {
                (m.stopped, m.starting, m.back) = (None, false, Some(*by_timer));
            }),
            Drilled::CaughtUp { node, .. } => self.with(node, |m| m.caught_up = true),
            Drilled::Checked { written, lost, .. } => self.checked = Some((*written, *lost)),
            Drilled::Ended => self.ended = true,
            Drilled::Stopped { .. } => self.plain = Some(0),
            Drilled::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_that_counts_is_the_longest_after_the_stop() {
        let node: MemberName = "icc-etcd-1".parse().unwrap();
        let mut drill = DrillState::default();
        let pulse = Pulse { written: 1, read: 1, ..Pulse::default() };
        for (ms, what) in [
            (0, Drilled::Gap { ms: 900, waited: 9 }),
            (100, Drilled::Pulse(pulse)),
            (200, Drilled::Member { node: node.clone(), up: true, leader: None, term: 2 }),
            (1_000, Drilled::Stopping { node: node.clone(), led: true }),
            (1_100, Drilled::Member { node: node.clone(), up: false, leader: None, term: 0 }),
            (2_300, Drilled::Gap { ms: 1_300, waited: 13 }),
            (2_800, Drilled::Gap { ms: 250, waited: 2 }),
        ] {
            drill.apply(ms, &what);
        }
        assert_eq!((drill.stop_ms, drill.gap), (Some(1_000), Some((1_300, 13, 2_300))));
        let seen = drill.member(&node).unwrap();
        assert_eq!((seen.term, seen.up, seen.stopped), (2, false, Some((1_000, true))));
        drill.apply(3_000, &Drilled::Back { node: node.clone(), by_timer: true });
        assert_eq!((drill.stopped().count(), drill.total.written), (0, 1));
        drill.apply(4_000, &Drilled::Checked { by: node, written: 9, lost: 0, cleaned: true });
        assert_eq!(drill.checked, Some((9, 0)));
    }

    #[test]
    fn plain_reads_count_from_when_the_last_one_is_stopped() {
        let node: MemberName = "icc-etcd-1".parse().unwrap();
        let mut drill = DrillState::default();
        let mut then = |what| {
            drill.apply(0, &what);
            drill.plain
        };
        let pulse = Drilled::Pulse(Pulse { plain: 2, ..Pulse::default() });
        let (stopping, stopped) =
            (Drilled::Stopping { node: node.clone(), led: true }, Drilled::Stopped { node });
        let all = [&pulse, &stopping, &pulse, &stopped, &pulse, &pulse, &stopping, &pulse];
        let want = [None, None, None, Some(0), Some(2), Some(4), None, None];
        assert_eq!(all.map(|what| then(what.clone())), want);
    }

    #[test]
    fn what_is_kept_of_a_long_drill_is_the_stop_and_the_newest() {
        let node: MemberName = "icc-etcd-1".parse().unwrap();
        let mut drill = DrillState::default();
        drill.apply(900, &Drilled::Stopping { node, led: true });
        drill.apply(2_000, &Drilled::Gap { ms: 1_100, waited: 11 });
        for n in 0..5_000 {
            drill.apply(n * 100, &Drilled::Pulse(Pulse::default()));
        }
        let all: Vec<_> = drill.pulses.iter().map(|(ms, _)| *ms).collect();
        assert_eq!((all.len(), all.first(), all.last()), (600, Some(&0), Some(&499_900)));
        assert!(all.contains(&900) && all.contains(&2_000) && all.is_sorted());
    }

    #[test]
    fn an_event_of_a_newer_drill_is_read_and_ignored() {
        let newer: Drilled = serde_json::from_str(r#"{"kind":"danced","node":"x"}"#).unwrap();
        assert_eq!(newer, Drilled::Unknown);
    }
}

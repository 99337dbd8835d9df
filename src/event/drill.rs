//! A drill as it is seen: a member is stopped while clients go on, and the gap is measured.
//!
//! Times are milliseconds since the drill began, by this computer's clock.

use serde::{Deserialize, Serialize};

use crate::cluster::MemberName;

/// Something seen in a drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DrillSeen {
    /// It begins: who leads, and through whom the clients go.
    Began {
        /// The leader that will be stopped, or a member that was chosen.
        target: MemberName,
        /// Through whom values are written.
        writer: MemberName,
        /// Through whom they are read.
        reader: MemberName,
    },
    /// What changes the machine, as it is run: shown before.
    Text {
        /// Where.
        node: MemberName,
        /// The text.
        text: String,
    },
    /// The member was stopped, and a timer on its node starts it again.
    Stopped {
        /// Which.
        node: MemberName,
        /// When.
        at_ms: u64,
        /// After how many seconds its node starts it again by itself.
        back_in_s: u64,
    },
    /// A leader was seen.
    Leader {
        /// Which; `None` if there is none.
        leader: Option<MemberName>,
        /// Its raft term.
        term: u64,
        /// When.
        at_ms: u64,
    },
    /// Requests that came to their end.
    Ticks {
        /// Writes, else reads.
        writes: bool,
        /// Each of them.
        ticks: Vec<Tick>,
    },
    /// The longest time from one answered write to the next.
    Gap {
        /// In milliseconds.
        ms: u64,
        /// Writes that were answered late, but were answered.
        waited: u32,
        /// Values that were acknowledged and are not there, or were read older than they must be.
        lost: u32,
    },
    /// The member was started again.
    Back {
        /// Which.
        node: MemberName,
        /// When.
        at_ms: u64,
    },
    /// It will not be done; nothing was stopped.
    Refused {
        /// Why, as a sentence.
        why: String,
    },
    /// It is over.
    Over,
    /// Of a newer version.
    #[serde(other)]
    Unknown,
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When it was sent, in milliseconds since the drill began.
    pub at_ms: u64,
    /// How long its answer took, in milliseconds.
    pub took_ms: u64,
    /// How it ended.
    pub is: TickIs,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickIs {
    /// Answered at once.
    Ok,
    /// Answered, but it had to wait.
    Waited,
    /// No answer: whether it was done is not known.
    Failed,
    /// A read gave an older value than an earlier write's.
    Wrong,
}

/// Counts of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answered at once.
    pub ok: u32,
    /// Answered late.
    pub waited: u32,
    /// Not answered.
    pub failed: u32,
    /// Answered wrong.
    pub wrong: u32,
}

/// Everything known about a drill.
#[derive(Clone, Debug, PartialEq)]
pub struct DrillState {
    /// Who is stopped.
    pub target: MemberName,
    /// Through whom values are written.
    pub writer: MemberName,
    /// Through whom they are read.
    pub reader: MemberName,
    /// Who is stopped, since when, and after how many seconds it comes back by itself.
    pub stopped: Vec<(MemberName, u64, u64)>,
    /// Leaders as they were seen: who, term, when.
    pub leaders: Vec<(Option<MemberName>, u64, u64)>,
    /// The last requests, for the bars.
    pub ticks: [Vec<Tick>; 2],
    /// All requests: writes, reads.
    pub counts: [Counts; 2],
    /// The gap: milliseconds, writes that waited, values lost.
    pub gap: Option<(u64, u32, u32)>,
    /// Who came back, and when.
    pub back: Vec<(MemberName, u64)>,
    /// Why it was not done.
    pub refused: Option<String>,
    /// It is over.
    pub over: bool,
}

impl DrillState {
    /// Requests kept for the bars: two minutes of ten a second.
    pub const TICKS: usize = 1_200;

    /// Takes one event in.
    pub fn apply(drill: &mut Option<Self>, seen: &DrillSeen) {
        if let DrillSeen::Began { target, writer, reader } = seen {
            *drill = Some(Self::new(target, writer, reader));
        }
        let Some(drill) = drill else { return };
        match seen {
            DrillSeen::Stopped { node, at_ms, back_in_s } => {
                drill.stopped.push((node.clone(), *at_ms, *back_in_s));
            }
            DrillSeen::Leader { leader, term, at_ms } => {
                drill.leaders.push((leader.clone(), *term, *at_ms));
            }
            DrillSeen::Ticks { writes, ticks } => drill.count(*writes, ticks),
            DrillSeen::Gap { ms, waited, lost } => drill.gap = Some((*ms, *waited, *lost)),
            DrillSeen::Back { node, at_ms } => {
                drill.stopped.retain(|(stopped, ..)| stopped != node);
                drill.back.push((node.clone(), *at_ms));
            }
            DrillSeen::Refused { why } => drill.refused = Some(why.clone()),
            DrillSeen::Over => drill.over = true,
            DrillSeen::Began { .. } | DrillSeen::Text { .. } | DrillSeen::Unknown => {}
        }
    }

    fn new(target: &MemberName, writer: &MemberName, reader: &MemberName) -> Self {
        Self {
            target: target.clone(),
            writer: writer.clone(),
            reader: reader.clone(),
            stopped: Vec::new(),
            leaders: Vec::new(),
            ticks: [Vec::new(), Vec::new()],
            counts: [Counts::default(); 2],
            gap: None,
            back: Vec::new(),
            refused: None,
            over: false,
        }
    }

    fn count(&mut self, writes: bool, ticks: &[Tick]) {
        let side = usize::from(!writes);
        if let Some(counts) = self.counts.get_mut(side) {
            for tick in ticks {
                match tick.is {
                    TickIs::Ok => counts.ok += 1,
                    TickIs::Waited => counts.waited += 1,
                    TickIs::Failed => counts.failed += 1,
                    TickIs::Wrong => counts.wrong += 1,
                }
            }
        }
        if let Some(kept) = self.ticks.get_mut(side) {
            kept.extend(ticks);
            kept.drain(..kept.len().saturating_sub(Self::TICKS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_folds_to_counts_a_gap_and_who_is_stopped() {
        let name = |n: u8| format!("n{n}").parse::<MemberName>().unwrap();
        let tick = |is| Tick { at_ms: 1, took_ms: 2, is };
        let [ok, waited] = [TickIs::Ok, TickIs::Waited].map(tick);
        let (target, writer, reader) = (name(1), name(2), name(3));
        let mut drill = None;
        DrillState::apply(&mut drill, &DrillSeen::Over);
        assert_eq!(drill, None, "a log cut off before its beginning changes nothing");
        for seen in [
            DrillSeen::Began { target, writer, reader },
            DrillSeen::Stopped { node: name(1), at_ms: 5, back_in_s: 60 },
            DrillSeen::Ticks { writes: true, ticks: vec![ok; DrillState::TICKS + 3] },
            DrillSeen::Ticks { writes: false, ticks: vec![ok, waited] },
            DrillSeen::Gap { ms: 1_300, waited: 13, lost: 0 },
        ] {
            let text = serde_json::to_string(&seen).unwrap();
            DrillState::apply(&mut drill, &serde_json::from_str(&text).unwrap());
        }
        let mut drill = drill.unwrap();
        assert_eq!(drill.stopped, [(name(1), 5, 60)]);
        assert_eq!(drill.ticks.each_ref().map(Vec::len), [DrillState::TICKS, 2]);
        assert_eq!(drill.counts.map(|c| (c.ok, c.waited)), [(1_203, 0), (1, 1)]);
        assert_eq!(drill.gap, Some((1_300, 13, 0)));
        drill = {
            let mut state = Some(drill);
            DrillState::apply(&mut state, &DrillSeen::Back { node: name(1), at_ms: 9 });
            state.unwrap()
        };
        assert!(drill.stopped.is_empty());
    }
}

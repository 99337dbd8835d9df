//! Page 0: the minute while the machines are built is the first lesson.

use crate::app::{Effect, Exit, Model, keymap::Command, offers::Offer};

/// How far the building is, and the toy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// 0 to 100.
    pub percent: u8,
    /// With what it is busy.
    pub doing: String,
    /// It has ended, well or not.
    pub ended: bool,
    /// Which of five members live, in the toy.
    pub live: [bool; 5],
}

impl Default for State {
    fn default() -> Self {
        Self { percent: 0, doing: String::new(), ended: false, live: [true; 5] }
    }
}

/// What five members of which some live can do.
#[must_use]
pub fn verdict(live: &[bool; 5]) -> &'static str {
    match live.iter().filter(|live| **live).count() {
        5 => "5 of 5 live: a quorum. Two may fail, and writes still count.",
        4 => "4 of 5 live: a quorum. One more may fail, and another one after that stops writes.",
        3 => "3 of 5 live: a quorum. Writes count. One more loss and they stop.",
        0 => "Nobody lives: no reads, no writes; the data wait on five disks.",
        _ => "No quorum: nothing counts as written any more. The data stay; bring members back.",
    }
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let members = &[
        Command::Member(1),
        Command::Member(2),
        Command::Member(3),
        Command::Member(4),
        Command::Member(5),
    ];
    let mut offers = vec![Offer::new(members, "a member on or off")];
    if model.building.ended {
        offers.insert(0, Offer::new(&[Command::Enter], "go on"));
    }
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.push(Offer::new(&[Command::Quit], "leave"));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Member(number) => {
            let at = usize::from(number).saturating_sub(1);
            if let Some(live) = model.building.live.get_mut(at) {
                *live = !*live;
            }
            Vec::new()
        }
        Command::Enter if model.building.ended => vec![Effect::Exit(Exit::Chosen)],
        Command::Quit | Command::Interrupt => vec![Effect::Exit(Exit::Left)],
        _ => Vec::new(),
    }
}

pub(crate) fn says(model: &Model) -> String {
    if model.building.ended {
        "Ready. Enter goes on; nothing moves on by itself.".to_owned()
    } else {
        "Building happens in the background; play meanwhile.".to_owned()
    }
}

#[test]
fn three_of_five_are_enough_and_two_are_not() {
    let mut live = [true; 5];
    for (off, quorum) in [(0, true), (1, true), (2, false), (3, false), (4, false)] {
        if let Some(member) = live.get_mut(off) {
            *member = false;
        }
        assert_eq!(verdict(&live).contains(": a quorum"), quorum, "{live:?}");
    }
}

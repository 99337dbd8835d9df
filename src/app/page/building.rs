//! Page 0: the minute while the machines are built is the first lesson.

use std::time::Duration;

use crate::app::{Effect, Exit, Model, keymap::Command, offers::Offer};

/// How far the building is, and the toy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// 0 to 100.
    pub percent: u8,
    /// With what it is busy.
    pub doing: String,
    /// When it began, in time of the screen.
    pub began: Option<Duration>,
    /// How it ended: well, or what went wrong, in lines.
    pub ended: Option<Result<(), String>>,
    /// Which of five members live, in the toy.
    pub live: [bool; 5],
}

impl Default for State {
    fn default() -> Self {
        Self { percent: 0, doing: String::new(), began: None, ended: None, live: [true; 5] }
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

/// The machines are that far.
pub(crate) fn told(model: &mut Model, percent: u8, doing: String) {
    let state = &mut model.building;
    state.began.get_or_insert(model.now);
    (state.percent, state.doing) = (percent.max(state.percent), doing);
}

/// It has come to its end.
pub(crate) fn ended(model: &mut Model, how: Result<(), String>) {
    if how.is_ok() {
        model.building.percent = 100;
    }
    model.building.ended = Some(how);
}

/// About how long it will still take, once enough is done to know.
#[must_use]
pub fn left(model: &Model) -> Option<Duration> {
    let state = &model.building;
    let passed = model.now.checked_sub(state.began?)?;
    let percent = u32::from(state.percent);
    (state.ended.is_none() && (5..100).contains(&percent) && passed.as_secs() >= 3)
        .then(|| passed * (100 - percent) / percent)
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
    match &model.building.ended {
        Some(Ok(())) => offers.insert(0, Offer::new(&[Command::Enter], "go on")),
        Some(Err(_)) => {
            offers = vec![
                Offer::new(&[Command::Enter], "back to the choices"),
                Offer::new(&[Command::Back], "back"),
            ];
        }
        None => {}
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
        Command::Enter if model.building.ended == Some(Ok(())) => {
            vec![Effect::Exit(Exit::Chosen)]
        }
        Command::Enter | Command::Back => vec![Effect::Exit(Exit::Back)],
        Command::Quit | Command::Interrupt => vec![Effect::Exit(Exit::Left)],
        _ => Vec::new(),
    }
}

pub(crate) fn says(model: &Model) -> String {
    match &model.building.ended {
        Some(Ok(())) => "Ready. Enter goes on; nothing moves on by itself.",
        Some(Err(_)) => "Nothing half-built is left behind as if it were whole.",
        None => "Building happens in the background; play meanwhile. q ends it.",
    }
    .to_owned()
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

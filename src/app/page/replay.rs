//! Page 13: a run that is shown again, on the very pages of the run. It has a place on a timeline;
//! the events come from outside, which reads the log.

pub mod inside;

use std::time::Duration;

use super::{Page, by_hand};
use crate::{
    app::{Can, Effect, Exit, Model, Setting, keymap::Command, offers::Offer},
    event::{Ended, Looked, RunState, Stamped, step::Step},
    record::{chapters::Chapter, timeline::Timeline},
};

/// How far an arrow goes, in milliseconds.
const ARROW: u64 = 5000;
/// So soon after a chapter began, "back" means the one before, in milliseconds.
const JUST_BEGUN: u64 = 1500;
/// The slowest and the fastest, in percent.
const SPEEDS: (u32, u32) = (25, 1600);

/// Where a replay is, and how it goes on.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own")]
pub struct State {
    /// Long pauses are shortened.
    pub timeline: Timeline,
    /// When the first event is, in milliseconds of the run: before it there is nothing to show.
    pub begins_ms: u64,
    /// Its chapters with the moments they are shown, and what is said in each.
    pub chapters: Vec<(Chapter, Option<String>)>,
    /// What is shown now, in milliseconds of the timeline.
    pub at: u64,
    /// Since when it plays, and what was shown then; `None`: paused.
    pub plays: Option<(Duration, u64)>,
    /// In percent of the time it took.
    pub speed: u32,
    /// It pauses where a chapter begins.
    pub stops: bool,
    /// The run is still under way: what is new is shown as it comes.
    pub follows: bool,
    /// The viewer marked another node than the presenter.
    pub own: bool,
    /// When the next event is, in milliseconds of the run.
    pub next_ms: Option<u64>,
    /// The outside is asked already.
    pub asked: bool,
    /// It lies on top of a screen, and leads back there.
    pub inside: bool,
}

/// What the outside read.
#[derive(Clone, Debug)]
pub struct Reel {
    /// The moment of the run up to which it was read, in milliseconds.
    pub to_ms: u64,
    /// What happened until then.
    pub how: Wound,
    /// When the next event is; `None` at the end.
    pub next_ms: Option<u64>,
}

/// How to get to that moment.
#[derive(Clone, Debug)]
pub enum Wound {
    /// Everything known then.
    Anew(Box<RunState>),
    /// What came since the moment before.
    On(Vec<Stamped>),
}

impl State {
    /// How long all of it takes, in milliseconds.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.timeline.length()
    }

    /// The moment of the run that is shown, in milliseconds.
    #[must_use]
    pub fn run_ms(&self) -> u64 {
        self.timeline.run(self.at).max(self.begins_ms)
    }

    /// The chapter that is shown, counted from 0. The first begins a moment after the start.
    #[must_use]
    pub fn chapter(&self) -> Option<usize> {
        let begun = self.chapters.iter().rposition(|(chapter, _)| chapter.ms <= self.at);
        begun.or_else(|| (!self.chapters.is_empty()).then_some(0))
    }

    /// How long the picture stays as it is.
    #[must_use]
    pub fn still_for(&self) -> Option<Duration> {
        self.plays?;
        if self.follows {
            return Some(Duration::from_secs(1));
        }
        let second = 1000 - self.at % 1000;
        let event = self.next_ms.map(|ms| self.timeline.shown(ms).saturating_sub(self.at).max(1));
        let ms = event.map_or(second, |event| event.min(second));
        Some(Duration::from_millis(ms * 100 / u64::from(self.speed.max(1)) + 1))
    }
}

/// A screen that shows that run again from its start on; `playing`: at once.
#[must_use]
pub fn open(mut model: Model, state: State, run: RunState, playing: bool) -> Model {
    let day = run.started.as_ref().and_then(|started| {
        let at: jiff::Timestamp = started.at.parse().ok()?;
        let at = model.offset.unwrap_or(jiff::tz::Offset::UTC).to_datetime(at);
        Some(at.strftime("%-d %b %H:%M").to_string())
    });
    model.setting = Setting::Replay(day.unwrap_or_default());
    // The pages are drawn as they were; what their choices would do is not offered.
    model.can = run.started.as_ref().map(|s| Can::of(s.intent)).unwrap_or_default();
    let plays = playing.then_some((model.now, state.at));
    model.replay = Some(State { plays, speed: state.speed.max(1), ..state });
    model.run = run;
    follow(&mut model);
    model
}

/// The page is the one that the presenter had, as far as events tell; so is the marked node.
pub fn follow(model: &mut Model) {
    let run = &model.run;
    let looked = run.looked.clone();
    model.page = match (run.ended, &looked) {
        // What came of a drill stays in sight until the run is over.
        _ if run.drill.as_ref().is_some_and(|drill| !drill.ended || !run.over) => Page::Drill,
        (Some(Ended::Well | Ended::WithFindings), _) => Page::Result,
        (Some(_), _) => Page::Failure,
        (None, Some(Looked { by_hand: true, .. })) => Page::ByHand,
        (None, Some(Looked { guided: true, .. })) => Page::Guided,
        (None, _) => Page::Run,
    };
    model.guided.step = looked.as_ref().map(|looked| looked.step);
    show_by_hand(model, looked.as_ref());
    if model.page == Page::Run && model.run.ready && !model.run.went {
        super::review::open(model);
    }
    model.result.choice = 0;
    super::result::rest(model);
    if model.replay.as_ref().is_some_and(|replay| replay.own) {
        return;
    }
    let at = looked.and_then(|at| model.run.nodes.iter().position(|n| n.plan.name == at.node));
    model.node = at.unwrap_or_default();
    if model.page == Page::Failure {
        super::failure::mark_node(model);
    }
}

/// What is done by hand, and how far the person was helped with it.
fn show_by_hand(model: &mut Model, looked: Option<&Looked>) {
    model.by_hand = by_hand::State::default();
    let Some(Looked { node, step, by_hand: true, .. }) = looked else { return };
    model.by_hand.node = Some(node.clone());
    model.by_hand.step = Some(*step);
    model.by_hand.again = true;
    let open = by_hand::open_task(model).map(|task| task.plan.id.clone());
    let hints = model.run.node(node).map(|n| n.hints.as_slice()).unwrap_or_default();
    model.by_hand.hint = hints.iter().rfind(|(task, _)| Some(task) == open.as_ref()).map(|h| h.1);
}

/// Time goes on.
pub(crate) fn tick(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(replay) = &mut model.replay else { return Vec::new() };
    if let Some((since, from)) = replay.plays
        && !replay.follows
    {
        let passed = u64::try_from(now.saturating_sub(since).as_millis()).unwrap_or(u64::MAX);
        let to = from.saturating_add(passed.saturating_mul(replay.speed.into()) / 100);
        let before = replay.at;
        replay.at = to.min(replay.length());
        let stop = replay.chapters.iter().map(|(chapter, _)| chapter.ms);
        let stop = stop.filter(|ms| replay.stops && *ms > before && *ms <= replay.at).min();
        replay.at = stop.unwrap_or(replay.at);
        if stop.is_some() || replay.at == replay.length() {
            replay.plays = None;
        }
    }
    wind(model)
}

/// Asks the outside for what is to be shown, if that is not there yet.
fn wind(model: &mut Model) -> Vec<Effect> {
    let Some(replay) = &mut model.replay else { return Vec::new() };
    let to_ms = replay.run_ms();
    if replay.asked || replay.next_ms.is_none_or(|next| next > to_ms) {
        return Vec::new();
    }
    replay.asked = true;
    vec![Effect::Wind { to_ms }]
}

/// Shows another moment.
fn seek(model: &mut Model, to: u64) -> Vec<Effect> {
    let now = model.now;
    let Some(replay) = &mut model.replay else { return Vec::new() };
    replay.at = to.min(replay.length());
    replay.plays = replay.plays.map(|_| (now, replay.at));
    replay.next_ms = Some(0);
    wind(model)
}

/// The outside has read.
pub(crate) fn wound(model: &mut Model, reel: Reel) -> Vec<Effect> {
    match reel.how {
        Wound::Anew(run) => model.run = *run,
        Wound::On(events) => {
            for stamped in &events {
                model.run.apply(stamped.ms, &stamped.event);
            }
        }
    }
    if let Some(replay) = &mut model.replay {
        replay.asked = false;
        // Who went back meanwhile wants another moment.
        let back = !replay.follows && reel.to_ms > replay.run_ms();
        replay.next_ms = if back { Some(0) } else { reel.next_ms };
    }
    follow(model);
    wind(model)
}

/// More of the log was read: it is as long as that, with these chapters. Whoever follows a run, or
/// waits at the end, goes along. A verdict is not a run's end, for the person may go on from there;
/// once it does not go on, it is a replay as any other.
pub(crate) fn grown(
    model: &mut Model,
    timeline: Timeline,
    chapters: Vec<(Chapter, Option<String>)>,
    goes_on: bool,
) -> Vec<Effect> {
    let Some(replay) = &mut model.replay else { return Vec::new() };
    let waits = replay.at == replay.length() && replay.at > 0;
    (replay.timeline, replay.chapters) = (timeline, chapters);
    if replay.follows {
        replay.at = replay.length();
        replay.follows = goes_on;
        replay.plays = replay.plays.filter(|_| goes_on);
    } else if waits {
        return seek(model, u64::MAX);
    }
    Vec::new()
}

pub(crate) fn offers(model: &Model, replay: &State) -> Vec<Offer> {
    let mut offers = Vec::new();
    if !replay.follows {
        offers.push(Offer::new(
            &[Command::Play],
            if replay.plays.is_some() { "pause" } else { "play" },
        ));
        offers.push(Offer::new(&[Command::Left, Command::Right], "5 s"));
        offers.push(Offer::new(&[Command::PageUp, Command::PageDown], "chapter"));
        offers.push(Offer::new(&[Command::Faster, Command::Slower], "speed"));
        offers.push(Offer::new(&[Command::First, Command::Last], ""));
    }
    offers.push(Offer::arrows_up_down("node"));
    offers.push(Offer::new(&[Command::Log], "log"));
    if !by_hand::tasks(model).is_empty() {
        offers.push(Offer::new(&[Command::Looked], "looked at"));
    }
    offers.push(Offer::new(&[Command::Script], "what ran"));
    offers.push(Offer::new(&[Command::Why], "why"));
    offers.push(Offer::new(&[Command::Table], ""));
    if replay.own {
        offers.push(Offer::new(&[Command::Back], "as it was"));
    } else if replay.inside {
        offers.push(Offer::new(&[Command::Back], "back"));
    }
    offers.push(Offer::new(&[Command::Quit], if replay.inside { "back" } else { "leave" }));
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let now = model.now;
    let last = model.run.nodes.len().saturating_sub(1);
    let Some(replay) = &mut model.replay else { return Vec::new() };
    let (at, speed) = (replay.at, replay.speed);
    match command {
        Command::Play if replay.plays.is_some() => replay.plays = None,
        Command::Play => {
            let from = if at == replay.length() { 0 } else { at };
            replay.plays = Some((now, from));
            return seek(model, from);
        }
        Command::Faster | Command::Slower => {
            let next = if command == Command::Faster { speed * 2 } else { speed / 2 };
            replay.speed = next.clamp(SPEEDS.0, SPEEDS.1);
            replay.plays = replay.plays.map(|_| (now, at));
        }
        Command::Left => return seek(model, at.saturating_sub(ARROW)),
        Command::Right => return seek(model, at.saturating_add(ARROW)),
        Command::PageUp => {
            let grace = if replay.plays.is_some() { JUST_BEGUN } else { 0 };
            let begun = replay.chapters.iter().map(|(chapter, _)| chapter.ms);
            let to = begun.filter(|ms| ms + grace < at).max().unwrap_or_default();
            return seek(model, to);
        }
        Command::PageDown => {
            let next = replay.chapter().map_or(0, |here| here + 1);
            let to = replay.chapters.get(next).map_or(replay.length(), |(chapter, _)| chapter.ms);
            return seek(model, to);
        }
        Command::First => return seek(model, 0),
        Command::Last => return seek(model, u64::MAX),
        Command::Up => (replay.own, model.node) = (true, model.node.saturating_sub(1)),
        Command::Down => (replay.own, model.node) = (true, (model.node + 1).min(last)),
        Command::Back if replay.inside && !replay.own => inside::leave(model),
        Command::Quit | Command::Interrupt if replay.inside => inside::leave(model),
        Command::Back => {
            replay.own = false;
            follow(model);
        }
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        _ => {}
    }
    Vec::new()
}

pub(crate) fn says(model: &Model, replay: &State) -> String {
    if replay.follows {
        return "A run that somebody else does, as it happens. Nothing can be changed here."
            .to_owned();
    }
    if let Some(words) = replay.chapter().and_then(|at| replay.chapters.get(at)?.1.as_ref()) {
        return format!("\"{words}\"");
    }
    match (replay.plays.is_some(), replay.at == replay.length()) {
        (true, _) => "As it was. No machine is asked, and nothing is run.".to_owned(),
        (false, true) => "Its end. PgUp goes back, Space plays it from the start.".to_owned(),
        (false, false) => {
            let step = model.step().map_or("", Step::title);
            format!("Paused in {step}: every node, log and lesson is open. Space goes on.")
        }
    }
}

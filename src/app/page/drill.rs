//! Page 12: the leader is stopped while one client writes and one reads.

use super::{Mark, Page};
use crate::{
    app::{Dialog, DrillStep, Effect, Model, Order, keymap::Command, offers::Offer},
    cluster::MemberName,
    event::drill::DrillState,
    lab::drill::{May, may_stop},
};

/// What is marked here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Which choice.
    pub choice: usize,
    /// The page is left when everybody is back.
    pub leaving: bool,
    /// It was opened to break the cluster: more than a quorum allows.
    pub breaks: bool,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Stop this member.
    Stop(MemberName),
    /// Stop this one too, after so many; a quorum is left.
    Another(MemberName, usize),
    /// Stop this one too, after so many; no quorum is left, so its name is typed.
    Beyond(MemberName, usize),
    /// Bring these back.
    Back(Vec<MemberName>),
    /// End the drill: everybody is brought back, and all is read back.
    End,
    /// To the result.
    Leave,
}

impl Next {
    /// As it is offered.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Stop(node) => format!("Stop {node}"),
            Self::Another(_, gone) | Self::Beyond(_, gone) => {
                let nth = ["first", "second", "third", "fourth"].get(*gone).unwrap_or(&"further");
                format!("Stop a {nth} one too")
            }
            Self::Back(nodes) => match nodes.as_slice() {
                [node] => format!("Bring {node} back"),
                all => format!("Bring all {} back", all.len()),
            },
            Self::End => "End the drill".to_owned(),
            Self::Leave => "To the result".to_owned(),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Stop(_) => "stop it",
            Self::Another(..) | Self::Beyond(..) => "stop another",
            Self::Back(_) => "bring back",
            Self::End => "end the drill",
            Self::Leave => "result",
        }
    }
}

/// The drill, while it is under way.
fn going_on(model: &Model) -> Option<&DrillState> {
    model.run.drill.as_ref().filter(|drill| !drill.ended)
}

/// Who leads now, as far as anybody knows.
#[must_use]
pub fn leader(model: &Model) -> Option<MemberName> {
    let drill = going_on(model);
    if let Some((node, ..)) = drill.and_then(|d| d.leads.as_ref()) {
        let gone = drill.and_then(|d| d.member(node)).is_some_and(|m| m.stopped.is_some());
        if !gone {
            return Some(node.clone());
        }
    }
    model.run.leader().and_then(|id| model.run.name_of(id)).cloned()
}

/// The choices: before anything is stopped, on somebody's own machines the harmless one first.
#[must_use]
pub fn choices(model: &Model) -> Vec<Next> {
    let Some(drill) = going_on(model) else {
        let stop = leader(model).map(Next::Stop);
        let mut choices: Vec<_> = stop.into_iter().chain([Next::Leave]).collect();
        if !model.practice() || model.run.drill.is_some() {
            choices.reverse();
        }
        return choices;
    };
    let stopped: Vec<_> = drill.stopped().map(|m| m.node.clone()).collect();
    let gone = stopped.len();
    let practice = model.practice();
    let may = may_stop(model.run.nodes.len(), gone, practice);
    // Stopped in the middle of an election, the next one would teach nothing.
    let next = leader(model).filter(|node| !stopped.contains(node) && may != May::Never);
    let mut choices = Vec::new();
    if stopped.is_empty() {
        choices.extend(next.map(Next::Stop));
        choices.reverse();
        choices.insert(0, Next::End);
    } else {
        choices.push(Next::Back(stopped));
        choices.extend(next.map(|node| match may {
            May::Safe => Next::Another(node, gone),
            _ => Next::Beyond(node, gone),
        }));
        choices.push(Next::End);
    }
    choices
}

/// Opens the page.
pub(crate) fn open(model: &mut Model, breaks: bool) -> Vec<Effect> {
    let state = State { breaks, ..State::default() };
    (model.page, model.drill, model.overlay) = (Page::Drill, state, None);
    Vec::new()
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let word = choices(model).get(model.drill.choice).map_or("result", Next::word);
    let (back, quit) = if going_on(model).is_some() { ("end", "end") } else { ("back", "back") };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::new(&[Command::Up, Command::Down, Command::Left, Command::Right], "choose"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Script], "what runs"),
        Offer::new(&[Command::Log], ""),
        Offer::new(&[Command::Back], back),
        Offer::new(&[Command::Quit], quit),
    ]
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let choices = choices(model);
    let at = model.drill.choice;
    match command {
        Command::Left | Command::Up => model.drill.choice = at.saturating_sub(1),
        Command::Right | Command::Down => {
            model.drill.choice = (at + 1).min(choices.len().saturating_sub(1));
        }
        Command::Back | Command::Quit | Command::Interrupt => return end(model),
        Command::Enter => {
            let Some(next) = choices.into_iter().nth(at) else { return Vec::new() };
            model.drill.choice = 0;
            let step = match next {
                Next::Stop(node) | Next::Another(node, _) => return stop(node, None),
                Next::Beyond(node, _) => {
                    model.dialogs.push_back(Dialog::beyond_quorum(node));
                    return Vec::new();
                }
                Next::Back(_) => DrillStep::Back,
                Next::End => DrillStep::End,
                Next::Leave => return end(model),
            };
            return vec![Effect::Order(Order::Drill(step))];
        }
        _ => {}
    }
    Vec::new()
}

/// Stops that member.
pub(crate) fn stop(node: MemberName, typed: Option<String>) -> Vec<Effect> {
    vec![Effect::Order(Order::Drill(DrillStep::Stop { node, typed }))]
}

/// Whether more are stopped than a quorum allows.
#[must_use]
pub fn no_quorum(model: &Model) -> bool {
    let stopped = going_on(model).map_or(0, |drill| drill.stopped().count());
    stopped > 0 && model.run.nodes.len() - stopped < model.run.quorum()
}

/// Leaves the page; a drill that goes on is ended first, and the page waits for that.
fn end(model: &mut Model) -> Vec<Effect> {
    if going_on(model).is_none() {
        model.page = Page::Result;
        return Vec::new();
    }
    model.drill.leaving = true;
    vec![Effect::Order(Order::Drill(DrillStep::End))]
}

/// It is over; whoever wanted to leave meanwhile does.
pub(crate) fn ended(model: &mut Model) {
    model.drill.choice = 0;
    if model.page == Page::Drill && model.drill.leaving {
        (model.page, model.drill.leaving) = (Page::Result, false);
    }
}

pub(crate) fn says(model: &Model) -> String {
    let Some(drill) = going_on(model) else {
        return match &model.run.drill {
            Some(_) => "The drill is over; everybody is as before.".to_owned(),
            None => "Nothing is stopped yet. Its node starts it again by itself.".to_owned(),
        };
    };
    if let Some(trouble) = &drill.trouble {
        return trouble.clone();
    }
    if model.drill.leaving {
        return "Bringing everybody back, and reading all writes back; then this ends.".to_owned();
    }
    let first = drill.stopped().filter_map(|m| Some((m, m.stopped?.0))).min_by_key(|(_, ms)| *ms);
    match first {
        Some((member, _)) if member.starting => format!("{} is being started.", member.node),
        Some((member, ms)) => {
            let passed = model.run_ms().saturating_sub(ms) / 1000;
            let left = drill.back_s.saturating_sub(passed);
            format!("{} comes back by itself in {left} s. Enter brings it back now.", member.node)
        }
        None if drill.stop_ms.is_none() => "The clients begin; then the leader goes.".to_owned(),
        None => "Everybody is up again. Ending reads every write back.".to_owned(),
    }
}

/// How far the drill is.
pub(crate) fn way(model: &Model) -> Vec<(Mark, &'static str)> {
    let names = ["choose", "stop", "election", "bring back", "caught up"];
    let here = match &model.run.drill {
        None => 0,
        Some(drill) if drill.ended => names.len(),
        Some(drill) if drill.stopped().any(|m| m.starting) => 3,
        Some(drill) if drill.stopped().next().is_some() => {
            if drill.gap.is_some() {
                3
            } else {
                2
            }
        }
        Some(drill) if drill.stop_ms.is_none() => 1,
        Some(_) => 4,
    };
    let mark = |at: usize| match at.cmp(&here) {
        std::cmp::Ordering::Less => Mark::Done,
        std::cmp::Ordering::Equal => Mark::Here,
        std::cmp::Ordering::Greater => Mark::Ahead,
    };
    names.into_iter().enumerate().map(|(at, name)| (mark(at), name)).collect()
}

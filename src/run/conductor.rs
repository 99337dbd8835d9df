//! Who may do what next. Pure: a function of the plan and the desk.
//!
//! `up`, `check`, `members` and `reset` are this one function with other intents. A barrier is a
//! job that is not handed out; a lost connection is Connect, Survey and the same step again.

use std::time::Duration;

use super::{
    desk::{Desk, Finale, Link, Seat},
    job::{Job, Proof},
    lend,
    plan::Plan,
    watch,
};
use crate::{
    cluster::MemberName,
    event::{Intent, Step, StepOutcome},
    lab::Task,
};

/// What happens to a node next.
#[derive(Clone, Debug)]
pub enum Next {
    /// Its worker gets a job.
    Job(Job),
    /// It goes on to that step.
    GoTo(Step),
    /// The tasks of its step are made.
    Enter,
    /// It goes on to that step, to be looked at only: a person does it.
    LookAt(Step),
    /// Its step ends.
    End(StepOutcome),
}

/// What every idle node does next. Empty if all wait, or are at their end.
#[must_use]
pub fn conduct(plan: &Plan, desk: &Desk) -> Vec<(MemberName, Next)> {
    desk.seats
        .iter()
        .filter(|(_, seat)| !seat.busy && seat.link != Link::GivenUp)
        .filter_map(|(name, seat)| {
            let own = next(plan, desk, name, seat);
            let next = own.or_else(|| lend::next(plan, desk, name, seat))?;
            Some((name.clone(), next))
        })
        .collect()
}

fn next(plan: &Plan, desk: &Desk, name: &MemberName, seat: &Seat) -> Option<Next> {
    let connect = || Some(Next::Job(Job::Connect { after: wait_before(seat.losses) }));
    if let Some((_, undo)) = &seat.undo {
        let back = || undo.front().map(|task| Next::Job(Job::Undo(Box::new(task.clone()))));
        return if seat.link == Link::Down { connect() } else { back() };
    }
    if let Some(loan) = &seat.awaits {
        return lend::waits(desk, loan);
    }
    if seat.failed() {
        return watch::again(plan, name, seat);
    }
    if let Some(outcome) = seat.ended.get(&seat.step) {
        let ahead = following(plan, seat.step).filter(|_| *outcome != StepOutcome::Stopped);
        let goes = ahead.and_then(|step| {
            let enters = may_enter(plan, desk, name, step);
            let looks = || watch::may_look(plan, desk, seat, step).then_some(Next::LookAt(step));
            enters.then_some(Next::GoTo(step)).or_else(looks)
        });
        return goes.or_else(|| watch::again(plan, name, seat));
    }
    // What a person began is gone on with, once it may be.
    if seat.looking && may_enter(plan, desk, name, seat.step) {
        return Some(Next::GoTo(seat.step));
    }
    if seat.link == Link::Down {
        return connect();
    }
    if seat.facts.is_none() {
        return Some(Next::Job(Job::Survey));
    }
    match seat.step {
        Step::Preflight => Some(Next::End(StepOutcome::Unchanged)),
        _ if seat.looking && seat.planned => watch::next(desk, seat),
        Step::Verify => verify(plan, desk, name, seat),
        _ if !seat.planned => Some(Next::Enter),
        _ if !seat.probed => Some(Next::Job(Job::Probe(seat.todo.iter().cloned().collect()))),
        _ if waits_for_the_first(plan, desk, name, seat) => None,
        _ => Some(work(plan, desk, seat)),
    }
}

/// A member asks another, before it starts, whether the cluster is there already: that one begins
/// a moment before the others, unless a person does it, or it cannot.
fn waits_for_the_first(plan: &Plan, desk: &Desk, name: &MemberName, seat: &Seat) -> bool {
    let starts = |task: &Task| task.id.step == Step::Start && task.id.name == "started";
    let first = plan.cluster.asked_first().map(|member| &member.name);
    let Some((first, before)) = first.and_then(|first| Some((first, desk.seats.get(first)?)))
    else {
        return false;
    };
    let comes = desk.aim.get(first).is_some_and(|aim| Step::Start <= *aim)
        && before.link != Link::GivenUp
        && !before.failed()
        && !before.looking
        && !before.ended.contains_key(&Step::Start);
    let has_begun = before.step == Step::Start && before.probed && !before.todo.iter().any(starts);
    plan.changes()
        && !desk.stopping
        && name != first
        && comes
        && !has_begun
        && seat.todo.front().is_some_and(starts)
}

fn work(plan: &Plan, desk: &Desk, seat: &Seat) -> Next {
    match seat.todo.front() {
        None if seat.changed => Next::End(StepOutcome::Done),
        None => Next::End(StepOutcome::Unchanged),
        Some(_) if !plan.changes() => Next::End(StepOutcome::Differs),
        Some(_) if desk.stopping => Next::End(StepOutcome::Stopped),
        Some(task) => Next::Job(Job::Apply(Box::new(task.clone()))),
    }
}

fn verify(plan: &Plan, desk: &Desk, name: &MemberName, seat: &Seat) -> Option<Next> {
    if !seat.planned {
        return Some(Next::Enter);
    }
    if !seat.proved {
        return Some(Next::Job(Job::Prove(Proof::Member)));
    }
    // The last proof needs everybody's own: it begins when all are made.
    if !desk.seats.values().all(|s| s.proved || s.failed()) {
        return None;
    }
    if plan.intent != Intent::Up || desk.seats.values().any(Seat::failed) {
        return Some(Next::End(StepOutcome::Unchanged));
    }
    match desk.finale {
        Finale::Before if desk.stopping => Some(Next::End(StepOutcome::Stopped)),
        Finale::Before => {
            let first = plan.cluster.members.first()?;
            let write = Job::Prove(Proof::Write(plan.nonce.clone()));
            (first.name == *name).then_some(Next::Job(write))
        }
        Finale::Write => None,
        Finale::Read => {
            // Not the writer, and not the next one either: it takes the whole way round.
            let members = &plan.cluster.members;
            let reader = members.get(members.len().saturating_sub(2).max(1)).or(members.first())?;
            let read = Job::Prove(Proof::Read(plan.nonce.clone()));
            (reader.name == *name).then_some(Next::Job(read))
        }
        Finale::Over => Some(Next::End(StepOutcome::Done)),
    }
}

/// Whether a node may enter that step now: as far as the person said, and not past a barrier
/// before everybody is there.
fn may_enter(plan: &Plan, desk: &Desk, name: &MemberName, step: Step) -> bool {
    let aimed = desk.aim.get(name).is_some_and(|aim| step <= *aim);
    let before = plan.steps().iter().take_while(|s| **s != step).last();
    let barrier = match before {
        None => true,
        Some(_) if !step.behind_barrier() && step != Step::Reset => true,
        Some(before) if plan.changes() => desk.all_ended(*before),
        Some(before) => desk.all_past(*before),
    };
    let stopped = desk.stopping && plan.changes();
    aimed && barrier && desk.cleared && !stopped
}

fn following(plan: &Plan, step: Step) -> Option<Step> {
    plan.steps().iter().skip_while(|s| **s != step).nth(1).copied()
}

/// Given up after about a minute: a machine that reboots is back by then.
pub(super) fn wait_before(losses: u32) -> Duration {
    match losses {
        0 | 1 => Duration::ZERO,
        n => Duration::from_secs(1 << (n - 2).min(5)),
    }
}

//! What a failed node lacks, which of its sisters has it, and how that comes to the node.
//!
//! Pure. A sister is asked when she has nothing else to do, and the person decides what is taken.

use std::collections::BTreeSet;

use super::{
    conductor::{Next, wait_before},
    desk::{Desk, Link, Seat},
    findings,
    job::Job,
    plan::Plan,
};
use crate::{
    cluster::MemberName,
    event::{Remedy, RunEvent, StepOutcome},
    lab::{
        Facts,
        lend::{Lack, Loan},
    },
};

/// Something a node lacks, and who was asked for it.
#[derive(Clone, Debug)]
pub struct Want {
    /// What.
    pub lack: Lack,
    /// The node's release and architecture: packages of another one do not fit.
    kind: (String, String),
    /// Sisters that were asked.
    asked: BTreeSet<MemberName>,
    /// What one of them lends.
    offered: Option<(Loan, Remedy)>,
}

impl Desk {
    /// Notes what a failed node lacks.
    pub fn lacks(&mut self, node: &MemberName, facts: &Facts, lack: Lack) {
        let Some(seat) = self.seats.get_mut(node) else { return };
        seat.wants.retain(|want| want.lack != lack);
        let kind = kind(facts);
        seat.wants.push(Want { lack, kind, asked: BTreeSet::new(), offered: None });
    }

    /// A sister said what she lends, if she does.
    pub(super) fn lends(
        &mut self,
        to: &MemberName,
        lack: &Lack,
        loan: Option<(Loan, Remedy)>,
    ) -> Vec<RunEvent> {
        let want = self.seats.get_mut(to).and_then(|seat| seat.want(lack));
        let (Some(want), Some((loan, remedy))) = (want, loan) else { return Vec::new() };
        want.offered = Some((loan, remedy.clone()));
        vec![RunEvent::Offered { node: to.clone(), remedy }]
    }

    /// The person chose to take what was offered: the failed node is tried again with it. False if
    /// it is not offered any more.
    pub fn borrow(&mut self, node: &MemberName, remedy: &Remedy) -> bool {
        let Some(seat) = self.seats.get(node) else { return false };
        let offers = seat.wants.iter().filter_map(|want| want.offered.as_ref());
        let loan = offers.filter(|(_, known)| known == remedy).map(|(loan, _)| loan.clone()).next();
        let Some(loan) = loan.filter(|_| self.retry(node)) else { return false };
        if let Some(seat) = self.seats.get_mut(node) {
            seat.awaits = matches!(loan, Loan::Packages { .. }).then(|| loan.clone());
            // What was lent before stays so; each kind is there once.
            let kind = std::mem::discriminant(&loan);
            seat.lent.retain(|old| std::mem::discriminant(old) != kind);
            seat.lent.push(loan);
        }
        true
    }

    /// Packages came from a sister, or why they did not.
    pub(super) fn fetched(&mut self, to: &MemberName, wrong: Option<String>) -> Vec<RunEvent> {
        let Some(seat) = self.seats.get_mut(to) else { return Vec::new() };
        let Some(loan) = seat.awaits.take() else { return Vec::new() };
        let Some(wrong) = wrong else { return Vec::new() };
        seat.lent.retain(|old| *old != loan);
        let finding = findings::not_lent(to, loan.from(), &wrong);
        let mut events = vec![RunEvent::Found { finding }];
        events.extend(seat.end(to, StepOutcome::Failed));
        events
    }

    /// Marks a sister as asked.
    pub(super) fn asks(&mut self, lender: &MemberName, job: &Job) {
        if let Job::Ask { to, lack } = job
            && let Some(want) = self.seats.get_mut(to).and_then(|seat| seat.want(lack))
        {
            want.asked.insert(lender.clone());
        }
    }
}

impl Seat {
    fn want(&mut self, lack: &Lack) -> Option<&mut Want> {
        self.wants.iter_mut().find(|want| want.lack == *lack)
    }
}

fn kind(facts: &Facts) -> (String, String) {
    (facts.system(), facts.arch.clone())
}

/// What a node that waits for packages does: it ends with whoever wanted to lend them.
pub(super) fn waits(desk: &Desk, loan: &Loan) -> Option<Next> {
    let gone = desk.seats.get(loan.from()).is_none_or(|lender| lender.link == Link::GivenUp);
    if desk.stopping {
        return Some(Next::End(StepOutcome::Stopped));
    }
    gone.then_some(Next::End(StepOutcome::Failed))
}

/// What a node that has nothing to do does for another one.
pub(super) fn next(plan: &Plan, desk: &Desk, name: &MemberName, seat: &Seat) -> Option<Next> {
    if !plan.changes() || desk.stopping || seat.failed() {
        return None;
    }
    let job = job(desk, name)?;
    // Met again first, if it was lost meanwhile.
    Some(Next::Job(if seat.link == Link::Up {
        job
    } else {
        Job::Connect { after: wait_before(seat.losses) }
    }))
}

fn job(desk: &Desk, name: &MemberName) -> Option<Job> {
    let others = || desk.seats.iter().filter(|(other, _)| *other != name);
    for (to, other) in others() {
        if let Some(Loan::Packages { from, debs }) = &other.awaits
            && from == name
        {
            return Some(Job::Fetch { to: to.clone(), debs: debs.clone() });
        }
    }
    let (to, want) = others().filter(|(_, other)| other.failed()).find_map(|(to, other)| {
        let want = other.wants.iter().find(|want| first(desk, want, to) == Some(name))?;
        Some((to, want))
    })?;
    Some(Job::Ask { to: to.clone(), lack: want.lack.clone() })
}

/// Who is to be asked for it: the first that is idle and may have it, and one at a time.
fn first<'d>(desk: &'d Desk, want: &Want, to: &MemberName) -> Option<&'d MemberName> {
    let busy = |name| desk.seats.get(name).is_some_and(|seat| seat.busy);
    if want.offered.is_some() || want.asked.iter().any(busy) {
        return None;
    }
    let may_have_it = |seat: &Seat| match (&want.lack, &seat.facts) {
        (Lack::Packages, Some(facts)) => facts.installed.is_some() && want.kind == kind(facts),
        (Lack::File { .. }, facts) => facts.is_some(),
        (_, None) => false,
    };
    let others = desk.seats.iter().filter(|(name, _)| *name != to && !want.asked.contains(*name));
    let mut fit = others.filter(|(_, seat)| !seat.busy && !seat.failed() && may_have_it(seat));
    fit.next().map(|(name, _)| name)
}

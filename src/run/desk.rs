//! Who is how far: what the conductor looks at, and what each report changes in it.
//!
//! Pure. What a report means for everybody who watches comes back as events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    job::{Done, Job, Proof},
    lend::Want,
    plan::Plan,
    watch::Watch,
};
use crate::{
    cluster::MemberName,
    event::{By, RunEvent, Step, StepOutcome, TaskOutcome},
    lab::{Facts, Task, by_hand, lend::Loan, tasks},
};

/// How often a connection may be lost in a row before its node is given up.
const LOSSES: u32 = 8;

/// All nodes, and what was decided for all of them.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The nodes.
    pub seats: BTreeMap<MemberName, Seat>,
    /// Everything was looked at, and nothing found that stops the run.
    pub cleared: bool,
    /// How far each node may go.
    pub aim: BTreeMap<MemberName, Step>,
    /// No new change shall begin.
    pub stopping: bool,
    /// How far the proof of a write is.
    pub finale: Finale,
}

/// The proof that needs two members, after each was asked alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finale {
    /// Not yet.
    #[default]
    Before,
    /// The value is to be written.
    Write,
    /// It was written, and is to be read elsewhere.
    Read,
    /// It was read back, or is not wanted.
    Over,
}

/// One node.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark that goes up and down alone")]
pub struct Seat {
    /// Whether it is logged in to.
    pub link: Link,
    /// A job is with its worker.
    pub busy: bool,
    /// Connections lost since the last job that ended.
    pub losses: u32,
    /// What the last survey found.
    pub facts: Option<Facts>,
    /// The step it is in.
    pub step: Step,
    /// It has entered the step.
    pub entered: bool,
    /// The tasks of the step are made of the newest facts.
    pub planned: bool,
    /// Its tasks have been looked at.
    pub probed: bool,
    /// The tasks of the step that do not hold, in order.
    pub todo: VecDeque<Task>,
    /// Something was changed in this step.
    pub changed: bool,
    /// The step that a person does here, or looks after.
    pub watch: Option<Watch>,
    /// It is in its step only to be looked at.
    pub looking: bool,
    /// A person has asked by hand here; the proof is made all the same.
    pub asked: bool,
    /// What is to be taken back, in order, and which step comes first of that.
    pub undo: Option<(Step, VecDeque<Task>)>,
    /// What it lacks, and whether a sister has it.
    pub wants: Vec<Want>,
    /// What sisters lend it.
    pub lent: Vec<Loan>,
    /// Packages that are on their way to it.
    pub awaits: Option<Loan>,
    /// Its own proofs are made.
    pub proved: bool,
    /// How its steps ended.
    pub ended: BTreeMap<Step, StepOutcome>,
    /// Milliseconds its worker was busy in this step.
    pub busy_ms: u64,
}

/// Whether a node is logged in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not, or no more.
    Down,
    /// Yes.
    Up,
    /// It will not be tried again.
    GivenUp,
}

impl Seat {
    fn new(step: Step) -> Self {
        Self {
            link: Link::Down,
            busy: false,
            losses: 0,
            facts: None,
            step,
            entered: false,
            planned: false,
            probed: false,
            todo: VecDeque::new(),
            changed: false,
            watch: None,
            looking: false,
            asked: false,
            undo: None,
            wants: Vec::new(),
            lent: Vec::new(),
            awaits: None,
            proved: false,
            ended: BTreeMap::new(),
            busy_ms: 0,
        }
    }

    /// Whether it has failed, and goes no further.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.link == Link::GivenUp || self.ended.values().any(|o| *o == StepOutcome::Failed)
    }
}

impl Desk {
    /// Everybody before the first step.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let first = plan.steps().first().copied().unwrap_or(Step::Preflight);
        let names = plan.cluster.members.iter().map(|m| m.name.clone());
        let mut desk =
            Self { seats: names.map(|name| (name, Seat::new(first))).collect(), ..Self::default() };
        if plan.go || !plan.changes() {
            desk.aim_all(plan);
        }
        desk
    }

    /// Everybody may go to the end.
    pub fn aim_all(&mut self, plan: &Plan) {
        let last = plan.steps().last().copied().unwrap_or(Step::Verify);
        self.aim = self.seats.keys().map(|name| (name.clone(), last)).collect();
    }

    /// Whether all who have not failed have ended that step, and nobody has failed it.
    #[must_use]
    pub fn all_ended(&self, step: Step) -> bool {
        self.seats.values().all(|s| s.ended.contains_key(&step) && !s.failed())
    }

    /// Whether nobody will come to the end of that step any more who has not yet.
    #[must_use]
    pub fn all_past(&self, step: Step) -> bool {
        self.seats.values().all(|s| s.ended.contains_key(&step) || s.failed())
    }

    /// Takes in what a worker reports.
    pub fn note(
        &mut self,
        plan: &Plan,
        node: &MemberName,
        done: Done,
        took_ms: u64,
    ) -> Vec<RunEvent> {
        let Some(seat) = self.seats.get_mut(node) else { return Vec::new() };
        seat.busy = false;
        if !matches!(done, Done::Connected) {
            seat.busy_ms += took_ms;
        }
        if !matches!(done, Done::Lost { .. } | Done::Connected) {
            seat.losses = 0;
        }
        match done {
            Done::Connected => {
                seat.link = Link::Up;
                Vec::new()
            }
            Done::Refused => {
                seat.link = Link::GivenUp;
                seat.end(node, StepOutcome::Failed)
            }
            Done::Lost { reason } => {
                seat.losses += 1;
                seat.facts = None;
                let again = seat.losses < LOSSES;
                seat.link = if again { Link::Down } else { Link::GivenUp };
                let mut events = vec![RunEvent::Lost { node: node.clone(), reason, again }];
                if !again {
                    events.extend(seat.end(node, StepOutcome::Failed));
                }
                events
            }
            Done::Surveyed(mut facts) => {
                facts.aside_agreed = plan.aside.contains(node);
                facts.remove_packages = plan.remove_packages;
                facts.lent.clone_from(&seat.lent);
                seat.facts = Some(*facts);
                (seat.planned, seat.probed) = (false, false);
                Vec::new()
            }
            Done::Probed(holds) => {
                seat.probed = true;
                seat.todo.retain(|task| !holds.contains(&task.id));
                Vec::new()
            }
            Done::Watched(all) => seat.watched(node, all),
            Done::Undone(outcome) => self.undone(plan, node, &outcome),
            Done::Lends { to, lack, loan } => self.lends(&to, &lack, loan.map(|loan| *loan)),
            Done::Fetched { to, wrong } => self.fetched(&to, wrong),
            Done::Applied(outcome) => seat.applied(node, &outcome),
            Done::Proved => {
                seat.proved = true;
                Vec::new()
            }
            Done::Written => {
                self.finale = Finale::Read;
                Vec::new()
            }
            Done::ReadBack => {
                self.finale = Finale::Over;
                Vec::new()
            }
            Done::Failed if self.finale == Finale::Before || seat.step != Step::Verify => {
                seat.end(node, StepOutcome::Failed)
            }
            Done::Failed => {
                self.finale = Finale::Over;
                seat.end(node, StepOutcome::Failed)
            }
            Done::Cancelled => seat.end(node, StepOutcome::Stopped),
        }
    }

    /// Brings a node into its step: its tasks are made of the facts.
    pub fn enter(&mut self, plan: &Plan, node: &MemberName) -> Vec<RunEvent> {
        let member = plan.cluster.member(node);
        let (Some(seat), Some(member)) = (self.seats.get_mut(node), member) else {
            return Vec::new();
        };
        let (Some(facts), Some(material)) = (&seat.facts, plan.vault.material(node)) else {
            return Vec::new();
        };
        let first = !seat.entered;
        let make = if seat.looking { by_hand } else { tasks };
        let tasks = make(seat.step, &plan.cluster, member, material, facts);
        let plans = tasks.iter().map(Task::plan).collect();
        seat.todo = tasks.into();
        (seat.entered, seat.planned) = (true, true);
        let (node, step) = (node.clone(), seat.step);
        let planned = RunEvent::Planned { node: node.clone(), step, tasks: plans };
        if first { vec![RunEvent::StepStarted { node, step }, planned] } else { vec![planned] }
    }

    /// Ends the step of a node.
    pub fn end(&mut self, node: &MemberName, outcome: StepOutcome) -> Vec<RunEvent> {
        self.seats.get_mut(node).map(|seat| seat.end(node, outcome)).unwrap_or_default()
    }

    /// Tries a failed node once more. All are asked again then: a proof is of all together. False
    /// if it has not failed.
    pub fn retry(&mut self, node: &MemberName) -> bool {
        // A look that is under way is in nobody's way.
        let free = |seat: &&mut Seat| seat.failed() && seat.undo.is_none();
        let Some(seat) = self.seats.get_mut(node).filter(free) else { return false };
        seat.try_again();
        for seat in self.seats.values_mut() {
            if seat.ended.remove(&Step::Verify).is_some() || seat.step == Step::Verify {
                (seat.proved, seat.planned) = (false, false);
            }
        }
        self.finale = Finale::Before;
        true
    }

    /// Marks the jobs as handed out.
    pub fn hand_out(&mut self, jobs: &[(MemberName, Job)]) {
        let nodes: BTreeSet<_> = jobs.iter().map(|(node, _)| node).collect();
        for (name, seat) in &mut self.seats {
            seat.busy |= nodes.contains(name);
        }
        for (node, job) in jobs {
            self.asks(node, job);
        }
        if jobs.iter().any(|(_, job)| matches!(job, Job::Prove(Proof::Write(_)))) {
            self.finale = Finale::Write;
        }
    }
}

impl Seat {
    fn applied(&mut self, node: &MemberName, outcome: &TaskOutcome) -> Vec<RunEvent> {
        match outcome {
            TaskOutcome::Failed { .. } => return self.end(node, StepOutcome::Failed),
            TaskOutcome::Stopped => return self.end(node, StepOutcome::Stopped),
            TaskOutcome::Changed => self.changed = true,
            TaskOutcome::Unchanged | TaskOutcome::Differs { .. } => {}
        }
        if self.todo.pop_front().is_some_and(|task| task.learns) {
            self.facts = None;
        }
        Vec::new()
    }

    pub(super) fn end(&mut self, node: &MemberName, outcome: StepOutcome) -> Vec<RunEvent> {
        if self.ended.insert(self.step, outcome).is_some() {
            return Vec::new();
        }
        let (took_ms, step) = (self.busy_ms, self.step);
        self.busy_ms = 0;
        self.todo.clear();
        let by = if self.asked && step == Step::Verify { By::Person } else { By::Quorate };
        let ended = RunEvent::StepEnded { node: node.clone(), step, outcome, took_ms, by };
        std::iter::once(ended).chain(self.looked_after(node)).collect()
    }

    /// Whether its etcd was started, and is not ready yet: there is something to see on its peer port.
    #[must_use]
    pub fn starts_etcd(&self) -> bool {
        self.step == Step::Start
            && self.busy
            && self.probed
            && self
                .todo
                .front()
                .is_some_and(|task| matches!(task.id.name.as_str(), "enabled" | "ready"))
    }

    /// Forgets that it failed: the same step begins anew.
    fn try_again(&mut self) {
        self.ended.retain(|_, outcome| *outcome != StepOutcome::Failed);
        self.losses = 0;
        self.facts = None;
        // What was lent as a file is there now; packages are taken when that is chosen.
        (self.wants, self.awaits) = (Vec::new(), None);
        self.lent.retain(|loan| matches!(loan, Loan::File { .. }));
        if self.link == Link::GivenUp {
            self.link = Link::Down;
        }
    }

    /// Goes on to that step.
    pub fn go_to(&mut self, step: Step) {
        self.step = step;
        (self.entered, self.planned, self.probed, self.changed) = (false, false, false, false);
        // What a person did there is not known.
        self.facts = self.facts.take().filter(|_| !self.looking && self.watch.is_none());
        (self.looking, self.watch) = (false, self.still_watched());
    }
}

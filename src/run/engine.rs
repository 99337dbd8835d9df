//! The engine's loop: letters in, the desk changed, events out, jobs handed out.

mod drill;
mod orders;
mod remedy;

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    Connect, Inbox, Plan, WAITING,
    conductor::{Next, conduct},
    desk::{self, Desk},
    job::{Done, Job},
    judge, meter,
    output::Outputs,
    watch,
    worker::{Report, Worker},
};
use crate::{
    cluster::MemberName,
    event::{Ended, Intent, RunEvent, RunState, Severity, Stamped, Step},
    lab::Facts,
    remote::{Cancel, frame},
};

/// How long the engine waits when nothing at all is under way.
const IDLE: Duration = Duration::from_hours(1);

/// A run under way: who is how far, and everybody's letters to it.
pub(super) struct Engine {
    plan: Plan,
    desk: Desk,
    /// The last survey of each node, also of those that are to be surveyed anew.
    surveyed: BTreeMap<MemberName, Facts>,
    state: RunState,
    began: Instant,
    events: Sender<Stamped>,
    workers: BTreeMap<MemberName, (Sender<Job>, JoinHandle<()>)>,
    outputs: Outputs,
    /// Stops the quorum meter, once it has been started.
    meter: Option<Cancel>,
    /// When to look again what a person does.
    look: Option<Instant>,
    /// How all that was asked for ended, once it has.
    judged: Option<Ended>,
    /// The person wants nothing more of it.
    leaving: bool,
    /// Members are lost on purpose.
    drill: Option<drill::Drill>,
    /// How clients log in, and where they report, once it runs.
    connect: Option<Arc<dyn Connect>>,
    reports: Option<SyncSender<Report>>,
}

impl Engine {
    /// Before its first event.
    pub(super) fn new(plan: Plan, events: Sender<Stamped>) -> Self {
        Self {
            desk: Desk::new(&plan),
            plan,
            surveyed: BTreeMap::new(),
            state: RunState::default(),
            began: Instant::now(),
            events,
            workers: BTreeMap::new(),
            outputs: Outputs::default(),
            meter: None,
            look: None,
            judged: None,
            leaving: false,
            drill: None,
            connect: None,
            reports: None,
        }
    }

    /// Conducts until the run is at its end.
    pub(super) fn run(
        mut self,
        connect: &Arc<dyn Connect>,
        cancel: &Cancel,
        inbox: &SyncSender<Inbox>,
        letters: &Receiver<Inbox>,
    ) {
        self.tell(RunEvent::RunStarted(self.plan.started(&format!(
            "{}TEXT{}",
            frame::BEFORE,
            frame::AFTER
        ))));
        let Ok(reports) = self.hire(connect, cancel, inbox) else {
            self.tell(RunEvent::RunEnded { ended: Ended::Incomplete });
            return;
        };
        (self.connect, self.reports) = (Some(Arc::clone(connect)), Some(reports.clone()));
        let first = self.plan.steps().first().copied().unwrap_or(Step::Preflight);
        for member in self.plan.cluster.members.clone() {
            self.tell(RunEvent::StepStarted { node: member.name, step: first });
        }
        while !(self.conduct() && self.over()) {
            self.measure_quorum(connect, &reports);
            let due = self.outputs.due().into_iter().chain(self.look).min();
            let wait = due.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()));
            match letters.recv_timeout(wait) {
                Ok(letter) => self.read(letter),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let due = self.outputs.take_due(Instant::now());
            self.tell_all(due);
            self.look_again(Instant::now());
        }
        if let Some(meter) = &self.meter {
            meter.cancel();
        }
        let ended = self.judged.unwrap_or(Ended::Incomplete);
        self.tell(RunEvent::RunEnded { ended });
        for (jobs, thread) in std::mem::take(&mut self.workers).into_values() {
            drop(jobs);
            let _ = thread.join();
        }
    }

    /// Nothing is under way: says once how it ended, and whether that was all.
    fn over(&mut self) -> bool {
        if self.judged.is_none() {
            let ended = self.verdict();
            self.judged = Some(ended);
            if self.plan.stays && !self.leaving {
                self.tell(RunEvent::Judged { ended });
            }
        }
        !self.plan.stays || (self.leaving && self.drill.is_none())
    }

    fn hire(
        &mut self,
        connect: &Arc<dyn Connect>,
        cancel: &Cancel,
        inbox: &SyncSender<Inbox>,
    ) -> io::Result<SyncSender<Report>> {
        let (reports, reported) = mpsc::sync_channel(WAITING);
        let forward = inbox.clone();
        thread::Builder::new().name("reports".to_owned()).spawn(move || {
            for report in reported {
                if forward.send(Inbox::Report(report)).is_err() {
                    return;
                }
            }
        })?;
        for member in &self.plan.cluster.members {
            let (jobs, todo) = mpsc::channel();
            let thread = Worker::spawn(
                self.plan.clone(),
                member.clone(),
                Arc::clone(connect),
                cancel.clone(),
                todo,
                reports.clone(),
            )?;
            self.workers.insert(member.name.clone(), (jobs, thread));
        }
        Ok(reports)
    }

    /// A person's work is looked at again when it is time.
    fn look_again(&mut self, now: Instant) {
        if self.look.is_some_and(|due| due <= now) {
            self.look = self.desk.look_again().then(|| now + watch::EVERY);
        }
    }

    /// While members start, the quorum meter shows who is up; not before, and not after.
    fn measure_quorum(&mut self, connect: &Arc<dyn Connect>, reports: &SyncSender<Report>) {
        let starting = |seat: &desk::Seat| seat.starts_etcd() || seat.looking_at(Step::Start);
        let starting = self.desk.seats.values().any(starting);
        match &self.meter {
            None if starting => {
                let stop = Cancel::default();
                self.meter = Some(stop.clone());
                // Without it the start is proved all the same.
                let _ = meter::watch(self.plan.clone(), Arc::clone(connect), stop, reports.clone());
            }
            Some(meter) if self.desk.all_past(Step::Start) => meter.cancel(),
            _ => {}
        }
    }

    /// Hands out what can be done now. True if the run is at its end.
    fn conduct(&mut self) -> bool {
        loop {
            self.clear();
            let next = conduct(&self.plan, &self.desk);
            if next.is_empty() {
                break;
            }
            let mut jobs = Vec::new();
            for (node, next) in next {
                let events = match next {
                    Next::Enter => self.desk.enter(&self.plan, &node),
                    Next::End(outcome) => self.desk.end(&node, outcome),
                    Next::GoTo(step) => {
                        if let Some(seat) = self.desk.seats.get_mut(&node) {
                            seat.go_to(step);
                        }
                        Vec::new()
                    }
                    Next::LookAt(step) => self.desk.look_at(&self.plan, &node, step),
                    Next::Job(job) => {
                        jobs.push((node, job));
                        Vec::new()
                    }
                };
                self.tell_all(events);
            }
            self.desk.hand_out(&jobs);
            for (node, job) in jobs {
                if let Some((worker, _)) = self.workers.get(&node) {
                    // A worker that has ended is a bug of ours; its node then never reports.
                    let _ = worker.send(job);
                }
            }
        }
        let busy = self.desk.seats.values().any(|seat| seat.busy);
        !busy && !self.waits_for_the_person()
    }

    /// Whether nothing happens because the person has not said go, or not that far.
    fn waits_for_the_person(&self) -> bool {
        if self.desk.stopping || !self.desk.cleared || !self.plan.changes() {
            return false;
        }
        if self.desk.seats.values().any(desk::Seat::in_hand) {
            return true;
        }
        let last = self.plan.steps().last();
        let unaimed =
            self.desk.seats.keys().any(|n| self.desk.aim.get(n) != last.as_ref().copied());
        unaimed && !self.desk.seats.values().any(desk::Seat::failed)
    }

    /// Once every node was looked at: what is wrong is told, and whether the run may go on.
    fn clear(&mut self) {
        let busy = self.desk.seats.values().any(|seat| seat.busy);
        if self.desk.cleared || busy || !self.desk.all_past(Step::Preflight) {
            return;
        }
        let (ends, findings) = judge::before(&self.plan, &self.desk);
        if let Some(what) = ends {
            self.tell(RunEvent::Seen { what });
        }
        let stop = findings.iter().any(|f| f.severity == Severity::Stop);
        for finding in findings {
            let node = finding.node.clone().filter(|_| finding.severity == Severity::Stop);
            self.tell(RunEvent::Found { finding });
            if let Some(node) = node {
                self.compare(node, None);
            }
        }
        let all = self.desk.all_ended(Step::Preflight);
        self.desk.cleared = !self.plan.changes() || (all && !stop);
        if self.desk.cleared && self.plan.changes() {
            if self.plan.intent == Intent::Up {
                self.tell(judge::numbered(&self.plan, &self.desk));
            }
            self.tell(RunEvent::Ready);
            if self.plan.go {
                self.tell(RunEvent::Went);
            }
        } else if !self.desk.cleared {
            // Nobody goes on: refused before the first change anywhere.
            self.desk.stopping = true;
        }
    }

    fn read(&mut self, letter: Inbox) {
        match letter {
            Inbox::Report(Report::Event(event)) => {
                if let RunEvent::TaskEnded { node, .. } | RunEvent::TaskUndone { node, .. } = &event
                {
                    let said = self.outputs.end(node);
                    self.tell_all(said);
                }
                self.tell(event.clone());
                if let RunEvent::Drill { what } = &event {
                    self.drill_saw(what);
                }
            }
            Inbox::Report(Report::Line(node, task, line)) => {
                self.outputs.line(&node, &task, line, Instant::now());
            }
            Inbox::Report(Report::Done(node, done, _)) if self.drill_done(&node, &done) => {}
            Inbox::Report(Report::Anew(node, facts, resolves)) => {
                self.surveyed.insert(node.clone(), *facts);
                self.compare(node, resolves);
            }
            Inbox::Report(Report::Done(node, done, took_ms)) => {
                if let Done::Surveyed(facts) = &done {
                    self.surveyed.insert(node.clone(), (**facts).clone());
                }
                let events = self.desk.note(&self.plan, &node, done, took_ms);
                self.tell_all(events);
            }
            Inbox::Order(order) => self.obey(order),
        }
    }

    fn verdict(&mut self) -> Ended {
        let (findings, ended) = judge::after(&self.plan, &self.desk, &self.state);
        for finding in findings {
            self.tell(RunEvent::Found { finding });
        }
        ended
    }

    fn tell_all(&mut self, events: impl IntoIterator<Item = RunEvent>) {
        for event in events {
            self.tell(event);
        }
    }

    fn tell(&mut self, event: RunEvent) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.state.apply(ms, &event);
        // Nobody listens any more: the run goes on to a safe end all the same.
        let _ = self.events.send(Stamped { ms, event });
    }
}

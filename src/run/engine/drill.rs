//! A drill in a run that stays: who is stopped and brought back, and when it is over.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::Engine;
use crate::{
    cluster::{EtcdVersion, MemberName},
    event::{Ended, Intent, RunEvent, Step, TaskOutcome, drill::Drilled},
    lab::drill::{self, May, may_stop},
    run::{
        drill::Clients,
        job::{Done, Job},
        order::DrillStep,
    },
};

/// So many tenths of a second the clients work before the first member is stopped.
const WARM: u64 = 10;
/// How long whoever came back may take to catch up.
const CATCH_UP: Duration = Duration::from_mins(1);
/// How often a node that is lost meanwhile is called again.
const TRIES: u32 = 10;

/// A drill under way.
pub(super) struct Drill {
    clients: Clients,
    /// Is stopped when the clients are warm.
    wanted: Option<MemberName>,
    pulses: u64,
    /// What is being done, and how often the way there was lost.
    acting: BTreeMap<MemberName, (bool, u32)>,
    /// Who is stopped.
    stopped: BTreeSet<MemberName>,
    /// Who is brought back as soon as it is stopped.
    returning: BTreeSet<MemberName>,
    /// Who is not yet where the others are.
    behind: BTreeSet<MemberName>,
    /// Who came back last: all is read back through it.
    last: MemberName,
    /// It shall end; by then whoever came back has caught up, or it ends without.
    ending: Option<Instant>,
    proving: bool,
}

impl Engine {
    /// What the person wants of the drill.
    pub(super) fn drill(&mut self, step: DrillStep) {
        match step {
            DrillStep::Stop { node, typed } => {
                if let Err(says) = self.stop_member(&node, typed.as_deref()) {
                    self.drilled(Drilled::Refused { says });
                }
            }
            DrillStep::Back => self.bring_back(),
            DrillStep::End => self.end_drill(),
        }
    }

    fn drilled(&mut self, what: Drilled) {
        self.tell(RunEvent::Drill { what });
    }

    fn stop_member(&mut self, node: &MemberName, typed: Option<&str>) -> Result<(), String> {
        if self.plan.intent != Intent::Up
            || !matches!(self.judged, Some(Ended::Well | Ended::WithFindings))
        {
            return Err("Only a cluster that stands can lose a member on purpose.".to_owned());
        }
        let all = self.plan.cluster.members.len();
        let gone = self.drill.as_ref().map_or(0, |d| {
            let stopping = d.acting.keys().filter(|n| !d.stopped.contains(n)).count();
            d.stopped.len() + stopping + usize::from(d.wanted.is_some())
        });
        let busy = self.drill.as_ref().is_some_and(|d| {
            d.ending.is_some() || d.stopped.contains(node) || d.acting.contains_key(node)
        });
        if busy || self.plan.cluster.member(node).is_none() {
            return Err(format!("{node} is not running now."));
        }
        match may_stop(all, gone, self.plan.practice) {
            May::Safe => {}
            May::Typed if typed == Some(node.as_str()) => {}
            May::Typed => return Err(format!("Type {node} to stop it: no quorum is left then.")),
            May::Never => return Err("One more would leave no quorum: refused.".to_owned()),
        }
        if self.drill.is_none() {
            self.begin_drill(node)?;
        }
        let warm = self.drill.as_ref().is_some_and(|d| d.pulses >= WARM);
        if warm {
            self.cut_off(node);
        } else if let Some(drill) = &mut self.drill {
            drill.wanted = Some(node.clone());
        }
        Ok(())
    }

    fn begin_drill(&mut self, node: &MemberName) -> Result<(), String> {
        let version = self.state.nodes.iter().find_map(|n| n.member.as_ref()).map(|m| m.version);
        let version = version.unwrap_or(EtcdVersion::new(3, 5, 0));
        let (Some(connect), Some(reports)) = (self.connect.clone(), self.reports.clone()) else {
            return Err("The run is at its end.".to_owned());
        };
        for member in self.plan.cluster.members.clone() {
            let tasks = vec![drill::stop().plan(), drill::start().plan()];
            self.tell(RunEvent::Planned { node: member.name, step: Step::Drill, tasks });
        }
        let clients = Clients::start(&self.plan, version, node, connect, reports)
            .map_err(|error| format!("The clients could not be started: {error}."))?;
        self.drill = Some(Drill {
            clients,
            wanted: None,
            pulses: 0,
            acting: BTreeMap::new(),
            stopped: BTreeSet::new(),
            returning: BTreeSet::new(),
            behind: BTreeSet::new(),
            last: node.clone(),
            ending: None,
            proving: false,
        });
        Ok(())
    }

    fn cut_off(&mut self, node: &MemberName) {
        let leads = self.state.drill.as_ref().and_then(|d| d.leads.as_ref());
        let led = leads.is_some_and(|(leader, ..)| leader == node);
        self.drilled(Drilled::Stopping { node: node.clone(), led });
        if let Some(drill) = &mut self.drill {
            drill.acting.insert(node.clone(), (false, 0));
        }
        self.send_drill(node, Job::Apply(Box::new(drill::stop())));
    }

    /// Everybody who is stopped is started again, all at once: a quorum may need them all. Whoever is
    /// being stopped follows.
    fn bring_back(&mut self) {
        let Some(drill) = &mut self.drill else { return };
        let stopping = drill.acting.iter().filter(|(_, (starts, _))| !starts);
        drill.returning.extend(stopping.map(|(node, _)| node.clone()));
        let idle = |n: &&MemberName| !drill.acting.contains_key(*n);
        let nodes: Vec<_> = drill.stopped.iter().filter(idle).cloned().collect();
        for node in nodes {
            self.start_member(&node, 0);
        }
    }

    fn start_member(&mut self, node: &MemberName, losses: u32) {
        let Some(drill) = &mut self.drill else { return };
        drill.acting.insert(node.clone(), (true, losses));
        drill.behind.insert(node.clone());
        drill.returning.remove(node);
        let first = losses == 0;
        if first {
            self.drilled(Drilled::Starting { node: node.clone() });
            self.send_drill(node, Job::Apply(Box::new(drill::start())));
        } else {
            self.send_drill(node, Job::Connect { after: Duration::from_secs(2) });
        }
    }

    fn send_drill(&self, node: &MemberName, job: Job) {
        if let Some((worker, _)) = self.workers.get(node) {
            // A worker that has ended is a bug of ours; the node's timer remains.
            let _ = worker.send(job);
        }
    }

    /// Whether that report was about the drill.
    pub(super) fn drill_done(&mut self, node: &MemberName, done: &Done) -> bool {
        let Some((starts, losses)) = self.drill.as_ref().and_then(|d| d.acting.get(node).copied())
        else {
            return false;
        };
        match done {
            Done::Connected => {
                self.send_drill(node, Job::Apply(Box::new(drill::start())));
                return true;
            }
            Done::Applied(TaskOutcome::Changed | TaskOutcome::Unchanged) if starts => {
                self.is_back(node, false);
            }
            Done::Applied(TaskOutcome::Changed | TaskOutcome::Unchanged) => {
                let mut returns = false;
                if let Some(drill) = &mut self.drill {
                    drill.acting.remove(node);
                    drill.stopped.insert(node.clone());
                    drill.last = node.clone();
                    returns = drill.returning.contains(node);
                }
                self.drilled(Drilled::Stopped { node: node.clone() });
                if returns {
                    self.start_member(node, 0);
                }
            }
            Done::Applied(TaskOutcome::Failed { error, .. }) => {
                let what = if starts { "brought back" } else { "stopped" };
                let says = format!("{node} could not be {what}: {error}.");
                self.drilled(Drilled::Failed { says });
                self.after_failure(node, starts, losses);
            }
            _ => {
                let says = format!("{node} is not reached; its timer starts it again.");
                self.drilled(Drilled::Failed { says });
                self.after_failure(node, starts, losses);
            }
        }
        self.drill_goes_on();
        true
    }

    /// What began to stop is brought back; what does not come back is tried again, and left to its
    /// timer in the end.
    fn after_failure(&mut self, node: &MemberName, starts: bool, losses: u32) {
        if starts && losses >= TRIES {
            if let Some(drill) = &mut self.drill {
                drill.acting.remove(node);
                drill.stopped.remove(node);
            }
            return;
        }
        if let Some(drill) = &mut self.drill {
            drill.stopped.insert(node.clone());
        }
        self.start_member(node, losses + 1);
    }

    fn is_back(&mut self, node: &MemberName, by_timer: bool) {
        if let Some(drill) = &mut self.drill {
            drill.acting.remove(node);
            drill.stopped.remove(node);
            drill.last = node.clone();
        }
        self.drilled(Drilled::Back { node: node.clone(), by_timer });
    }

    /// Takes in what the clients see.
    pub(super) fn drill_saw(&mut self, what: &Drilled) {
        let Some(drill) = &mut self.drill else { return };
        match what {
            Drilled::Pulse(pulse) => {
                drill.pulses += u64::from(pulse.written > 0 || drill.pulses > 0);
                if drill.pulses >= WARM
                    && drill.ending.is_none()
                    && let Some(node) = drill.wanted.take()
                {
                    self.cut_off(&node);
                }
            }
            Drilled::Member { node, up: true, .. } => {
                let alone = drill.stopped.contains(node) && !drill.acting.contains_key(node);
                if alone {
                    drill.behind.insert(node.clone());
                    let node = node.clone();
                    self.is_back(&node, true);
                }
            }
            Drilled::CaughtUp { node, .. } => drop(drill.behind.remove(node)),
            Drilled::Checked { .. } => return self.drill_over(),
            Drilled::Failed { .. } if drill.proving => return self.drill_over(),
            _ => {}
        }
        self.drill_goes_on();
    }

    /// Ends it: everybody is brought back first.
    pub(super) fn end_drill(&mut self) {
        let Some(drill) = &mut self.drill else { return };
        drill.wanted = None;
        drill.ending.get_or_insert(Instant::now() + CATCH_UP);
        self.bring_back();
        self.drill_goes_on();
    }

    fn drill_goes_on(&mut self) {
        let Some(drill) = &mut self.drill else { return };
        let Some(until) = drill.ending else { return };
        let all_back = drill.acting.is_empty() && drill.stopped.is_empty();
        let same = drill.behind.is_empty() || Instant::now() > until;
        if drill.proving && Instant::now() > until + CATCH_UP {
            let says = "The writes could not be read back: no member is reached.".to_owned();
            self.drilled(Drilled::Failed { says });
            return self.drill_over();
        }
        if all_back && drill.pulses == 0 {
            // No client got as far as a write: there is nothing to read back.
            self.drill_over();
        } else if all_back && same && !drill.proving {
            drill.proving = true;
            drill.clients.finish(drill.last.clone());
        }
    }

    fn drill_over(&mut self) {
        if let Some(drill) = self.drill.take() {
            drill.clients.end();
            self.drilled(Drilled::Ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::{
        cluster::Member,
        event::{Finding, Stamped, drill::Pulse},
        remote::Cancel,
        run::{
            entry::{Connect, Entry, NoEntry},
            pretended,
            worker::Report,
        },
    };

    /// Lets nobody in.
    struct Closed;

    impl Connect for Closed {
        fn connect(&self, _: &Member, _: &Cancel) -> Result<Entry, Box<NoEntry>> {
            let says = "nobody answers".to_owned();
            let finding = Finding::stop("ssh-no-answer", None, says, "", "");
            Err(Box::new(NoEntry { reason: "nobody answers".to_owned(), again: true, finding }))
        }
    }

    /// An engine whose cluster stands, what it tells, and what its threads report.
    fn stands() -> (Engine, mpsc::Receiver<Stamped>, mpsc::Receiver<Report>) {
        let dir = tempfile::tempdir().unwrap();
        let (events, told) = mpsc::channel();
        let mut engine = Engine::new(pretended::plan(dir.path()), events);
        let (reports, reported) = mpsc::sync_channel(64);
        engine.judged = Some(Ended::Well);
        engine.connect = Some(Arc::new(Closed));
        engine.reports = Some(reports);
        (engine, told, reported)
    }

    #[test]
    fn whoever_is_still_being_stopped_is_brought_back_too() {
        let (mut engine, told, _reported) = stands();
        let nodes = ["icc-etcd-1", "icc-etcd-2"].map(|name| name.parse::<MemberName>().unwrap());
        let done = Done::Applied(TaskOutcome::Changed);
        for node in &nodes {
            engine.drill(DrillStep::Stop { node: node.clone(), typed: None });
            engine.drill.as_mut().unwrap().pulses = WARM;
        }
        engine.drill_saw(&Drilled::Pulse(Pulse { written: 1, ..Pulse::default() }));
        engine.drill_done(&nodes[0], &done);
        let starting = || -> Vec<_> {
            let started = |stamped: Stamped| match stamped.event {
                RunEvent::Drill { what: Drilled::Starting { node } } => Some(node),
                _ => None,
            };
            told.try_iter().filter_map(started).collect()
        };
        assert_eq!(starting(), [] as [MemberName; 0]);
        engine.drill(DrillStep::Back);
        assert_eq!(starting(), nodes[..1]);
        engine.drill_done(&nodes[1], &done);
        assert_eq!(starting(), nodes[1..]);
        engine.drill_over();
    }

    #[test]
    fn a_drill_whose_clients_are_let_in_nowhere_says_so_and_can_be_ended() {
        let (mut engine, told, reported) = stands();
        let node = "icc-etcd-1".parse().unwrap();
        engine.drill(DrillStep::Stop { node, typed: None });
        let said = reported.iter().find_map(|report| match report {
            Report::Event(RunEvent::Drill { what: Drilled::Failed { says } }) => Some(says),
            _ => None,
        });
        assert!(said.unwrap().contains("is not let in to icc-etcd-"));
        engine.drill(DrillStep::End);
        let over = |event| matches!(event, RunEvent::Drill { what: Drilled::Ended });
        assert!(told.try_iter().any(|stamped| over(stamped.event)));
        assert!(engine.drill.is_none());
    }
}

//! One thread per node. It owns its connection, does one job at a time, and cannot take the
//! program down: a bug in a job is that node's failure.

mod lend;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    entry::{Connect, Entry},
    job::{Done, Job, Proof},
    look,
    plan::Plan,
    prove::Prover,
    watch,
};
use crate::{
    cluster::{EtcdVersion, Member, MemberName},
    diagnose,
    event::{Observation, RunEvent, Step, TaskId, TaskOutcome},
    lab::{self, Facts, Script, Task},
    remote::{Answer, Call, Cancel, Host, HostError, Stream},
};

/// How often an idle connection says that somebody is there.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// What workers send to the engine.
#[derive(Debug)]
pub enum Report {
    /// Something happened.
    Event(RunEvent),
    /// A node said a line during a task.
    Line(MemberName, TaskId, String),
    /// Something is wrong on a node; it was looked at anew, and whether the name of its mirror has
    /// an address there, if that is a name.
    Anew(MemberName, Box<Facts>, Option<bool>),
    /// A job ended, and took so many milliseconds.
    Done(MemberName, Done, u64),
}

/// A node's worker.
pub struct Worker {
    plan: Plan,
    member: Member,
    connect: Arc<dyn Connect>,
    cancel: Cancel,
    reports: SyncSender<Report>,
    host: Option<Box<dyn Host>>,
    prover: Option<Prover>,
    version: Option<EtcdVersion>,
    ever_connected: bool,
    seen: watch::Seen,
}

impl Worker {
    /// Starts the thread; it ends when `jobs` closes.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn spawn(
        plan: Plan,
        member: Member,
        connect: Arc<dyn Connect>,
        cancel: Cancel,
        jobs: Receiver<Job>,
        reports: SyncSender<Report>,
    ) -> io::Result<JoinHandle<()>> {
        let mut worker = Self {
            plan,
            member,
            connect,
            cancel,
            reports,
            host: None,
            prover: None,
            version: None,
            ever_connected: false,
            seen: watch::Seen::default(),
        };
        thread::Builder::new().name(format!("node-{}", worker.member.name)).spawn(move || {
            while let Some(job) = worker.next(&jobs) {
                let began = Instant::now();
                let done = catch_unwind(AssertUnwindSafe(|| worker.doing(job)));
                let done = done.unwrap_or_else(|panic| Done::Lost { reason: bug(panic.as_ref()) });
                if matches!(done, Done::Lost { .. }) {
                    worker.host = None;
                }
                let node = worker.member.name.clone();
                // A closed channel means the program is leaving; there is no one to tell.
                if worker.reports.send(Report::Done(node, done, ms(began.elapsed()))).is_err() {
                    return;
                }
            }
        })
    }

    /// The next job. While there is none, the server is told that somebody is still there: hardened
    /// ones close connections that say nothing (`ClientAliveInterval`, `sshd_config(5)`).
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        loop {
            match jobs.recv_timeout(KEEP_ALIVE) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                // A connection that is gone is noticed by the next job, and made anew.
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.host.as_mut().map(|host| host.keep_alive());
                }
            }
        }
    }

    fn doing(&mut self, job: Job) -> Done {
        let done = match job {
            Job::Connect { after } => return self.log_in(after),
            Job::Survey => self.survey(),
            Job::Probe(tasks) => self.probe(&tasks),
            Job::Apply(task) => self.apply(&task),
            Job::Look(step, tasks) => self.look(step, &tasks),
            Job::Undo(task) => self.take_back(&task),
            Job::Ask { to, lack } => self.ask(to, lack),
            Job::Fetch { to, debs } => self.fetch(to, &debs),
            Job::Prove(proof) => self.prove(&proof),
        };
        done.unwrap_or_else(|error| match error {
            HostError::Cancelled => Done::Cancelled,
            other => Done::Lost { reason: other.to_string() },
        })
    }

    fn tell(&self, event: RunEvent) {
        // As above: nobody is left to tell.
        let _ = self.reports.send(Report::Event(event));
    }

    fn log_in(&mut self, after: Duration) -> Done {
        if self.cancel.sleep(after) {
            return Done::Cancelled;
        }
        let node = self.member.name.clone();
        let began = Instant::now();
        self.tell(RunEvent::Connecting { node: node.clone() });
        match self.connect.connect(&self.member, &self.cancel) {
            Ok(Entry { host, user, root, .. }) => {
                self.host = Some(host);
                self.ever_connected = true;
                let (host, took_ms) = (self.member.host(), ms(began.elapsed()));
                self.tell(RunEvent::Connected { node, user, root, host, took_ms });
                Done::Connected
            }
            Err(_) if self.cancel.is_cancelled() => Done::Cancelled,
            // A machine that was there a moment ago may be rebooting.
            Err(no) if no.again && self.ever_connected => Done::Lost { reason: no.reason },
            Err(no) => {
                self.tell(RunEvent::Found { finding: no.finding });
                Done::Refused
            }
        }
    }

    fn survey(&mut self) -> Result<Done, HostError> {
        let host = self.host.as_mut().ok_or_else(gone)?;
        let facts = match look::survey(host.as_mut(), &self.plan.cluster, &self.member)? {
            Ok(facts) => facts,
            Err(error) => return Ok(Done::Lost { reason: format!("the survey {error}") }),
        };
        self.version = facts.installed;
        // The tasks are made anew, and nobody has looked at these.
        self.seen = watch::Seen::default();
        let seen = lab::preflight::seen(&self.plan.cluster, &self.member, &facts);
        self.tell(RunEvent::Seen { what: Observation::Node(seen) });
        Ok(Done::Surveyed(Box::new(facts)))
    }

    fn probe(&mut self, tasks: &[Task]) -> Result<Done, HostError> {
        let scripts: Vec<_> = tasks.iter().map(|task| &task.holds).collect();
        let answers = self.run(&scripts, &mut |_, _, _| {})?;
        let mut hold = Vec::new();
        let node = &self.member.name;
        for (task, answer) in tasks.iter().zip(answers) {
            let holds = answer.status == 0;
            let (task, says) = (task.id.clone(), lines(&answer));
            self.tell(RunEvent::Probed {
                node: node.clone(),
                task: task.clone(),
                holds,
                says: says.clone(),
            });
            let outcome = if holds {
                hold.push(task.clone());
                TaskOutcome::Unchanged
            } else if self.plan.changes() {
                continue;
            } else {
                TaskOutcome::Differs { says }
            };
            let took_ms = ms(answer.took);
            self.tell(RunEvent::TaskEnded { node: node.clone(), task, outcome, took_ms });
        }
        Ok(Done::Probed(hold))
    }

    fn apply(&mut self, task: &Task) -> Result<Done, HostError> {
        let (node, id) = (self.member.name.clone(), task.id.clone());
        self.tell(RunEvent::TaskStarted { node: node.clone(), task: id.clone() });
        let reports = self.reports.clone();
        let began = Instant::now();
        // The change and the probe after it travel together.
        let answers = self.run(&[&task.change, &task.holds], &mut |index, _, line| {
            let report = match lab::install::progress(line) {
                _ if index > 0 => return,
                Some((percent, doing)) => {
                    let (node, task) = (node.clone(), id.clone());
                    Report::Event(RunEvent::Progress { node, task, percent, doing })
                }
                None => Report::Line(node.clone(), id.clone(), line.to_owned()),
            };
            let _ = reports.send(report);
        });
        let outcome = match answers.as_deref() {
            Ok([change, holds]) if change.status == 0 && holds.status == 0 => TaskOutcome::Changed,
            Ok([change, holds]) => self.failure(task, change, holds),
            Ok(_) => return Ok(Done::Lost { reason: "an answer is missing".to_owned() }),
            Err(HostError::TimedOut { after }) => TaskOutcome::Failed {
                error: format!("no end within {} s", after.as_secs()),
                tail: Vec::new(),
            },
            Err(HostError::Cancelled) => TaskOutcome::Stopped,
            Err(error) => return Err(error.clone()),
        };
        let took_ms = ms(began.elapsed());
        self.tell(RunEvent::TaskEnded { node, task: id, outcome: outcome.clone(), took_ms });
        Ok(Done::Applied(outcome))
    }

    /// What to say of a task that did not work, and what the catalogue knows about it.
    fn failure(&mut self, task: &Task, change: &Answer, holds: &Answer) -> TaskOutcome {
        let mut said = lines(change);
        let error = if change.status == 0 {
            said.extend(lines(holds));
            "its change ended well, but does not hold".to_owned()
        } else {
            format!("its change ended with status {}", change.status)
        };
        if task.id.step == Step::Start {
            let journal = Script::new("journalctl -u etcd -n 60 --no-pager -o cat\n");
            if let Ok(answers) = self.run(&[&journal], &mut |_, _, _| {}) {
                said.extend(answers.iter().flat_map(lines));
            }
        }
        let texts: Vec<_> = said.iter().map(String::as_str).collect();
        for finding in diagnose::journal(&self.member.name, &texts) {
            self.tell(RunEvent::Found { finding });
        }
        if task.id.step == Step::Install {
            self.look_anew();
        }
        let tail = said.split_off(said.len().saturating_sub(20));
        TaskOutcome::Failed { error, tail }
    }

    /// Looks how far a person is. Told is what is not as it was at the last look.
    fn look(&mut self, step: Step, tasks: &[Task]) -> Result<Done, HostError> {
        let beside = lab::slips::look(step);
        let scripts: Vec<_> = tasks.iter().map(|task| &task.holds).chain(&beside).collect();
        let answers = self.run(&scripts, &mut |_, _, _| {})?;
        let node = self.member.name.clone();
        let (mut all, mut said) = (true, Vec::new());
        for (task, answer) in tasks.iter().zip(&answers) {
            let (holds, says) = (answer.status == 0, lines(answer));
            all &= holds;
            if self.seen.task(&task.id, holds, &says) {
                let (node, task, says) = (node.clone(), task.id.clone(), says.clone());
                self.tell(RunEvent::Probed { node, task, holds, says });
            }
            said.extend(says);
        }
        let beside = answers.get(tasks.len()).map(lines).unwrap_or_default();
        let wrong = lab::slips::slips(&self.plan.cluster, &self.member, &said, &beside);
        let wrong = self.seen.findings(step, wrong);
        self.tell(RunEvent::Watched { node, step, wrong });
        Ok(Done::Watched(all))
    }

    fn take_back(&mut self, task: &Task) -> Result<Done, HostError> {
        let (node, id, began) = (self.member.name.clone(), task.id.clone(), Instant::now());
        let Some(undo) = &task.undo else { return Ok(Done::Undone(TaskOutcome::Unchanged)) };
        let reports = self.reports.clone();
        let answers = self.run(&[undo], &mut |_, _, line| {
            let _ = reports.send(Report::Line(node.clone(), id.clone(), line.to_owned()));
        })?;
        let answer = answers.first().ok_or_else(gone)?;
        let outcome = if answer.status == 0 {
            TaskOutcome::Changed
        } else {
            let error = format!("taking it back ended with status {}", answer.status);
            TaskOutcome::Failed { error, tail: lines(answer) }
        };
        let (told, took_ms) = (outcome.clone(), ms(began.elapsed()));
        self.tell(RunEvent::TaskUndone { node, task: id, outcome: told, took_ms });
        Ok(Done::Undone(outcome))
    }

    fn prove(&mut self, proof: &Proof) -> Result<Done, HostError> {
        if self.prover.is_none() {
            match Prover::new(&self.plan, &self.member) {
                Ok(prover) => self.prover = Some(prover),
                Err(finding) => {
                    self.tell(RunEvent::Found { finding: *finding });
                    return Ok(Done::Failed);
                }
            }
        }
        let (Some(prover), Some(host)) = (&self.prover, &mut self.host) else {
            return Err(gone());
        };
        let version = self.version.unwrap_or(EtcdVersion::new(3, 5, 0));
        prover.prove(proof, version, host.as_mut(), &self.cancel, &mut |event| {
            let _ = self.reports.send(Report::Event(event));
        })
    }

    fn run(
        &mut self,
        scripts: &[&Script],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let texts: Vec<_> = scripts.iter().map(|s| self.plan.vault.fill(s)).collect();
        let calls: Vec<_> = scripts
            .iter()
            .zip(&texts)
            .map(|(script, text)| Call { text: text.reveal(), root: true, limit: script.limit() })
            .collect();
        self.host.as_mut().ok_or_else(gone)?.run(&calls, sink)
    }
}

fn gone() -> HostError {
    HostError::Lost { reason: "not connected".to_owned() }
}

pub(super) fn lines(answer: &Answer) -> Vec<String> {
    let progress = |line: &&str| lab::install::progress(line).is_none();
    let all = answer.stdout.lines().filter(progress).chain(answer.stderr.lines());
    all.map(str::to_owned).collect()
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn bug(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("internal error: {}; please report it", text.unwrap_or("no message"))
}

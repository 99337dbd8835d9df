//! The one fold: events in, the state that every front end shows out.
//!
//! Total: an event that makes no sense here (a truncated or foreign log) changes nothing.

mod node;

pub use self::node::{Link, NodeState, TaskState, WatchState};
use super::{
    By, Ended, FileChange, Finding, Looked, Observation, RunEvent, RunStarted, Severity, Step,
    StepOutcome, TaskId, TaskOutcome,
    drill::{DrillState, Drilled},
};
use crate::cluster::{MemberId, MemberName};

/// Everything known about a run at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct RunState {
    /// What the run is about; `None` before its first event.
    pub started: Option<RunStarted>,
    /// The nodes, in the order of the cluster file.
    pub nodes: Vec<NodeState>,
    /// What is wrong, in the order it was found.
    pub findings: Vec<Finding>,
    /// The number of what will be done.
    pub plan: Option<String>,
    /// That in words, for a ticket.
    pub plan_text: String,
    /// What becomes of each file.
    pub files: Vec<FileChange>,
    /// Everything was looked at; the person may say go.
    pub ready: bool,
    /// The person said go.
    pub went: bool,
    /// The person asked to stop.
    pub stopping: bool,
    /// When the first of its certificates ends, in seconds since 1970.
    pub certificates_end: Option<i64>,
    /// Who wrote the proof's value.
    pub written_by: Option<MemberName>,
    /// Who read it back, and whether it was the same.
    pub read_by: Option<(MemberName, bool)>,
    /// What the presenter looked at last.
    pub looked: Option<Looked>,
    /// The drill that followed, the last if there were several.
    pub drill: Option<DrillState>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// When that was found, or was found again by a drill, in milliseconds since it began.
    pub judged_ms: Option<u64>,
    /// It is over: nothing follows.
    pub over: bool,
    /// Milliseconds since it began, by the last event.
    pub ms: u64,
}

impl RunState {
    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &MemberName) -> Option<&NodeState> {
        self.nodes.iter().find(|n| &n.plan.name == name)
    }

    /// Whose ID that is, by the plan.
    #[must_use]
    pub fn name_of(&self, id: MemberId) -> Option<&MemberName> {
        self.nodes.iter().find(|n| n.plan.id == id).map(|n| &n.plan.name)
    }

    /// How many members must live.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.nodes.len() / 2 + 1
    }

    /// The nodes on which something of that step was changed, by the program or by hand.
    pub fn changed(&self, step: Step) -> impl Iterator<Item = &NodeState> {
        let changed = move |t: &TaskState| {
            t.plan.id.step == step && matches!(t.outcome, Some((TaskOutcome::Changed, _)))
        };
        self.nodes.iter().filter(move |n| n.by_hand.contains(&step) || n.tasks.iter().any(changed))
    }

    /// The one leader all asked members agree on, if they do.
    #[must_use]
    pub fn leader(&self) -> Option<MemberId> {
        let mut leaders = self.nodes.iter().filter_map(|n| n.member.as_ref()).map(|m| m.leader);
        let first = leaders.next()??;
        leaders.all(|l| l == Some(first)).then_some(first)
    }

    /// Takes one event in.
    pub fn apply(&mut self, ms: u64, event: &RunEvent) {
        self.ms = self.ms.max(ms);
        match event {
            RunEvent::RunStarted(started) => {
                self.nodes = started.members.iter().cloned().map(NodeState::new).collect();
                self.started = Some(started.clone());
            }
            RunEvent::Numbered { plan, text, files } => {
                self.plan = Some(plan.clone());
                self.plan_text.clone_from(text);
                self.files.clone_from(files);
            }
            RunEvent::Ready => self.ready = true,
            RunEvent::Went => self.went = true,
            RunEvent::StopAsked { .. } => self.stopping = true,
            RunEvent::Found { finding } => {
                if !self.findings.contains(finding) {
                    self.findings.push(finding.clone());
                }
            }
            RunEvent::Overheard { finding } => {
                if let Some(node) = &finding.node {
                    self.with(node, |n| n.overhears(finding));
                }
            }
            RunEvent::Watched { node, step, wrong } => self.with(node, |n| {
                if let Some(watch) = n.watch.as_mut().filter(|w| w.step == *step) {
                    watch.looked_ms = Some(ms);
                    watch.wrong = wrong.clone().unwrap_or(std::mem::take(&mut watch.wrong));
                }
            }),
            RunEvent::Seen { what } => self.see(what),
            RunEvent::Judged { ended } => self.judge(ms, *ended),
            RunEvent::RunEnded { ended } => {
                self.judge(ms, *ended);
                self.over = true;
            }
            RunEvent::Drill { what } => self.drilled(ms, what),
            RunEvent::Retried { node, .. } => self.tried_again(node),
            RunEvent::Looked(looked) => self.looked = Some(looked.clone()),
            RunEvent::Marked { .. } | RunEvent::Unknown => {}
            _ => self.apply_to_node(event),
        }
    }

    /// A verdict that stood already is from when it was found.
    fn judge(&mut self, ms: u64, ended: Ended) {
        if self.ended.replace(ended) != Some(ended) {
            self.judged_ms = Some(ms);
        }
    }

    fn drilled(&mut self, ms: u64, what: &Drilled) {
        if matches!(what, Drilled::Began { .. }) {
            self.drill = Some(DrillState::default());
        }
        if let Drilled::Member { node, up: true, leader, term } = what {
            self.with(node, |n| {
                if let Some(member) = &mut n.member {
                    (member.leader, member.term) = (*leader, *term);
                }
            });
        }
        if matches!(what, Drilled::Ended) && self.judged_ms.is_some() {
            self.judged_ms = Some(ms);
        }
        if let Some(drill) = self.drill.as_mut().filter(|drill| !drill.ended) {
            drill.apply(ms, what);
        }
    }

    /// What stopped that node, or all of them, is behind it.
    fn tried_again(&mut self, node: &MemberName) {
        (self.ended, self.judged_ms) = (None, None);
        let past =
            |f: &Finding| f.severity == Severity::Stop && f.node.as_ref().is_none_or(|n| n == node);
        self.findings.retain(|f| !past(f));
        self.with(node, |n| {
            n.ended.retain(|(_, outcome, _)| *outcome != StepOutcome::Failed);
            n.unlike.clear();
            n.ruled_out.clear();
            n.remedies.clear();
            for task in &mut n.tasks {
                let failed = |(outcome, _): &(TaskOutcome, u64)| {
                    matches!(outcome, TaskOutcome::Failed { .. })
                };
                task.outcome.take_if(|outcome| failed(outcome));
            }
        });
    }

    fn apply_to_node(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Connecting { node } => self.with(node, |n| n.link = Link::Connecting),
            RunEvent::Connected { node, user, took_ms, .. } => self.with(node, |n| {
                n.link = Link::Up { user: user.clone(), took_ms: *took_ms };
            }),
            RunEvent::Lost { node, reason, .. } => {
                self.with(node, |n| n.link = Link::Lost(reason.clone()));
            }
            RunEvent::StepStarted { node, step } => self.with(node, |n| {
                // Entered once more: the program goes on with what a person began.
                n.watch = n.watch.take().filter(|_| n.step != Some(*step));
                n.step = Some(*step);
            }),
            RunEvent::Planned { node, step, tasks } => self.with(node, |n| {
                // Planned anew after something was learned: what was done stays done.
                let (before, others) =
                    n.tasks.drain(..).partition(|t: &TaskState| t.plan.id.step == *step);
                n.tasks = others;
                let again = |t: &TaskState| tasks.iter().any(|plan| plan.id == t.plan.id);
                let (again, gone): (Vec<_>, Vec<_>) = before.into_iter().partition(again);
                n.tasks.extend(gone.into_iter().filter(|t| t.outcome.is_some()));
                n.tasks.extend(tasks.iter().map(|plan| {
                    let known = again.iter().find(|t| t.plan.id == plan.id);
                    let outcome = known.and_then(|t| t.outcome.clone());
                    let (plan, says) = (plan.clone(), Vec::new());
                    TaskState { plan, running: false, holds: false, says, outcome }
                }));
            }),
            RunEvent::Probed { node, task, holds, says } => self.with(node, |n| {
                if let Some(t) = n.task(task) {
                    let anew = *holds && !t.holds;
                    t.holds = *holds;
                    t.says.clone_from(says);
                    if anew {
                        n.overheard.clear();
                    }
                }
            }),
            RunEvent::Compared { node, unlike, ruled_out } => self.with(node, |n| {
                n.unlike.clone_from(unlike);
                n.ruled_out.clone_from(ruled_out);
            }),
            RunEvent::Offered { node, remedy } => self.with(node, |n| {
                if !n.remedies.contains(remedy) {
                    n.remedies.push(remedy.clone());
                }
            }),
            RunEvent::Hinted { node, task, hint } => {
                self.with(node, |n| n.hints.push((task.clone(), *hint)));
            }
            RunEvent::UndoStarted { node, step } => self.with(node, |n| n.undoing = Some(*step)),
            RunEvent::TaskStarted { node, task } => {
                self.with_task(node, task, |t| t.running = true);
            }
            RunEvent::Output { node, lines, left_out, .. } => {
                self.with(node, |n| n.say(lines, *left_out));
            }
            RunEvent::Progress { node, percent, doing, .. } => {
                self.with(node, |n| n.progress = Some((*percent, doing.clone())));
            }
            RunEvent::TaskEnded { node, task, outcome, took_ms } => {
                self.with(node, |n| n.progress = None);
                self.with_task(node, task, |t| {
                    t.running = false;
                    t.holds = matches!(outcome, TaskOutcome::Unchanged | TaskOutcome::Changed);
                    // Looked at once more after it was changed: the change is what counts.
                    let changed = matches!(t.outcome, Some((TaskOutcome::Changed, _)));
                    if !(changed && *outcome == TaskOutcome::Unchanged) {
                        t.outcome = Some((outcome.clone(), *took_ms));
                    }
                });
            }
            RunEvent::StepEnded { node, step, outcome, took_ms, by } => self.with(node, |n| {
                n.watch = None;
                n.by_hand.retain(|s| s != step);
                n.by_hand.extend((*by == By::Person).then_some(*step));
                n.ended.retain(|(s, ..)| s != step);
                n.ended.push((*step, *outcome, *took_ms));
            }),
            RunEvent::Watching { node, step, look } => self.with(node, |n| {
                let (step, look) = (*step, look.clone());
                n.watch = Some(WatchState { step, look, looked_ms: None, wrong: Vec::new() });
            }),
            RunEvent::StepUndone { node, step } => self.with(node, |n| {
                n.ended.retain(|(s, ..)| s < step);
                n.by_hand.retain(|s| s < step);
                n.tasks.retain(|t| t.plan.id.step < *step);
                n.step = n.ended.last().map(|(s, ..)| *s);
                (n.watch, n.undoing) = (None, None);
                n.overheard.clear();
            }),
            RunEvent::TaskUndone { node, outcome: TaskOutcome::Failed { error, tail }, .. } => {
                self.with(node, |n| {
                    n.undoing = None;
                    n.say(&[tail.as_slice(), std::slice::from_ref(error)].concat(), 0);
                });
            }
            RunEvent::TaskUndone { node, task, .. } => self.with_task(node, task, |t| {
                (t.holds, t.outcome) = (false, None);
            }),
            _ => {}
        }
    }

    fn see(&mut self, what: &Observation) {
        match what {
            Observation::Node(seen) => self.with(&seen.node, |n| n.seen = Some(seen.clone())),
            Observation::Member(seen) => {
                self.with(&seen.node, |n| n.member = Some(seen.clone()));
            }
            Observation::Path(path) => self.with(&path.from, |n| {
                n.paths.retain(|p| p.to != path.to);
                n.paths.push(path.clone());
            }),
            Observation::Written { by, .. } => self.written_by = Some(by.clone()),
            Observation::Read { by, same, .. } => self.read_by = Some((by.clone(), *same)),
            Observation::Quorum { node, answers, decided } => {
                self.with(node, |n| n.quorum = Some((*answers, *decided)));
            }
            Observation::CertificatesEnd { at_unix } => self.certificates_end = Some(*at_unix),
            Observation::Fsync { node, p99_us, of } => {
                self.with(node, |n| n.fsync = Some((*p99_us, *of)));
            }
        }
    }

    fn with(&mut self, node: &MemberName, change: impl FnOnce(&mut NodeState)) {
        if let Some(state) = self.nodes.iter_mut().find(|n| &n.plan.name == node) {
            change(state);
        }
    }

    fn with_task(&mut self, node: &MemberName, id: &TaskId, change: impl FnOnce(&mut TaskState)) {
        self.with(node, |n| {
            if let Some(task) = n.task(id) {
                change(task);
            }
        });
    }
}

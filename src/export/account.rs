//! What happened, node by node and task by task: what transcript and report are written from.

use std::collections::BTreeMap;

use crate::{
    cluster::MemberName,
    event::{
        Finding, Observation, RunEvent, RunState, Stamped, Step, TaskId, TaskOutcome, TaskPlan,
        observation::NodeSeen,
    },
    ui::text::elapsed,
};

/// A task on a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deed {
    /// When its change began, in milliseconds since the run began.
    pub(crate) began_ms: Option<u64>,
    /// How it ended, and how long it took in milliseconds.
    pub(crate) outcome: Option<(TaskOutcome, u64)>,
    /// What the probe said differs, when it was looked at first.
    pub(crate) differed: Vec<String>,
    /// What the node said meanwhile.
    pub(crate) said: Vec<String>,
}

/// A task, with all nodes it was planned on.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) title: String,
    /// Each text of it, and on which nodes it is that.
    pub(crate) texts: Vec<(TaskPlan, Vec<MemberName>)>,
    pub(crate) deeds: BTreeMap<MemberName, Deed>,
}

/// A run, told.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// The state it ended in.
    pub(crate) state: RunState,
    /// Its tasks, in the order they were planned.
    pub(crate) tasks: Vec<Task>,
    /// What was found, and when.
    pub(crate) findings: Vec<(u64, Finding)>,
    /// What each node had before anything was changed: what was seen of it first.
    pub(crate) before: BTreeMap<MemberName, NodeSeen>,
    /// When a node entered a step.
    pub(crate) entered: BTreeMap<(Step, MemberName), u64>,
}

impl Account {
    /// Of those events.
    pub(crate) fn of(events: &[Stamped]) -> Self {
        let mut account = Self::default();
        for stamped in events {
            account.state.apply(stamped.ms, &stamped.event);
            account.take(stamped.ms, &stamped.event);
        }
        account
    }

    fn take(&mut self, ms: u64, event: &RunEvent) {
        match event {
            RunEvent::StepStarted { node, step } => {
                self.entered.entry((*step, node.clone())).or_insert(ms);
            }
            RunEvent::Seen { what: Observation::Node(seen) } => {
                self.before.entry(seen.node.clone()).or_insert_with(|| seen.clone());
            }
            RunEvent::Planned { node, tasks, .. } => {
                for plan in tasks {
                    self.plan(node, plan);
                }
            }
            RunEvent::Probed { node, task, holds: false, says } => self.with(node, task, |deed| {
                if deed.began_ms.is_none() && deed.outcome.is_none() {
                    deed.differed.clone_from(says);
                }
            }),
            RunEvent::TaskStarted { node, task } => {
                self.with(node, task, |deed| deed.began_ms = Some(ms));
            }
            RunEvent::Output { node, task, lines, left_out } => self.with(node, task, |deed| {
                if *left_out > 0 {
                    deed.said.push(format!("… {left_out} lines left out …"));
                }
                deed.said.extend_from_slice(lines);
            }),
            RunEvent::TaskEnded { node, task, outcome, took_ms } => self.with(node, task, |deed| {
                // Looked at once more after it was changed: the change is what counts.
                let changed = matches!(deed.outcome, Some((TaskOutcome::Changed, _)));
                if !(changed && *outcome == TaskOutcome::Unchanged) {
                    deed.outcome = Some((outcome.clone(), *took_ms));
                }
            }),
            RunEvent::TaskUndone { node, task, .. } => {
                self.with(node, task, |deed| *deed = Deed::default());
            }
            RunEvent::Found { finding } | RunEvent::Overheard { finding }
                if !self.findings.iter().any(|(_, known)| known == finding) =>
            {
                self.findings.push((ms, finding.clone()));
            }
            _ => {}
        }
    }

    fn plan(&mut self, node: &MemberName, plan: &TaskPlan) {
        let at = self.tasks.iter().position(|task| task.id == plan.id);
        let at = at.unwrap_or_else(|| {
            let (id, title) = (plan.id.clone(), plan.title.clone());
            self.tasks.push(Task { id, title, texts: Vec::new(), deeds: BTreeMap::new() });
            self.tasks.len() - 1
        });
        let Some(task) = self.tasks.get_mut(at) else { return };
        task.deeds.entry(node.clone()).or_default();
        // Planned anew: the text of before is no more what is done there.
        task.texts.iter_mut().for_each(|(_, nodes)| nodes.retain(|known| known != node));
        match task.texts.iter_mut().find(|(known, _)| known.change == plan.change) {
            Some((_, nodes)) => nodes.push(node.clone()),
            None => task.texts.push((plan.clone(), vec![node.clone()])),
        }
        task.texts.retain(|(_, nodes)| !nodes.is_empty());
    }

    fn with(&mut self, node: &MemberName, id: &TaskId, change: impl FnOnce(&mut Deed)) {
        let task = self.tasks.iter_mut().find(|task| &task.id == id);
        if let Some(deed) = task.and_then(|task| task.deeds.get_mut(node)) {
            change(deed);
        }
    }

    /// The steps that the run went through.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.state.started.as_ref().map(|s| s.steps.clone()).unwrap_or_default()
    }

    /// When the first node entered that step.
    pub(crate) fn began(&self, step: Step) -> Option<u64> {
        self.entered.iter().filter(|((s, _), _)| *s == step).map(|(_, ms)| *ms).min()
    }
}

/// How a task ended, in a word or two.
pub(crate) fn outcome(deed: &Deed) -> &'static str {
    match deed.outcome.as_ref().map(|(outcome, _)| outcome) {
        Some(TaskOutcome::Unchanged) => "held already",
        Some(TaskOutcome::Changed) => "changed",
        Some(TaskOutcome::Differs { .. }) => "does not hold",
        Some(TaskOutcome::Failed { .. }) => "failed",
        Some(TaskOutcome::Stopped) => "stopped",
        None if deed.began_ms.is_some() => "not ended",
        None => "not reached",
    }
}

/// What became of a task, a line for all nodes on which that was the same.
pub(crate) fn told(task: &Task) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<(&MemberName, &Deed)>)> = Vec::new();
    for (node, deed) in &task.deeds {
        let word = outcome(deed);
        match groups.iter_mut().find(|(known, _)| *known == word) {
            Some((_, nodes)) => nodes.push((node, deed)),
            None => groups.push((word, vec![(node, deed)])),
        }
    }
    let all = task.deeds.len();
    let line = |(word, nodes): &(&str, Vec<(&MemberName, &Deed)>)| {
        let names: Vec<_> = nodes.iter().map(|(node, _)| node.as_str()).collect();
        let names = if nodes.len() == all && all > 1 {
            format!("all {all} nodes")
        } else {
            names.join(", ")
        };
        let began = range(nodes.iter().filter_map(|(_, deed)| deed.began_ms), elapsed);
        let took = nodes.iter().filter_map(|(_, deed)| Some(deed.outcome.as_ref()?.1));
        let took = range(took.filter(|_| *word != "held already"), lasted);
        let at = began.map(|began| format!(", at {began}")).unwrap_or_default();
        let took = took.map(|took| format!(", took {took}")).unwrap_or_default();
        format!("{word} on {names}{at}{took}")
    };
    groups.iter().map(line).collect()
}

/// From the least to the most, in those words; once, if they are the same.
fn range(values: impl Iterator<Item = u64>, words: fn(u64) -> String) -> Option<String> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    let (first, last) = (words(*values.first()?), words(*values.last()?));
    Some(if first == last { first } else { format!("{first} to {last}") })
}

/// Milliseconds as `27 ms` or `2.1 s`, from a minute on as `2:10`.
pub(crate) fn lasted(ms: u64) -> String {
    match ms {
        ..100 => format!("{ms} ms"),
        100..60_000 => format!("{}.{} s", ms / 1000, ms / 100 % 10),
        _ => elapsed(ms),
    }
}

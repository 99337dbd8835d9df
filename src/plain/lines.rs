//! An event as lines for a person: time, node, step, what.

use crate::event::{
    Finding, Intent, Observation, RunEvent, RunState, Severity, Stamped, Step, StepOutcome,
    TaskOutcome,
    observation::{NodeSeen, room},
    state::NodeState,
};

/// Colours, if they are wanted. A word always says the same.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    /// Green.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Red.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Yellow.
    #[must_use]
    pub fn look(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Bold.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// What is said of an event, after it was taken into `state`.
#[must_use]
pub fn lines(state: &RunState, event: &Stamped, paint: Paint, verbose: bool) -> Vec<String> {
    let row = |node: &str, step: &str, what: &str| {
        let wide = state.nodes.iter().map(|n| n.plan.name.as_str().len()).max().unwrap_or(0);
        format!("{:>6}  {node:wide$}  {step:12}  {what}", seconds(event.ms))
    };
    let said = |line: &str| row("", "", &format!("| {line}"));
    match &event.event {
        RunEvent::RunStarted(_) => opening(state, paint),
        RunEvent::Connected { node, user, root, took_ms, .. } => {
            let root = if root == "root" { String::new() } else { format!(", {root}") };
            vec![row(node.as_str(), "connect", &format!("as {user}{root}  {took_ms} ms"))]
        }
        RunEvent::Lost { node, reason, again } => {
            let then = if *again { "; trying again" } else { "; given up" };
            vec![row(node.as_str(), "connect", &paint.look(&format!("{reason}{then}")))]
        }
        RunEvent::Seen { what: Observation::Node(seen) }
            if state.node(&seen.node).and_then(|n| n.step) == Some(Step::Preflight) =>
        {
            vec![row(seen.node.as_str(), Step::Preflight.id(), &survey(seen))]
        }
        RunEvent::StepEnded { step: Step::Preflight, outcome: StepOutcome::Unchanged, .. } => {
            Vec::new()
        }
        RunEvent::StepEnded { outcome: StepOutcome::Differs | StepOutcome::Unchanged, .. }
            if looks_only(state) && !verbose =>
        {
            Vec::new()
        }
        RunEvent::StepEnded { node, step, outcome, took_ms, .. } => {
            let node_state = state.node(node);
            let what = step_end(node_state, *step, *outcome, paint);
            vec![row(node.as_str(), step.id(), &format!("{what}  {}", seconds(*took_ms)))]
        }
        RunEvent::TaskEnded { node, task, outcome, took_ms } => {
            let row = |what: &str| row(node.as_str(), task.step.id(), what);
            let title = state
                .node(node)
                .and_then(|n| n.tasks.iter().find(|t| &t.plan.id == task))
                .map_or_else(|| task.to_string(), |t| t.plan.title.clone());
            match outcome {
                TaskOutcome::Failed { error, tail } => {
                    let last = tail.iter().skip(tail.len().saturating_sub(8));
                    let failed = row(&paint.bad(&format!("{title}: {error}")));
                    std::iter::once(failed).chain(last.map(|line| said(line))).collect()
                }
                TaskOutcome::Stopped => {
                    vec![row(&paint.look(&format!("{title}: stopped on request")))]
                }
                // Without -v it is told once for all nodes, at the end.
                TaskOutcome::Differs { says } if verbose => says.iter().map(|s| row(s)).collect(),
                TaskOutcome::Changed if verbose => {
                    vec![row(&format!("{title}  {}", seconds(*took_ms)))]
                }
                TaskOutcome::Unchanged if verbose => vec![row(&format!("{title}: unchanged"))],
                _ => Vec::new(),
            }
        }
        RunEvent::Output { node, task, lines, .. } if verbose => {
            lines.iter().map(|l| row(node.as_str(), task.step.id(), &format!("| {l}"))).collect()
        }
        RunEvent::Found { finding } => {
            let mut alike = state.findings.iter().filter(|f| f.id == finding.id && *f != finding);
            told_after(finding, alike.next(), paint)
        }
        RunEvent::Compared { unlike, ruled_out, .. } => {
            let mut told: Vec<_> =
                unlike.iter().map(|line| format!("    unlike    {line}")).collect();
            told.extend(
                (!ruled_out.is_empty()).then(|| format!("    ruled out {}", ruled_out.join(" · "))),
            );
            told
        }
        RunEvent::Offered { remedy, .. } => {
            let (title, cost) = (remedy.title(), remedy.cost());
            vec![format!("    offered   {title} ({cost}): on the screen of quorate up")]
        }
        RunEvent::StopAsked { at_once: false } if state.went => {
            vec!["Stopping after the running changes. Ctrl-C once more stops at once.".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// Whether the run is a check: what it found is told at its end, as a whole.
fn looks_only(state: &RunState) -> bool {
    state.started.as_ref().is_some_and(|started| started.intent == Intent::Check)
}

fn opening(state: &RunState, paint: Paint) -> Vec<String> {
    let Some(started) = &state.started else { return Vec::new() };
    let (count, quorum) = (state.nodes.len(), state.quorum());
    let kind = if started.practice { "PRACTICE" } else { "LIVE" };
    let what = match started.intent {
        Intent::Up => "bootstrap",
        Intent::Check => "check, which changes nothing",
        Intent::Reset => "reset",
        Intent::Members => "members",
    };
    vec![format!(
        "{}  {kind}  {count} members, {quorum} must live, {} may fail: {what}",
        paint.strong(started.cluster.as_str()),
        count - quorum
    )]
}

fn survey(seen: &NodeSeen) -> String {
    let free = format!("{} free", room(seen.free_bytes));
    let etcd = match (seen.installed, seen.offered) {
        (Some(_), _) | (None, None) => None,
        (None, Some(version)) => Some(format!("apt offers etcd {version}")),
    };
    let there = match seen.there.as_slice() {
        [] => "nothing there yet".to_owned(),
        some => format!("there: {}", some.join(", ")),
    };
    let parts = [Some(seen.system.clone()), etcd, Some(free), Some(there)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn step_end(node: Option<&NodeState>, step: Step, outcome: StepOutcome, paint: Paint) -> String {
    let tasks = || node.into_iter().flat_map(|n| &n.tasks).filter(|t| t.plan.id.step == step);
    let changed = tasks().filter(|t| matches!(t.outcome, Some((TaskOutcome::Changed, _)))).count();
    match outcome {
        StepOutcome::Unchanged if step == Step::Verify => paint.good("asked"),
        StepOutcome::Done if step == Step::Verify => paint.good("proved"),
        StepOutcome::Unchanged => paint.good("unchanged"),
        StepOutcome::Done => {
            format!("{}, {changed} of {} changed", paint.good("done"), tasks().count())
        }
        StepOutcome::Differs => paint.look("differs"),
        StepOutcome::Failed => paint.bad("failed"),
        StepOutcome::Stopped => paint.look("stopped"),
    }
}

/// A finding, whole.
#[must_use]
pub fn told(finding: &Finding, paint: Paint) -> Vec<String> {
    told_after(finding, None, paint)
}

/// A finding; what one of the same kind has said already is not said again.
fn told_after(finding: &Finding, alike: Option<&Finding>, paint: Paint) -> Vec<String> {
    let sign = match finding.severity {
        Severity::Stop => paint.bad("✗"),
        Severity::Look => paint.look("!"),
    };
    let mut lines = vec![format!("{sign} {}", finding.says)];
    if alike.is_none_or(|f| f.cause != finding.cause) {
        lines.push(format!("    cause     {}", finding.cause));
    }
    lines.extend(finding.evidence.iter().map(|line| format!("    seen      {line}")));
    if alike.is_none_or(|f| f.remedy != finding.remedy) {
        lines.push(format!("    remedy    {}", finding.remedy));
    }
    if alike.is_none() && crate::diagnose::explain(&finding.id).is_some() {
        lines.push(format!("    more      quorate explain {}", finding.id));
    }
    lines
}

/// `12.3 s`, or `4:05 min`.
#[must_use]
pub fn seconds(ms: u64) -> String {
    match ms {
        0..100_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{}:{:02} min", ms / 60_000, ms / 1000 % 60),
    }
}

//! Hosts that only pretend, and a run on them: for tests of the engine's own logic.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::*;
use crate::{
    cluster::{Member, MemberName, file::tests::lab},
    event::{Ended, RunEvent, RunState, Step, StepOutcome, state::NodeState},
    lab::{Facts, tasks},
    remote::{Answer, Call, Host, HostError, Stream, Wire, connect::With},
};

const SURVEY: &str = "survey 1\nclock NOW.000\nos debian 12 bookworm\nlists there\n\
                      offer etcd-server 3.4.23-4\nunit ActiveState=inactive\nsurvey ends\n";

/// What a pretended node does with a text that is not the survey; `None` answers well.
pub(super) type Behaviour =
    Arc<dyn Fn(&MemberName, &str) -> Option<Result<i32, HostError>> + Send + Sync>;

/// Remembers what ran where. A probe holds once its change has run.
pub(super) struct Pretended {
    node: MemberName,
    behaviour: Behaviour,
    world: Arc<World>,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) ran: Mutex<Vec<(MemberName, String)>>,
    pub(super) logins: Mutex<BTreeMap<MemberName, usize>>,
    pub(super) changes: BTreeMap<String, String>,
}

impl World {
    /// Knows which text is the change of which probe.
    pub(super) fn of(plan: &Plan) -> Self {
        let assumed = Facts::assumed(crate::cluster::Release::Bookworm);
        let mut changes = BTreeMap::new();
        for member in &plan.cluster.members {
            let material = plan.vault.material(&member.name).unwrap();
            for step in plan.steps() {
                for task in tasks(*step, &plan.cluster, member, material, &assumed) {
                    let change = plan.vault.fill(&task.change);
                    let change = String::from_utf8(change.reveal().to_vec()).unwrap();
                    changes.insert(task.holds.text, change);
                }
            }
        }
        Self { changes, ..Self::default() }
    }

    pub(super) fn changed(&self) -> Vec<(MemberName, String)> {
        let is_change = |text: &String| self.changes.values().any(|change| change == text);
        let ran = self.ran.lock().unwrap();
        ran.iter().filter(|(_, text)| is_change(text)).cloned().collect()
    }
}

impl Host for Pretended {
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let mut answers = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let text = String::from_utf8(call.text.to_vec()).unwrap();
            let mut stdout = String::new();
            let status = if text.contains("survey ends") {
                stdout = SURVEY.replace("NOW", &now().to_string());
                stdout.lines().for_each(|line| sink(index, Stream::Out, line));
                0
            } else if let Some(answer) = (self.behaviour)(&self.node, &text) {
                answer?
            } else if let Some(change) = self.world.changes.get(&text) {
                let ran = self.world.ran.lock().unwrap();
                i32::from(!ran.contains(&(self.node.clone(), change.clone())))
            } else {
                0
            };
            if status == 0 {
                self.world.ran.lock().unwrap().push((self.node.clone(), text));
            }
            let (stderr, took) = (String::new(), Duration::ZERO);
            answers.push(Answer { status, stdout, stderr, took });
        }
        Ok(answers)
    }

    fn dial(&mut self, to: SocketAddr, _: Duration) -> Result<Box<dyn Wire + '_>, HostError> {
        Err(HostError::Unreachable { to, reason: "pretended".to_owned() })
    }
}

pub(super) struct Pretend(pub(super) Behaviour, pub(super) Arc<World>);

impl Connect for Pretend {
    fn connect(&self, member: &Member, _: &Cancel) -> Result<Entry, Box<NoEntry>> {
        *self.1.logins.lock().unwrap().entry(member.name.clone()).or_default() += 1;
        let node = member.name.clone();
        let host = Pretended { node, behaviour: Arc::clone(&self.0), world: Arc::clone(&self.1) };
        let (user, root) = ("root".to_owned(), "root".to_owned());
        Ok(Entry { host: Box::new(host), user, with: With::Nothing, root })
    }
}

pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

/// A plan for the lab's five, with certificates of their own.
pub(super) fn plan(dir: &std::path::Path) -> Plan {
    let mut cluster = lab();
    for (path, name) in [
        (&mut cluster.tls.ca, "ca.pem"),
        (&mut cluster.tls.cert, "kubernetes.pem"),
        (&mut cluster.tls.key, "kubernetes-key.pem"),
    ] {
        *path = dir.join(name);
    }
    let now = now();
    let set = crate::pki::issue_for(&cluster, crate::pki::Pairs::Shared, now, 30).unwrap();
    set.write_set(dir).unwrap();
    Plan {
        vault: Arc::new(Vault::open(&cluster).unwrap()),
        cluster: Arc::new(cluster),
        intent: Intent::Up,
        practice: false,
        go: true,
        stays: false,
        aside: BTreeSet::new(),
        remove_packages: false,
        nonce: "1".to_owned(),
        soon_days: 1,
        at: String::new(),
        at_unix: now,
    }
}

/// Runs it; `react` sees each event and may order something.
pub(super) fn run(
    plan: Plan,
    world: &Arc<World>,
    behaviour: Behaviour,
    mut react: impl FnMut(&RunEvent, &Sender<Order>),
) -> (RunState, Ended) {
    let run = start(plan, Arc::new(Pretend(behaviour, Arc::clone(world)))).unwrap();
    let mut state = RunState::default();
    for Stamped { ms, event } in &run.events {
        state.apply(ms, &event);
        react(&event, &run.orders);
        if let RunEvent::RunEnded { ended } = event {
            run.join();
            return (state, ended);
        }
    }
    panic!("the run broke off");
}

pub(super) fn well() -> Behaviour {
    Arc::new(|_, _| None)
}

pub(super) fn outcomes(node: &NodeState) -> Vec<(Step, StepOutcome)> {
    node.ended.iter().map(|(step, outcome, _)| (*step, *outcome)).collect()
}

//! Asking nodes what is there, and nothing else: for a worker, and for a plan without a run.

use std::{
    collections::BTreeMap,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    entry::{Connect, Entry},
    findings::no_survey,
    worker::lines,
};
use crate::{
    cluster::{Cluster, Member, MemberName},
    event::{Finding, Step},
    lab::{self, BadAnswer, Facts, Material, Script, Task, slips, tasks},
    remote::{Answer, Call, Cancel, Host, HostError},
};

/// Surveys a node. `Ok(Err(…))` is an answer that is no survey.
///
/// # Errors
/// If the node gave no answer.
pub fn survey(
    host: &mut dyn Host,
    cluster: &Cluster,
    member: &Member,
) -> Result<Result<Facts, BadAnswer>, HostError> {
    let script = lab::survey(cluster, member);
    let mut arrived = 0;
    let answers = host.run(&[read_only(&script)], &mut |_, _, line| {
        if line.starts_with("clock ") {
            arrived = unix_ms();
        }
    })?;
    let output = answers.first().map(|a| a.stdout.as_str()).unwrap_or_default();
    Ok(Facts::read(output, arrived))
}

/// Logs in to a node and surveys it.
fn enter(
    cluster: &Cluster,
    member: &Member,
    connect: &dyn Connect,
) -> Result<(Entry, Facts), Box<Finding>> {
    let no = |reason: &str| Box::new(no_survey(&member.name, reason));
    let entry = connect.connect(member, &Cancel::default());
    let mut entry = entry.map_err(|no_entry| Box::new(no_entry.finding))?;
    match survey(entry.host.as_mut(), cluster, member) {
        Ok(Ok(facts)) => Ok((entry, facts)),
        Ok(Err(error)) => Err(no(&format!("the survey {error}"))),
        Err(error) => Err(no(&error.to_string())),
    }
}

/// Surveys all nodes at once, and changes nothing.
///
/// # Errors
/// What is wrong with each node that gave no answer.
pub fn survey_all(
    cluster: &Cluster,
    connect: &dyn Connect,
) -> Result<BTreeMap<MemberName, Facts>, Vec<Finding>> {
    let look = |member: &Member| enter(cluster, member, connect).map(|(_, facts)| facts);
    let (mut facts, mut findings) = (BTreeMap::new(), Vec::new());
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = cluster.members.iter().map(|m| (m, scope.spawn(|| look(m)))).collect();
        asked.into_iter().map(|(m, thread)| (m, thread.join())).collect()
    });
    for (member, answer) in answers {
        match answer {
            Ok(Ok(found)) => {
                facts.insert(member.name.clone(), found);
            }
            Ok(Err(finding)) => findings.push(*finding),
            // A bug there is that node's failure.
            Err(_) => findings.push(no_survey(&member.name, "internal error; please report it")),
        }
    }
    if findings.is_empty() { Ok(facts) } else { Err(findings) }
}

/// A step on a node, as it was looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which.
    pub step: Step,
    /// Its tasks, whether each holds, and what its probe said.
    pub tasks: Vec<(Task, bool, Vec<String>)>,
    /// What was read beside them.
    pub beside: Vec<String>,
}

/// The first step that does not hold on a node as a whole; `None`: all hold.
///
/// # Errors
/// What is wrong with a node that gave no answer.
pub fn first_open(
    cluster: &Cluster,
    member: &Member,
    material: &Material,
    connect: &dyn Connect,
) -> Result<Option<Seen>, Box<Finding>> {
    let (mut entry, facts) = enter(cluster, member, connect)?;
    let host = entry.host.as_mut();
    for step in Step::LAB.into_iter().filter(|step| step.has_tasks()) {
        let (todo, look) = (tasks(step, cluster, member, material, &facts), slips::look(step));
        let scripts: Vec<_> = todo.iter().map(|task| &task.holds).chain(&look).collect();
        let calls: Vec<_> = scripts.into_iter().map(read_only).collect();
        let answers = host
            .run(&calls, &mut |_, _, _| {})
            .map_err(|error| Box::new(no_survey(&member.name, &error.to_string())))?;
        if answers.iter().zip(&todo).any(|(answer, _)| answer.status != 0) {
            let beside = answers.get(todo.len()).map(lines).unwrap_or_default();
            let seen = |(task, answer): (Task, &Answer)| (task, answer.status == 0, lines(answer));
            let tasks = todo.into_iter().zip(&answers).map(seen).collect();
            return Ok(Some(Seen { step, tasks, beside }));
        }
    }
    Ok(None)
}

/// A text that needs no secret, as root.
fn read_only(script: &Script) -> Call<'_> {
    Call { text: script.text.as_bytes(), root: true, limit: script.limit() }
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
}

//! Asking nodes what is there, and nothing else: for a worker, and for a plan without a run.

use std::{
    collections::BTreeMap,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    entry::{Connect, NoEntry},
    findings::no_survey,
};
use crate::{
    cluster::{Cluster, Member, MemberName},
    event::Finding,
    lab::{self, BadAnswer, Facts},
    remote::{Call, Cancel, Host, HostError},
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
    let call = Call { text: script.text.as_bytes(), root: true, limit: script.limit() };
    let mut arrived = 0;
    let answers = host.run(&[call], &mut |_, _, line| {
        if line.starts_with("clock ") {
            arrived = unix_ms();
        }
    })?;
    let output = answers.first().map(|a| a.stdout.as_str()).unwrap_or_default();
    Ok(Facts::read(output, arrived))
}

/// Surveys all nodes at once, and changes nothing.
///
/// # Errors
/// What is wrong with each node that gave no answer.
pub fn survey_all(
    cluster: &Cluster,
    connect: &dyn Connect,
) -> Result<BTreeMap<MemberName, Facts>, Vec<Finding>> {
    let cancel = Cancel::default();
    let look = |member: &Member| -> Result<Facts, Box<Finding>> {
        let mut entry =
            connect.connect(member, &cancel).map_err(|no: Box<NoEntry>| Box::new(no.finding))?;
        match survey(entry.host.as_mut(), cluster, member) {
            Ok(Ok(facts)) => Ok(facts),
            Ok(Err(error)) => {
                Err(Box::new(no_survey(&member.name, &format!("the survey {error}"))))
            }
            Err(error) => Err(Box::new(no_survey(&member.name, &error.to_string()))),
        }
    };
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

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
}

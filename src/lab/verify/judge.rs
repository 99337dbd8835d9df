//! Whether what the members said proves that they are one cluster, the planned one.
//!
//! It judges the folded events and nothing else, so that a replay comes to the same verdict.

use std::collections::BTreeSet;

use crate::{
    cluster::{ClusterId, MemberId, MemberName},
    event::{
        Finding, RunState,
        observation::{MemberSeen, PathSeen},
    },
};

/// 99 of 100 log writes should take less (etcd's FAQ), in microseconds.
const FSYNC_LOOK_US: u64 = 10_000;
/// Of fewer writes, "99 of 100" says nothing: a fresh member has written a dozen.
const FSYNC_ENOUGH: u64 = 100;

/// What keeps the members from agreeing, or is to be looked at. Nothing of severity
/// [`Severity::Stop`](crate::event::Severity::Stop) means: they agree.
#[must_use]
pub fn judge(state: &RunState) -> Vec<Finding> {
    let Some(started) = &state.started else { return Vec::new() };
    let mut wanted: Vec<_> = state.nodes.iter().map(|n| n.plan.id).collect();
    wanted.sort_unstable();
    let mut found = Vec::new();
    for node in &state.nodes {
        let name = &node.plan.name;
        if let Some(seen) = &node.member {
            found.extend(identity(name, seen, node.plan.id, started.cluster_id));
            found.extend(members(name, seen, &wanted));
            found.extend(service(name, seen));
        } else if !told_silent(state, name) {
            found.push(Finding::stop(
                "no-answer",
                Some(name),
                format!("{name} gave no answer when asked by name."),
                "Its etcd is down, or does not take our certificate.",
                "Look at its log: journalctl -u etcd",
            ));
        }
        // Nobody can call a member that is down: that is one finding, not one for each caller.
        let up = |path: &&PathSeen| state.node(&path.to).is_some_and(|to| to.member.is_some());
        found.extend(node.paths.iter().filter(up).filter_map(|path| blocked(name, path)));
    }
    found.extend(slow_disks(state));
    found.extend(leader(state));
    found
}

/// Whether it was told, when it was asked, why it gave no answer.
fn told_silent(state: &RunState, name: &MemberName) -> bool {
    state.findings.iter().any(|f| f.id == "no-answer" && f.node.as_ref() == Some(name))
}

/// Whether it is who it must be.
fn identity(
    name: &MemberName,
    seen: &MemberSeen,
    id: MemberId,
    cluster: ClusterId,
) -> Option<Finding> {
    if seen.cluster != cluster {
        return Some(Finding::stop(
            "other-cluster",
            Some(name),
            format!("{name} belongs to cluster {}, not to {cluster}.", seen.cluster),
            "It was started with another token, other members, or on another cluster's data.",
            "Move its data aside and start it again with the plan's settings.",
        ));
    }
    (seen.id != id).then(|| {
        Finding::stop(
            "other-member",
            Some(name),
            format!("{name} is member {}, not {id}.", seen.id),
            "It runs with another address or on another member's data.",
            "Compare /etc/default/etcd there with the plan.",
        )
    })
}

/// Whether it knows just the members of the plan; `wanted` is sorted.
fn members(name: &MemberName, seen: &MemberSeen, wanted: &[MemberId]) -> Option<Finding> {
    let mut known: Vec<_> = seen.knows.iter().map(|k| k.id).collect();
    known.sort_unstable();
    if known == wanted {
        return None;
    }
    let (is, shall) = (known.len(), wanted.len());
    let says = format!("{name} knows {is} members, which are not the {shall} of the plan.");
    Some(Finding::stop(
        "other-members",
        Some(name),
        says,
        "A member was added or removed since, or it is in another cluster.",
        "Bring the cluster file up to date: etcdctl member list",
    ))
}

/// Whether it serves: reads, and no alarm.
fn service(name: &MemberName, seen: &MemberSeen) -> Vec<Finding> {
    let unread = (!seen.reads).then(|| {
        Finding::stop(
            "no-read",
            Some(name),
            format!("{name} did not answer a linearizable read."),
            "It has no way to a quorum.",
            "Look at the other findings: fewer than a quorum may be up.",
        )
    });
    let alarms = seen.errors.iter().map(|error| {
        Finding::stop(
            "alarm",
            Some(name),
            format!("{name} raises an alarm: {error}."),
            "etcd takes no writes while an alarm stands.",
            "etcdctl alarm list says more.",
        )
    });
    unread.into_iter().chain(alarms).collect()
}

fn blocked(name: &MemberName, path: &PathSeen) -> Option<Finding> {
    let fault = path.fault.as_ref()?;
    Some(Finding::stop(
        "path",
        Some(name),
        format!("{name} cannot call {} ({}): {fault}.", path.to, path.address),
        "The other way round may still work, so that the cluster looks green until a leader \
         changes.",
        "Compare the certificates' names with the addresses: quorate certs inspect",
    ))
}

/// Disks that are too slow, together: on practice machines it is one and the same disk.
fn slow_disks(state: &RunState) -> Option<Finding> {
    let slow: Vec<_> = state
        .nodes
        .iter()
        .filter_map(|n| {
            let (us, of) = n.fsync?;
            (us > FSYNC_LOOK_US && of >= FSYNC_ENOUGH).then_some((n.plan.name.as_str(), us))
        })
        .collect();
    let worst = slow.iter().map(|(_, us)| us / 1000).max()?;
    let names: Vec<_> = slow.iter().map(|(name, _)| *name).collect();
    // The histogram's edges double: the true value lies in the upper bucket.
    let ms = worst / 2;
    let says =
        format!("1 of 100 writes to the log takes longer than {ms} ms on {}.", names.join(", "));
    let cause = "etcd wants less than 10 ms; slow writes cost leaders their office.";
    let remedy = "Enough for the lab; give a real member an SSD of its own.";
    Some(Finding::stop("slow-disk", None, says, cause, remedy).look())
}

fn leader(state: &RunState) -> Option<Finding> {
    let seen = state.nodes.iter().filter_map(|n| n.member.as_ref());
    let leaders: BTreeSet<_> = seen.map(|m| m.leader).collect();
    (leaders.len() > 1 || leaders.contains(&None)).then(|| {
        Finding::stop(
            "no-leader",
            None,
            "The members do not agree on one leader.".to_owned(),
            "An election is going on, or they are not one cluster.",
            "Ask again in a moment: quorate check",
        )
    })
}

//! Step 6: what each member is asked, and what its answers prove.
//!
//! `member list` and `endpoint health` alone prove nothing: the first shows members as started that
//! never ran, the second leaves them out. So every member is asked by name, and compared with what
//! it must be.

use openssl::base64::encode_block;
use serde_json::Value;

use crate::{
    cluster::{ClusterId, EtcdVersion, MemberId, MemberName},
    event::{
        Finding, RunState, Severity,
        observation::{KnownMember, MemberSeen},
    },
};

/// The one key that a run writes.
pub const KEY: &str = "quorate/proof";
/// 99 of 100 log writes should take less (etcd's FAQ), in microseconds.
const FSYNC_LOOK_US: u64 = 10_000;
/// Of fewer writes, "99 of 100" says nothing: a fresh member has written a dozen.
const FSYNC_ENOUGH: u64 = 100;

/// A request to etcd's JSON gateway: path and body.
pub type Ask = (String, String);

/// Who are you, who leads?
#[must_use]
pub fn status(version: EtcdVersion) -> Ask {
    (format!("{}/maintenance/status", version.gateway()), "{}".to_owned())
}

/// Whom do you know?
#[must_use]
pub fn member_list(version: EtcdVersion) -> Ask {
    (format!("{}/cluster/member/list", version.gateway()), "{}".to_owned())
}

/// A linearizable read of the key: it is answered by a quorum.
#[must_use]
pub fn read(version: EtcdVersion) -> Ask {
    let body = format!(r#"{{"key":"{}"}}"#, encode_block(KEY.as_bytes()));
    (format!("{}/kv/range", version.gateway()), body)
}

/// A write of the key.
#[must_use]
pub fn write(version: EtcdVersion, value: &str) -> Ask {
    let (key, value) = (encode_block(KEY.as_bytes()), encode_block(value.as_bytes()));
    let body = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
    (format!("{}/kv/put", version.gateway()), body)
}

/// Whether a read's answer holds that value.
#[must_use]
pub fn holds_value(answer: &Value, value: &str) -> bool {
    let read = answer.pointer("/kvs/0/value").and_then(Value::as_str);
    read == Some(encode_block(value.as_bytes()).as_str())
}

/// A member from its answers to [`status`] and [`member_list`]; `None` if they are none.
///
/// The gateway writes 64-bit numbers as strings and leaves out what is zero.
#[must_use]
pub fn member(node: &MemberName, status: &Value, list: &Value) -> Option<MemberSeen> {
    let leader = number(status.get("leader"));
    Some(MemberSeen {
        node: node.clone(),
        cluster: ClusterId(number(status.pointer("/header/cluster_id"))),
        id: MemberId(number(status.pointer("/header/member_id"))),
        leader: (leader != 0).then_some(MemberId(leader)),
        term: number(status.pointer("/header/raft_term")),
        version: status.get("version")?.as_str()?.parse().ok()?,
        db_bytes: number(status.get("dbSize")),
        reads: false,
        took_us: 0,
        knows: list.get("members")?.as_array()?.iter().map(known).collect(),
        errors: texts(status.get("errors")),
    })
}

fn known(member: &Value) -> KnownMember {
    KnownMember {
        id: MemberId(number(member.get("ID"))),
        name: member.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        peer_urls: texts(member.get("peerURLs")),
        client_urls: texts(member.get("clientURLs")),
        learner: member.get("isLearner").and_then(Value::as_bool).unwrap_or_default(),
    }
}

fn number(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::String(text)) => text.parse().unwrap_or_default(),
        Some(Value::Number(n)) => n.as_u64().unwrap_or_default(),
        _ => 0,
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Of etcd's own histogram of log writes: the edge under which 99 of 100 lie, in microseconds, and
/// how many there were.
#[must_use]
pub fn fsync(metrics: &str) -> Option<(u64, u64)> {
    const BUCKET: &str = "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"";
    let buckets: Vec<(f64, u64)> = metrics
        .lines()
        .filter_map(|line| {
            let (edge, count) = line.strip_prefix(BUCKET)?.split_once("\"} ")?;
            Some((edge.parse().ok()?, count.trim().parse().ok()?))
        })
        .collect();
    let of = buckets.last().map(|(_, count)| *count).filter(|count| *count > 0)?;
    let wanted = of - of / 100;
    let (edge, _) = buckets.iter().find(|(_, count)| *count >= wanted)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, small")]
    let edge = (edge.min(3600.0) * 1e6) as u64;
    Some((edge, of))
}

/// What keeps the members from agreeing, or is to be looked at. Nothing of severity
/// [`Severity::Stop`] means: they agree.
#[must_use]
pub fn judge(state: &RunState) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(started) = &state.started else { return found };
    for node in &state.nodes {
        let name = &node.plan.name;
        let Some(seen) = &node.member else {
            // Why it gave none was told when it was asked.
            let told = |f: &Finding| f.id == "no-answer" && f.node.as_ref() == Some(name);
            if state.findings.iter().any(told) {
                continue;
            }
            found.push(stop(
                "no-answer",
                Some(name),
                format!("{name} gave no answer when asked by name."),
                "Its etcd is down, or does not take our certificate.",
                "Look at its log: journalctl -u etcd",
            ));
            continue;
        };
        if seen.cluster != started.cluster_id {
            let says = format!(
                "{name} belongs to cluster {}, not to {}.",
                seen.cluster, started.cluster_id
            );
            found.push(stop(
                "other-cluster",
                Some(name),
                says,
                "It was started with another token, other members, or on another cluster's data.",
                "Move its data aside and start it again with the plan's settings.",
            ));
        } else if seen.id != node.plan.id {
            let says = format!("{name} is member {}, not {}.", seen.id, node.plan.id);
            found.push(stop(
                "other-member",
                Some(name),
                says,
                "It runs with another address or on another member's data.",
                "Compare /etc/default/etcd there with the plan.",
            ));
        }
        let mut known: Vec<_> = seen.knows.iter().map(|k| k.id).collect();
        let mut wanted: Vec<_> = state.nodes.iter().map(|n| n.plan.id).collect();
        known.sort_unstable();
        wanted.sort_unstable();
        if known != wanted {
            let says = format!(
                "{name} knows {} members, not the {} of the plan.",
                known.len(),
                wanted.len()
            );
            found.push(stop(
                "other-members",
                Some(name),
                says,
                "A member was added or removed since, or it is in another cluster.",
                "Bring the cluster file up to date: etcdctl member list",
            ));
        }
        if !seen.reads {
            found.push(stop(
                "no-read",
                Some(name),
                format!("{name} did not answer a linearizable read."),
                "It has no way to a quorum.",
                "Look at the other findings: fewer than a quorum may be up.",
            ));
        }
        for error in &seen.errors {
            found.push(stop(
                "alarm",
                Some(name),
                format!("{name} raises an alarm: {error}."),
                "etcd takes no writes while an alarm stands.",
                "etcdctl alarm list says more.",
            ));
        }
        for path in node.paths.iter() {
            if let Some(fault) = &path.fault {
                let says = format!("{name} cannot call {} ({}): {fault}.", path.to, path.address);
                found.push(stop("path", Some(name), says,
                    "The other way round may still work, so that the cluster looks green until a leader changes.",
                    "Compare the certificates' names with the addresses: quorate certs inspect"));
            }
        }
    }
    found.extend(slow_disks(state));
    let leaders: std::collections::BTreeSet<_> =
        state.nodes.iter().filter_map(|n| n.member.as_ref()).map(|m| m.leader).collect();
    if leaders.len() > 1 || leaders.contains(&None) {
        found.push(stop(
            "no-leader",
            None,
            "The members do not agree on one leader.".to_owned(),
            "An election is going on, or they are not one cluster.",
            "Ask again in a moment: quorate check",
        ));
    }
    found
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
    let says = format!(
        "1 of 100 writes to the log takes longer than {} ms on {}.",
        worst / 2,
        names.join(", ")
    );
    let cause = "etcd wants less than 10 ms; slow writes cost leaders their office.";
    let remedy = "Enough for the lab; give a real member an SSD of its own.";
    Some(Finding { severity: Severity::Look, ..stop("slow-disk", None, says, cause, remedy) })
}

fn stop(id: &str, node: Option<&MemberName>, says: String, cause: &str, remedy: &str) -> Finding {
    Finding {
        id: id.to_owned(),
        node: node.cloned(),
        severity: Severity::Stop,
        says,
        cause: cause.to_owned(),
        evidence: Vec::new(),
        remedy: remedy.to_owned(),
    }
}

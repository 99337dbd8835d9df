//! Step 6: what each member is asked, and what its answers prove.
//!
//! `member list` and `endpoint health` alone prove nothing: the first shows members as started that
//! never ran, the second leaves them out. So every member is asked by name, and compared with what
//! it must be.

mod judge;

use openssl::base64::encode_block;
use serde_json::Value;

use super::{Script, Task, env_file::ETCDCTL};
use crate::{
    cluster::{ClusterId, EtcdVersion, MemberId, MemberName},
    event::{
        Step,
        observation::{KnownMember, MemberSeen},
    },
};

pub use self::judge::judge;

/// The one key that a run writes.
pub const KEY: &str = "quorate/proof";

/// What a person does who asks by hand: a value of theirs, which only a quorum can keep. It proves
/// nothing of the others, so it is never the program's own.
#[must_use]
pub fn by_hand() -> Task {
    let holds = format!(
        ". {ETCDCTL}\n\
         value=$(etcdctl get {KEY} --print-value-only 2>&1) || {{ echo \"$value\"; exit 1; }}\n\
         [ -n \"$value\" ] || {{ echo '{KEY} has no value yet'; exit 1; }}\n"
    );
    let change = format!(". {ETCDCTL}\netcdctl put {KEY} by-hand\n");
    let title = "Write a value through this member";
    Task::new(Step::Verify, "written", title, Script::new(holds), Script::new(change))
}

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

#[cfg(test)]
mod tests;

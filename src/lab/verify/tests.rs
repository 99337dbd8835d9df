//! Answers of real members, 3.3, 3.4 and 3.5.

use super::*;
use crate::{
    cluster::{Address, EtcdVersion},
    event::{Intent, MemberPlan, Observation, RunEvent, RunStarted, RunState, Severity, Step},
};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn seen(node: &str, status: &str, members: &str) -> MemberSeen {
    member(&node.parse().unwrap(), &json(status), &json(members)).unwrap()
}

fn of_33() -> MemberSeen {
    let (status, members) =
        (include_str!("../samples/status-3.3.json"), include_str!("../samples/members-3.3.json"));
    seen("icc-etcd-1", status, members)
}

#[test]
fn reads_what_a_member_says_in_each_version() {
    let of_34 = seen(
        "icc-etcd-1",
        include_str!("../samples/status-3.4.json"),
        include_str!("../samples/members-3.4.json"),
    );
    let of_35 = seen(
        "icc-etcd-1",
        include_str!("../samples/status-3.5.json"),
        include_str!("../samples/members-3.5.json"),
    );
    for (seen, version, leader, term) in [
        (of_33(), EtcdVersion::new(3, 3, 25), 14_313_290_518_205_403_311, 3),
        (of_34, EtcdVersion::new(3, 4, 23), 1_972_240_618_127_434_569, 3),
        (of_35, EtcdVersion::new(3, 5, 16), 16_162_059_394_143_708_497, 2),
    ] {
        assert_eq!(seen.cluster, ClusterId(10_085_171_802_885_242_649));
        assert_eq!(seen.id, MemberId(17_449_035_675_666_204_720));
        assert_eq!((seen.version, seen.term, seen.db_bytes), (version, term, 20_480));
        assert_eq!(seen.leader, Some(MemberId(leader)));
        assert_eq!((seen.knows.len(), seen.errors.len()), (5, 0));
        let first = seen.knows.first().unwrap();
        assert_eq!(first.id, MemberId(87_786_378_260_540_753));
        assert_eq!((first.name.as_str(), first.learner), ("icc-etcd-2", false));
        assert_eq!(first.peer_urls, ["https://198.19.40.33:2380"]);
    }
}

#[test]
fn what_is_left_out_is_zero() {
    let status = r#"{"header":{"cluster_id":"1"},"version":"3.4.23","errors":["NOSPACE"]}"#;
    let members = r#"{"members":[{"peerURLs":["https://a:2380"],"isLearner":true}]}"#;
    let seen = seen("n", status, members);
    assert_eq!((seen.leader, seen.term, seen.db_bytes, seen.id), (None, 0, 0, MemberId(0)));
    assert_eq!(seen.errors, ["NOSPACE"]);
    let known = seen.knows.first().unwrap();
    assert!(known.learner && known.name.is_empty() && known.client_urls.is_empty());
    let name = "n".parse().unwrap();
    let refusal = json(r#"{"error":"etcdserver: request timed out","code":14}"#);
    assert_eq!(member(&name, &refusal, &json(members)), None);
    assert_eq!(member(&name, &json(status), &refusal), None);
}

#[test]
fn asks_where_each_version_answers() {
    let (old, new) = (EtcdVersion::new(3, 3, 25), EtcdVersion::new(3, 4, 23));
    assert_eq!(status(EtcdVersion::new(3, 2, 26)).0, "/v3alpha/maintenance/status");
    assert_eq!(status(old).0, "/v3beta/maintenance/status");
    assert_eq!(member_list(new).0, "/v3/cluster/member/list");
    assert_eq!(read(new).1, r#"{"key":"cXVvcmF0ZS9wcm9vZg=="}"#);
    let (path, body) = write(new, "41");
    assert_eq!((path.as_str(), json(&body)["value"].as_str()), ("/v3/kv/put", Some("NDE=")));
    let answer = json(r#"{"kvs":[{"value":"NDE="}],"count":"1"}"#);
    assert!(holds_value(&answer, "41") && !holds_value(&answer, "42"));
    assert!(!holds_value(&json("{}"), "41"));
}

#[test]
fn reads_how_long_a_disk_takes() {
    // Of 12 writes one took between 16 and 32 ms; of 11 none more than 16.
    assert_eq!(fsync(include_str!("../samples/metrics-3.3.txt")), Some((32_000, 12)));
    assert_eq!(fsync(include_str!("../samples/metrics-3.5.txt")), Some((16_000, 11)));
    let bucket = |edge: &str, count: u32| {
        format!("etcd_disk_wal_fsync_duration_seconds_bucket{{le=\"{edge}\"}} {count}\n")
    };
    let rare = bucket("0.001", 990) + &bucket("0.002", 999) + &bucket("+Inf", 1000);
    assert_eq!(fsync(&rare), Some((1_000, 1000)));
    assert_eq!(fsync(&(bucket("0.001", 0) + &bucket("+Inf", 0))), None);
    assert_eq!(fsync("404 page not found"), None);
}

/// The state after five members said what the sample's members would say, each changed a bit.
fn state(change: impl Fn(usize, &mut MemberSeen)) -> RunState {
    let sample = of_33();
    let mut plans = Vec::new();
    for known in &sample.knows {
        let address: Address = known.peer_urls[0]
            .trim_start_matches("https://")
            .trim_end_matches(":2380")
            .parse()
            .unwrap();
        plans.push(MemberPlan { name: known.name.parse().unwrap(), address, id: known.id });
    }
    let started = RunStarted {
        format: 1,
        quorate: "0".to_owned(),
        at: "2026-11-22T12:00:00Z".to_owned(),
        intent: Intent::Check,
        practice: true,
        cluster: "icc-etcd".parse().unwrap(),
        cluster_id: sample.cluster,
        token: None,
        members: plans.clone(),
        steps: vec![Step::Verify],
        frame: String::new(),
    };
    let mut state = RunState::default();
    state.apply(0, &RunEvent::RunStarted(started));
    for (at, plan) in plans.iter().enumerate() {
        let mut seen =
            MemberSeen { node: plan.name.clone(), id: plan.id, reads: true, ..sample.clone() };
        change(at, &mut seen);
        if seen.term > 0 {
            state.apply(1, &RunEvent::Seen { what: Observation::Member(seen) });
        }
    }
    state
}

#[test]
fn five_members_that_say_the_same_agree() {
    assert_eq!(judge(&state(|_, _| ())), []);
}

#[test]
fn one_member_that_differs_is_found() {
    type Fault = (&'static [&'static str], fn(&mut MemberSeen));
    let faults: &[Fault] = &[
        // A term of zero: it gave no answer.
        (&["no-answer"], |m| m.term = 0),
        (&["other-cluster"], |m| m.cluster = ClusterId(1)),
        (&["other-member"], |m| m.id = MemberId(1)),
        (&["other-members"], |m| m.knows.truncate(4)),
        (&["other-members"], |m| m.knows[0].id = MemberId(1)),
        (&["no-read"], |m| m.reads = false),
        (&["alarm"], |m| m.errors.push("NOSPACE".to_owned())),
        (&["no-leader"], |m| m.leader = None),
        (&["no-leader"], |m| m.leader = Some(MemberId(1))),
    ];
    for (ids, change) in faults {
        let state = state(|at, seen| {
            if at == 2 {
                change(seen);
            }
        });
        let findings = judge(&state);
        let found: Vec<_> = findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(&found, ids);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Stop));
    }
}

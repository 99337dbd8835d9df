//! The drill: a member is stopped as if its power were cut, and brought back.
//!
//! Before it is stopped its node gets a timer that starts it again, so that nothing depends on this
//! program or the way to the node.

use std::time::Duration;

use openssl::base64::{decode_block, encode_block};
use serde_json::Value;

use super::{Script, Task, verify::Ask};
use crate::{cluster::EtcdVersion, event::Step};

/// What all keys of drills begin with; a drill adds a word of its own, and takes only those away.
pub const PREFIX: &str = "quorate/drill/";
/// The timer starts a stopped member after so many seconds.
pub const BACK_S: u64 = 60;
/// How many keys are read at once.
pub const PAGE: u64 = 1_000;

/// Stops a member.
#[must_use]
pub fn stop() -> Task {
    let holds = "\
[ \"$(systemctl is-active etcd)\" != active ] || { echo 'etcd runs'; exit 1; }
systemctl is-active -q quorate-drill.timer || { echo 'no timer starts it again'; exit 1; }
";
    // The timer first. KILL, not TERM: an etcd that is asked to end hands its lead over.
    let change = format!(
        "\
systemctl stop quorate-drill.timer 2>/dev/null
systemd-run --quiet --collect --unit=quorate-drill --on-active={BACK_S} \\
  --timer-property=AccuracySec=1s systemctl start --no-block etcd || exit 1
systemctl kill -s KILL etcd
systemctl stop etcd
"
    );
    let title = "Cut its etcd off; a timer starts it again";
    Task::new(Step::Drill, "stop", title, Script::new(holds), Script::new(change))
}

/// Brings it back.
#[must_use]
pub fn start() -> Task {
    let holds = "\
[ \"$(systemctl is-active etcd)\" = active ] || { echo 'etcd does not run'; exit 1; }
! systemctl is-active -q quorate-drill.timer || { echo 'its timer still runs'; exit 1; }
";
    let change = "\
systemctl reset-failed etcd 2>/dev/null
systemctl start --no-block etcd || exit 1
systemctl stop quorate-drill.timer 2>/dev/null
systemctl start etcd
";
    let change = Script::new(change).within(Duration::from_secs(100));
    Task::new(Step::Drill, "start", "Start its etcd; no timer is left", Script::new(holds), change)
}

/// Whether one more member may be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// A quorum is left.
    Safe,
    /// None is left, but these are practice machines: only if its name is typed.
    Typed,
    /// No.
    Never,
}

/// Whether one more of `all` may be stopped, if `stopped` are.
#[must_use]
pub fn may_stop(all: usize, stopped: usize, practice: bool) -> May {
    let (quorum, left) = (all / 2 + 1, all.saturating_sub(stopped + 1));
    if left >= quorum {
        May::Safe
    } else if practice && left + 1 == quorum {
        May::Typed
    } else {
        May::Never
    }
}

/// The key of the `n`th write under a prefix.
#[must_use]
pub fn key(prefix: &str, n: u64) -> String {
    format!("{prefix}{n:08}")
}

/// The `n`th write.
#[must_use]
pub fn write(version: EtcdVersion, prefix: &str, n: u64) -> Ask {
    let (key, value) = (encode(&key(prefix, n)), encode(&n.to_string()));
    (format!("{}/kv/put", version.gateway()), format!(r#"{{"key":"{key}","value":"{value}"}}"#))
}

/// Reads the `n`th write: by a quorum, or plainly, as one member has it.
#[must_use]
pub fn read(version: EtcdVersion, prefix: &str, n: u64, plain: bool) -> Ask {
    let key = encode(&key(prefix, n));
    let body = format!(r#"{{"key":"{key}","serializable":{plain}}}"#);
    (format!("{}/kv/range", version.gateway()), body)
}

/// Reads a page of the writes from the `n`th on, by a quorum.
#[must_use]
pub fn page(version: EtcdVersion, prefix: &str, n: u64) -> Ask {
    let (from, end) = (encode(&key(prefix, n)), encode(&key(prefix, n + PAGE)));
    let body = format!(r#"{{"key":"{from}","range_end":"{end}"}}"#);
    (format!("{}/kv/range", version.gateway()), body)
}

/// Takes all the writes under the prefix away.
#[must_use]
pub fn take_away(version: EtcdVersion, prefix: &str) -> Ask {
    let (from, end) = (encode(prefix), encode(&format!("{prefix}:")));
    let body = format!(r#"{{"key":"{from}","range_end":"{end}"}}"#);
    (format!("{}/kv/deleterange", version.gateway()), body)
}

/// The writes an answer to [`read`] or [`page`] holds, each as its number if key and value agree.
#[must_use]
pub fn held(answer: &Value, prefix: &str) -> Vec<u64> {
    let all = answer.get("kvs").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|kv| {
        let text = |name| {
            let bytes = decode_block(kv.get(name)?.as_str()?).ok()?;
            String::from_utf8(bytes).ok()
        };
        let n: u64 = text("value")?.parse().ok()?;
        (text("key")? == key(prefix, n)).then_some(n)
    })
    .collect()
}

fn encode(text: &str) -> String {
    encode_block(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_beyond_what_a_quorum_allows_but_one_on_practice_machines() {
        use May::{Never, Safe, Typed};
        for (all, practice, want) in [
            (5, false, [Safe, Safe, Never, Never]),
            (5, true, [Safe, Safe, Typed, Never]),
            (3, false, [Safe, Never, Never, Never]),
            (3, true, [Safe, Typed, Never, Never]),
            (1, false, [Never, Never, Never, Never]),
        ] {
            let got = [0, 1, 2, 3].map(|stopped| may_stop(all, stopped, practice));
            assert_eq!(got, want, "{all} {practice}");
        }
    }

    #[test]
    fn a_write_is_held_only_if_key_and_value_agree() {
        let kv = |k: &str, v: &str| serde_json::json!({"key": encode(k), "value": encode(v)});
        let kvs = [kv("p/00000001", "1"), kv("p/00000002", "3"), kv("q/00000004", "4")];
        assert_eq!(held(&serde_json::json!({ "kvs": kvs }), "p/"), [1]);
        assert_eq!(held(&serde_json::json!({}), "p/"), [0_u64; 0]);
    }

    #[test]
    fn the_timer_is_set_before_anything_is_stopped() {
        let text = stop().change.text;
        assert!(text.find("systemd-run") < text.find("kill -s KILL"), "{text}");
        assert!(text.contains("|| exit 1\nsystemctl kill"), "{text}");
    }
}

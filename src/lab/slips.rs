//! What a person got wrong in a step that they do by hand, in words.
//!
//! Pure. It is read out of what the tasks' probes say, and of one read-only text beside them.

use super::{Script, env_file};
use crate::{
    cluster::{Cluster, Member},
    diagnose,
    event::{Finding, Severity, Step},
};

/// Read beside the probes of the start: what systemd and etcd say of the last one.
const START: &str = r#"state=$(systemctl show etcd -p ActiveState --value)
since=$(systemctl show etcd -p InactiveExitTimestampMonotonic --value)
read -r up _ </proc/uptime
[ "$state" != activating ] || echo "starts since $((${up%.*} - since / 1000000)) s"
id=$(systemctl show etcd -p InvocationID --value)
[ -z "$id" ] || journalctl "_SYSTEMD_INVOCATION_ID=$id" -n 60 --no-pager -o cat 2>/dev/null
"#;

/// The read-only text that is run beside the probes of that step.
#[must_use]
pub fn look(step: Step) -> Option<Script> {
    (step == Step::Start).then(|| Script::new(START))
}

/// What is wrong, of what the probes said and of what [`look`] says. The most telling first.
#[must_use]
pub fn slips(c: &Cluster, m: &Member, probes: &[String], beside: &[String]) -> Vec<Finding> {
    let mut found = settings(c, m, probes);
    found.extend(older(m, probes));
    let waits = beside.iter().find_map(|line| waiting(m, line));
    let lines: Vec<_> = probes.iter().chain(beside).map(String::as_str).collect();
    let known = diagnose::journal(&m.name, &lines).into_iter();
    // Who waits for others gets no answer from them: that is no fault of its own.
    found.extend(known.filter(|f| waits.is_none() || f.severity == Severity::Stop));
    found.extend(waits);
    let mut seen = Vec::new();
    found.retain(|f| {
        let new = !seen.contains(&f.id);
        seen.push(f.id.clone());
        new
    });
    found
}

fn waiting(m: &Member, line: &str) -> Option<Finding> {
    let seconds = line.strip_prefix("starts since ")?;
    let says = format!(
        "etcd on {} is starting since {seconds}. It is not hung: it waits for company.",
        m.name
    );
    Some(finding("start-waits", m, Severity::Look, says, line))
}

/// An etcd that was started before its settings were written, as Debian's package does.
fn older(m: &Member, probes: &[String]) -> Option<Finding> {
    let line = probes.iter().find(|line| line.starts_with("runs with: "))?;
    let says =
        format!("etcd on {} runs with older settings: restart it, start does nothing", m.name);
    Some(finding("runs-with-older-settings", m, Severity::Stop, format!("{says}."), line))
}

/// Of the settings that differ: the slips that etcd would be unclear about, or that it would tell
/// only when it is started.
fn settings(c: &Cluster, m: &Member, probes: &[String]) -> Vec<Finding> {
    let right = env_file::settings(c, m);
    let mut found = Vec::new();
    for line in probes {
        let Some((key, value)) = line.strip_prefix("is:").and_then(|is| is.trim().split_once('='))
        else {
            continue;
        };
        let Some((_, right)) = right.iter().find(|(known, _)| *known == key) else { continue };
        let mut slip = |id: &str, what: String| {
            let says = format!("{key} on {}: {what}. It should be {right}", m.name);
            found.push(finding(id, m, Severity::Stop, says, line));
        };
        if let Some(mark) = unfilled(value) {
            slip("template-not-filled", format!("{mark} was not filled in"));
        } else if let Some(url) = urls(value).find(|url| !has_port(url)) {
            slip("peer-url-without-port", format!("{url} has no colon before its port"));
        } else if let Some(url) = urls(value).find(|url| url.starts_with("http://")) {
            slip("http-and-https", format!("{url} is not https"));
        }
    }
    found
}

/// A mark that something should have filled in: of a template, of a shell, or nothing at all.
fn unfilled(value: &str) -> Option<&str> {
    if let Some(from) = value.find("<%") {
        let mark = value.get(from..)?;
        let end = mark.find("%>").map_or(mark.len(), |at| at + 2);
        return mark.get(..end);
    }
    if let Some(from) = value.find('$') {
        let mark = value.get(from..)?;
        let word = |c: char| !(c.is_ascii_alphanumeric() || "${_}".contains(c));
        return mark.get(..mark.find(word).unwrap_or(mark.len()));
    }
    value.contains("://:").then_some("://: (an address)")
}

/// The URLs of a value: `a=https://1:2,b=https://3:4`, or without names.
fn urls(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').filter_map(|part| {
        let url = part.find("http").and_then(|at| part.get(at..))?;
        url.contains("://").then_some(url)
    })
}

fn has_port(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let port = host.rsplit_once(':').map(|(_, port)| port.trim_end_matches('/'));
    port.is_some_and(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()))
}

fn finding(id: &str, m: &Member, severity: Severity, says: String, line: &str) -> Finding {
    let known = diagnose::explain(id);
    let (cause, remedy) = known.map(|k| (k.cause, k.remedy)).unwrap_or_default();
    let evidence = vec![line.chars().take(300).collect()];
    Finding {
        id: id.to_owned(),
        node: Some(m.name.clone()),
        severity,
        says,
        cause,
        evidence,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::file::tests::lab;

    #[test]
    fn the_labs_own_slips_are_told_with_what_would_be_right() {
        let c = lab();
        let m = &c.members[0];
        for (line, id, words) in [
            (
                "is:        ETCD_LISTEN_PEER_URLS=https://<%= $internal_ip %>:2380",
                "template-not-filled",
                "<%= $internal_ip %> was not filled in. It should be https://141.22.30.32:2380",
            ),
            (
                "is:        ETCD_LISTEN_PEER_URLS=https://${INTERNAL_IP}:2380",
                "template-not-filled",
                "${INTERNAL_IP} was not",
            ),
            ("is:  ETCD_LISTEN_PEER_URLS=https://:2380", "template-not-filled", "not filled in"),
            (
                "is:        ETCD_INITIAL_CLUSTER=icc-etcd-1=https://141.22.30.32:2380,\
                 icc-etcd-4=https://141.22.30.352380",
                "peer-url-without-port",
                "https://141.22.30.352380 has no colon before its port",
            ),
            ("is:  ETCD_LISTEN_PEER_URLS=http://141.22.30.32:2380", "http-and-https", "not https"),
            (
                "/etc/etcd/kubernetes-key.pem cannot be read by etcd: root:root 600",
                "key-not-readable",
                "may not read /etc/etcd/kubernetes-key.pem",
            ),
        ] {
            let found = slips(&c, m, &[line.to_owned()], &[]);
            assert_eq!(found.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), [id], "{line}");
            assert!(found[0].says.contains(words), "{}", found[0].says);
            assert!(!found[0].remedy.is_empty());
        }
        let right = format!("is: ETCD_INITIAL_CLUSTER={}", c.initial_cluster());
        assert_eq!(slips(&c, m, &[right, "is: ETCD_X=$y".to_owned()], &[]), vec![]);
    }

    #[test]
    fn a_lonely_start_is_called_what_it_is() {
        let c = lab();
        let beside = [
            "starts since 14 s",
            r#"{"level":"warn","msg":"dial tcp 141.22.30.33:2380: connect: connection refused"}"#,
        ];
        let found = slips(&c, &c.members[0], &[], &beside.map(str::to_owned));
        assert_eq!(found.len(), 1);
        assert!(found[0].says.ends_with("since 14 s. It is not hung: it waits for company."));
    }
}

//! Lines of a journal, of apt and of systemctl, each judged by the first symptom that fits it.

use serde_json::Value;

use super::{
    catalogue::{Explanation, all},
    pattern,
};
use crate::{cluster::MemberName, event::Finding};

/// Lines kept as evidence for a finding.
const EVIDENCE: usize = 3;
/// Longest evidence line, in characters.
const LONGEST: usize = 300;

/// What these lines say, the most specific first, each finding once. Plain lines and etcd's JSON
/// lines (3.5 writes them by default) are both read, with or without journald's prefix.
#[must_use]
pub fn journal(node: &MemberName, lines: &[&str]) -> Vec<Finding> {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for line in lines {
        let text = words_of(line);
        let first = all().iter().enumerate().find_map(|(rank, entry)| {
            let captures = entry.patterns.iter().find_map(|p| pattern::find(p, &text))?;
            Some((rank, finding(node, entry, captures, &text)))
        });
        let Some((rank, new)) = first else { continue };
        match found.iter_mut().find(|(_, old)| old.id == new.id && old.says == new.says) {
            Some((_, old)) if old.evidence.len() < EVIDENCE => {
                let fresh = new.evidence.into_iter().filter(|line| !old.evidence.contains(line));
                let fresh: Vec<_> = fresh.collect();
                old.evidence.extend(fresh);
            }
            Some(_) => {}
            None => found.push((rank, new)),
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// What may be repeated of a person's terminal: words of the lab. All else may be a secret that was
/// typed there.
const OURS: [&str; 12] = [
    "etcd",
    "etcd-server",
    "etcd-client",
    "etcd.service",
    "ca-file",
    "cert-file",
    "key-file",
    "insecure-transport",
    "/etc/etcd/ca.pem",
    "/etc/etcd/etcd.pem",
    "/etc/etcd/etcd-key.pem",
    "/etc/etcd/kubernetes-key.pem",
];

/// The same of a person's terminal: nothing that was typed there comes out.
#[must_use]
pub fn overheard(node: &MemberName, lines: &[&str]) -> Vec<Finding> {
    let ours = |found: &Finding| {
        let entry = all().iter().find(|entry| entry.id == found.id)?;
        let line = found.evidence.first()?;
        let mut captures = entry.patterns.iter().find_map(|p| pattern::find(p, line))?;
        captures.retain(|(_, value)| OURS.contains(&value.as_str()));
        Some(Finding { evidence: Vec::new(), ..finding(node, entry, captures, "") })
    };
    journal(node, lines).iter().filter_map(ours).collect()
}

fn finding(
    node: &MemberName,
    entry: &Explanation,
    mut captures: pattern::Captures,
    text: &str,
) -> Finding {
    captures.push(("node".to_owned(), node.to_string()));
    let fill = |text: &str| pattern::fill(text, &captures);
    Finding {
        id: entry.id.clone(),
        node: Some(node.clone()),
        says: format!("{}.", fill(&entry.says)),
        cause: fill(&format!("{} {}", entry.cause, entry.means)),
        evidence: vec![text.chars().take(LONGEST).collect()],
        remedy: fill(&entry.remedy),
        severity: entry.severity,
    }
}

/// The line without control characters; of a JSON line the message and the texts beside it.
fn words_of(line: &str) -> String {
    let json = line.find('{').and_then(|at| line.get(at..));
    let text = match json.and_then(|json| serde_json::from_str::<Value>(json).ok()) {
        Some(Value::Object(fields)) => {
            let first = fields.get("msg").and_then(Value::as_str);
            let beside = fields
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "msg" | "level" | "ts" | "caller"))
                .filter_map(|(_, value)| value.as_str());
            first.into_iter().chain(beside).collect::<Vec<_>>().join(": ")
        }
        // A JSON line that was cut off still has its escapes.
        _ => line.replace("\\\"", "\""),
    };
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node() -> MemberName {
        "icc-etcd-4".parse().unwrap()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one row per text")]
    fn every_known_text_gets_its_finding() {
        let cases = [
            (
                r#"etcdmain: error setting up initial cluster: URL address does not have the form "host:port": https://141.22.30.352380"#,
                "peer-url-without-port",
            ),
            (
                r#"{"level":"fatal","msg":"discovery failed","error":"error setting up initial cluster: URL address does not have the form \"host:port\": https://141.22.30.352380"}"#,
                "peer-url-without-port",
            ),
            (
                r#"invalid value "https://<%= %>:2380" for ETCD_LISTEN_PEER_URLS: parse: invalid URL escape "%= ""#,
                "template-not-filled",
            ),
            ("expected IP in URL for binding (https://:2380)", "listen-url-not-an-ip"),
            (
                r#"couldn't find local name "icc-etcd-1.example.org" in the initial cluster configuration"#,
                "name-not-in-cluster",
            ),
            (
                r#"couldn't find local name "\"icc-etcd-1\"" in the initial cluster configuration"#,
                "name-quoted",
            ),
            (
                "--initial-cluster has icc-etcd-1=https://10.0.0.1:2380 but missing from --initial-advertise-peer-urls=https://10.0.0.2:2380",
                "advertised-url-differs",
            ),
            ("initial cluster n1=https://10.0.0.1:2380 has duplicate url", "duplicate-url"),
            (
                "listen tcp 203.0.113.7:2380: bind: cannot assign requested address",
                "address-not-here",
            ),
            ("listen tcp 10.0.0.1:2380: bind: address already in use", "port-taken"),
            (
                "error validating peerURLs: cannot fetch cluster info from peer urls: could not retrieve",
                "existing-but-fresh",
            ),
            ("member f15071bb2bcc0510 has already been bootstrapped", "member-was-wiped"),
            (
                "panic: tocommit(12) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?",
                "member-forgot-its-log",
            ),
            (
                "request sent was ignored (cluster ID mismatch: remote[a]=b, local=c)",
                "cluster-id-mismatch",
            ),
            (
                r#"conflicting environment variable "ETCD_NAME" is shadowed by corresponding command-line flag"#,
                "flag-and-variable",
            ),
            ("error listing data dir: /var/lib/etcd", "data-dir-not-ours"),
            (
                r#"directory "/var/lib/etcd" exist, but the permission is "drwxr-xr-x". The recommended permission is "-rwx------" to prevent"#,
                "data-dir-mode",
            ),
            (
                r#"{"level":"warn","msg":"prober found high clock drift","clock-drift":"1.4s"}"#,
                "clock-drift",
            ),
            (
                "the clock difference against peer 3d9ce7c381e7f003 is too high [1.4s > 1s]",
                "clock-drift",
            ),
            (r#"{"level":"warn","msg":"slow fdatasync","took":"1.2s"}"#, "slow-disk"),
            ("publish error: etcdserver: request timed out", "waiting-for-quorum"),
            (
                r#"rejected connection from "10.0.0.2:4" (error "x509: certificate is valid for 10.9.9.9, not 127.0.0.13", ServerName "")"#,
                "san-misses-address",
            ),
            (
                "x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
                "san-missing",
            ),
            (
                r#"tls: "10.0.0.3" does not match any of DNSNames ["icc-etcd-3"]"#,
                "san-dns-mismatch",
            ),
            (
                "tls: failed to verify client certificate: x509: certificate specifies an incompatible key usage",
                "client-usage-missing",
            ),
            (
                r#"x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Lab CA")"#,
                "other-ca",
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2027-01-01T00:00:00Z is after 2026-12-01T00:00:00Z",
                "certificate-expired",
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before 2026-12-01T00:00:00Z",
                "certificate-not-yet-valid",
            ),
            ("x509: certificate has expired or is not yet valid", "certificate-dates"),
            ("tls: private key does not match public key", "key-mismatch"),
            ("open /etc/etcd/kubernetes-key.pem: permission denied", "key-not-readable"),
            ("open /etc/etcd/ca.pem: no such file or directory", "file-missing"),
            ("tls: first record does not look like a TLS handshake", "http-and-https"),
            ("remote error: tls: bad certificate", "bad-certificate"),
            (r#"{"level":"fatal","msg":"listener failed"}"#, "listener-failed"),
            ("E: Package 'etcd' has no installation candidate", "no-candidate"),
            ("E: Unable to locate package etcd-server", "package-unknown"),
            (
                "E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)",
                "apt-lock-busy",
            ),
            (
                "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1412 (unattended-upgr)",
                "apt-lock-held",
            ),
            ("Temporary failure resolving 'deb.debian.org'", "no-route-to-mirror"),
            ("E: You don't have enough free space in /var/cache/apt/archives/.", "apt-disk-full"),
            (
                "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
                "dpkg-interrupted",
            ),
            ("Failed to start etcd.service: Unit etcd.service is masked.", "unit-masked"),
            ("Failed to start etcd.service: Unit etcd.service not found.", "unit-missing"),
            ("etcd.service: start operation timed out. Terminating.", "start-timeout"),
            ("etcd.service: Start request repeated too quickly.", "start-limit"),
            ("dial tcp 10.0.0.2:2380: connect: connection refused", "peer-refuses"),
            ("dial tcp 10.0.0.2:2380: i/o timeout", "peer-unreachable"),
            ("context deadline exceeded", "deadline"),
        ];
        for (line, want) in cases {
            let found = journal(&node(), &[line]);
            let ids: Vec<_> = found.iter().map(|finding| finding.id.as_str()).collect();
            assert_eq!(ids, [want], "{line}");
            // A prefix of journald changes nothing.
            let prefixed = format!("Nov 22 23:00:00 icc-etcd-4 etcd[412]: {line}");
            assert_eq!(journal(&node(), &[&prefixed]).first().map(|f| f.id.as_str()), Some(want));
        }
    }

    #[test]
    fn captured_words_stand_in_the_sentence() {
        let line = r#"x509: certificate is valid for icc-etcd-4, 10.9.9.9, not 198.18.30.35""#;
        let found = journal(&node(), &[line]);
        assert_eq!(found[0].says, "a certificate does not name 198.18.30.35.");
        let line =
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1412 (apt)";
        let busy = journal(&node(), &[line]);
        assert_eq!(busy[0].says, "apt on icc-etcd-4 is busy: apt, process 1412, holds its lock.");
        assert!(found[0].cause.contains("names icc-etcd-4, 10.9.9.9."), "{}", found[0].cause);
    }

    #[test]
    fn the_most_specific_comes_first_and_each_once() {
        let found = journal(
            &node(),
            &[
                "context deadline exceeded",
                "all is well",
                "dial tcp 10.0.0.2:2380: connect: connection refused",
                "cluster ID mismatch\u{1b}[2J",
                "dial tcp 10.0.0.2:2380: connect: connection refused again",
                "cluster ID mismatch",
            ],
        );
        let ids: Vec<_> = found.iter().map(|f| (f.id.as_str(), f.evidence.len())).collect();
        assert_eq!(ids, [("cluster-id-mismatch", 2), ("peer-refuses", 2), ("deadline", 1)]);
        assert!(found.iter().flat_map(|f| &f.evidence).all(|e| !e.contains('\u{1b}')));
    }
}

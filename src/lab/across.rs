//! What is wrong between nodes: seen only when all have been surveyed.

use std::collections::BTreeMap;

use super::Facts;
use crate::{
    cluster::{Cluster, EtcdVersion, MemberName},
    event::Finding,
};

/// etcd warns from this difference on (etcd `server/etcdserver/api/rafthttp/probing_status.go`).
const CLOCK_LOOK_MS: i64 = 1_000;
/// Certificates made now may not be valid yet over there, and leases run wrong.
const CLOCK_STOP_MS: i64 = 30_000;

/// What is wrong between the nodes.
#[must_use]
pub fn across(c: &Cluster, all: &BTreeMap<MemberName, Facts>) -> Vec<Finding> {
    let mut found = clocks(all);
    found.extend(twins(c, all));
    found.extend(versions(all));
    found
}

fn clocks(all: &BTreeMap<MemberName, Facts>) -> Vec<Finding> {
    let mut sorted: Vec<_> = all.values().map(|f| f.ahead_ms).collect();
    sorted.sort_unstable();
    let Some(median) = sorted.get(sorted.len() / 2).copied() else { return Vec::new() };
    let off = |f: &Facts| f.ahead_ms - median;
    all.iter()
        .filter(|(_, f)| off(f).abs() > CLOCK_LOOK_MS)
        .map(|(name, f)| {
            let stop = off(f).abs() > CLOCK_STOP_MS;
            let way = if off(f) > 0 { "ahead of" } else { "behind" };
            let (s, tenth) = (off(f).abs() / 1000, off(f).abs() % 1000 / 100);
            let finding = Finding::stop(
                "clock-skew",
                Some(name),
                format!("The clock of {name} is {s}.{tenth} s {way} the others."),
                "etcd warns from 1 s on; a certificate may be not yet, or no more, valid there.",
                format!("On {name}: timedatectl set-ntp true"),
            );
            if stop { finding } else { finding.look() }
        })
        .collect()
}

/// Gives a machine SSH host keys of its own (openssh-server's postinst makes those that are missing).
pub const NEW_HOST_KEYS: &str = "rm /etc/ssh/ssh_host_*; dpkg-reconfigure openssh-server";

/// Two members that are one machine would lose both votes at once.
fn twins(c: &Cluster, all: &BTreeMap<MemberName, Facts>) -> Vec<Finding> {
    let mut found = Vec::new();
    let names: Vec<_> = all.iter().collect();
    for (at, (a, first)) in names.iter().enumerate() {
        for (b, second) in names.iter().skip(at + 1) {
            let holds_other = |f: &Facts, other: &MemberName| {
                c.member(other).is_some_and(|m| f.addresses.contains(&m.address.ip()))
            };
            if holds_other(first, b) || holds_other(second, a) {
                found.push(Finding::stop(
                    "same-machine",
                    None,
                    format!("{a} and {b} are the same machine: it has both addresses."),
                    "Its loss would cost two votes at once.",
                    "Give each member a machine of its own.",
                ));
                continue;
            }
            if !first.machine.is_empty() && first.machine == second.machine {
                let finding = Finding::stop(
                    "cloned-machine",
                    None,
                    format!("{a} and {b} have the same machine-id: one is a copy."),
                    "DHCP and logs take them for one machine.",
                    format!("On {b}: rm /etc/machine-id; systemd-machine-id-setup; reboot"),
                );
                found.push(finding.look());
            }
            if !first.host_keys.is_disjoint(&second.host_keys) {
                let finding = Finding::stop(
                    "cloned-host-key",
                    None,
                    format!("{a} and {b} have the same SSH host key: one is a copy."),
                    "Whoever has root on one can answer SSH in place of the other.",
                    format!("On {b}: {NEW_HOST_KEYS}"),
                );
                found.push(finding.look());
            }
        }
    }
    found
}

/// One cluster, one etcd: mixed minors are only meant for the time of an upgrade.
fn versions(all: &BTreeMap<MemberName, Facts>) -> Vec<Finding> {
    let mut by: BTreeMap<(u16, u16), Vec<(&MemberName, EtcdVersion)>> = BTreeMap::new();
    for (name, f) in all {
        if let Some(version) = f.installed.or(f.offered) {
            by.entry((version.major, version.minor)).or_default().push((name, version));
        }
    }
    if by.len() < 2 {
        return Vec::new();
    }
    let groups: Vec<_> = by
        .values()
        .map(|group| {
            let names: Vec<_> = group.iter().map(|(name, _)| name.as_str()).collect();
            let version = group.first().map(|(_, v)| v.to_string()).unwrap_or_default();
            format!("{version} on {}", names.join(", "))
        })
        .collect();
    vec![Finding::stop(
        "mixed-versions",
        None,
        format!("The machines would get different etcds: {}.", groups.join("; ")),
        "A cluster speaks the language of its oldest member; mixed ones are meant for upgrades \
         only.",
        "Put the same release of Debian or Ubuntu on all of them.",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cluster::{Release, file::tests::lab},
        event::Severity,
    };

    /// What is found between five fresh machines of which some are changed.
    fn found(change: impl Fn(&str, &mut Facts)) -> Vec<(String, Severity)> {
        let c = lab();
        let facts = |m: &crate::cluster::Member| {
            let mut f = Facts::assumed(Release::Bookworm);
            f.addresses = vec![m.address.ip()];
            f.machine = m.name.to_string();
            change(m.name.as_str(), &mut f);
            (m.name.clone(), f)
        };
        let all = c.members.iter().map(facts).collect();
        across(&c, &all).into_iter().map(|finding| (finding.says, finding.severity)).collect()
    }

    #[test]
    fn five_alike_machines_fit_together() {
        assert_eq!(found(|_, _| ()), []);
        // This computer's own clock may be wrong: only differences between nodes count.
        assert_eq!(found(|_, f| f.ahead_ms = 86_400_000), []);
    }

    #[test]
    fn says_which_machine_is_the_odd_one() {
        let odd = |mend: fn(&mut Facts)| {
            found(move |name, f| {
                if name == "icc-etcd-3" {
                    mend(f);
                }
            })
        };
        let one = |says: &str, severity| vec![(says.to_owned(), severity)];
        assert_eq!(odd(|f| f.ahead_ms = 1_000), []);
        assert_eq!(
            odd(|f| f.ahead_ms = -2_450),
            one("The clock of icc-etcd-3 is 2.4 s behind the others.", Severity::Look)
        );
        assert_eq!(
            odd(|f| f.ahead_ms = 30_001),
            one("The clock of icc-etcd-3 is 30.0 s ahead of the others.", Severity::Stop)
        );
        assert_eq!(
            odd(|f| f.machine = "icc-etcd-1".to_owned()),
            one(
                "icc-etcd-1 and icc-etcd-3 have the same machine-id: one is a copy.",
                Severity::Look
            )
        );
        let key = || "AAAAC3NzaC1lZDI1NTE5AAAA".to_owned();
        assert_eq!(odd(|f| f.host_keys.extend(["AAAA".to_owned()])), []);
        assert_eq!(
            found(|name, f| f.host_keys.extend((name > "icc-etcd-3").then(key))),
            one(
                "icc-etcd-4 and icc-etcd-5 have the same SSH host key: one is a copy.",
                Severity::Look
            )
        );
        assert_eq!(
            odd(|f| f.addresses.push("141.22.30.36".parse().unwrap())),
            one(
                "icc-etcd-3 and icc-etcd-5 are the same machine: it has both addresses.",
                Severity::Stop
            )
        );
        assert_eq!(
            odd(|f| f.installed = Some(EtcdVersion::new(3, 5, 16))),
            one(
                "The machines would get different etcds: 3.4.23 on icc-etcd-1, icc-etcd-2, \
                 icc-etcd-4, icc-etcd-5; 3.5.16 on icc-etcd-3.",
                Severity::Stop
            )
        );
        assert_eq!(odd(|f| f.installed = Some(EtcdVersion::new(3, 4, 30))), []);
    }
}

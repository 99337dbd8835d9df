//! Killed, interrupted, or cut off: running again is the only way on, and it is enough.

use quorate::event::{RunEvent, Step};

use super::{
    lab::{Lab, MADE, NODES, until},
    run::ended,
};

/// `up`, killed when that happens, leaves no file half written; `up` again ends healthy.
fn killed_when(lab: &Lab, packages: bool, what: &str, when: impl Fn(&RunEvent) -> bool) {
    lab.healthy();
    let sums = format!("for f in {MADE}; do [ ! -e $f ] || sha256sum $f; done\n");
    let whole = lab.on_all(&sums);
    lab.taken_back(packages);
    let comments = lab.on("icc-etcd-1", "sha256sum /etc/default/etcd || :\n");

    let mut going = lab.going();
    going.until(what, when);
    going.kill();
    for node in NODES {
        for line in lab.on(node, &sums).lines() {
            // The package's own settings are comments alone, and whole as well.
            let right = whole[node].contains(line) || line == comments || bare(lab, node, line);
            assert!(right, "half written on {node}: {line}");
        }
    }
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0).says("practice is healthy");
    for node in NODES {
        assert_eq!(lab.on(node, &sums), whole[node], "{node}");
        assert_eq!(
            lab.on(node, "ls -A /etc/etcd /etc/default /etc/profile.d | grep new || :\n"),
            ""
        );
    }
}

/// Settings that set nothing.
fn bare(lab: &Lab, node: &str, line: &str) -> bool {
    let settings = line.ends_with(" /etc/default/etcd");
    settings && !lab.tries(node, "grep -q '^ETCD_' /etc/default/etcd\n").status.success()
}

pub(crate) fn promise_5_files_appear_whole_killed_after_the_first_certificate(lab: &Lab) {
    killed_when(lab, false, "a certificate", |e| ended(e, Step::Certificates, "ca"));
}

pub(crate) fn killed_during_packages(lab: &Lab) {
    killed_when(
        lab,
        true,
        "apt's progress",
        |e| matches!(e, RunEvent::Progress { percent, .. } if *percent > 60),
    );
}

pub(crate) fn killed_after_packages(lab: &Lab) {
    killed_when(lab, true, "the packages", |e| ended(e, Step::Install, "packages"));
}

pub(crate) fn killed_after_settings(lab: &Lab) {
    killed_when(lab, false, "the settings", |e| ended(e, Step::Configure, "settings"));
}

pub(crate) fn killed_during_the_start(lab: &Lab) {
    killed_when(lab, false, "a start", |e| ended(e, Step::Start, "started"));
}

pub(crate) fn ctrl_c_stops_between_changes(lab: &Lab) {
    lab.taken_back(true);
    let mut going = lab.going();
    going.until("apt at work", |e| matches!(e, RunEvent::Progress { .. }));
    going.interrupt();
    assert_eq!(going.end(), 130);
    // What ran was let come to its end, and nothing was begun after it.
    let asked = going.seen.iter().position(|e| matches!(e, RunEvent::StopAsked { .. }));
    let after = going.seen.get(asked.expect("it was heard")..).unwrap_or_default();
    assert!(after.iter().any(|e| ended(e, Step::Install, "packages")), "{after:?}");
    assert!(!after.iter().any(|e| matches!(e, RunEvent::TaskStarted { .. })), "{after:?}");
    lab.on_all("dpkg --audit; dpkg-query -W etcd-server\n");
    assert_eq!(lab.on("icc-etcd-1", "systemctl is-active etcd || :\n"), "inactive");

    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0).says("practice is healthy");
}

pub(crate) fn a_machine_that_reboots_during_packages_is_met_again(lab: &Lab) {
    const NODE: &str = "icc-etcd-3";
    lab.taken_back(true);
    let boot = lab.on(NODE, "cat /proc/sys/kernel/random/boot_id\n");
    let mut going = lab.going();
    going.until("dpkg at work there", |e| match e {
        RunEvent::Progress { node, percent, .. } => node.as_str() == NODE && *percent > 60,
        _ => false,
    });
    lab.tries(NODE, "reboot -f\n");
    going.until("the loss", |e| matches!(e, RunEvent::Lost { again: true, .. }));
    assert_eq!(going.end(), 0, "{:?}", going.seen.last());
    until("the reboot", || lab.on(NODE, "cat /proc/sys/kernel/random/boot_id\n") != boot);
    lab.quorate(&["check", &lab.file(), "--plain"]).says("practice agrees");
}

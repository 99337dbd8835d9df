//! `check` and `members`: looking changes nothing, and green means proved.

use quorate::event::{RunEvent, TaskOutcome};

use super::{lab::Lab, run::tasks};

pub(crate) fn promise_9_green_means_proved_a_dead_member_is_seen(lab: &Lab) {
    lab.healthy();
    lab.quorate(&["check", &lab.file(), "--plain"]).says("practice agrees");
    lab.on("icc-etcd-3", "systemctl stop etcd\n");
    // What the others list, and call healthy, still has five that are "started".
    let list = "bash -lc 'ETCDCTL_ENDPOINTS=https://localhost:2379 etcdctl member list'";
    let list = lab.ssh("icc-etcd-1").arg(list).output();
    let list = String::from_utf8_lossy(&list.expect("ssh").stdout).into_owned();
    assert_eq!(list.matches(", started, ").count(), 5, "{list}");

    let check = lab.quorate(&["check", &lab.file(), "--plain"]);
    check.exits(1).says("icc-etcd-3 does not answer").says("practice does not agree");
    check.says("etcd is inactive");
    lab.quorate(&["members", &lab.file()]).exits(1).says("icc-etcd-3 does not answer");
    // Running again goes on.
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0).says("practice is healthy");
}

pub(crate) fn check_says_what_holds_and_what_differs_and_changes_nothing(lab: &Lab) {
    lab.taken_back(false);
    // Half finished: one has a wrong settings file, one its certificates, one nothing but packages.
    lab.on("icc-etcd-1", "echo 'ETCD_NAME=\"icc-etcd-9\"' >>/etc/default/etcd\n");
    lab.on("icc-etcd-2", "cp -p $(ls -d /etc/etcd/ca.pem.2* | tail -1) /etc/etcd/ca.pem\n");
    let before = lab.everything();
    let check = lab.quorate(&["check", &lab.file(), "--json"]);
    let after = lab.everything();
    lab.on("icc-etcd-1", "sed -i '/^ETCD_NAME/d' /etc/default/etcd\n");
    assert_eq!(after, before);

    let events = check.exits(1).events();
    let tasks = tasks(&events);
    let of = |name: &str| {
        let found = tasks.iter().find(|(task, _)| task == name);
        found.unwrap_or_else(|| panic!("{name}: {tasks:?}")).1.clone()
    };
    assert_eq!(of("icc-etcd-2 certificates.ca"), TaskOutcome::Unchanged);
    assert_eq!(of("icc-etcd-3 install.packages"), TaskOutcome::Unchanged);
    let differs = |says: &str| TaskOutcome::Differs { says: vec![says.to_owned()] };
    assert_eq!(of("icc-etcd-3 certificates.ca"), differs("/etc/etcd/ca.pem is not there"));
    let TaskOutcome::Differs { says } = of("icc-etcd-1 configure.settings") else {
        panic!("{tasks:?}");
    };
    assert!(says.contains(&"is:        ETCD_NAME=icc-etcd-9".to_owned()), "{says:?}");
    assert!(says.contains(&"should be: ETCD_NAME=icc-etcd-1".to_owned()), "{says:?}");
    assert!(!events.iter().any(|e| matches!(e, RunEvent::TaskStarted { .. })));
}

//! From nothing to a healthy cluster, and once more.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use quorate::event::TaskOutcome;

use super::{
    lab::{Lab, NODES},
    run::{Ran, tasks},
};

/// What a person must read at the end of a bootstrap: the table, and each proof by its name.
fn proved(ran: &Ran) {
    ran.exits(0).says("| STATUS  |");
    for node in NODES {
        ran.says(&format!("| started | {node} | https://198.18."));
    }
    ran.says("leader icc-etcd-").says("raft term ").says("etcd 3.").says("database ");
    ran.says("slowest answer ").says("99 of 100 log writes within ");
    ran.says("asked by name: 5 of 5 have the predicted member ID");
    ran.says("asked by name: 5 of 5 are of the predicted cluster, ");
    ran.says("member list: 5 of 5 know all 5");
    ran.says("linearizable read: 5 of 5 answered");
    ran.says("requests: 20 of 20 answered");
    ran.says("same process: 5 of 5 not restarted meanwhile");
    ran.says("write: through icc-etcd-1, read back through icc-etcd-4");
    ran.says("practice is healthy");
}

/// The README's first command.
pub(crate) fn from_nothing_one_command_ends_with_the_table(lab: &Lab) {
    lab.nothing();
    let ran = lab.practice(&["--plain", "--yes"]);
    proved(&ran);
    println!("from nothing to a healthy cluster: {:?}", ran.took);
}

pub(crate) fn up_then_practice_ends_with_the_table(lab: &Lab) {
    lab.nothing();
    let up = lab.practice(&["up", "--yes"]);
    up.exits(0).says("icc-etcd-5  198.18.");
    let ran = lab.quorate(&["up", &lab.file(), "--plain", "--yes"]);
    proved(&ran);
    println!("{}: machines {:?}, cluster {:?}", lab.release(), up.took, ran.took);
}

pub(crate) fn promise_2_probe_change_probe_a_second_run_changes_nothing(lab: &Lab) {
    lab.healthy();
    let before = lab.everything();
    let ran = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    let tasks = tasks(&ran.exits(0).events());
    assert!(tasks.len() > 5 * 10, "{tasks:?}");
    for (task, outcome) in tasks {
        assert_eq!(outcome, TaskOutcome::Unchanged, "{task}");
    }
    assert_eq!(lab.everything(), before);
}

pub(crate) fn promise_8_one_truth_the_run_log_is_what_json_says(lab: &Lab) {
    lab.healthy();
    let ran = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    let logs = fs::read_dir(lab.state().join("runs/practice")).expect("logs").flatten();
    let newest = logs.max_by_key(|log| log.metadata().and_then(|m| m.modified()).ok());
    let log = fs::read_to_string(newest.expect("a log").path()).expect("a log");
    assert_eq!(log, ran.exits(0).out);
}

/// At most 1.5 s; on a computer that is busy with other things, a small multiple of what five
/// `ssh NODE true` at once take there and then.
pub(crate) fn a_second_run_is_quick(lab: &Lab) {
    lab.healthy();
    let took = (0..3)
        .map(|_| {
            let ran = lab.quorate(&["up", &lab.file(), "--plain", "--quiet", "--yes"]);
            let began = Instant::now();
            ran.exits(0);
            let all = NODES.map(|node| lab.ssh(node).arg("true").stdout(Stdio::null()).spawn());
            for child in all {
                assert!(child.expect("ssh").wait().expect("its end").success());
            }
            (ran.took, began.elapsed())
        })
        .min();
    let (up, ssh) = took.expect("a measure");
    println!("up again: {up:?}, while five times ssh true takes {ssh:?}");
    assert!(up < Duration::from_millis(1_500) || up < ssh * 4, "{up:?}, ssh {ssh:?}");
}

pub(crate) fn etcdctl_just_works_for_root_in_a_login_shell(lab: &Lab) {
    lab.healthy();
    let table = lab.quorate(&["members", &lab.file()]);
    let table = table.exits(0).out.trim();
    for node in NODES {
        let shell = lab.ssh(node).arg("bash -lc 'etcdctl member list -w table'").output();
        let shell = shell.expect("ssh");
        assert!(shell.status.success(), "{node}: {shell:?}");
        // quorate's own table is etcdctl's to the character.
        assert_eq!(String::from_utf8_lossy(&shell.stdout).trim(), table, "{node}");
    }
}

/// Once the image is there, no network is needed but the machines' own.
pub(crate) fn without_any_network_one_command_ends_with_the_table(lab: &Lab) {
    lab.fresh();
    lab.practice(&["stop"]).exits(0);
    let ran = lab.cut_off();
    ran.exits(0).says("healthy");
    assert_eq!(ran.out.matches("| started |").count(), 5, "{}", ran.out);
    let status = lab.practice(&["status"]);
    assert_eq!(status.out.matches("stopped").count(), 5, "{}", status.out);
}

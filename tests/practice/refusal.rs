//! Refused before anything was changed, and why.

use std::fs;

use tempfile::TempDir;

use super::{
    lab::{Lab, NODES, until},
    run::Ran,
};

/// `up` must refuse, and leave every machine as it is.
fn refused(lab: &Lab, args: &[&str]) -> Ran {
    let before = lab.everything();
    let ran = lab.quorate(args);
    ran.exits(3);
    assert_eq!(lab.everything(), before);
    ran
}

/// The lab's cluster file with other words in it, in a folder of its own.
fn other_file(lab: &Lab, changes: &[(&str, &str)]) -> (TempDir, String) {
    let dir = TempDir::new().expect("a directory");
    let mut text = fs::read_to_string(lab.file()).expect("the cluster file");
    for (from, to) in changes {
        let line = text.lines().find(|l| l.starts_with(from)).expect("that line").to_owned();
        text = text.replace(&line, &format!("{from} = \"{to}\""));
    }
    let file = dir.path().join("cluster.toml");
    fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    (dir, file)
}

pub(crate) fn promise_3_nothing_before_go(lab: &Lab) {
    lab.fresh();
    refused(lab, &["up", &lab.file(), "--plain"]).says("nothing was changed").says("--yes");
    refused(lab, &["up", &lab.file(), "--json"]);
}

pub(crate) fn promise_7_host_keys_are_checked(lab: &Lab) {
    lab.up();
    let own = fs::read_to_string(lab.dir().join("known_hosts")).expect("known hosts");
    let known = TempDir::new().expect("a directory");
    let path = known.path().join("known_hosts");
    let (_dir, file) = other_file(lab, &[("known_hosts", path.to_str().expect("a path"))]);
    let up = ["up", &file, "--plain", "--yes"];
    let and_new = [&up[..], &["--accept-new-host-keys"]].concat();

    fs::write(&path, "").expect("a file");
    refused(lab, &up).says("SHA256:").says("--accept-new-host-keys");
    assert_eq!(fs::read_to_string(&path).expect("a file"), "", "nobody said yes");

    // The first two have each other's keys.
    let swapped = own
        .replace(NODES[0], "first")
        .replace(NODES[1], NODES[0])
        .replace("first", NODES[1])
        .replace(".32 ", ".first ")
        .replace(".33 ", ".32 ")
        .replace(".first ", ".33 ");
    assert_ne!(swapped, own);
    fs::write(&path, swapped).expect("a file");
    for args in [&up[..], &and_new] {
        refused(lab, args).says("icc-etcd-1 cannot be used").says("changed");
    }

    fs::remove_file(&path).expect("gone");
    fs::create_dir(&path).expect("a directory in its place");
    for args in [&up[..], &and_new] {
        refused(lab, args).says("known_hosts");
    }
}

pub(crate) fn a_key_that_does_not_belong_to_its_certificate_is_refused(lab: &Lab) {
    lab.up();
    let others = TempDir::new().expect("a directory");
    let into = others.path().display().to_string();
    lab.quorate(&["certs", "issue", &lab.file(), "--into", &into]).exits(0);
    let key = others.path().join("kubernetes-key.pem").display().to_string();
    let own = |name: &str| lab.dir().join(name).display().to_string();
    let (_dir, file) =
        other_file(lab, &[("ca", &own("ca.pem")), ("cert", &own("kubernetes.pem")), ("key", &key)]);
    refused(lab, &["up", &file, "--plain", "--yes"]).says("key").says("certificate");
}

pub(crate) fn a_port_that_is_taken_is_refused(lab: &Lab) {
    lab.taken_back(false);
    lab.on(
        "icc-etcd-3",
        // No variable in it: systemd would expand it.
        "systemd-run -q --unit squatter perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) && \
         bind(S, sockaddr_in(2380, INADDR_ANY)) && listen(S, 1) or die; sleep'\n",
    );
    until("the squatter", || {
        lab.tries("icc-etcd-3", "grep -q ':094C 00000000:0000 0A' /proc/net/tcp\n").status.success()
    });
    refused(lab, &["up", &lab.file(), "--plain", "--yes"]).says("icc-etcd-3 has perl (pid ");
    lab.on("icc-etcd-3", "systemctl stop squatter\n");
}

pub(crate) fn a_machine_without_etcd_in_apt_is_refused(lab: &Lab) {
    lab.taken_back(true);
    let repo = "cd /srv/quorate/repo; cp -a Packages /root/Packages\n";
    lab.on(
        "icc-etcd-4",
        &format!("{repo}sed -i '/^Package: etcd/,/^$/d' Packages; apt-get update\n"),
    );
    let ran = refused(lab, &["up", &lab.file(), "--plain", "--yes"]);
    ran.says("icc-etcd-4 is offered no etcd by apt");
    lab.on("icc-etcd-4", "mv /root/Packages /srv/quorate/repo/Packages; apt-get update\n");
}

pub(crate) fn a_machine_that_is_off_is_refused(lab: &Lab) {
    lab.taken_back(false);
    let off = "icc-etcd-5";
    let on = |lab: &Lab| {
        let all = NODES.iter().filter(|n| **n != off);
        all.map(|n| lab.on(n, "ls -lR /etc/etcd; systemctl is-active etcd || :\n"))
            .collect::<Vec<_>>()
    };
    let before = on(lab);
    lab.tries(off, "systemctl poweroff\n");
    until("the end of it", || !lab.tries(off, "true\n").status.success());
    let ran = lab.quorate(&["up", &lab.file(), "--plain", "--yes"]);
    ran.exits(3).says("icc-etcd-5 cannot be used").says("Nothing was changed on any machine");
    assert_eq!(on(lab), before);
    lab.up();
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0);
}

pub(crate) fn a_member_whose_data_is_gone_is_told_each_time(lab: &Lab) {
    lab.up();
    let stopped = "systemctl stop etcd; systemctl reset-failed etcd; cd /var/lib/etcd; ";
    lab.on("icc-etcd-2", &format!("{stopped}mv member /root/member\n"));
    for _ in 0..2 {
        let ran = lab.quorate(&["up", &lab.file(), "--plain", "--yes"]);
        ran.exits(1).says("the cluster already knows member").says("member-was-wiped");
    }
    lab.on(
        "icc-etcd-2",
        &format!("{stopped}rm -r member; mv /root/member .; systemctl start etcd\n"),
    );
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0);
}

//! Members with IPv6 addresses.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use super::lab::{Lab, NODES};

/// The last part of a machine's address stays as it is in IPv4.
const NETWORK: &str = "fd98:40::";

/// Gives this computer and all machines an address each; they go with the machines.
fn addresses(lab: &Lab) {
    let ip = |args: &str| {
        let output = Command::new("ip").args(args.split(' ')).output().expect("ip");
        assert!(output.status.success(), "ip {args}: {output:?}");
        String::from_utf8(output.stdout).expect("words")
    };
    let all = ip("-o -4 addr show");
    let network = lab.subnet().trim_end_matches('0').to_owned();
    let ours = all.lines().find(|line| line.contains(&network)).expect("our bridge");
    let bridge = ours.split_whitespace().nth(1).expect("its name");
    ip(&format!("addr add {NETWORK}1/64 dev {bridge} nodad"));
    for node in NODES {
        let address = six(&lab.address(node), lab);
        lab.on(node, &format!("ip addr add {address}/64 dev host0 nodad\n"));
    }
}

/// The text with IPv6 addresses instead.
fn six(text: &str, lab: &Lab) -> String {
    text.replace(lab.subnet().trim_end_matches('0'), NETWORK)
}

/// A cluster file of the same machines under another name and with the other addresses.
fn cluster(lab: &Lab, dir: &Path) -> String {
    let read = |name: &str| fs::read_to_string(lab.dir().join(name)).expect("a file of the lab");
    let known = dir.join("known_hosts");
    fs::write(&known, six(&read("known_hosts"), lab)).expect("a file");
    let at = |dir: &Path, name: &str| format!("\"{}\"", dir.join(name).display());
    let mut text = six(&read("cluster.toml"), lab).replace("\"practice\"", "\"six\"");
    for name in ["known_hosts", "ca.pem", "kubernetes.pem", "kubernetes-key.pem"] {
        text = text.replace(&at(lab.dir(), name), &at(dir, name));
    }
    let file = dir.join("cluster.toml");
    fs::write(&file, text).expect("a file");
    file.display().to_string()
}

pub(crate) fn members_with_ipv6_addresses_are_a_cluster(lab: &Lab) {
    lab.fresh();
    addresses(lab);
    let dir = TempDir::new().expect("a folder");
    let file = cluster(lab, dir.path());
    let into = dir.path().display().to_string();
    lab.quorate(&["certs", "issue", &file, "--into", &into]).exits(0);
    let up = ["up", &file, "--plain", "--yes"];
    lab.quorate(&up).exits(0).says("https://[fd98:40::32]:2380").says("six is healthy");
    lab.quorate(&up).exits(0).says("six is healthy");
    lab.quorate(&["check", &file, "--plain"]).exits(0).says("six agrees");
    lab.quorate(&["reset", &file, "--plain", "--confirm", "six"]).exits(0);
}

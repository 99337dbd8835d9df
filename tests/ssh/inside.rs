//! A test inside another mount namespace, where ssh has the configuration that we give it.

use std::{env, fs, process::Command};

use quorate::remote::connect::HostSpec;

use super::server::Server;

/// Runs one (ignored) test of this binary with `config` as the whole of ssh's configuration.
pub(crate) fn with_config(test: &str, server: &Server, config: &str) {
    let file = server.file("ssh_config");
    fs::write(&file, config).unwrap();
    let empty = server.file("empty");
    fs::create_dir_all(&empty).unwrap();
    let output = Command::new("unshare")
        .args(["-m", "sh", "-euc"])
        .arg(
            "if [ -d /root/.ssh ]; then mount --bind \"$2\" /root/.ssh; fi
             mount --bind \"$1\" /etc/ssh/ssh_config; shift 2; exec \"$@\"",
        )
        .arg("sh")
        .args([file, empty])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("TEST_SSHD", server.folder.path())
        .env("TEST_SSHD_PORT", server.address.port().to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "with {config}\n{said}\n{complaint}");
    assert!(said.contains("1 passed"), "no such test: {test}");
}

/// How to log in to that test's server; the key comes from ssh's configuration.
pub(crate) fn spec(user: &str) -> HostSpec {
    let folder = env::var("TEST_SSHD").expect("run by another test");
    HostSpec {
        name: "n1".parse().unwrap(),
        host: "127.0.0.1".to_owned(),
        port: Some(env::var("TEST_SSHD_PORT").unwrap().parse().unwrap()),
        user: Some(user.to_owned()),
        identity: None,
        known_hosts: Some(format!("{folder}/known_hosts").into()),
        accept_new_host_keys: false,
    }
}

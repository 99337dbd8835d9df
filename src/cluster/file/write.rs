//! A cluster as a file that a person can read and change, and that reads back equal.

use std::path::Path;

use toml::Value;

use super::VERSION;
use crate::cluster::{Cluster, Login, Member};

/// The cluster as a commented `cluster.toml`. Paths are written as they are, so absolute ones read
/// back equal from any directory.
#[must_use]
pub fn write(cluster: &Cluster) -> String {
    let mut lines = vec![
        "# A cluster, as it shall be. `quorate plan` says what would be done, `quorate up` does it."
            .to_owned(),
        format!("version = {VERSION}"),
        line("name", cluster.name.as_str()),
        "# A word no other cluster of yours uses; it is mixed into every ID.".to_owned(),
        line("token", cluster.token.as_str()),
        String::new(),
        "# How to log in; ~/.ssh/config, the agent and ssh's defaults fill the rest.".to_owned(),
        "[ssh]".to_owned(),
    ];
    lines.extend(login(&cluster.login, ""));
    lines.extend([
        String::new(),
        "# The certificate files on this computer; {member} may stand in cert and key.".to_owned(),
        "[tls]".to_owned(),
        path("ca", &cluster.tls.ca),
        path("cert", &cluster.tls.cert),
        path("key", &cluster.tls.key),
        String::new(),
        "# On the nodes.".to_owned(),
        "[etcd]".to_owned(),
        path("data_dir", &cluster.data_dir),
    ]);
    lines.extend(cluster.members.iter().flat_map(member));
    lines.push(String::new());
    lines.join("\n")
}

fn member(member: &Member) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "[[members]]".to_owned(),
        line("name", member.name.as_str()),
        line("address", &member.address.to_string()),
    ];
    lines.extend(member.ssh_host.iter().map(|host| line("ssh_host", host)));
    lines.extend(login(&member.login, "ssh_"));
    lines
}

fn login(login: &Login, prefix: &str) -> Vec<String> {
    let named = |name: &str| format!("{prefix}{name}");
    let user = login.user.iter().map(|user| line(&named("user"), user));
    let port = login.port.iter().map(|port| format!("{} = {port}", named("port")));
    let identity = login.identity.iter().map(|file| path(&named("identity"), file));
    let known_hosts = login.known_hosts.iter().map(|file| path(&named("known_hosts"), file));
    user.chain(port).chain(identity).chain(known_hosts).collect()
}

fn path(key: &str, path: &Path) -> String {
    line(key, &path.to_string_lossy())
}

fn line(key: &str, text: &str) -> String {
    format!("{key} = {}", Value::from(text))
}

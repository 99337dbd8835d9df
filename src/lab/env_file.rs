//! `/etc/default/etcd`: the settings that systemd hands to etcd, and `etcdctl`'s own.

use super::script::quote;
use crate::cluster::{Cluster, Digest, Member};

/// Where the unit's `EnvironmentFile=` points (Debian's `etcd.service`).
pub const PATH: &str = "/etc/default/etcd";
/// Where a login shell finds `etcdctl`'s settings.
pub const ETCDCTL: &str = "/etc/profile.d/etcdctl.sh";

/// Of [`PATH`], what counts: no comments, no quotes, sorted (systemd.exec(5)). The file is sed's own
/// argument: a redirection after the pipe would be sort's.
pub const EFFECTIVE: &str = r#"sed -e '/^[[:space:]]*[#;]/d' -e '/^[[:space:]]*$/d' -e 's/^\([A-Z_]*\)="\(.*\)"[[:space:]]*$/\1=\2/' /etc/default/etcd | LC_ALL=C sort"#;

/// etcd's settings for a member, in the lab's order.
#[must_use]
pub fn settings(c: &Cluster, m: &Member) -> Vec<(&'static str, String)> {
    let local = format!("https://localhost:{}", crate::cluster::CLIENT_PORT);
    vec![
        ("ETCD_NAME", m.name.to_string()),
        ("ETCD_DATA_DIR", c.data_dir.to_string_lossy().into_owned()),
        ("ETCD_LISTEN_PEER_URLS", m.address.peer_url()),
        ("ETCD_LISTEN_CLIENT_URLS", format!("{},{local}", m.address.client_url())),
        ("ETCD_INITIAL_ADVERTISE_PEER_URLS", m.address.peer_url()),
        ("ETCD_INITIAL_CLUSTER", c.initial_cluster()),
        ("ETCD_INITIAL_CLUSTER_STATE", "new".to_owned()),
        ("ETCD_INITIAL_CLUSTER_TOKEN", c.token.to_string()),
        ("ETCD_ADVERTISE_CLIENT_URLS", m.address.client_url()),
        ("ETCD_CERT_FILE", super::certificates::CERT.to_owned()),
        ("ETCD_KEY_FILE", super::certificates::KEY.to_owned()),
        ("ETCD_CLIENT_CERT_AUTH", "true".to_owned()),
        ("ETCD_TRUSTED_CA_FILE", super::certificates::CA.to_owned()),
        ("ETCD_PEER_CERT_FILE", super::certificates::CERT.to_owned()),
        ("ETCD_PEER_KEY_FILE", super::certificates::KEY.to_owned()),
        ("ETCD_PEER_CLIENT_CERT_AUTH", "true".to_owned()),
        ("ETCD_PEER_TRUSTED_CA_FILE", super::certificates::CA.to_owned()),
    ]
}

/// The file's lines, quoted as the lab quotes them. No value can hold a quote: the types of a
/// cluster do not allow it.
#[must_use]
pub fn content(c: &Cluster, m: &Member) -> String {
    settings(c, m).iter().map(|(key, value)| format!("{key}=\"{value}\"\n")).collect()
}

/// What [`EFFECTIVE`] makes of it.
#[must_use]
pub fn effective(c: &Cluster, m: &Member) -> String {
    let mut lines: Vec<_> =
        settings(c, m).iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    lines.sort_unstable();
    lines.concat()
}

/// The digest the survey gives if the file says just this.
#[must_use]
pub fn digest(c: &Cluster, m: &Member) -> Digest {
    Digest::of(effective(c, m).as_bytes())
}

/// What makes `etcdctl member list -w table` just work for root: addresses, files and the API.
///
/// 3.3 speaks API 2 unless told; 3.6 ignores the variable.
#[must_use]
pub fn etcdctl(c: &Cluster) -> String {
    let endpoints: Vec<_> = c.members.iter().map(|m| m.address.client_url()).collect();
    format!(
        "# etcdctl talks to the cluster {name} with this; only root can read the key.\n\
         if [ -r {key} ]; then\n\
         \x20 export ETCDCTL_API=3\n\
         \x20 export ETCDCTL_ENDPOINTS={endpoints}\n\
         \x20 export ETCDCTL_CACERT={ca}\n\
         \x20 export ETCDCTL_CERT={cert}\n\
         \x20 export ETCDCTL_KEY={key}\n\
         fi\n",
        name = c.name,
        endpoints = quote(&endpoints.join(",")),
        ca = super::certificates::CA,
        cert = super::certificates::CERT,
        key = super::certificates::KEY,
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::cluster::file::tests::lab;

    /// What the shell makes of a file with that content.
    fn through_sh(content: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("etcd");
        std::fs::write(&file, content).unwrap();
        assert!(EFFECTIVE.contains(PATH));
        let text = EFFECTIVE.replace(PATH, file.to_str().unwrap());
        let out = Command::new("/bin/sh").args(["-c", &text]).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    }

    #[test]
    fn the_shell_reads_our_file_as_we_do() {
        let c = lab();
        for m in &c.members {
            let ours = content(&c, m);
            let file = format!("# etcd(1)\n  ; a comment too\n\n{ours}  \n");
            assert_eq!(through_sh(&file), effective(&c, m));
        }
    }

    #[test]
    fn etcdctls_file_sets_the_endpoints_for_a_shell() {
        let mut c = lab();
        c.members.truncate(2);
        c.members[1].address = "2001:db8::32".parse().unwrap();
        let key = tempfile::NamedTempFile::new().unwrap();
        let text =
            etcdctl(&c).replace(super::super::certificates::KEY, key.path().to_str().unwrap());
        let text = format!("set -eu\n{text}printf '%s' \"$ETCDCTL_API $ETCDCTL_ENDPOINTS\"\n");
        let out = Command::new("/bin/sh").args(["-c", &text]).output().unwrap();
        let said = String::from_utf8(out.stdout).unwrap();
        assert_eq!(said, "3 https://141.22.30.32:2379,https://[2001:db8::32]:2379");
    }

    #[test]
    fn a_file_of_comments_sets_nothing() {
        assert_eq!(through_sh("# ETCD_NAME=\"a\"\n\n"), "");
        assert_eq!(through_sh("ETCD_NAME='a'\n"), "ETCD_NAME='a'\n");
    }
}

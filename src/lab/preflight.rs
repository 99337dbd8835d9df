//! Step 1: what on one node would keep it from becoming a member, before anything is changed.

use super::{
    Facts, Material,
    certificates::{CA, CERT, KEY},
    env_file,
    facts::{Data, Reach},
};
use crate::{
    cluster::{Cluster, Digest, Identity, Member},
    event::{Finding, Severity, observation::NodeSeen},
};

/// Less than this is not enough to install etcd and start it, in KiB.
const DISK_LEAST: u64 = 300 << 10;
/// Less than this fills up soon: etcd's default quota is 2 GB.
const DISK_LITTLE: u64 = 2 << 20;

/// What is wrong with that node.
#[must_use]
pub fn node(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |id: &str, severity, says: String, cause: &str, remedy: String| {
        found.push(Finding {
            id: id.to_owned(),
            node: Some(m.name.clone()),
            severity,
            says: format!("{} {says}", m.name),
            cause: cause.to_owned(),
            evidence: Vec::new(),
            remedy,
        });
    };
    if !matches!(f.os.as_str(), "debian" | "ubuntu") {
        say(
            "no-debian",
            Severity::Stop,
            format!("runs {}, which has no apt packages of etcd.", f.system()),
            "quorate installs etcd with apt, as the lab does.",
            "Use Debian 11 or newer, or Ubuntu 20.04 or newer.".to_owned(),
        );
    }
    if let Some(other) =
        c.members.iter().find(|o| o.name.as_str() == f.hostname && o.name != m.name)
    {
        say(
            "wrong-machine",
            Severity::Stop,
            format!("is reached at {}, but that machine calls itself {}.", m.host(), other.name),
            "Two addresses in the cluster file may be swapped.",
            format!("Compare the addresses of {} and {} with the machines.", m.name, other.name),
        );
    } else if f.hostname != m.name.as_str() {
        say(
            "other-hostname",
            Severity::Look,
            format!("is a machine that calls itself {}.", f.hostname),
            "The lab takes the member's name from `hostname -s`; here it comes from the plan.",
            "Nothing needs to be done if it is the machine you mean.".to_owned(),
        );
    }
    if !f.addresses.is_empty() && !f.addresses.contains(&m.address.ip()) {
        let has: Vec<_> = f.addresses.iter().map(ToString::to_string).collect();
        say(
            "address-not-there",
            Severity::Stop,
            format!("has no address {}; it has {}.", m.address, has.join(", ")),
            "etcd binds to its address, and cannot bind to one that the machine does not have.",
            "Put the address its peers shall call into the cluster file.".to_owned(),
        );
    }
    match f.disk.as_ref().map(|(free, _)| *free) {
        Some(free) if free < DISK_LEAST => say(
            "disk-full",
            Severity::Stop,
            format!("has {} MB free where the data shall be.", free >> 10),
            "The packages and etcd's first log file take about 150 MB.",
            format!("Free space for {}.", c.data_dir.display()),
        ),
        Some(free) if free < DISK_LITTLE => say(
            "disk-small",
            Severity::Look,
            format!("has {} MB free where the data shall be.", free >> 10),
            "etcd's database may grow to 2 GB before it stops taking writes.",
            "Enough for the lab; give a real member more.".to_owned(),
        ),
        _ => {}
    }
    if let Some((pid, name)) = &f.lock {
        say(
            "apt-locked",
            Severity::Look,
            format!("is installing something already: {name}, pid {pid}."),
            "apt works for one at a time; fresh machines often update themselves first.",
            "quorate waits for it.".to_owned(),
        );
    }
    for (pid, name) in &f.listeners {
        let ours = f.unit.get("MainPID").is_some_and(|main| main == &pid.to_string());
        if !ours {
            say(
                "port-taken",
                Severity::Stop,
                format!("has {name} (pid {pid}) listening on etcd's port 2379 or 2380."),
                "etcd cannot bind to a port that another program has.",
                format!("Stop {name}, if it is not needed, and run again."),
            );
        }
    }
    if f.installed.is_none() && f.offered.is_none() && f.has_lists {
        say(
            "no-candidate",
            Severity::Stop,
            "is offered no etcd by apt.".to_owned(),
            "On Ubuntu, etcd is in universe, which may be switched off.",
            "Add the repository that has etcd-server and etcd-client.".to_owned(),
        );
    }
    let blocked =
        f.reach.iter().filter(|(_, how)| matches!(how, Reach::Timeout | Reach::Unreachable));
    let blocked: Vec<_> = blocked.map(|(to, _)| to.to_string()).collect();
    if !blocked.is_empty() {
        say(
            "peer-port-blocked",
            Severity::Stop,
            format!("gets no answer from {} on port 2380.", blocked.join(", ")),
            "A firewall drops the packets: a machine without one would refuse them, and answer.",
            "Let the members reach each other on TCP 2380, and clients on TCP 2379.".to_owned(),
        );
    }
    found.extend(in_the_way(c, m, k, f));
    found
}

/// What has the place of something of ours and says something else.
fn in_the_way(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<Finding> {
    if f.aside_agreed {
        return Vec::new();
    }
    let agree = format!("To have it moved aside: --move-aside {}", m.name);
    let mut found = Vec::new();
    if let Some(data) = f.foreign_data(c, m) {
        let wanted = Identity::predict(c);
        let own = wanted.members.get(&m.name).map(ToString::to_string).unwrap_or_default();
        let whose = match data {
            Data::Of(member, cluster) => format!("of member {member} of cluster {cluster}"),
            Data::Unknown => "of nobody known".to_owned(),
        };
        let state = if f.etcd_runs() { "etcd runs on it." } else { "etcd does not run." };
        found.push(Finding {
            id: "foreign-data".to_owned(),
            node: Some(m.name.clone()),
            severity: Severity::Stop,
            says: format!("{} has data {whose} in {}.", m.name, c.data_dir.display()),
            cause:
                "A member that starts on another cluster's data stays in that cluster, and looks \
                    healthy there."
                    .to_owned(),
            evidence: vec![
                state.to_owned(),
                format!("this member would be {own} of cluster {}", wanted.cluster),
            ],
            remedy: agree.clone(),
        });
    }
    let wanted = [
        (CA, Digest::of(k.ca.as_bytes())),
        (CERT, Digest::of(k.cert.as_bytes())),
        (KEY, k.key.digest.clone()),
        (env_file::ETCDCTL, Digest::of(env_file::etcdctl(c).as_bytes())),
    ];
    let mut others: Vec<_> = wanted
        .iter()
        .filter(|(path, sum)| f.files.get(*path).is_some_and(|is| is != sum.as_str()))
        .map(|(path, _)| (*path).to_owned())
        .collect();
    if f.has_settings() && f.settings.as_deref() != Some(env_file::digest(c, m).as_str()) {
        others.push(env_file::PATH.to_owned());
    }
    if !others.is_empty() {
        found.push(Finding {
            id: "file-in-the-way".to_owned(),
            node: Some(m.name.clone()),
            severity: Severity::Stop,
            says: format!("{} already has {}, with other content.", m.name, others.join(", ")),
            cause:
                "Somebody may need what is there: an etcd of another cluster, or an earlier try."
                    .to_owned(),
            evidence: Vec::new(),
            remedy: agree,
        });
    }
    found
}

/// The survey as it is shown.
#[must_use]
pub fn seen(c: &Cluster, m: &Member, f: &Facts) -> NodeSeen {
    let mut there = Vec::new();
    there.extend(f.installed.map(|version| format!("etcd {version} installed")));
    there.extend(f.etcd_runs().then(|| "etcd runs".to_owned()));
    there.extend(f.data.map(|data| match (f.foreign_data(c, m), data) {
        (None, _) => "its own data".to_owned(),
        (Some(_), Data::Of(_, cluster)) => format!("data of cluster {cluster}"),
        (Some(_), Data::Unknown) => "unknown data".to_owned(),
    }));
    there.extend(f.files.keys().cloned());
    there.extend(f.has_settings().then(|| env_file::PATH.to_owned()));
    NodeSeen {
        node: m.name.clone(),
        system: f.system(),
        hostname: f.hostname.clone(),
        installed: f.installed,
        offered: f.offered,
        free_bytes: f.disk.as_ref().map_or(0, |(free, _)| free << 10),
        ahead_ms: f.ahead_ms,
        there,
    }
}

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
pub(super) const DISK_LEAST: u64 = 300 << 10;
/// Less than this fills up soon: etcd's default quota is 2 GB.
const DISK_LITTLE: u64 = 2 << 20;

/// What is wrong with that node.
#[must_use]
pub fn node(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<Finding> {
    let looks = [
        system(m, f),
        name(c, m, f),
        address(m, f),
        disk(c, m, f),
        lock(m, f),
        candidate(m, f),
        reach(m, f),
        foreign_data(c, m, f),
        foreign_files(c, m, k, f),
    ];
    looks.into_iter().flatten().chain(ports(m, f)).collect()
}

/// A finding about that node; `says` goes on after its name.
fn finding(
    m: &Member,
    id: &str,
    severity: Severity,
    says: &str,
    cause: &str,
    remedy: impl Into<String>,
) -> Finding {
    let says = format!("{} {says}", m.name);
    Finding { severity, ..Finding::stop(id, Some(&m.name), says, cause, remedy) }
}

fn system(m: &Member, f: &Facts) -> Option<Finding> {
    if matches!(f.os.as_str(), "debian" | "ubuntu") {
        return None;
    }
    Some(finding(
        m,
        "no-debian",
        Severity::Stop,
        &format!("runs {}, which has no apt packages of etcd.", f.system()),
        "quorate installs etcd with apt, as the lab does.",
        "Use Debian 11 or newer, or Ubuntu 20.04 or newer.",
    ))
}

fn name(c: &Cluster, m: &Member, f: &Facts) -> Option<Finding> {
    if f.hostname == m.name.as_str() {
        return None;
    }
    if let Some(other) = c.members.iter().find(|o| o.name.as_str() == f.hostname) {
        return Some(finding(
            m,
            "wrong-machine",
            Severity::Stop,
            &format!("is reached at {}, but that machine calls itself {}.", m.host(), other.name),
            "Two addresses in the cluster file may be swapped.",
            format!("Compare the addresses of {} and {} with the machines.", m.name, other.name),
        ));
    }
    Some(finding(
        m,
        "other-hostname",
        Severity::Look,
        &format!("is a machine that calls itself {}.", f.hostname),
        "The lab takes the member's name from `hostname -s`; here it comes from the plan.",
        "Nothing needs to be done if it is the machine you mean.",
    ))
}

fn address(m: &Member, f: &Facts) -> Option<Finding> {
    if f.addresses.is_empty() || f.addresses.contains(&m.address.ip()) {
        return None;
    }
    let has: Vec<_> = f.addresses.iter().map(ToString::to_string).collect();
    Some(finding(
        m,
        "address-not-there",
        Severity::Stop,
        &format!("has no address {}; it has {}.", m.address, has.join(", ")),
        "etcd binds to its address, and cannot bind to one that the machine does not have.",
        "Put the address its peers shall call into the cluster file.",
    ))
}

fn disk(c: &Cluster, m: &Member, f: &Facts) -> Option<Finding> {
    let (free, _) = f.disk.as_ref().filter(|(free, _)| *free < DISK_LITTLE)?;
    let says = format!("has {} MB free where the data shall be.", free >> 10);
    Some(if *free < DISK_LEAST {
        finding(
            m,
            "disk-full",
            Severity::Stop,
            &says,
            "The packages and etcd's first log file take about 150 MB.",
            format!("Free space for {}.", c.data_dir.display()),
        )
    } else {
        finding(
            m,
            "disk-small",
            Severity::Look,
            &says,
            "etcd's database may grow to 2 GB before it stops taking writes.",
            "Enough for the lab; give a real member more.",
        )
    })
}

fn lock(m: &Member, f: &Facts) -> Option<Finding> {
    let (pid, name) = f.lock.as_ref()?;
    Some(finding(
        m,
        "apt-locked",
        Severity::Look,
        &format!("is installing something already: {name}, pid {pid}."),
        "apt works for one at a time; fresh machines often update themselves first.",
        "quorate waits for it.",
    ))
}

fn ports(m: &Member, f: &Facts) -> impl Iterator<Item = Finding> {
    let main = f.unit.get("MainPID");
    let others = f.listeners.iter().filter(move |(pid, _)| main != Some(&pid.to_string()));
    others.map(|(pid, name)| {
        finding(
            m,
            "port-taken",
            Severity::Stop,
            &format!("has {name} (pid {pid}) listening on etcd's port 2379 or 2380."),
            "etcd cannot bind to a port that another program has.",
            format!("Stop {name}, if it is not needed, and run again."),
        )
    })
}

fn candidate(m: &Member, f: &Facts) -> Option<Finding> {
    if f.installed.is_some() || f.offered.is_some() || !f.has_lists {
        return None;
    }
    Some(finding(
        m,
        "no-candidate",
        Severity::Stop,
        "is offered no etcd by apt.",
        "On Ubuntu, etcd is in universe, which may be switched off.",
        "Add the repository that has etcd-server and etcd-client.",
    ))
}

fn reach(m: &Member, f: &Facts) -> Option<Finding> {
    let silent = |how: &Reach| matches!(how, Reach::Timeout | Reach::Unreachable);
    let blocked: Vec<_> =
        f.reach.iter().filter(|(_, how)| silent(how)).map(|(to, _)| to.to_string()).collect();
    if blocked.is_empty() {
        return None;
    }
    Some(finding(
        m,
        "peer-port-blocked",
        Severity::Stop,
        &format!("gets no answer from {} on port 2380.", blocked.join(", ")),
        "A firewall drops the packets: a machine without one would refuse them, and answer.",
        "Let the members reach each other on TCP 2380, and clients on TCP 2379.",
    ))
}

fn foreign_data(c: &Cluster, m: &Member, f: &Facts) -> Option<Finding> {
    let data = f.foreign_data(c, m).filter(|_| !f.aside_agreed)?;
    let wanted = Identity::predict(c);
    let own = wanted.members.get(&m.name).map(ToString::to_string).unwrap_or_default();
    let whose = match data {
        Data::Of(member, cluster) => format!("of member {member} of cluster {cluster}"),
        Data::Unknown => "of nobody known".to_owned(),
    };
    let state = if f.etcd_runs() { "etcd runs on it." } else { "etcd does not run." };
    Some(Finding {
        evidence: vec![
            state.to_owned(),
            format!("this member would be {own} of cluster {}", wanted.cluster),
        ],
        ..finding(
            m,
            "foreign-data",
            Severity::Stop,
            &format!("has data {whose} in {}.", c.data_dir.display()),
            "A member that starts on another cluster's data stays in that cluster, and looks \
             healthy there.",
            to_agree(c, m),
        )
    })
}

fn foreign_files(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Option<Finding> {
    let others = other_files(c, m, k, f);
    if others.is_empty() || f.aside_agreed {
        return None;
    }
    Some(finding(
        m,
        "file-in-the-way",
        Severity::Stop,
        &format!("already has {}, with other content.", others.join(", ")),
        "Somebody may need what is there: an etcd of another cluster, or an earlier try.",
        to_agree(c, m),
    ))
}

fn to_agree(c: &Cluster, m: &Member) -> String {
    format!("To have it moved aside: quorate up {} --move-aside {}", c.name, m.name)
}

/// What has the place of something of ours and would be moved aside: paths, the data directory
/// first.
#[must_use]
pub fn in_the_way(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<String> {
    let data = f.foreign_data(c, m).map(|_| c.data_dir.display().to_string());
    data.into_iter().chain(other_files(c, m, k, f)).collect()
}

/// The files that are replaced as a whole, as they shall be; the settings are compared by what they
/// set.
pub(super) fn whole_files(c: &Cluster, k: &Material) -> [(&'static str, Digest); 4] {
    [
        (CA, Digest::of(k.ca.as_bytes())),
        (CERT, Digest::of(k.cert.as_bytes())),
        (KEY, k.key.digest.clone()),
        (env_file::ETCDCTL, Digest::of(env_file::etcdctl(c).as_bytes())),
    ]
}

/// Files that are there and say something else than they shall.
fn other_files(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<String> {
    let wanted = whole_files(c, k);
    let differs =
        |(path, sum): &&(&str, Digest)| f.files.get(*path).is_some_and(|is| is != sum.as_str());
    let settings =
        f.has_settings() && f.settings.as_deref() != Some(env_file::digest(c, m).as_str());
    let paths = wanted.iter().filter(differs).map(|(path, _)| *path);
    paths.chain(settings.then_some(env_file::PATH)).map(str::to_owned).collect()
}

/// The survey as it is shown.
#[must_use]
pub fn seen(c: &Cluster, m: &Member, f: &Facts) -> NodeSeen {
    let mut there = Vec::new();
    there.extend(f.installed.map(|version| format!("etcd {version} installed")));
    there.extend(f.etcd_runs().then(|| NodeSeen::RUNS.to_owned()));
    there.extend(f.data.map(|data| match (f.foreign_data(c, m), data) {
        (None, _) => "its own data".to_owned(),
        (Some(_), Data::Of(_, cluster)) => format!("data of cluster {cluster}"),
        (Some(_), Data::Unknown) => "unknown data".to_owned(),
    }));
    let files = f.files.len() + usize::from(f.has_settings());
    there.extend((files > 0).then(|| format!("{files} of 5 files")));
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

#[cfg(test)]
mod tests;

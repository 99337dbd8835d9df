//! What a survey found on a node.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use serde::{Deserialize, Serialize};

use super::{env_file, lend::Loan, wal};
use crate::{
    cluster::{Cluster, ClusterId, Digest, EtcdVersion, Identity, Member, MemberId, Release},
    event::Step,
};

/// What is there on a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own to the survey")]
pub struct Facts {
    /// `debian`, `ubuntu`: `ID` of os-release(5).
    pub os: String,
    /// `12`: `VERSION_ID` of os-release(5).
    pub os_version: String,
    /// `hostname -s`.
    pub hostname: String,
    /// `uname -m`.
    pub arch: String,
    /// The machine's own id (machine-id(5)); clones share it.
    pub machine: String,
    /// Its SSH host keys; clones share them.
    pub host_keys: BTreeSet<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// How far its clock is ahead of this computer's, in milliseconds.
    pub ahead_ms: i64,
    /// Free space where the data will be, in KiB, and the file system's type.
    pub disk: Option<(u64, String)>,
    /// How each other member's peer port answers from there.
    pub reach: BTreeMap<IpAddr, Reach>,
    /// Whether apt has package lists.
    pub has_lists: bool,
    /// Whether dpkg was interrupted.
    pub dpkg_broken: bool,
    /// Who holds apt's lock: process id and name.
    pub lock: Option<(u32, String)>,
    /// The etcd that is installed, server and client both.
    pub installed: Option<EtcdVersion>,
    /// The etcd that apt would install.
    pub offered: Option<EtcdVersion>,
    /// Whether apt has a package called `etcd`.
    pub offers_etcd: bool,
    /// The unit: `ActiveState`, `MainPID` and so on (systemctl(1) show).
    pub unit: BTreeMap<String, String>,
    /// Who listens on 2379 or 2380: process ids and names.
    pub listeners: Vec<(u32, String)>,
    /// Files of ours or in our way: path and SHA-256.
    pub files: BTreeMap<String, String>,
    /// SHA-256 of what `/etc/default/etcd` sets; of nothing, if it only comments.
    pub settings: Option<String>,
    /// What its sisters should have too: proxies of apt, its sources, name servers.
    pub alike: BTreeSet<String>,
    /// Those settings, `ETCD_NAME=icc-etcd-1`, sorted.
    pub settings_lines: Vec<String>,
    /// Whose data is in the data directory.
    pub data: Option<Data>,
    /// The person agreed that what is in the way here is moved aside.
    pub aside_agreed: bool,
    /// `reset` shall remove the packages too.
    pub remove_packages: bool,
    /// What sisters lend it, as the person chose.
    #[serde(default)]
    pub lent: Vec<Loan>,
}

/// How a port answered, asked from the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Somebody listens.
    Open,
    /// The machine is there, nobody listens: as it should be before the start.
    Refused,
    /// No answer: a firewall, or nobody there.
    Timeout,
    /// No way there.
    Unreachable,
}

/// An etcd data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// Of that member of that cluster.
    Of(MemberId, ClusterId),
    /// Its first log file is not readable as one.
    Unknown,
}

/// An answer that is no survey. Reads on from "the survey of n3 ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// It does not begin as a survey does.
    #[error("was answered by something else than a shell: {0:?}")]
    Foreign(String),
    /// It breaks off.
    #[error("breaks off after {0:?}")]
    Cut(String),
}

impl Facts {
    /// Reads a survey's output. `arrived_ms` is when its `clock` line came, in milliseconds of
    /// this computer's Unix time.
    ///
    /// # Errors
    /// If it is not whole.
    pub fn read(output: &str, arrived_ms: i64) -> Result<Self, BadAnswer> {
        let mut lines = output.lines();
        if lines.next() != Some("survey 1") {
            return Err(BadAnswer::Foreign(output.lines().next().unwrap_or_default().to_owned()));
        }
        if !output.lines().any(|line| line == "survey ends") {
            return Err(BadAnswer::Cut(output.lines().last().unwrap_or_default().to_owned()));
        }
        let mut facts = Self::default();
        let mut packages = Vec::new();
        for line in lines {
            let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
            let words: Vec<_> = rest.split(' ').collect();
            match (key, words.as_slice()) {
                ("package", [name, "installed", version]) => packages.push((*name, *version)),
                ("clock", [now]) => facts.ahead_ms = millis(now) - arrived_ms,
                _ => facts.take(key, rest, &words),
            }
        }
        let version =
            |wanted: &str| packages.iter().find(|(name, _)| *name == wanted).map(|(_, v)| *v);
        if version("etcd-client").is_some() {
            facts.installed = version("etcd-server").and_then(|v| v.parse().ok());
        }
        Ok(facts)
    }

    fn take(&mut self, key: &str, rest: &str, words: &[&str]) {
        match (key, words) {
            ("os", [id, version, ..]) => {
                (self.os, self.os_version) = ((*id).to_owned(), (*version).to_owned());
            }
            ("hostname", [name, ..]) => {
                name.split('.').next().unwrap_or(name).clone_into(&mut self.hostname);
            }
            ("arch", [arch]) => (*arch).clone_into(&mut self.arch),
            ("machine", [id]) => (*id).clone_into(&mut self.machine),
            ("hostkey", [_, key]) => drop(self.host_keys.insert((*key).to_owned())),
            ("address", [address]) => self.addresses.extend(address.parse::<IpAddr>()),
            ("disk", [free, kind]) => {
                self.disk = free.parse().ok().map(|free| (free, (*kind).to_owned()));
            }
            ("reach", [to, how]) => {
                let how = match *how {
                    "open" => Reach::Open,
                    "refused" => Reach::Refused,
                    "timeout" => Reach::Timeout,
                    _ => Reach::Unreachable,
                };
                self.reach.extend(to.parse().ok().map(|to: IpAddr| (to, how)));
            }
            ("lists", _) => self.has_lists = true,
            ("dpkg", _) => self.dpkg_broken = true,
            ("lock", [pid, name @ ..]) => {
                self.lock = pid.parse().ok().map(|pid| (pid, name.join(" ")));
            }
            ("offer", [name, version]) => match (*name, version.parse().ok()) {
                ("etcd", Some(version)) => {
                    self.offers_etcd = true;
                    self.offered = self.offered.or(Some(version));
                }
                ("etcd-server", version) => self.offered = version.or(self.offered),
                _ => {}
            },
            ("unit", _) => self.unit.extend(
                rest.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())),
            ),
            ("port", [pid, name @ ..]) => {
                self.listeners.extend(pid.parse().ok().map(|pid: u32| (pid, name.join(" "))));
            }
            ("file", [sum, name]) => {
                self.files.insert((*name).to_owned(), (*sum).to_owned());
            }
            ("alike", _) => drop(self.alike.insert(rest.to_owned())),
            ("setting", _) => self.settings_lines.push(rest.to_owned()),
            ("settings", [sum]) => self.settings = Some((*sum).to_owned()),
            ("data", _) => {
                self.data = Some(wal::owner(rest).map_or(Data::Unknown, |(m, c)| Data::Of(m, c)));
            }
            _ => {}
        }
    }

    /// What `plan` takes a fresh machine to be.
    #[must_use]
    pub fn assumed(release: Release) -> Self {
        let (_, number) = release.title().split_once(' ').unwrap_or_default();
        Self {
            os: "debian".to_owned(),
            os_version: number.to_owned(),
            offered: Some(release.etcd()),
            offers_etcd: release == Release::Bullseye,
            has_lists: true,
            ..Self::default()
        }
    }

    /// What a step will have made true.
    #[must_use]
    pub fn after(mut self, step: Step) -> Self {
        if step == Step::Install {
            self.installed = self.installed.or(self.offered);
            self.has_lists = true;
            self.dpkg_broken = false;
        }
        self
    }

    /// Whether a file is at that path.
    #[must_use]
    pub fn has_file(&self, path: &str) -> bool {
        if path == env_file::PATH { self.has_settings() } else { self.files.contains_key(path) }
    }

    /// Whether `/etc/default/etcd` sets anything.
    #[must_use]
    pub fn has_settings(&self) -> bool {
        let nothing = Digest::of(b"");
        self.settings.as_ref().is_some_and(|sum| sum != nothing.as_str())
    }

    /// `Debian 12`.
    #[must_use]
    pub fn system(&self) -> String {
        let name = match self.os.as_str() {
            "debian" => "Debian",
            "ubuntu" => "Ubuntu",
            other => other,
        };
        format!("{name} {}", self.os_version)
    }

    /// Whether etcd is running or about to.
    #[must_use]
    pub fn etcd_runs(&self) -> bool {
        let state = self.unit.get("ActiveState").map(String::as_str);
        matches!(state, Some("active" | "activating" | "reloading"))
    }

    /// The data in the data directory, if it is not this member's of this cluster.
    #[must_use]
    pub fn foreign_data(&self, c: &Cluster, m: &Member) -> Option<Data> {
        let wanted = Identity::predict(c);
        let own = wanted.members.get(&m.name).map(|id| Data::Of(*id, wanted.cluster));
        self.data.filter(|data| Some(*data) != own)
    }
}

/// Unix milliseconds from `seconds.nanoseconds`.
fn millis(text: &str) -> i64 {
    let (seconds, nanos) = text.split_once('.').unwrap_or((text, "0"));
    let millis = nanos.get(..3).unwrap_or("0");
    seconds.parse::<i64>().unwrap_or(0) * 1000 + millis.parse::<i64>().unwrap_or(0)
}

#[cfg(test)]
mod tests;

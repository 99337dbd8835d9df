//! Practice machines: three, five or seven throw-away machines on this computer, with systemd,
//! sshd, apt, a name, an address and a disk of their own.
//!
//! Everything is in one folder ([`Options::dir`]), and needs root. What is there is asked of the
//! kernel each time (processes, mounts, links), so that nothing here can believe in a machine that
//! somebody killed. Knows nothing of etcd but the names of its packages.

mod agree;
mod check;
mod command;
mod error;
mod image;
mod keys;
mod lab;
mod machine;
mod mounts;
mod network;
mod place;
mod process;
mod tools;

use std::{fs, net::Ipv4Addr, path::PathBuf, thread};

use self::{
    agree::{agreed, possible, settings},
    error::At,
    machine::{Facts, Machine},
    place::{Place, Settings},
};
pub use self::{
    check::{Check, Verdict, check, privileged_commands},
    error::Error,
    tools::{Package, install, missing_tools},
};
use crate::cluster::{MemberName, Release, Secret, Token};

/// Where machines are if nothing else is said.
pub const DIR: &str = "/var/lib/quorate";
/// Their network if nothing else is said: RFC 2544 space, which few LANs use.
pub const SUBNET: Ipv4Addr = Ipv4Addr::new(198, 18, 30, 0);
/// How many there are if nothing else is said.
pub const MACHINES: usize = 5;
/// The lab's first member has this host number, the others follow.
const FIRST: u8 = 32;

/// What a person chose. What is `None` is as the machines that are there have it, else the default.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder for all of it.
    pub dir: PathBuf,
    /// The Debian they run; [`Release::default`] if nothing else is said.
    pub release: Option<Release>,
    /// How many: 3, 5 or 7; [`MACHINES`] if nothing else is said.
    pub machines: Option<usize>,
    /// Their /24 network; [`SUBNET`] if nothing else is said.
    pub subnet: Option<Ipv4Addr>,
    /// etcd's token in `cluster.toml`, the lab's if nothing else is said.
    pub token: Option<Token>,
}

impl Default for Options {
    fn default() -> Self {
        Self { dir: DIR.into(), release: None, machines: None, subnet: None, token: None }
    }
}

/// How far something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// 0 to 100; never falls.
    pub percent: u8,
    /// What is being done, as it reads after "now ".
    pub doing: String,
}

/// Machines that are up.
#[derive(Clone, Debug)]
pub struct Up {
    /// The cluster file for them.
    pub cluster_file: PathBuf,
    /// Their names and addresses.
    pub machines: Vec<(MemberName, Ipv4Addr)>,
    /// How many had to be booted: none if all were up.
    pub booted: usize,
}

/// How a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its init runs.
    Running,
    /// It is off; its disk is kept.
    Stopped,
    /// A part of it was killed: `up` ends the rest and boots it.
    Broken,
}

/// One machine, as it is.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its name.
    pub name: MemberName,
    /// Its address.
    pub address: Ipv4Addr,
    /// How it is.
    pub state: State,
}

/// Whether practice machines are kept in that directory.
#[must_use]
pub fn owns(dir: &std::path::Path) -> bool {
    Place::look(dir).is_some()
}

/// Whether the caller must call again as root: all but [`status`] need it.
#[must_use]
pub fn needs_root() -> bool {
    !rustix::process::geteuid().is_root()
}

/// Builds the image of the release, if it is not there.
///
/// # Errors
/// Without root, tools, network or disk; nothing half-built counts as built.
pub fn build(options: &Options, progress: &mut dyn FnMut(Progress)) -> Result<(), Error> {
    let place = take(options)?;
    let settings = agreed(&place, options)?;
    image::build(&place, settings.release, progress)
}

/// Brings the machines up: builds what is missing, boots what is not running.
///
/// # Errors
/// As [`build`], or when a machine does not boot, with the end of its console.
pub fn up(options: &Options, progress: &mut dyn FnMut(Progress)) -> Result<Up, Error> {
    let place = take(options)?;
    let settings = agreed(&place, options)?;
    image::build(&place, settings.release, progress)?;
    let machines = machines(&place, &settings)?;
    progress(Progress { percent: 100, doing: format!("booting {} machines", machines.len()) });
    place.keep(&settings)?;
    lab::furnish(&place, &settings, &machines)?;
    let facts = facts(&place, &machines)?;
    network::up(&bridge(&place), settings.subnet)?;
    let down: Vec<_> = machines.iter().filter(|m| !m.is_whole()).collect();
    at_once(&down, |m| {
        m.end()?;
        m.start(&facts)
    })?;
    known_hosts(&place, &machines)?;
    at_once(&machines.iter().collect::<Vec<_>>(), Machine::await_ssh)?;
    Ok(Up {
        cluster_file: place.file(lab::CLUSTER_FILE),
        machines: facts.hosts,
        booted: down.len(),
    })
}

/// Shuts the machines down in order and keeps their disks.
///
/// # Errors
/// Without root, or when a process cannot be ended.
pub fn stop(options: &Options) -> Result<(), Error> {
    let (place, settings) = there(options)?;
    let machines = machines(&place, &settings)?;
    at_once(&machines.iter().collect::<Vec<_>>(), Machine::stop)?;
    network::down(&bridge(&place))
}

/// How the machines are; none, if there are none. Changes nothing.
///
/// # Errors
/// None that a person could cause.
pub fn status(options: &Options) -> Result<Vec<Status>, Error> {
    let Some(place) = Place::look(&options.dir) else { return Ok(Vec::new()) };
    let Some(settings) = place.settings() else { return Ok(Vec::new()) };
    let state = |m: &Machine| match (m.is_whole(), m.processes().is_empty()) {
        (true, _) => State::Running,
        (false, true) => State::Stopped,
        (false, false) => State::Broken,
    };
    let machines = machines(&place, &settings)?;
    let status = |m: Machine| Status { state: state(&m), name: m.name, address: m.address };
    Ok(machines.into_iter().map(status).collect())
}

/// Gives these machines fresh disks, with new IDs and new host keys, and boots them.
///
/// # Errors
/// As [`up`], or when there is no machine of such a name; then none is touched.
pub fn new_nodes(options: &Options, names: &[MemberName]) -> Result<(), Error> {
    let (place, settings) = there(options)?;
    let machines = machines(&place, &settings)?;
    if let Some(name) = names.iter().find(|name| !machines.iter().any(|m| m.name == **name)) {
        let there: Vec<_> = machines.iter().map(|m| m.name.as_str()).collect();
        return Err(Error::NoSuchMachine { name: name.clone(), there: there.join(", ") });
    }
    let new: Vec<_> = machines.iter().filter(|m| names.contains(&m.name)).collect();
    let facts = facts(&place, &machines)?;
    network::up(&bridge(&place), settings.subnet)?;
    at_once(&new, |machine| {
        machine.end()?;
        machine.forget()?;
        machine.start(&facts)
    })?;
    known_hosts(&place, &machines)?;
    at_once(&new, Machine::await_ssh)
}

/// Removes all of it: processes, mounts, links, and the folder with disks, images and keys.
/// True if there was anything.
///
/// # Errors
/// Without root, or when something of somebody else is in the folder.
pub fn delete(options: &Options) -> Result<bool, Error> {
    if needs_root() {
        return Err(Error::NeedsRoot);
    }
    let Some(place) = Place::take(&options.dir, false)? else { return Ok(false) };
    process::end_all(|| process::all(place.dir()))?;
    // All seven: what is there does not depend on a settings file that may be missing.
    let all = Settings { machines: 7, ..settings(&place)? };
    let machines = machines(&place, &all)?;
    at_once(&machines.iter().collect::<Vec<_>>(), Machine::end)?;
    network::down(&bridge(&place))?;
    if let Some(mount) = mounts::under(place.dir()).first() {
        return Err(Error::Mounted(mount.point.clone()));
    }
    place.remove()?;
    Ok(true)
}

fn take(options: &Options) -> Result<Place, Error> {
    if needs_root() {
        return Err(Error::NeedsRoot);
    }
    possible(options)?;
    Place::take(&options.dir, true)?.ok_or_else(|| Error::Nothing(options.dir.clone()))
}

fn there(options: &Options) -> Result<(Place, Settings), Error> {
    if needs_root() {
        return Err(Error::NeedsRoot);
    }
    let nothing = || Error::Nothing(options.dir.clone());
    let place = Place::take(&options.dir, false)?.ok_or_else(nothing)?;
    let settings = place.settings().ok_or_else(nothing)?;
    Ok((place, settings))
}

fn machines(place: &Place, settings: &Settings) -> Result<Vec<Machine>, Error> {
    let tag = place.tag();
    let one = |(number, host): (usize, u8)| {
        let name: MemberName = format!("icc-etcd-{number}").parse()?;
        Ok(Machine {
            address: network::host(settings.subnet, host),
            dir: place.machine(&name),
            image: place.image(settings.release),
            handle: format!("q{tag}-{number}"),
            bridge: bridge(place),
            name,
        })
    };
    (1..=settings.machines).zip(FIRST..).map(one).collect()
}

/// The bridge of these machines.
fn bridge(place: &Place) -> String {
    format!("qrt-{}", place.tag())
}

/// The person's key, made once, and the names of all.
fn facts(place: &Place, machines: &[Machine]) -> Result<Facts, Error> {
    let public = place.file("id_ed25519.pub");
    if !public.exists() {
        let key = keys::host_key("practice")?;
        place.write("id_ed25519", key.private.reveal(), 0o600)?;
        place.write("id_ed25519.pub", key.public.as_bytes(), 0o644)?;
    }
    let authorised = fs::read_to_string(&public).at(&public)?;
    let tls = ["ca.pem", "kubernetes.pem", "kubernetes-key.pem"].map(|name| {
        let path = place.file(name);
        fs::read(&path).at(&path).map(|content| (name, Secret::new(content)))
    });
    let tls = tls.into_iter().collect::<Result<_, Error>>()?;
    let hosts = machines.iter().map(|m| (m.name.clone(), m.address)).collect();
    Ok(Facts { hosts, authorised, tls })
}

/// The host keys of all machines, known before they first boot.
fn known_hosts(place: &Place, machines: &[Machine]) -> Result<(), Error> {
    let line = |m: &Machine| {
        let key = fs::read_to_string(m.host_key()).at(&m.host_key())?;
        Ok(format!("{},{} {key}", m.name, m.address))
    };
    let lines: Vec<_> = machines.iter().map(line).collect::<Result<_, Error>>()?;
    place.write("known_hosts", lines.concat().as_bytes(), 0o644)
}

/// Does it on all machines at once; the first failure, once all are done.
fn at_once(
    machines: &[&Machine],
    work: impl Fn(&Machine) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            machines.iter().map(|machine| scope.spawn(|| work(machine))).collect();
        let ended =
            threads.into_iter().map(|t| t.join().unwrap_or_else(|p| std::panic::resume_unwind(p)));
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_kernel_keeps_short_fit() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::take(dir.path(), true).unwrap().unwrap();
        let seven = Settings { machines: 7, ..settings(&place).unwrap() };
        let machines = machines(&place, &seven).unwrap();
        assert_eq!(machines.last().map(|m| m.address.octets()[3]), Some(38));
        assert!(machines.iter().all(|m| m.link().len() <= 15 && m.bridge.len() <= 15));
    }
}

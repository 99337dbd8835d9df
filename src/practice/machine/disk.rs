//! A machine's disk: the image below, what it wrote above, and what makes it itself.

use std::{fs, net::Ipv4Addr, os::unix::fs::DirBuilderExt, path::Path};

use super::{
    super::{
        command,
        error::{At, Error},
        keys,
        mounts::{self, Mount},
        place::{remove, write_whole},
    },
    Machine,
};
use crate::cluster::{MemberName, Secret};

/// What a machine must know of the others and of the person.
#[derive(Clone)]
pub(in super::super) struct Facts {
    /// All machines, for /etc/hosts.
    pub(in super::super) hosts: Vec<(MemberName, Ipv4Addr)>,
    /// The line of the person's key.
    pub(in super::super) authorised: String,
    /// The TLS files, as the lab's chapter before this one leaves them in root's home: whoever does
    /// it by hand copies them from there.
    pub(in super::super) tls: Vec<(&'static str, Secret)>,
}

/// Mounts the disk, unless it is. A disk that was never finished is thrown away first.
pub(super) fn mount(machine: &Machine) -> Result<(), Error> {
    let root = machine.root();
    if mounts::under(&root).iter().any(|m| m.point == root) {
        return Ok(());
    }
    if !is_prepared(machine) {
        machine.forget()?;
    }
    // The upper folder is the machine's own /, and has its mode.
    let [upper, work] = ["upper", "work"].map(|name| machine.dir.join(name));
    fs::create_dir_all(&machine.dir).at(&machine.dir)?;
    for dir in [&upper, &work, &root] {
        if !dir.exists() {
            fs::DirBuilder::new().mode(0o755).create(dir).at(dir)?;
        }
    }
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        machine.image.display(),
        upper.display(),
        work.display()
    );
    let args = ["-t", "overlay", "overlay", "-o", &options];
    command::run("mount", &[&args.map(AsRef::as_ref), &[root.as_os_str()][..]].concat()).map(drop)
}

/// Unmounts a machine's disk, and nothing else.
pub(super) fn unmount(mount: &Mount, machine: &Path) -> Result<(), Error> {
    if !mount.upper.as_ref().is_some_and(|upper| upper.starts_with(machine)) {
        return Err(Error::Mounted(mount.point.clone()));
    }
    let point = mount.point.as_os_str();
    // Lazily if somebody looks into it: it is gone from the tree, and gone when they leave.
    command::run("umount", &[point])
        .or_else(|_| command::run("umount", &["-l".as_ref(), point]))
        .map(drop)
}

fn is_prepared(machine: &Machine) -> bool {
    machine.host_key().exists()
}

/// Writes what makes it this machine, once: later its files are the person's to change.
pub(super) fn prepare(machine: &Machine, facts: &Facts) -> Result<(), Error> {
    if is_prepared(machine) {
        return Ok(());
    }
    let root = machine.root();
    let write = |name: &str, content: &str, mode| {
        let path = root.join(name);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).at(dir)?;
        }
        write_whole(&path, content.as_bytes(), mode)
    };
    write("etc/hostname", &format!("{}\n", machine.name), 0o644)?;
    write("etc/hosts", &hosts(facts), 0o644)?;
    write("etc/machine-id", &format!("{}\n", keys::machine_id()?), 0o444)?;
    let ssh = root.join("root/.ssh");
    if !ssh.exists() {
        fs::DirBuilder::new().mode(0o700).create(&ssh).at(&ssh)?;
    }
    write("root/.ssh/authorized_keys", &facts.authorised, 0o600)?;
    for (name, content) in &facts.tls {
        let mode = if name.ends_with("-key.pem") { 0o600 } else { 0o644 };
        write_whole(&root.join("root").join(name), content.reveal(), mode)?;
    }
    write("etc/systemd/system/practice-address.service", &address_unit(machine.address), 0o644)?;
    let wants = root.join("etc/systemd/system/multi-user.target.wants");
    fs::create_dir_all(&wants).at(&wants)?;
    let want = wants.join("practice-address.service");
    remove(&want)?;
    std::os::unix::fs::symlink("../practice-address.service", &want).at(&want)?;
    let key = keys::host_key(machine.name.as_str())?;
    write_whole(&root.join("etc/ssh/ssh_host_ed25519_key"), key.private.reveal(), 0o600)?;
    write("etc/ssh/ssh_host_ed25519_key.pub", &key.public, 0o644)?;
    // Last: it says that all the rest is there.
    write_whole(&machine.host_key(), key.public.as_bytes(), 0o644)
}

fn hosts(facts: &Facts) -> String {
    let members = facts.hosts.iter().map(|(name, address)| format!("{address} {name}\n"));
    let local = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
    std::iter::once(local.to_owned()).chain(members).collect()
}

/// The address by `ip` alone: networkd would wait for a router that is not there.
fn address_unit(address: Ipv4Addr) -> String {
    format!(
        "[Unit]\n\
         Description=The address of this practice machine\n\
         DefaultDependencies=no\n\
         Before=network.target ssh.service\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         RemainAfterExit=yes\n\
         ExecStart=/bin/ip address replace {address}/24 dev host0\n\
         ExecStart=/bin/ip link set host0 up\n\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n"
    )
}

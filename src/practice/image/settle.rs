//! What is taken from and added to a fresh Debian, so that machines boot fast and each becomes
//! its own: nothing here is secret, and nothing is a machine's alone.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::super::{
    error::{At, Error},
    place::{remove, write_whole},
};

/// Units that a throw-away machine without a network, a console or a clock of its own only waits
/// for.
const MASKED: [&str; 18] = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dev-hugepages.mount",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "logrotate.timer",
    "systemd-networkd.service",
    "systemd-networkd.socket",
    "systemd-networkd-wait-online.service",
    "systemd-pstore.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
];

/// Files of the image, from its root.
const FILES: [(&str, &str); 6] = [
    ("etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"),
    ("etc/resolv.conf", "# No network, no names: the members are in /etc/hosts.\n"),
    ("etc/default/locale", "LANG=C.UTF-8\n"),
    ("etc/machine-id", ""),
    (
        "etc/systemd/journald.conf.d/practice.conf",
        "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\nForwardToSyslog=no\n",
    ),
    (
        "etc/ssh/sshd_config.d/practice.conf",
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\nUseDNS no\n",
    ),
];

/// Makes the image of a fresh system.
pub(super) fn settle(root: &Path) -> Result<(), Error> {
    let ssh = root.join("etc/ssh");
    for entry in fs::read_dir(&ssh).at(&ssh)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("ssh_host_") {
            remove(&entry.path())?;
        }
    }
    remove(&root.join("var/lib/dbus/machine-id"))?;
    for (name, content) in FILES {
        let path = root.join(name);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).at(dir)?;
        }
        write_whole(&path, content.as_bytes(), 0o644)?;
    }
    let units = root.join("etc/systemd/system");
    for unit in MASKED {
        link(Path::new("/dev/null"), &units.join(unit))?;
    }
    // The image's own default is the graphical target, which waits for nothing here but itself.
    link(Path::new("/lib/systemd/system/multi-user.target"), &units.join("default.target"))
}

fn link(to: &Path, at: &Path) -> Result<(), Error> {
    remove(at)?;
    symlink(to, at).at(at)
}

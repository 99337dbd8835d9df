//! Whether this computer can have practice machines: each thing that is missing by name, with a
//! way out. Looks only; needs no root.

use std::{fs, path::Path};

use super::{Options, command, needs_root, network, place::Place, tools};
use crate::cluster::Release;
pub use crate::pki::Verdict;

/// Room an image and the disks of five machines with etcd take, in MB.
const ROOM: u64 = 900;

/// One thing this computer must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// In a word.
    pub what: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// In a sentence.
    pub says: String,
    /// What would make it right; empty if it is.
    pub way_out: String,
}

/// Looks at this computer.
#[must_use]
pub fn check(options: &Options) -> Vec<Check> {
    let place = Place::look(&options.dir);
    let settings = place.as_ref().and_then(Place::settings);
    let release = options.release.or(settings.as_ref().map(|s| s.release)).unwrap_or_default();
    let subnet = options.subnet.or(settings.as_ref().map(|s| s.subnet)).unwrap_or(super::SUBNET);
    let built = place.as_ref().is_some_and(|p| super::image::is_built(p, release));
    // Machines that run have theirs already.
    let running = |status: &super::Status| status.state == super::State::Running;
    let running = super::status(options).map_or(0, |all| all.iter().filter(|s| running(s)).count());
    let wanted = options.machines.or(settings.as_ref().map(|s| s.machines)).unwrap_or(5);
    let wanted = wanted.saturating_sub(running);
    let bridge = place.map(|p| super::bridge(&p)).unwrap_or_default();
    vec![
        root(needs_root(), Path::new("/usr/bin/sudo").exists()),
        packages(&tools::missing_tools()),
        disk(&options.dir, built),
        file_system(&options.dir),
        overlay(&read("/proc/filesystems"), &modules()),
        groups(&read("/proc/filesystems")),
        watches(&read("/proc/sys/fs/inotify/max_user_instances"), watches_used(), wanted),
        addresses(network::taken(subnet, &bridge), &subnet.to_string()),
        firewall(
            &read("/proc/sys/net/bridge/bridge-nf-call-iptables"),
            forward_policy().as_deref(),
        ),
        mirror(
            built,
            release,
            &command::run("ip", &["route", "show", "default"]).unwrap_or_default(),
        ),
    ]
}

fn ok(what: &'static str, says: impl Into<String>) -> Check {
    Check { what, verdict: Verdict::Ok, says: says.into(), way_out: String::new() }
}

fn not(
    what: &'static str,
    verdict: Verdict,
    says: impl Into<String>,
    way_out: impl Into<String>,
) -> Check {
    Check { what, verdict, says: says.into(), way_out: way_out.into() }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn root(needed: bool, sudo: bool) -> Check {
    let uses = "one bridge, the machines, nothing else";
    match (needed, sudo) {
        (false, _) => ok("root", format!("you are root: {uses}")),
        (true, true) => {
            not("root", Verdict::Look, format!("sudo, asked once: {uses}"), "sudo asks")
        }
        (true, false) => {
            let way_out = "become root with su, then call quorate again";
            not("root", Verdict::Wrong, "you are not root, and sudo is not installed", way_out)
        }
    }
}

fn packages(missing: &[tools::Package]) -> Check {
    if missing.is_empty() {
        return ok("packages", "all that is needed is installed");
    }
    let names: Vec<_> = missing.iter().map(|p| p.name).collect();
    let way_out = format!("installed after your yes: apt-get install {}", names.join(" "));
    not("packages", Verdict::Look, format!("not installed: {}", names.join(", ")), way_out)
}

/// The nearest folder on the way to `dir` that is there.
fn standing(dir: &Path) -> &Path {
    dir.ancestors().find(|d| d.exists()).unwrap_or(Path::new("/"))
}

fn disk(dir: &Path, built: bool) -> Check {
    let Ok(stat) = rustix::fs::statvfs(standing(dir)) else {
        let says = format!("{} cannot be looked at", dir.display());
        return not("disk", Verdict::Wrong, says, "another folder: --dir /srv/quorate");
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize) / 1_000_000;
    let needed = if built { ROOM / 2 } else { ROOM };
    let left = if free < 10_000 { format!("{free} MB") } else { format!("{} GB", free / 1_000) };
    let says = format!("{needed} MB in {}; {left} free", dir.display());
    if free >= needed {
        return ok("disk", says);
    }
    not("disk", Verdict::Wrong, says, "free some, or name a folder on another disk: --dir")
}

fn file_system(dir: &Path) -> Check {
    let kind = rustix::fs::statfs(standing(dir)).map(|s| s.f_type).unwrap_or_default();
    match no_overlay_on(kind) {
        None => ok("folder", format!("{} can hold machines' disks", dir.display())),
        Some(name) => not(
            "folder",
            Verdict::Wrong,
            format!("{} is on {name}, which cannot hold machines' disks", dir.display()),
            "a folder on a local disk: --dir /var/lib/quorate",
        ),
    }
}

/// File systems overlayfs cannot write on (kernel, filesystems/overlayfs.rst: whiteouts, `d_type`,
/// trusted attributes), by their magic numbers (statfs(2)).
fn no_overlay_on(magic: i64) -> Option<&'static str> {
    match magic {
        0x6969 => Some("NFS"),
        0x794c_7630 => Some("an overlay itself (a container?)"),
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => Some("a Windows share"),
        0x0102_1997 => Some("a folder of this virtual machine's host (9p)"),
        0x6573_5546 => Some("a FUSE file system"),
        0x4d44 => Some("FAT"),
        _ => None,
    }
}

fn modules() -> String {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    read(&format!("/lib/modules/{release}/modules.dep"))
}

fn overlay(known: &str, modules: &str) -> Check {
    if known.lines().any(|l| l.ends_with("\toverlay")) || modules.contains("/overlay.ko") {
        return ok("overlay", "the kernel has overlayfs");
    }
    let way_out = "boot a kernel with CONFIG_OVERLAY_FS; Debian's and Ubuntu's have it";
    not("overlay", Verdict::Wrong, "the kernel has no overlayfs", way_out)
}

fn groups(known: &str) -> Check {
    if known.lines().any(|l| l.ends_with("\tcgroup2")) {
        return ok("groups", "the kernel has control groups, version 2");
    }
    let way_out = "boot a kernel from 4.5 on; Debian's and Ubuntu's have it";
    not("groups", Verdict::Wrong, "the kernel has no control groups of version 2", way_out)
}

/// How many inotify instances this user has, as far as they can be seen.
fn watches_used() -> usize {
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    let open = folders.filter_map(|process| fs::read_dir(process.path().join("fd")).ok());
    let is_watch = |file: &fs::DirEntry| {
        fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == "anon_inode:inotify")
    };
    open.flat_map(|files| files.flatten().filter(is_watch)).count()
}

/// systemd and what it starts in a machine have seven inotify instances, all of this computer's
/// root, who may have 128 by default (inotify(7)). Without one, services in the machine do not start.
fn watches(most: &str, used: usize, machines: usize) -> Check {
    let needed = machines * 7;
    let Ok(most) = most.trim().parse::<usize>() else {
        return ok("watches", "this kernel does not limit them");
    };
    let left = most.saturating_sub(used);
    if left >= needed {
        return ok("watches", format!("{needed} inotify instances of {left} that are left"));
    }
    let says =
        format!("{machines} machines need {needed} inotify instances; {left} of {most} are left");
    let way_out = format!("sysctl fs.inotify.max_user_instances={}", (used + needed) * 2);
    not("watches", Verdict::Wrong, says, way_out)
}

fn addresses(taken: Option<String>, subnet: &str) -> Check {
    match taken {
        None => ok("addresses", format!("{subnet}/24 is free here")),
        Some(by) => not(
            "addresses",
            Verdict::Wrong,
            format!("{subnet}/24 is in use on {by}"),
            "another network: --subnet 10.99.30.0",
        ),
    }
}

/// What the firewall does with what passes through, as far as the caller may know.
fn forward_policy() -> Option<String> {
    command::run("/usr/sbin/iptables", &["-S", "FORWARD"]).ok()
}

/// Docker sets FORWARD to DROP, and `br_netfilter` applies that even inside one bridge.
fn firewall(bridged: &str, policy: Option<&str>) -> Check {
    let way_out = "let our bridge through: iptables -I FORWARD -i qrt-+ -o qrt-+ -j ACCEPT";
    match (bridged.trim(), policy) {
        ("1", Some(p)) if p.contains("-P FORWARD DROP") && !p.contains("-i qrt-+ -o qrt-+") => {
            let says = "this computer's firewall (Docker's FORWARD DROP) would part the machines";
            not("firewall", Verdict::Wrong, says, way_out)
        }
        // Without iptables nobody has set a policy with it; as another user it cannot be seen.
        _ => ok("firewall", "nothing here parts machines on one bridge"),
    }
}

fn mirror(built: bool, release: Release, routes: &str) -> Check {
    if built {
        return ok("network", format!("not needed: the image of {} is there", release.title()));
    }
    if routes.trim().is_empty() {
        let way_out = "connect this computer once; with the image there it works offline";
        let says = "no way out of this computer, and no image yet";
        return not("network", Verdict::Wrong, says, way_out);
    }
    ok("network", "80 MB once; later it works offline")
}

/// The commands that need root, and what each is for: what a person reads before sudo asks.
#[must_use]
pub fn privileged_commands(options: &Options) -> Vec<(String, &'static str)> {
    let dir = options.dir.display();
    let install: Vec<_> = tools::missing_tools().iter().map(|p| p.name).collect();
    let mut list = Vec::new();
    if !install.is_empty() {
        let command = format!("apt-get install {}", install.join(" "));
        list.push((command, "the tools that are missing, after your yes"));
    }
    list.extend([
        (format!("mmdebstrap … {dir}/image/…"), "builds the image, once"),
        (format!("mount -t overlay … {dir}/machines/…"), "gives each machine its disk"),
        (
            "ip link add qrt-… type bridge".to_owned(),
            "their network; no route out, no firewall rule",
        ),
        ("systemd-nspawn -D … -b".to_owned(), "boots each machine"),
        (format!("rm -r {dir}"), "on `quorate practice delete`: nothing is left"),
    ]);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_wrong_has_a_way_out() {
        let drop = "-P FORWARD DROP\n-A FORWARD -j DOCKER-USER\n";
        let let_through = "-P FORWARD DROP\n-A FORWARD -i qrt-+ -o qrt-+ -j ACCEPT";
        let cases = [
            (root(false, true), Verdict::Ok),
            (root(true, true), Verdict::Look),
            (root(true, false), Verdict::Wrong),
            (packages(&[]), Verdict::Ok),
            (overlay("nodev\tproc\nnodev\toverlay\n", ""), Verdict::Ok),
            (overlay("nodev\tproc\n", "kernel/fs/overlayfs/overlay.ko.xz: \n"), Verdict::Ok),
            (overlay("nodev\tproc\n", ""), Verdict::Wrong),
            (groups("nodev\tcgroup2\n"), Verdict::Ok),
            (groups("nodev\tcgroup\n"), Verdict::Wrong),
            (watches("128\n", 40, 5), Verdict::Ok),
            (watches("128\n", 126, 0), Verdict::Ok),
            (watches("128\n", 94, 5), Verdict::Wrong),
            (watches("", 94, 5), Verdict::Ok),
            (addresses(Some("wg0".to_owned()), "198.18.30.0"), Verdict::Wrong),
            (firewall("1\n", Some(drop)), Verdict::Wrong),
            (firewall("1\n", Some(let_through)), Verdict::Ok),
            (firewall("1\n", None), Verdict::Ok),
            (firewall("0\n", Some(drop)), Verdict::Ok),
            (firewall("", Some(drop)), Verdict::Ok),
            (mirror(true, Release::Bookworm, ""), Verdict::Ok),
            (mirror(false, Release::Bookworm, ""), Verdict::Wrong),
            (mirror(false, Release::Bookworm, "default via 192.0.2.1 dev eth0"), Verdict::Ok),
        ];
        for (check, verdict) in cases {
            assert_eq!(check.verdict, verdict, "{check:?}");
            assert_eq!(check.way_out.is_empty(), verdict == Verdict::Ok, "{check:?}");
        }
    }

    #[test]
    fn file_systems_without_overlays_are_named() {
        assert_eq!(no_overlay_on(0x6969), Some("NFS"));
        assert_eq!(no_overlay_on(0xef53), None);
    }
}

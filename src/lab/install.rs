//! Step 3: etcd's packages, held back from starting alone.
//!
//! Debian's package starts etcd as soon as it is unpacked: as a cluster of one, without TLS. A mask
//! keeps it from that, and touches no other service.

use std::time::Duration;

use super::{
    Facts, Script, Task,
    lend::{self, Loan},
    script::quote,
};
use crate::event::Step;

/// apt may wait that long for another one's lock, in seconds.
const LOCK: u64 = 300;
/// How apt is to install: it waits for a lock, keeps settings that are there, and says on fd 3 how
/// far it is.
pub(super) const OPTIONS: &str = "-o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef \
                                  -o Dpkg::Options::=--force-confold -o APT::Status-Fd=3";
/// Downloads over a slow line.
const LONG: Duration = Duration::from_mins(20);

/// The packages, with what must come before and after them.
#[must_use]
pub fn tasks(f: &Facts) -> Vec<Task> {
    // Held back first: finishing an interrupted install starts etcd too.
    let mut tasks: Vec<_> = f.lent.iter().filter_map(lend::file).collect();
    tasks.push(held_back());
    if f.dpkg_broken {
        tasks.push(mended());
    }
    let lent = f.lent.iter().find_map(|loan| match loan {
        Loan::Packages { from, debs } => Some(lend::packages(from, debs)),
        Loan::File { .. } => None,
    });
    if let Some(lent) = lent {
        tasks.extend(lent);
    } else {
        if f.installed.is_none() && !f.has_lists {
            tasks.push(lists());
        }
        tasks.push(packages(f));
    }
    tasks.push(released(Step::Install));
    tasks
}

/// What apt is asked for: `etcd` where it has that, else the two parts of it (since Debian 12).
fn package_names(f: &Facts) -> &'static [&'static str] {
    if f.offers_etcd { &["etcd"] } else { &["etcd-server", "etcd-client"] }
}

/// Exits if the packages are not whole.
pub(super) const INSTALLED: &str = "\
state=$(dpkg-query -W -f '${Package}:${db:Status-Status} ' etcd-server etcd-client 2>/dev/null)
for p in etcd-server etcd-client; do
  case $state in
    *$p:installed*) ;;
    *$p:*) state=${state#*$p:}; echo \"package $p: ${state%% *}\"; exit 1 ;;
    *) echo \"package $p: not installed\"; exit 1 ;;
  esac
done
";

/// Runs what does not wait for a lock by itself, again as long as it says that somebody holds it.
fn patiently(command: &str, busy: &str) -> String {
    format!(
        "for try in $(seq {LOCK}); do\n\
         \x20 say=$({command} 2>&1)\n\
         \x20 status=$?\n\
         \x20 printf '%s\\n' \"$say\"\n\
         \x20 case $say in *'{busy}'*) sleep 1 ;; *) exit $status ;; esac\n\
         done\n\
         exit 1\n"
    )
}

fn mended() -> Task {
    // Numbered updates are what dpkg had no time to write into its status, and make apt refuse.
    // What is half installed cannot be configured: apt installs it anew, as one of its packages.
    let holds = "! grep -qE '^Status: install [a-z]+ (half-configured|unpacked|triggers-)' \
                 /var/lib/dpkg/status && ! ls /var/lib/dpkg/updates | grep -q '^[0-9]' || \
                 { echo 'dpkg was interrupted'; exit 1; }\n";
    // The apt of a run that was killed may still be at it; dpkg does not wait for a lock by itself.
    let change = patiently(
        "DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a",
        "locked by another process",
    );
    Task::new(
        Step::Install,
        "mend",
        "Finish what dpkg left half done",
        Script::new(holds),
        Script::new(change).within(LONG),
    )
    .and_learns()
}

fn lists() -> Task {
    let holds = "set -- /var/lib/apt/lists/*_Packages*\n\
                 [ -e \"$1\" ] || { echo 'apt has no package lists'; exit 1; }\n";
    // apt-get update does not wait for the lock of its lists by itself.
    let change = patiently("apt-get update -q", "held by process");
    Task::new(
        Step::Install,
        "lists",
        "Fetch apt's package lists",
        Script::new(holds),
        Script::new(change).within(LONG),
    )
    .and_learns()
}

fn held_back() -> Task {
    let holds = format!(
        "[ /etc/systemd/system/etcd.service -ef /dev/null ] && exit 0\n\
         (\n{INSTALLED}) >/dev/null || {{ echo 'not masked: the package would start it'; exit 1; }}\n"
    );
    Task::new(
        Step::Install,
        "hold-back",
        "Keep the package from starting etcd alone",
        Script::new(holds),
        Script::new("systemctl mask etcd\n"),
    )
    .undone_by("systemctl unmask etcd\n")
}

fn packages(f: &Facts) -> Task {
    let names: Vec<_> = package_names(f).iter().map(|name| quote(name)).collect();
    let names = names.join(" ");
    // Fd 3 carries apt's progress; dpkg keeps its own pty, so that a cut connection does not
    // leave packages half configured.
    // Lists may be there and too old: then what they name is gone from the mirror.
    // What a reboot left half installed is the newest already, for apt: it must be told.
    let change = format!(
        "again=\n\
         grep -q '^Status: install reinstreq half-installed' /var/lib/dpkg/status && \
         again=--reinstall\n\
         install() {{\n\
         \x20 DEBIAN_FRONTEND=noninteractive apt-get install -y -q $again {OPTIONS} {names} \
         3>&1\n\
         }}\n\
         install || {{ apt-get update -q && install; }}\n"
    );
    Task::new(
        Step::Install,
        "packages",
        &format!("Install {}", package_names(f).join(", ")),
        Script::new(INSTALLED),
        Script::new(change).within(LONG),
    )
    .undone_by(removed())
    .and_learns()
}

/// What [`super::reset`] removes, if asked: the packages by all their names.
pub const REMOVED: &str = "etcd-server etcd-client";

/// Takes the packages away again.
pub(super) fn removed() -> String {
    format!("DEBIAN_FRONTEND=noninteractive apt-get remove -y -q {REMOVED}\n")
}

/// An install that did not get to its end leaves its mask behind.
pub(super) fn released(step: Step) -> Task {
    // What `systemctl mask` makes, looked at without asking systemd.
    let holds = "[ ! /etc/systemd/system/etcd.service -ef /dev/null ] || \
                 { echo 'etcd is masked: it cannot be started'; exit 1; }\n";
    Task::new(
        step,
        "release",
        "Let etcd be started again",
        Script::new(holds),
        Script::new("systemctl unmask etcd\n"),
    )
}

/// What apt says on its status fd: `dlstatus:1:20.5:Retrieving file 1 of 2` (apt's
/// README.progress-reporting). The percent and the words.
#[must_use]
pub fn progress(line: &str) -> Option<(u8, String)> {
    let (kind, rest) = line.split_once(':')?;
    // A download is the first half of the whole, dpkg's work the second.
    let offset = match kind {
        "dlstatus" => 0.0,
        "pmstatus" => 50.0,
        _ => return None,
    };
    let mut parts = rest.splitn(3, ':');
    let (_, percent, words) = (parts.next()?, parts.next()?, parts.next()?);
    let percent: f64 = percent.parse().ok().filter(|p| (0.0..=100.0).contains(p))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let whole = (offset + percent / 2.0) as u8;
    Some((whole, words.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_half_done_waits_for_who_is_at_it() {
        let dir = tempfile::tempdir().unwrap();
        let busy = "#!/bin/sh\n[ -e \"$0.free\" ] && { echo Setting up; exit 0; }\n: >\"$0.free\"\n\
                    echo 'dpkg: error: dpkg frontend lock was locked by another process with pid 1' >&2\n\
                    exit 2\n";
        let program = dir.path().join("dpkg");
        std::fs::write(&program, busy).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
        let mut sh = std::process::Command::new("sh");
        let ran = sh.args(["-c", &mended().change.text]).env("PATH", path).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        assert!(String::from_utf8_lossy(&ran.stdout).ends_with("Setting up\n"), "{ran:?}");
    }

    #[test]
    fn reads_apts_own_progress() {
        let line = "dlstatus:1:20.5:Retrieving file 1 of 2 (10s remaining)";
        let words = "Retrieving file 1 of 2 (10s remaining)".to_owned();
        assert_eq!(progress(line), Some((10, words)));
        let line = "pmstatus:etcd-server:60.0000:Unpacking etcd-server (amd64)";
        assert_eq!(progress(line), Some((80, "Unpacking etcd-server (amd64)".to_owned())));
        for other in ["Reading package lists...", "pmstatus:x:NaN:y", "dlstatus:1:900:z", "a:b"] {
            assert_eq!(progress(other), None, "{other}");
        }
    }
}

//! The programs of this computer that practice machines need, and the packages that have them.

use std::path::Path;

use super::{command, error::Error};

/// A Debian or Ubuntu package, and what it is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// What it does here.
    pub what_for: &'static str,
    /// A file that is there once it is installed: a program's name, or an absolute path.
    proof: &'static str,
}

const PACKAGES: [Package; 6] = [
    Package { name: "mmdebstrap", what_for: "builds the machines' image", proof: "mmdebstrap" },
    Package {
        name: "debian-archive-keyring",
        what_for: "checks that the packages in it are Debian's",
        proof: "/usr/share/keyrings/debian-archive-keyring.gpg",
    },
    Package {
        name: "systemd-container",
        what_for: "boots the machines (systemd-nspawn)",
        proof: "systemd-nspawn",
    },
    Package { name: "iproute2", what_for: "makes their bridge", proof: "ip" },
    Package { name: "util-linux", what_for: "starts and ends what builds them", proof: "unshare" },
    Package { name: "mount", what_for: "mounts their disks", proof: "mount" },
];

/// Where programs for root are, whatever PATH the caller has.
const BIN: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The packages that are missing here.
#[must_use]
pub fn missing_tools() -> Vec<Package> {
    PACKAGES.into_iter().filter(|p| !is_there(p.proof)).collect()
}

/// Installs them with apt-get, as root. Its own output is shown only if it fails.
///
/// # Errors
/// Without root, or when apt-get fails, in its words.
pub fn install(tools: &[Package]) -> Result<(), Error> {
    if super::needs_root() {
        return Err(Error::NeedsRoot);
    }
    let names = tools.iter().map(|p| p.name);
    let apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"];
    let args: Vec<_> =
        apt.into_iter().chain(["install", "--no-install-recommends"]).chain(names).collect();
    // Lists that are missing or stale are the usual reason for a failure: fetch them, once.
    command::run("env", &args).map(drop).or_else(|_| {
        command::run("env", &[&apt[..], &["update"]].concat())?;
        command::run("env", &args).map(drop)
    })
}

/// The package that has this program, if it is one of ours.
pub(super) fn package_of(program: &str) -> Option<&'static str> {
    PACKAGES.iter().find(|p| p.proof == program).map(|p| p.name)
}

fn is_there(proof: &str) -> bool {
    if proof.starts_with('/') {
        return Path::new(proof).exists();
    }
    BIN.iter().any(|dir| Path::new(dir).join(proof).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_without_the_callers_path() {
        assert!(is_there("sh"));
        assert!(!is_there("no-such-program-of-quorate"));
        assert!(!is_there("/no/such/keyring.gpg"));
    }
}

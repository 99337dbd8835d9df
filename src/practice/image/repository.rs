//! The machines' own source of packages: the etcd of their release, fetched while there is a
//! network, so that later there need be none.

use std::{fmt::Write as _, fs, path::Path};

use super::super::{
    command,
    error::{At, Error},
    place::write_whole,
};
use crate::cluster::{Digest, Release};

/// Where it is, on a machine.
const REPO: &str = "srv/quorate/repo";

/// A package that suggests `etcd`: the mirrors have such ones, and make apt answer "Package 'etcd'
/// has no installation candidate" where it is gone, not "Unable to locate package".
const MENTIONS_ETCD: &str = "\
Package: quorate-practice
Version: 1
Architecture: all
Maintainer: quorate
Suggests: etcd
Description: mentions etcd, as packages on the real mirrors do
";

/// The names of etcd in that release: the one package `etcd` is gone since 3.4.23-2.
fn etcd_packages(release: Release) -> &'static str {
    match release {
        Release::Bullseye => "etcd",
        Release::Bookworm | Release::Trixie => "etcd-server etcd-client",
    }
}

/// What makes mmdebstrap fetch the packages with all they need, while its apt lists are there.
pub(super) fn hooks(release: Release) -> [String; 2] {
    let packages = etcd_packages(release);
    [
        format!("--customize-hook=mkdir -p \"$1/{REPO}/partial\""),
        format!(
            "--customize-hook=chroot \"$1\" apt-get -q -y --no-install-recommends --download-only \
             -o Dir::Cache::archives=/{REPO} install {packages} >&2"
        ),
    ]
}

/// Writes its index, and makes it the only source of the machine.
pub(super) fn index(root: &Path, release: Release) -> Result<(), Error> {
    let repo = root.join(REPO);
    let mut index = String::new();
    let mut packages: Vec<_> = fs::read_dir(&repo).at(&repo)?.flatten().map(|e| e.path()).collect();
    packages.sort();
    for path in packages {
        if path.extension().is_none_or(|e| e != "deb") {
            super::remove(&path)?;
            continue;
        }
        let control = command::run("dpkg-deb", &["-f".as_ref(), path.as_os_str()])?;
        let content = fs::read(&path).at(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        index.push_str(&stanza(&control, &name, content.len(), &Digest::of(&content)));
    }
    if release != Release::Bullseye {
        index.push_str(MENTIONS_ETCD);
    }
    write_whole(&repo.join("Packages"), index.as_bytes(), 0o644)?;
    let apt = root.join("etc/apt");
    let source = format!("deb [trusted=yes] file:/{REPO} ./\n");
    write_whole(&apt.join("sources.list"), source.as_bytes(), 0o644)?;
    for entry in fs::read_dir(apt.join("sources.list.d")).at(&apt)?.flatten() {
        super::remove(&entry.path())?;
    }
    Ok(())
}

/// A package's paragraph (Debian repository format): its control file, and where its file is.
fn stanza(control: &str, name: &str, size: usize, digest: &Digest) -> String {
    let mut stanza = control.trim_end().to_owned();
    let _ = write!(stanza, "\nFilename: ./{name}\nSize: {size}\nSHA256: {digest}\n\n");
    stanza
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stanza_ends_with_one_empty_line() {
        let control = "Package: etcd-server\nDescription: store\n long text\n";
        let want = format!(
            "Package: etcd-server\nDescription: store\n long text\n\
             Filename: ./etcd-server_3.4.23-4_amd64.deb\nSize: 3\nSHA256: {}\n\n",
            Digest::of(b"deb")
        );
        let name = "etcd-server_3.4.23-4_amd64.deb";
        assert_eq!(stanza(control, name, 3, &Digest::of(b"deb")), want);
    }
}

//! Five practice machines of the bench's own, deleted at the end, also of a failed one.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use quorate::{
    cluster::Release,
    practice::{self, Options},
};

use super::Result;

const RELEASE: Release = Release::Bookworm;

/// The machines.
pub(super) struct Lab {
    options: Options,
    /// Their names and addresses.
    pub(super) members: Vec<(String, String)>,
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What is left is said by `quorate practice status --dir /var/lib/quorate-bench`.
        let _ = practice::delete(&self.options);
    }
}

impl Lab {
    pub(super) fn new() -> Result<Self> {
        let options = Options {
            dir: "/var/lib/quorate-bench".into(),
            release: Some(RELEASE),
            subnet: Some("198.18.50.0".parse()?),
            ..Options::default()
        };
        let mut lab = Self { options, members: Vec::new() };
        let up = practice::up(&lab.options, &mut |_| ())?;
        let members = up.machines.iter();
        lab.members = members.map(|(n, a)| (n.to_string(), a.to_string())).collect();
        lab.as_new()?;
        let mut python = beside("python.sh");
        python.arg(lab.dir()).arg(RELEASE.to_string()).args(lab.addresses());
        ended_well(&mut python)?;
        Ok(lab)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.options.dir
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.dir().join("cluster.toml")
    }

    fn addresses(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(_, address)| address.as_str())
    }

    /// Back to packages installed, nothing configured.
    pub(super) fn as_new(&self) -> Result<()> {
        ended_well(beside("as_new.sh").arg(self.dir()).args(self.addresses()))
    }
}

/// A file of the bench, as a program to start.
pub(super) fn beside(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name))
}

/// Runs it, silent unless it fails.
pub(super) fn ended_well(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ended with {}: {said}", output.status).into())
}

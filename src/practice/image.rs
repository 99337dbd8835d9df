//! The image all machines share, read-only: a minimal Debian with systemd, sshd and a local apt
//! repository. Built once per release beside its place, and renamed when whole.
//!
//! It holds no key and no name: what makes a machine that machine is on its own disk.

mod gauge;
mod repository;
mod settle;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use super::{
    Progress, command,
    error::{At, Error},
    place::{Place, remove},
};
use crate::cluster::Release;

/// What the machines have: an init, a bus, sshd, and what the lab's commands call.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,procps";

/// Whether it is there, whole.
pub(super) fn is_built(place: &Place, release: Release) -> bool {
    place.image(release).is_dir()
}

/// Builds it, if it is not there.
pub(super) fn build(
    place: &Place,
    release: Release,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    if is_built(place, release) {
        return Ok(());
    }
    fs::create_dir_all(place.images()).at(&place.images())?;
    let beside = place.images().join(format!("{release}.new"));
    remove(&beside)?;
    bootstrap(&beside, release, progress)?;
    progress(Progress { percent: 97, doing: "making the machines' package source".to_owned() });
    repository::index(&beside, release)?;
    progress(Progress { percent: 99, doing: "settling the image".to_owned() });
    settle::settle(&beside)?;
    fs::rename(&beside, place.image(release)).at(&beside)?;
    progress(Progress { percent: 100, doing: format!("{} is ready", release.title()) });
    Ok(())
}

fn bootstrap(
    root: &Path,
    release: Release,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    // In a namespace of its own that dies with us, so that a kill -9 leaves no dpkg at work and
    // no /proc mounted in the image.
    let mut command = command::command("setpriv");
    command.args(["--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child"]);
    command.args(["--mount-proc", "mmdebstrap", "--verbose", "--variant=minbase"]);
    command.arg(format!("--include={PACKAGES}"));
    command.args(repository::hooks(release));
    command.arg(release.code_name()).arg(root);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| command::not_started("setpriv", &command, &e))?;
    let mut gauge = gauge::Gauge::default();
    let mut said: Vec<String> = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some(step) = gauge.read(&line) {
                progress(step);
            }
            said.push(line);
            if said.len() > 400 {
                said.drain(..200);
            }
        }
    }
    let status = child.wait().at(root)?;
    if status.success() {
        return Ok(());
    }
    let errors: Vec<_> =
        said.iter().filter(|l| l.starts_with("E: ") || l.starts_with("W: ")).cloned().collect();
    let says = if errors.is_empty() { said.join("\n") } else { errors.join("\n") };
    Err(command::failed(&command, status, &command::last_lines(&says, 6)))
}

//! A control group of its own for each machine: nspawn makes `payload` and `supervisor` in the
//! one it is started in, and two machines in one would meet there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::super::{
    command,
    error::{At, Error},
};

/// Whether systemd runs this computer (`sd_booted(3)`): then it is asked for the group.
fn systemd_is_here() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// How a command begins that shall outlive us and the person's login.
pub(super) fn detached(handle: &str) -> Command {
    if !systemd_is_here() {
        return command::command("setsid");
    }
    let mut command = command::command("systemd-run");
    // As systemd-nspawn@.service has it; `process`, for a shutdown in order is nspawn's to do.
    command.args([
        "--quiet",
        "--collect",
        "--property=Delegate=yes",
        "--property=KillMode=process",
    ]);
    command.arg(format!("--unit={}", unit(handle)));
    command
}

/// The `cgroup.procs` files the keeper joins itself by, with spaces between; none under systemd.
pub(super) fn own(handle: &str) -> Result<String, Error> {
    if systemd_is_here() {
        return Ok(String::new());
    }
    let mut files = Vec::new();
    for group in groups(handle) {
        fs::create_dir_all(&group).at(&group)?;
        files.push(group.join("cgroup.procs").to_string_lossy().into_owned());
    }
    Ok(files.join(" "))
}

/// Removes the group, once nobody is in it. What stays is empty, and taken again by the next start.
pub(super) fn remove(handle: &str) {
    if systemd_is_here() {
        let _ = command::run("systemctl", &["stop", &unit(handle)]);
        return;
    }
    for group in groups(handle) {
        remove_tree(&group);
    }
}

fn unit(handle: &str) -> String {
    format!("quorate-{handle}.service")
}

/// One in each hierarchy that systemd inside will use (cgroups(7)): the unified one, and on a
/// hybrid computer the named one beside it.
fn groups(handle: &str) -> impl Iterator<Item = PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = [root.to_owned(), root.join("unified"), root.join("systemd")];
    let real = hierarchies.into_iter().filter(|h| h.join("cgroup.procs").exists());
    real.map(move |h| h.join(format!("quorate-{handle}")))
}

/// Control groups are removed as folders, the innermost first; their files go with them.
fn remove_tree(group: &Path) {
    for inner in fs::read_dir(group).into_iter().flatten().flatten() {
        if inner.file_type().is_ok_and(|t| t.is_dir()) {
            remove_tree(&inner.path());
        }
    }
    let _ = fs::remove_dir(group);
}

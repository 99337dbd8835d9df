//! Step 2: the CA certificate, the certificate and its key go to `/etc/etcd`.
//!
//! The user etcd does not exist before the packages are installed, so the key is root's alone
//! here; [`super::configure`] gives it to etcd.

use super::{Facts, Material, Script, Task, aside, script::here_doc};
use crate::{cluster::Digest, event::Step};

/// Where the CA certificate goes.
pub const CA: &str = "/etc/etcd/ca.pem";
/// Where the certificate goes.
pub const CERT: &str = "/etc/etcd/kubernetes.pem";
/// Where the key goes.
pub const KEY: &str = "/etc/etcd/kubernetes-key.pem";

/// The directory and the three files.
#[must_use]
pub fn tasks(k: &Material, f: &Facts) -> Vec<Task> {
    let step = Step::Certificates;
    let directory = Task::new(
        step,
        "directory",
        "Make /etc/etcd",
        Script::new("[ -d /etc/etcd ] || { echo '/etc/etcd is not there'; exit 1; }\n"),
        Script::new("install -d -o root -g root -m 0755 /etc/etcd\n"),
    );
    let key_line = format!("{}\n", k.key.placeholder());
    let key = Task::new(
        step,
        "key",
        "Copy kubernetes-key.pem, readable by root alone",
        Script::new(same_content(KEY, &k.key.digest) + &closed_to_others(KEY)),
        Script::new(written(KEY, "root:root", "0600", f, |new| cat(&key_line, new)))
            .with(k.key.clone()),
    );
    vec![
        directory,
        public_file(step, "ca", "Copy ca.pem", CA, &k.ca, f),
        public_file(step, "certificate", "Copy kubernetes.pem", CERT, &k.cert, f),
        key.undone_by(aside::take_away(KEY)),
    ]
}

/// A task that makes a file with that content, which everybody may read.
#[must_use]
pub fn public_file(
    step: Step,
    name: &str,
    title: &str,
    path: &str,
    content: &str,
    f: &Facts,
) -> Task {
    let holds = same_content(path, &Digest::of(content.as_bytes())) + &open_to_all(path);
    let change = written(path, "root:root", "0644", f, |new| cat(content, new));
    Task::new(step, name, title, Script::new(holds), Script::new(change))
        .undone_by(aside::take_away(path))
}

/// A file appears whole: `make` writes it beside its place, where it gets its final owner and mode
/// and is synced; then it is renamed.
#[must_use]
pub fn written(
    path: &str,
    owner: &str,
    mode: &str,
    f: &Facts,
    make: impl FnOnce(&str) -> String,
) -> String {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let new = format!("{dir}/.{name}.new");
    let keep = if f.has_file(path) { aside::keep(path) } else { String::new() };
    format!(
        "set -e\n\
         rm -f {new}\n\
         {make}\
         chown {owner} {new}\n\
         chmod {mode} {new}\n\
         sync {new}\n\
         {keep}mv -f {new} {path}\n",
        make = make(&new),
    )
}

fn cat(content: &str, new: &str) -> String {
    format!("cat >{new} {}\n", here_doc(content))
}

/// Exits if the file there is not that one.
#[must_use]
pub fn same_content(path: &str, digest: &Digest) -> String {
    format!(
        "[ -f {path} ] || {{ echo '{path} is not there'; exit 1; }}\n\
         sum=$(sha256sum <{path})\n\
         [ \"${{sum%% *}}\" = {digest} ] || {{ echo '{path} has other content'; exit 1; }}\n"
    )
}

fn closed_to_others(path: &str) -> String {
    format!(
        "mode=$(stat -c %a {path})\n\
         case $mode in *0) ;; *) echo \"{path} can be read by everybody: mode $mode\"; exit 1 ;; esac\n"
    )
}

fn open_to_all(path: &str) -> String {
    format!(
        "mode=$(stat -c %a {path})\n\
         case $mode in *[4567]) ;; *) echo \"{path} cannot be read by etcd: mode $mode\"; exit 1 ;; esac\n"
    )
}

//! Takes back what the steps made: data and files are moved aside, unit state is put back,
//! packages stay unless asked.

use std::time::Duration;

use super::{
    Facts, Script, Task, aside,
    certificates::{CA, CERT, KEY},
    env_file, install,
    script::quote,
};
use crate::{cluster::Cluster, event::Step};

const STEP: Step = Step::Reset;

/// In the reverse order of the steps.
#[must_use]
pub fn tasks(c: &Cluster, f: &Facts) -> Vec<Task> {
    let mut tasks =
        vec![stopped(), install::released(STEP).and_learns(), disabled(), data(c), settings()];
    let files = [("etcdctl", env_file::ETCDCTL), ("key", KEY), ("certificate", CERT), ("ca", CA)];
    tasks.extend(files.map(|(name, path)| file(name, path)));
    if f.remove_packages {
        tasks.push(packages());
    }
    tasks
}

fn stopped() -> Task {
    let holds = "state=$(systemctl is-active etcd)\n\
                 case $state in inactive|failed|unknown) ;; *) echo \"etcd is $state\"; exit 1 ;; esac\n";
    Task::new(STEP, "stopped", "Stop etcd", Script::new(holds), {
        Script::new("systemctl stop etcd\n").within(Duration::from_secs(100))
    })
}

fn disabled() -> Task {
    let holds = "[ \"$(systemctl is-enabled etcd 2>/dev/null)\" != enabled ] || \
                 { echo 'etcd starts at boot'; exit 1; }\n";
    Task::new(
        STEP,
        "disabled",
        "Keep etcd from starting at boot",
        Script::new(holds),
        Script::new("systemctl disable etcd\n"),
    )
}

fn data(c: &Cluster) -> Task {
    let dir = c.data_dir.to_string_lossy();
    let holds =
        format!("[ ! -d {0}/member ] || {{ echo {0}/member is there; exit 1; }}\n", quote(&dir));
    // The package's user lives in its directory: an empty one takes its place.
    let change = format!(
        "set -e\n{}install -d -o etcd -g etcd -m 0700 {}\n",
        aside::take_data_away(&dir),
        quote(&dir)
    );
    Task::new(STEP, "data", "Move the data aside", Script::new(holds), Script::new(change))
}

fn settings() -> Task {
    let path = env_file::PATH;
    let holds = format!(
        "[ ! -e {path} ] || ! grep -q '^ETCD_' {path} || {{ echo '{path} has settings'; exit 1; }}\n"
    );
    let change = format!(
        "set -e\n\
         {{ grep '^#' {path} || :; }} >/etc/default/.etcd.new\n\
         chmod 0644 /etc/default/.etcd.new\n\
         {keep}mv -f /etc/default/.etcd.new {path}\n",
        keep = aside::keep(path)
    );
    Task::new(STEP, "settings", "Move the settings aside", Script::new(holds), Script::new(change))
}

fn file(name: &str, path: &str) -> Task {
    Task::new(
        STEP,
        name,
        &format!("Move {path} aside"),
        Script::new(format!("[ ! -e {path} ] || {{ echo '{path} is there'; exit 1; }}\n")),
        Script::new(aside::take_away(path)),
    )
}

fn packages() -> Task {
    let removed = install::REMOVED;
    let holds = format!(
        "for p in {removed}; do\n\
         \x20 [ \"$(dpkg-query -W -f '${{db:Status-Status}}' $p 2>/dev/null)\" != installed ] || \
         {{ echo \"package $p is installed\"; exit 1; }}\n\
         done\n"
    );
    Task::new(STEP, "packages", "Remove the packages", Script::new(holds), {
        Script::new(install::removed()).within(Duration::from_mins(5))
    })
}

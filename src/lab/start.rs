//! Step 5: all members are started together, one of them a moment before the others.
//!
//! etcd tells systemd that it is ready when a quorum stands, so a start one by one hangs at the
//! first. Here every node is told to start without waiting, and then each waits for its own.
//!
//! A new member asks its peers in turn whether the cluster is there already, and gives each a second
//! (etcd `server/etcdserver/cluster_util.go`, `isMemberBootstrapped`); an etcd listens before it
//! answers. Started at the very same moment, five wait for each other, up to four seconds. So the one
//! that all ask first is let come to where it answers.

use std::time::Duration;

use super::{
    Script, Task, env_file,
    script::{here_doc, quote},
};
use crate::{
    cluster::{Cluster, Member},
    event::Step,
};

/// Sets `ActiveState` and `MainPID`: two words, by one question.
const UNIT: &str = "eval \"$(systemctl show etcd -p ActiveState,MainPID)\"\n";
/// systemd gives etcd 90 s (`DefaultTimeoutStartSec=`), and may have begun before.
const WAIT: Duration = Duration::from_secs(100);

/// Settings loaded, started now, started at boot, ready.
#[must_use]
pub fn tasks(c: &Cluster, m: &Member) -> Vec<Task> {
    // Enabling takes the machines longest, and the members need a moment to elect: at the same time.
    vec![loaded(), started(c, m), enabled(), ready()]
}

fn loaded() -> Task {
    let holds = "[ \"$(systemctl show etcd -p NeedDaemonReload --value)\" = no ] || \
                 { echo 'systemd has not read the unit since it changed'; exit 1; }\n";
    Task::new(
        Step::Start,
        "loaded",
        "Have systemd read its units",
        Script::new(holds),
        Script::new("systemctl daemon-reload\n"),
    )
}

fn enabled() -> Task {
    let holds = "state=$(systemctl is-enabled etcd 2>/dev/null)\n\
                 [ \"$state\" = enabled ] || \
                 { echo \"etcd is ${state:-unknown} at boot, should be enabled\"; exit 1; }\n";
    Task::new(
        Step::Start,
        "enabled",
        "Start etcd at boot",
        Script::new(holds),
        // The links for SysV's init are the package's business; tending them takes 0.3 s, and two
        // reloads of systemd.
        Script::new("SYSTEMCTL_SKIP_SYSV=1 systemctl enable etcd\n"),
    )
    .undone_by("systemctl disable etcd\n")
}

/// The running etcd is compared with the plan by its own environment: a unit that was started
/// before its settings were written is green and wrong.
fn started(c: &Cluster, m: &Member) -> Task {
    let holds = format!(
        "{UNIT}\
         case $ActiveState in active|activating) ;; *) echo \"etcd is $ActiveState\"; exit 1 ;; esac\n\
         tr '\\0' '\\n' <\"/proc/$MainPID/environ\" | grep '^ETCD_' | LC_ALL=C sort |\n\
         diff --unchanged-line-format='' --old-line-format='runs with: %L' \\\n\
         \x20 --new-line-format='should be: %L' - /dev/fd/3 3{}\n",
        here_doc(&env_file::effective(c, m))
    );
    // restart, not start: an etcd that runs with other settings would go on with them. Then, until
    // its process is there: systemd stops the old one, forks, and becomes etcd, all after the
    // command has returned.
    let answers = if c.asked_first().is_some_and(|first| first.name == m.name) {
        // Its log is made once it has asked its own peers; then it answers.
        let log = c.data_dir.join("member/wal");
        format!(" &&\n    [ -d {} ]", quote(&log.to_string_lossy()))
    } else {
        String::new()
    };
    let change = format!(
        "\
systemctl reset-failed etcd 2>/dev/null
{UNIT}old=$MainPID
systemctl restart --no-block etcd || exit 1
for try in $(seq 700); do
  {UNIT}\
  [ \"$ActiveState\" != failed ] || exit 0
  [ \"$MainPID\" != \"$old\" ] && [ \"$(readlink \"/proc/$MainPID/exe\")\" = /usr/bin/etcd ]{answers} && exit 0
  sleep 0.02
done
"
    );
    Task::new(
        Step::Start,
        "started",
        "Start etcd, without waiting for it",
        Script::new(holds),
        Script::new(change),
    )
    .undone_by("systemctl stop etcd\n")
}

fn ready() -> Task {
    let holds = "state=$(systemctl is-active etcd)\n\
                 [ \"$state\" = active ] || { echo \"etcd is $state\"; exit 1; }\n";
    // Joins the start that is under way, and ends when etcd says it is ready.
    Task::new(
        Step::Start,
        "ready",
        "Wait until etcd says that a quorum stands",
        Script::new(holds),
        Script::new("systemctl start etcd\n").within(WAIT),
    )
}

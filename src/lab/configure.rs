//! Step 4: etcd's settings, its data directory, and the key that it must be able to read.

use super::{
    Facts, Script, Task, aside,
    certificates::{CA, CERT, KEY, public_file, written},
    env_file,
    script::{here_doc, quote},
    wal,
};
use crate::{
    cluster::{Cluster, Identity, Member},
    event::Step,
};

const STEP: Step = Step::Configure;

/// Data of another cluster out of the way, the directory, the key, and the two files.
#[must_use]
pub fn tasks(c: &Cluster, m: &Member, f: &Facts) -> Vec<Task> {
    let mut tasks = Vec::new();
    if f.foreign_data(c, m).is_some() {
        tasks.push(data_aside(c, m));
    }
    let etcdctl = public_file(
        STEP,
        "etcdctl",
        "Tell etcdctl where the cluster is",
        env_file::ETCDCTL,
        &env_file::etcdctl(c),
        f,
    );
    tasks.extend([data_dir(c), key(), settings(c, m, f), etcdctl]);
    tasks
}

/// Holds unless the data directory has the data of another cluster.
///
/// Whose it is stands in its log: the same look that the survey takes, so that a text that is run
/// once more does not move our own data.
#[must_use]
pub fn no_other_data(c: &Cluster, m: &Member) -> String {
    let who = Identity::predict(c);
    let ours = who.members.get(&m.name).map(|id| wal::mark(*id, who.cluster)).unwrap_or_default();
    let dir = c.data_dir.to_string_lossy();
    let dir = quote(&dir);
    let nobodys = wal::nobodys(&dir);
    format!(
        "[ -d {dir}/member ] || exit 0\n\
         {nobodys} && exit 0\n\
         set -- {dir}/member/wal/*.wal\n\
         case $(od -An -v -tx1 -N 256 \"$1\" 2>/dev/null | tr -d ' \\n') in\n\
         \x20 *{ours}*) ;;\n\
         \x20 *) echo {dir} has the data of another cluster; exit 1 ;;\n\
         esac\n"
    )
}

fn data_aside(c: &Cluster, m: &Member) -> Task {
    let dir = c.data_dir.to_string_lossy();
    let holds = no_other_data(c, m);
    let change = format!("set -e\nsystemctl stop etcd\n{}", aside::take_data_away(&dir));
    Task::new(
        STEP,
        "data-aside",
        "Move the data of another cluster aside",
        Script::new(holds),
        Script::new(change).within(std::time::Duration::from_mins(2)),
    )
    .and_learns()
}

fn data_dir(c: &Cluster) -> Task {
    let dir = c.data_dir.to_string_lossy();
    let dir = quote(&dir);
    let holds = format!(
        "[ -d {dir} ] || {{ echo {dir} is not there; exit 1; }}\n\
         owner=$(stat -c '%U %a' {dir})\n\
         [ \"$owner\" = 'etcd 700' ] || {{ echo \"{dir} is $owner, should be etcd 700\"; exit 1; }}\n"
    );
    Task::new(
        STEP,
        "data-dir",
        "Make the data directory, for etcd alone",
        Script::new(holds),
        Script::new(format!("install -d -o etcd -g etcd -m 0700 {dir}\n")),
    )
}

fn key() -> Task {
    let holds = format!(
        "closed=$(runuser -u etcd -- sh -c '[ -x /etc/etcd ] || {{ echo /etc/etcd; exit; }}\n\
         for f; do [ -r \"$f\" ] || {{ echo \"$f\"; exit; }}; done' sh {CA} {CERT} {KEY}) || exit 1\n\
         [ -z \"$closed\" ] || closed=\"$closed $(stat -c '%U:%G %a' \"$closed\" 2>&1)\"\n\
         case $closed in\n\
         \x20 '') ;;\n\
         \x20 '/etc/etcd '*) echo \"etcd may not enter /etc/etcd: ${{closed#* }}\"; exit 1 ;;\n\
         \x20 *) echo \"${{closed%% *}} cannot be read by etcd: ${{closed#* }}\"; exit 1 ;;\n\
         esac\n\
         mode=$(stat -c '%U:%G %a' {KEY})\n\
         case $mode in *0) ;; *) echo \"{KEY} can be read by everybody: $mode\"; exit 1 ;; esac\n"
    );
    let change = format!("set -e\nchown root:etcd {KEY}\nchmod 0640 {KEY}\n");
    Task::new(STEP, "key", "Let etcd read its key", Script::new(holds), Script::new(change))
        .undone_by(format!("[ ! -e {KEY} ] || {{ chown root:root {KEY} && chmod 0600 {KEY}; }}\n"))
}

fn settings(c: &Cluster, m: &Member, f: &Facts) -> Task {
    let path = env_file::PATH;
    // diff's words become the person's: what is there, and what should be.
    let holds = format!(
        "[ -e {path} ] || {{ echo '{path} is not there'; exit 1; }}\n\
         {effective} | diff --unchanged-line-format='' \\\n\
         \x20 --old-line-format='is:        %L' --new-line-format='should be: %L' - /dev/fd/3 \
         3{doc}\n",
        effective = env_file::EFFECTIVE,
        doc = here_doc(&env_file::effective(c, m)),
    );
    let doc = here_doc(&env_file::content(c, m));
    // The package's comments stay, whatever they say in this version.
    let change = written(path, "root:root", "0644", f, |new| {
        format!("{{ grep '^#' {path} 2>/dev/null || :; cat {doc}\n}} >{new}\n")
    });
    Task::new(STEP, "settings", "Write /etc/default/etcd", Script::new(holds), Script::new(change))
        .undone_by(format!(
            "[ -e {path} ] || exit 0\nset -e\n{keep}{{ grep '^#' {path} || :; }} >/etc/default/.etcd.new\n\
             chmod 0644 /etc/default/.etcd.new\nmv -f /etc/default/.etcd.new {path}\n",
            keep = aside::keep(path)
        ))
}

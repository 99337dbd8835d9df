//! A task as a person sees it who does it by hand: what shall be so, where that is looked at, and
//! how they are helped.

use crate::event::{Step, TaskId, TaskPlan};

/// The words for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// What shall be so: `starts at boot`.
    pub so: &'static str,
    /// Where that is looked at.
    pub looks: &'static str,
    /// A help in words.
    pub hint: &'static str,
    /// The whole line to type; `None`: it is a whole file, which `x` shows.
    pub line: Option<String>,
}

/// The words for that task, if it is one of a step that can be done by hand.
#[must_use]
pub fn tick(task: &TaskPlan) -> Option<Tick> {
    let (so, looks, hint, line) = words(&task.id)?;
    let line = match line {
        "" => None,
        "PACKAGES" => {
            let names = task.title.trim_start_matches("Install ").replace(',', "");
            Some(format!("apt-get install -y {names}"))
        }
        line => Some(line.to_owned()),
    };
    Some(Tick { so, looks, hint, line })
}

type Words = (&'static str, &'static str, &'static str, &'static str);

#[expect(clippy::too_many_lines, reason = "one row per task")]
fn words(id: &TaskId) -> Option<Words> {
    Some(match (id.step, id.name.as_str()) {
        (Step::Certificates, "directory") => (
            "/etc/etcd is there",
            "test -d /etc/etcd",
            "A directory is made by mkdir.",
            "mkdir -p /etc/etcd",
        ),
        (Step::Certificates, "ca") => (
            "ca.pem in its place",
            "sha256sum, stat: as planned",
            "Copy it to /etc/etcd; everybody may read it.",
            "install -m 0644 ca.pem /etc/etcd/",
        ),
        (Step::Certificates, "certificate") => (
            "kubernetes.pem in place",
            "sha256sum, stat: as planned",
            "Copy it to /etc/etcd; everybody may read it.",
            "install -m 0644 kubernetes.pem /etc/etcd/",
        ),
        (Step::Certificates, "key") => (
            "key in place, private",
            "sha256sum, stat: closed to others",
            "Copy it to /etc/etcd, and let nobody else read it.",
            "install -m 0600 kubernetes-key.pem /etc/etcd/",
        ),
        (Step::Install, "hold-back") => (
            "held back",
            "masked, or installed already",
            "What is masked cannot be started, also not by a package.",
            "systemctl mask etcd",
        ),
        (Step::Install, "mend") => (
            "dpkg is whole",
            "/var/lib/dpkg/status",
            "dpkg can finish what it has begun.",
            "dpkg --configure -a",
        ),
        (Step::Install, "lists") => (
            "apt knows its packages",
            "/var/lib/apt/lists",
            "apt has to fetch its lists first.",
            "apt-get update",
        ),
        (Step::Install, "packages") => (
            "etcd is installed",
            "dpkg-query: installed",
            "The package has another name than the lab says; apt-cache search etcd.",
            "PACKAGES",
        ),
        (Step::Install, "release") => (
            "may be started",
            "systemctl is-enabled: not masked",
            "What was masked has to be unmasked.",
            "systemctl unmask etcd",
        ),
        (Step::Configure, "etcdctl") => (
            "etcdctl is set up",
            "/etc/profile.d/etcdctl.sh: as planned",
            "A file in /etc/profile.d sets variables for every login.",
            "",
        ),
        (Step::Configure, "data-dir") => (
            "data directory",
            "stat: etcd 700",
            "It belongs to etcd, and nobody else may enter it.",
            "install -d -o etcd -g etcd -m 0700 /var/lib/etcd",
        ),
        (Step::Configure, "data-aside") => (
            "no other cluster's data",
            "od: the log's first bytes",
            "Stop etcd, and give the old data another name.",
            "",
        ),
        (Step::Configure, "key") => (
            "etcd can read its key",
            "runuser -u etcd -- test -r: yes",
            "Give the key to the group etcd, and let the group read it.",
            "cd /etc/etcd; chown root:etcd *key.pem; chmod 0640 *key.pem",
        ),
        (Step::Configure, "settings") => (
            "settings as planned",
            "diff with /etc/default/etcd",
            "Each line is ETCD_NAME=value; v shows which are missing or differ.",
            "",
        ),
        (Step::Start, "loaded") => (
            "settings loaded",
            "systemctl show: NeedDaemonReload=no",
            "systemd reads its units again when it is told to.",
            "systemctl daemon-reload",
        ),
        (Step::Start, "enabled") => (
            "starts at boot",
            "systemctl is-enabled: enabled",
            "enable is for the next boot, start is for now.",
            "systemctl enable etcd",
        ),
        (Step::Start, "started") => (
            "running",
            "/proc/PID/environ: as planned",
            "start it, or restart it if it runs with older settings.",
            "systemctl restart --no-block etcd",
        ),
        (Step::Start, "ready") => (
            "leader seen",
            "systemctl is-active: active",
            "It waits for company: F2, then Enter, starts the others.",
            "systemctl start etcd",
        ),
        (Step::Verify, "written") => (
            "a value of yours",
            "etcdctl get quorate/proof",
            "put writes a value; the key is quorate/proof, the value is yours.",
            "etcdctl put quorate/proof by-hand",
        ),
        _ => return None,
    })
}

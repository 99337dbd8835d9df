//! `quorate plan`: what would be done where, for a person to read and sign.
//!
//! Pure: tasks in, a text out. What comes out of it all, the table, is drawn by its own module.

mod files;

use std::{collections::BTreeMap, fmt};

use super::{Facts, Material, Script, Task, preflight, tasks};
use crate::{
    cluster::{Cluster, Digest, EtcdVersion, Identity, Member, MemberName, Release},
    event::{
        FileChange, Step, TaskPlan,
        table::{member_table, predicted},
    },
};

/// What a plan rests on. Reads on from "Made for ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// No machine was asked: each is taken for a fresh one of that release.
    Assumed(Release),
    /// Every machine was asked.
    Asked,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assumed(release) => {
                write!(f, "fresh machines with {} (assumed, none was asked)", release.title())
            }
            Self::Asked => f.write_str("the machines as they said they are"),
        }
    }
}

/// A plan: for each step, what is to be done on each node.
#[derive(Clone, Debug)]
pub struct Outline<'a> {
    cluster: &'a Cluster,
    basis: Basis,
    steps: Vec<(Step, Vec<(&'a Member, Task)>)>,
    aside: Vec<String>,
    /// What each machine is, apart from what we make of it: a clause.
    machines: Vec<(&'a Member, String)>,
    files: Vec<FileChange>,
    knows_learners: bool,
}

impl<'a> Outline<'a> {
    /// The plan for the members that have material and facts.
    #[must_use]
    pub fn new(
        cluster: &'a Cluster,
        materials: &BTreeMap<MemberName, Material>,
        facts: &BTreeMap<MemberName, Facts>,
        basis: Basis,
    ) -> Self {
        let nodes: Vec<_> = cluster
            .members
            .iter()
            .filter_map(|m| Some((m, materials.get(&m.name)?, facts.get(&m.name)?)))
            .collect();
        let of = |step: Step| {
            let each = nodes.iter().flat_map(|&(m, k, f)| {
                tasks(step, cluster, m, k, &at_entry(f, step)).into_iter().map(move |t| (m, t))
            });
            (step, each.collect())
        };
        let aside = nodes.iter().flat_map(|(m, k, f)| {
            let paths = preflight::in_the_way(cluster, m, k, f).into_iter();
            paths.map(|path| format!("{path} on {}", m.name))
        });
        let aside = aside.collect();
        let machines = nodes.iter().map(|&(m, _, f)| (m, machine(f))).collect();
        let files = nodes.iter().flat_map(|(m, k, f)| files::changes(cluster, m, k, f)).collect();
        let version = nodes.iter().find_map(|(_, _, f)| f.installed.or(f.offered));
        let knows_learners = version.is_none_or(EtcdVersion::knows_learners);
        let steps = Step::LAB.map(of).into();
        Self { cluster, basis, steps, aside, machines, files, knows_learners }
    }

    /// What becomes of each file on each node.
    #[must_use]
    pub fn files(&self) -> &[FileChange] {
        &self.files
    }

    /// The member table as it will be.
    #[must_use]
    pub fn table(&self) -> String {
        let identity = Identity::predict(self.cluster);
        let members = self.cluster.members.iter();
        let members: Vec<_> = members
            .filter_map(|m| Some((m.name.clone(), m.address, *identity.members.get(&m.name)?)))
            .collect();
        member_table(&predicted(&members), self.knows_learners)
    }

    /// The plan as it is kept with a ticket: all that changes, file by file, and how to begin.
    #[must_use]
    pub fn ticket(&self) -> String {
        format!(
            "{text}\n\
             Files, line by line (+ comes, - goes)\n\n\
             {files}\n\
             To begin, when it is time:\n\n    \
             quorate up {name} --plan {number}\n\n\
             It goes only if machines, cluster file and certificates are still as they were\n\
             reviewed; else it says what differs, and changes nothing.\n",
            text = self.text(&self.table(), false),
            files = files::text(&self.files),
            name = self.cluster.name,
            number = self.number(),
        )
    }

    /// The steps, each with the tasks of every node, as they are logged.
    #[must_use]
    pub fn steps(&self) -> Vec<(Step, Vec<(&MemberName, TaskPlan)>)> {
        let each = |tasks: &[(&'a Member, Task)]| {
            tasks.iter().map(|(m, task)| (&m.name, task.plan())).collect()
        };
        self.steps.iter().map(|(step, tasks)| (*step, each(tasks))).collect()
    }

    /// A short number that changes with any text of the plan and with what the machines are, and
    /// with nothing else: `7f3a-19c2`.
    #[must_use]
    pub fn number(&self) -> String {
        let machines = self.machines.iter().flat_map(|(m, is)| [m.name.to_string(), is.clone()]);
        let machines = machines.chain(self.aside.iter().cloned());
        // The lengths keep apart what would else read the same.
        let all: String = self
            .steps
            .iter()
            .flat_map(|(_, tasks)| tasks)
            .flat_map(|(m, task)| {
                let undo = task.undo.as_ref().map_or("", |script| &script.text);
                let texts = [&task.holds.text, &task.change.text, undo];
                let heads = [m.name.to_string(), task.id.to_string()];
                heads.into_iter().chain(texts.map(str::to_owned))
            })
            .chain(machines)
            .map(|text| format!("{} {text}\n", text.len()))
            .collect();
        let digest = Digest::of(all.as_bytes());
        let (first, second) = digest.short().split_at(4);
        format!("{first}-{second}")
    }

    /// The plan in words; `texts` adds what is run. `table` is what will come out.
    #[must_use]
    pub fn text(&self, table: &str, texts: bool) -> String {
        let c = self.cluster;
        let (members, quorum, may_fail) = (c.members.len(), c.quorum(), c.tolerates());
        let steps: String = self
            .steps
            .iter()
            .zip(1..)
            .map(|((step, tasks), number)| {
                let title = step.title();
                format!("\n{number} {title:<13} {}\n{}", about(*step), self.tasks(tasks, texts))
            })
            .collect();
        let aside = if self.aside.is_empty() {
            "nothing".to_owned()
        } else {
            format!("{}; each is kept under a dated name", self.aside.join(", "))
        };
        format!(
            "Made for {basis}:\n\
             {machines}\n\
             Plan {number} for {name}: {members} members, {quorum} are a quorum, {may_fail} may fail.\n\
             {steps}\n\
             Deleted: nothing. Moved aside: {aside}.\n\
             A task that already holds is left alone. quorate reset takes all of it back.\n\n\
             What will come out, cluster {id}:\n\n\
             {table}\n",
            basis = self.basis,
            machines = self.machines(),
            number = self.number(),
            name = c.name,
            id = Identity::predict(c).cluster,
            table = table.trim_end(),
        )
    }

    /// What the machines are; those that are alike share a line.
    fn machines(&self) -> String {
        let machines = self.machines.iter().map(|(m, is)| (&m.name, is));
        let groups = alike(machines, |a, b| a == b);
        groups.iter().map(|(is, who)| format!("    {}: {is}\n", who.join(", "))).collect()
    }

    /// A step's tasks, a line each.
    fn tasks(&self, tasks: &[(&Member, Task)], texts: bool) -> String {
        let named = tasks.iter().map(|(m, task)| (&m.name, task));
        alike(named, |a, b| a.id == b.id && a.title == b.title)
            .iter()
            .map(|(task, who)| {
                let id = task.id.to_string();
                let line = format!("    {id:<27} {}{}\n", task.title, self.only(who));
                let same = tasks.iter().filter(|(_, t)| t.id == task.id);
                line + &if texts { self.texts(same) } else { String::new() }
            })
            .collect()
    }

    /// ` (icc-etcd-3 only)`, if not all members are meant.
    fn only(&self, who: &[&str]) -> String {
        if who.len() == self.cluster.members.len() {
            String::new()
        } else {
            format!(" ({} only)", who.join(", "))
        }
    }

    /// What is looked at and run for one task; nodes with the same texts share them.
    fn texts<'t>(&self, tasks: impl Iterator<Item = &'t (&'t Member, Task)>) -> String {
        let lines = |mark: &str, script: &Script| -> String {
            script.text.lines().map(|line| format!("        {mark} {line}\n")).collect()
        };
        let named = tasks.map(|(m, task)| (&m.name, task));
        alike(named, |a, b| a.holds == b.holds && a.change == b.change)
            .iter()
            .map(|(task, who)| {
                let who = self.only(who);
                let head = if who.is_empty() { who } else { format!("       {who}\n") };
                head + &lines("?", &task.holds) + &lines("$", &task.change)
            })
            .collect()
    }
}

/// What a machine is before we make anything of it: a run that goes on finds the same.
fn machine(f: &Facts) -> String {
    let etcd = f.installed.or(f.offered).map_or_else(
        || {
            let known = if f.has_lists { "no etcd from apt" } else { "apt's lists to be fetched" };
            known.to_owned()
        },
        |version| format!("etcd {version}"),
    );
    format!("{}, {etcd}", f.system())
}

/// What earlier steps will have made of a node.
fn at_entry(facts: &Facts, step: Step) -> Facts {
    let before = Step::LAB.into_iter().take_while(|s| *s < step);
    before.fold(facts.clone(), Facts::after)
}

fn about(step: Step) -> &'static str {
    match step {
        Step::Preflight => "reads only; all nodes must fit together before anything is changed",
        Step::Verify => "reads; one fixed key is written, and read back through another member",
        Step::Start => "on all nodes together",
        _ => "on each node, all nodes side by side",
    }
}

/// What is alike, in the order in which it comes, with the nodes that have it.
fn alike<'t, T>(
    all: impl Iterator<Item = (&'t MemberName, &'t T)>,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(&'t T, Vec<&'t str>)> {
    let mut groups: Vec<(&T, Vec<&str>)> = Vec::new();
    for (node, one) in all {
        match groups.iter_mut().find(|(first, _)| same(first, one)) {
            Some((_, who)) => who.push(node.as_str()),
            None => groups.push((one, vec![node.as_str()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::cluster::file::tests::lab;

    fn outline(c: &Cluster, mend: impl Fn(&Member, &mut Facts)) -> Outline<'_> {
        let facts = |m: &Member| {
            let mut facts = Facts::assumed(Release::Bookworm);
            mend(m, &mut facts);
            (m.name.clone(), facts)
        };
        let material = |m: &Member| {
            (m.name.clone(), Material::assumed(PathBuf::from("/lab/kubernetes-key.pem")))
        };
        let materials = c.members.iter().map(material).collect();
        let basis = Basis::Assumed(Release::Bookworm);
        Outline::new(c, &materials, &c.members.iter().map(facts).collect(), basis)
    }

    #[test]
    fn a_plan_of_fresh_machines_reads_well() {
        let c = lab();
        let outline = outline(&c, |_, _| ());
        // The number is that of all texts: it has a test of its own.
        let text = outline.text("(the table)", false).replace(&outline.number(), "7f3a-19c2");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_number_changes_with_the_texts_only() {
        let c = lab();
        let number = outline(&c, |_, _| ()).number();
        assert_eq!(number.len(), 9);
        assert_eq!(outline(&c, |_, f| f.ahead_ms = 900).number(), number);
        let mut other = lab();
        other.token = "another".parse().unwrap();
        assert_ne!(outline(&other, |_, _| ()).number(), number);
        assert_ne!(outline(&c, |_, f| f.offers_etcd = true).number(), number);
    }

    #[test]
    fn what_differs_on_one_node_says_so() {
        let c = lab();
        let odd = |m: &Member, f: &mut Facts| {
            if m.name.as_str() == "icc-etcd-3" {
                f.dpkg_broken = true;
                f.data = Some(crate::lab::facts::Data::Unknown);
                f.files.insert("/etc/etcd/ca.pem".to_owned(), "other".to_owned());
            }
        };
        let text = outline(&c, odd).text("", false);
        assert!(text.contains("Finish what dpkg left half done (icc-etcd-3 only)\n"), "{text}");
        assert!(text.contains("Make /etc/etcd\n"), "{text}");
        let aside = "Moved aside: /var/lib/etcd on icc-etcd-3, /etc/etcd/ca.pem on icc-etcd-3;";
        assert!(text.contains(aside), "{text}");
    }

    #[test]
    fn the_texts_are_shown_whole() {
        let c = lab();
        let outline = outline(&c, |_, _| ());
        let text = outline.text("", true);
        for (_, task) in outline.steps.iter().flat_map(|(_, tasks)| tasks) {
            for line in task.holds.text.lines().chain(task.change.text.lines()) {
                assert!(text.contains(line), "{line:?} is not in {text}");
            }
        }
        assert!(text.contains("<kubernetes-key.pem: 0 bytes, sha256 "));
    }
}

//! `plan --as sh`: one script for a workstation that does with plain `ssh` what the engine does.
//!
//! Pure: texts in, a text out. The tasks are the engine's own; a key's content is not in the
//! script, but piped from its file to the place of its placeholder.

mod looks;
mod proof;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path};

use super::{
    Facts, Material, Task,
    outline::Basis,
    script::{here_doc, quote},
    tasks,
};
use crate::{
    cluster::{Cluster, Identity, Member, MemberName},
    event::Step,
};

const WORKSTATION: &str = include_str!("export/workstation.sh");
const FRAME: &str = include_str!("export/frame.sh");
const RUN: &str = "
step preflight
barrier 'changing anything'
step certificates
step install
step configure
barrier starting
# This one first: the others ask it whether the cluster is there already, and it has to answer.
left='@FIRST@'
step start
begun=$left left='@OTHERS@'
step start
left=$begun$left
# etcd is ready when a quorum stands: all have begun before the first is waited for.
step ready
barrier verifying
";

/// The script.
///
/// Every member needs its material and facts; without them it is left out. The script reads each
/// key from [`super::LocalFile::path`] when it runs, so the paths should be absolute. `bytes` and
/// digest of a key are those of its lines, each ended by a newline, as a here-document has them.
#[must_use]
pub fn as_sh(
    c: &Cluster,
    materials: &BTreeMap<MemberName, Material>,
    facts: &BTreeMap<MemberName, Facts>,
    basis: Basis,
) -> String {
    let nodes: Vec<_> = c
        .members
        .iter()
        .filter_map(|m| {
            // Whether apt and dpkg are whole is not assumed: these tasks look when they run.
            let f = Facts { has_lists: false, dpkg_broken: true, ..facts.get(&m.name)?.clone() };
            Some((m, materials.get(&m.name)?, f))
        })
        .collect();
    let names: Vec<_> = nodes.iter().map(|(m, ..)| m.name.as_str()).collect();
    let for_all = |name: &str, text: &dyn Fn(&Member, &Material, &Facts) -> String| {
        let texts = nodes.iter().map(|(m, k, f)| (m.name.as_str(), text(m, k, f)));
        function(name, texts)
    };

    let mut script = head(c, basis, &names);
    script += &for_all("preflight", &|m, k, f| proofs(&looks::looks(c, m, k, f)));
    for step in [Step::Certificates, Step::Install, Step::Configure, Step::Start] {
        script += &for_all(step.id(), &|m, k, f| changes(&tasks(step, c, m, k, f), |t| !waits(t)));
    }
    script += &for_all("ready", &|m, k, f| changes(&tasks(Step::Start, c, m, k, f), waits));
    let verify = proofs(&proof::proofs(c)) + &sent(proof::TABLE);
    script += &function("verify", names.iter().take(1).map(|name| (*name, verify.clone())));
    let starts_first = |name: &&str| c.asked_first().is_some_and(|m| m.name.as_str() == *name);
    let (first, others): (Vec<_>, Vec<_>) = names.iter().copied().partition(starts_first);
    let run = RUN.replace("@FIRST@", &first.join(" ")).replace("@OTHERS@", &others.join(" "));
    let writer = names.first().copied().unwrap_or_default();
    format!("{script}{run}left={writer}\nstep verify\nbarrier done\n")
}

/// The last task of a start waits for a quorum.
fn waits(task: &Task) -> bool {
    task.id.step == Step::Start && task.id.name == "ready"
}

fn head(c: &Cluster, basis: Basis, names: &[&str]) -> String {
    let who = Identity::predict(c);
    let id = |m: &Member| who.members.get(&m.name).map(ToString::to_string).unwrap_or_default();
    let members: Vec<_> = c
        .members
        .iter()
        .map(|m| format!("#   {}  {}  {}", id(m), m.name, m.address.peer_url()))
        .collect();
    let logins: Vec<_> =
        c.members.iter().map(|m| format!("    {}) {} \"$sh\" ;;", m.name, ssh(c, m))).collect();
    WORKSTATION
        .replace("@CLUSTER@", &format!("{} ({})", c.name, who.cluster))
        .replace("@MEMBERS@", &members.join("\n"))
        .replace("@NODES@", &names.join(" "))
        .replace("@FRAME@", &here_doc(FRAME))
        .replace("@LOGINS@", &logins.join("\n"))
        .replace("@BASIS@", &basis.to_string())
}

/// `ssh`, with what the cluster file says of the login; `~/.ssh/config` fills the rest.
fn ssh(c: &Cluster, m: &Member) -> String {
    let login = m.login.or(&c.login);
    let mut words = vec!["-o".to_owned(), "BatchMode=yes".to_owned()];
    words.extend(["-o".to_owned(), "ConnectTimeout=10".to_owned()]);
    words.extend(login.port.into_iter().flat_map(|port| ["-p".to_owned(), port.to_string()]));
    words.extend(login.user.into_iter().flat_map(|user| ["-l".to_owned(), user]));
    let files = [("IdentityFile", login.identity), ("UserKnownHostsFile", login.known_hosts)];
    for (option, path) in files {
        let setting = |path: &Path| format!("{option}={}", ssh_config_path(path));
        words.extend(path.iter().flat_map(|path| ["-o".to_owned(), setting(path)]));
    }
    words.extend(["--".to_owned(), m.host()]);
    let words: Vec<_> = words.iter().map(|word| quote(word)).collect();
    format!("ssh {}", words.join(" "))
}

/// A path as a value in `ssh_config(5)`: `%` begins a token, and blanks end a word outside quotes.
fn ssh_config_path(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%%");
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A function that prints a node's text. Nodes of the same text share one.
fn function<'a>(name: &str, texts: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut arms: Vec<(Vec<&str>, String)> = Vec::new();
    for (node, text) in texts {
        match arms.iter_mut().find(|(_, same)| *same == text) {
            Some((nodes, _)) => nodes.push(node),
            None => arms.push((vec![node], text)),
        }
    }
    let arms: String =
        arms.iter().map(|(nodes, text)| format!("{})\n{text};;\n", nodes.join("|"))).collect();
    format!("\n{name}() {{\ncase $1 in\n{arms}esac\n}}\n")
}

/// A command that prints this text.
fn sent(text: &str) -> String {
    format!("cat {}\n", here_doc(text))
}

fn changes(tasks: &[Task], which: impl Fn(&Task) -> bool) -> String {
    tasks.iter().filter(|t| which(t)).map(task).collect()
}

/// Commands that print a task.
fn task(task: &Task) -> String {
    let (holds, change) = (&task.holds.text, &task.change);
    let before = format!("# {}\nholds() {{\n{holds}}}\nchange() {{\n", task.title);
    let after = format!("}}\ntask {}\n", task.id);
    match (&change.needs, change.around_file()) {
        (Some(file), Some((head, tail))) => {
            let path = quote(&file.path.to_string_lossy()).into_owned();
            let key = format!("key {path} {} || return 1\n", file.bytes);
            sent(&(before + head)) + &key + &sent(&(tail.to_owned() + &after))
        }
        _ => sent(&(before + &change.text + &after)),
    }
}

/// Commands that print proofs.
fn proofs(proofs: &[(&'static str, String)]) -> String {
    let text = |(name, holds): &(_, String)| format!("holds() {{\n{holds}}}\nproof {name}\n");
    sent(&proofs.iter().map(text).collect::<String>())
}

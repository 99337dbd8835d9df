//! What is lent, as tasks: fetched on the sister, written and installed on the node.

use std::time::Duration;

use super::{Deb, Loan};
use crate::{
    cluster::MemberName,
    event::Step,
    lab::{
        Facts, LocalFile, Script, Task, aside,
        certificates::{same_content, written},
        install::{INSTALLED, OPTIONS},
        script::quote,
    },
};

/// Where apt keeps packages (apt-get(8)); there they are as if apt had fetched them itself.
pub(super) const CACHE: &str = "/var/cache/apt/archives";
/// Packages over a slow line.
const LONG: Duration = Duration::from_mins(20);

/// Has the sister hand her packages on: from apt's cache, else fetched into a folder of its own
/// that is taken away again. What she says are the files, one after the other, as base64.
#[must_use]
pub fn fetched(debs: &[Deb], to: &MemberName) -> Task {
    let mut change = "\
dir=$(mktemp -d /var/tmp/quorate-lend.XXXXXX) && cd \"$dir\" || exit 1
trap 'rm -rf \"$dir\"' EXIT
trap 'exit 1' HUP INT PIPE TERM
give() {
  deb=/var/cache/apt/archives/$2
  echo \"$3  $deb\" | sha256sum -c --status 2>/dev/null || {
    apt-get download -q \"$1\" >&2 || exit 1
    deb=$(ls \"$dir\"/*.deb)
  }
  echo \"$3  $deb\" | sha256sum -c --quiet >&2 || exit 1
  base64 -w 4000 \"$deb\"
  rm -f \"$dir\"/*.deb
  echo .
}
"
    .to_owned();
    for Deb { package, version, content } in debs {
        let which = format!("{package}={version}");
        for word in ["give", &which, &content.name, content.digest.as_str()] {
            change += &quote(word);
            change.push(' ');
        }
        change.push('\n');
    }
    // What it leaves is nothing.
    let holds = "! ls -d /var/tmp/quorate-lend.* >/dev/null 2>&1 || \
                 { echo 'a folder of it is left in /var/tmp'; exit 1; }\n";
    Task::new(
        Step::Install,
        "lend",
        &format!("Hand the packages on to {to}"),
        Script::new(holds),
        Script::new(change).within(LONG),
    )
}

/// Puts the packages where apt keeps them, then installs them without a network.
#[must_use]
pub fn packages(from: &MemberName, debs: &[Deb]) -> Vec<Task> {
    debs.iter().map(|deb| taken(from, deb)).chain([installed(from, debs)]).collect()
}

fn taken(from: &MemberName, deb: &Deb) -> Task {
    let content = &deb.content;
    let path = format!("{CACHE}/{}", content.name);
    // Once they are installed, apt may clean its cache.
    let holds =
        format!("( {INSTALLED} ) >/dev/null && exit 0\n{}", same_content(&path, &content.digest));
    let change =
        written(&path, "root:root", "0644", &Facts::default(), |new| decoded(content, new));
    Task::new(
        Step::Install,
        &format!("take-{}", deb.package),
        &format!("Take {} of {from}", deb.package),
        Script::new(holds),
        Script::new(change).with(content.clone()).within(LONG),
    )
    .undone_by(format!("rm -f {path}\n"))
}

/// The file's content into `new`; it travels as base64, since a text is text.
fn decoded(content: &LocalFile, new: &str) -> String {
    format!(
        "base64 -d >{new} <<'EOF'\n{}\nEOF\n\
         echo '{}  {new}' | sha256sum -c --quiet\n",
        content.placeholder(),
        content.digest
    )
}

fn installed(from: &MemberName, debs: &[Deb]) -> Task {
    let files: Vec<_> = debs.iter().map(|d| format!("{CACHE}/{}", d.content.name)).collect();
    let names: Vec<_> = debs.iter().map(|d| d.package.as_str()).collect();
    // Tried before it is done: nothing else is installed, replaced or removed along with them.
    let change = format!(
        "install() {{\n\
         \x20 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-download \
         --no-install-recommends --no-remove {OPTIONS} \"$@\" {files} 3>&1\n\
         }}\n\
         would=$(install --simulate 2>&1)\n\
         status=$?\n\
         more=$(printf '%s\\n' \"$would\" | sed -n 's/^Inst \\([^ ]*\\).*/\\1/p\n\
         \x20 s/.*Depends: \\([^ ]*\\).* but .*/\\1/p' | grep -vxE '{ours}' | sort -u | tr '\\n' ' ')\n\
         [ -z \"$more\" ] || {{ echo \"E: not here, and no part of what is taken: $more(nothing was changed)\"; exit 1; }}\n\
         [ \"$status\" -eq 0 ] || {{ printf '%s\\n' \"$would\"; exit 1; }}\n\
         install\n",
        files = files.join(" "),
        ours = names.join("|"),
    );
    Task::new(
        Step::Install,
        "packages",
        &format!("Install {} of {from}", names.join(", ")),
        Script::new(INSTALLED),
        Script::new(change).within(LONG),
    )
    .undone_by(crate::lab::install::removed())
    .and_learns()
}

/// Writes a file of apt's settings as it is on a sister. `None` if that is not lent.
#[must_use]
pub fn file(loan: &Loan) -> Option<Task> {
    let Loan::File { from, path, owner, mode, content } = loan else { return None };
    let holds = format!(
        "{}[ \"$(stat -c '%U:%G %a' {path})\" = '{owner} {mode}' ] || \
         {{ echo '{path} has another owner or mode'; exit 1; }}\n",
        same_content(path, &content.digest)
    );
    let facts = Facts::default();
    let change = format!(
        "[ ! -e {path} ] || {{ echo '{path} is there, with other content'; exit 1; }}\n{}",
        written(path, owner, mode, &facts, |new| decoded(content, new))
    );
    let title = format!("Write {path} as on {from}");
    let change = Script::new(change).with(content.clone());
    let task = Task::new(Step::Install, "file", &title, Script::new(holds), change);
    Some(task.undone_by(aside::take_away(path)))
}

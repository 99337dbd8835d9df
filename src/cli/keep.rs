//! What a person takes away from a run: the plan for a ticket, a bundle for whoever helps. Nothing
//! that is there already is overwritten.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use similar::{ChangeTag, TextDiff};

use super::find::{FILE, Found};
use crate::{cluster::file, event::Stamped, export::report};

/// What the file of that plan is called.
pub(super) fn file_name(number: &str) -> String {
    format!("plan-{number}.txt")
}

/// What one thing after another is called: `path_of` gets nothing, then `-2`, `-3` and so on.
pub(super) fn numbered(path_of: impl Fn(&str) -> PathBuf) -> impl Iterator<Item = PathBuf> {
    let ends = (1..100).map(|n| if n == 1 { String::new() } else { format!("-{n}") });
    ends.map(move |end| path_of(&end))
}

/// The first of these paths that nothing has yet.
pub(super) fn free(path_of: impl Fn(&str) -> PathBuf) -> Option<PathBuf> {
    numbered(path_of).find(|path| path.symlink_metadata().is_err())
}

/// Where things of that cluster are kept: the folder of its file if that is called as the cluster
/// is, else one of that name beside it.
fn folder(found: &Found) -> io::Result<PathBuf> {
    let file = std::path::absolute(&found.file)?;
    let name = found.cluster.name.as_str();
    let parent = file.parent().unwrap_or(Path::new("/"));
    let named = file.file_name().is_some_and(|f| f == FILE)
        && parent.file_name().is_some_and(|f| f == name);
    // Practice machines have one folder for all that is theirs.
    Ok(if named || found.practice { parent.to_owned() } else { parent.join(name) })
}

/// Writes the cluster file and the plan into the cluster's folder; gives the plan's file.
///
/// Reads on from "not saved: ".
pub(super) fn ticket(found: &Found, number: &str, text: &str) -> Result<PathBuf, String> {
    let folder = folder(found).map_err(|error| error.to_string())?;
    let told = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&folder).map_err(|error| told(&folder, &error))?;
    let cluster = folder.join(FILE);
    if !same_file(&cluster, &found.file) {
        let text = file::write(&found.cluster);
        new(&cluster, &text).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{} is another cluster file, and is left alone", cluster.display())
            }
            _ => told(&cluster, &error),
        })?;
    }
    let plan = folder.join(file_name(number));
    new(&plan, text).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{} is there already, with other words", plan.display())
        }
        _ => told(&plan, &error),
    })?;
    Ok(plan)
}

/// What whoever helps needs: the run's log, its report and the versions, in a new folder. No part of
/// it has a key or a password: the log never had one.
///
/// Reads on from "no bundle: ".
pub(super) fn bundle(found: &Found, log: &Path) -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    bundle_in(&here, found.cluster.name.as_str(), log)
}

fn bundle_in(parent: &Path, name: &str, log: &Path) -> Result<PathBuf, String> {
    let told = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    let stem = log.file_stem().unwrap_or_default().to_string_lossy();
    let into = free(|end| parent.join(format!("quorate-help-{name}-{stem}{end}")));
    let into = into.ok_or("no name is free for it")?;
    fs::create_dir_all(&into).map_err(|error| told(&into, &error))?;
    let events = fs::read_to_string(log).map_err(|error| told(log, &error))?;
    // The last line may be half written: the run goes on.
    let read: Vec<Stamped> =
        events.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (name, text) in [
        ("run.ndjson", events.as_str()),
        ("report.md", &report::markdown(&read)),
        ("versions.txt", &versions()),
    ] {
        let path = into.join(name);
        new(&path, text).map_err(|error| told(&path, &error))?;
    }
    Ok(into)
}

/// What ran here.
fn versions() -> String {
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let os = os.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("unknown");
    format!(
        "quorate {}\nthis computer: {}, {}\n",
        env!("CARGO_PKG_VERSION"),
        os.trim_matches('"'),
        std::env::consts::ARCH
    )
}

/// Writes a file that is not there yet, whole; one that says the same already is as good.
fn new(path: &Path, text: &str) -> io::Result<()> {
    match File::create_new(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::read(path)? == text.as_bytes() { Ok(()) } else { Err(error) }
        }
        Err(error) => Err(error),
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// What was reviewed under that number, if it lies where it was saved, or beside the cluster file.
pub(super) fn reviewed(found: &Found, number: &str) -> Option<String> {
    // The number comes from the command line, and is no path.
    if !number.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return None;
    }
    let beside = found.file.parent().map(Path::to_owned);
    let mut folders = folder(found).ok().into_iter().chain(beside);
    folders.find_map(|folder| fs::read_to_string(folder.join(file_name(number))).ok())
}

/// The lines in which two plans differ; those that only name the plan's number are left out.
pub(super) fn differs(then: &str, now: &str) -> String {
    let named = |line: &str| line.starts_with("Plan ") || line.contains("--plan ");
    let diff = TextDiff::from_lines(then, now);
    let lines: Vec<_> = diff
        .iter_all_changes()
        .filter(|change| !named(change.value()) && !change.value().trim().is_empty())
        .filter_map(|change| {
            let word = match change.tag() {
                ChangeTag::Delete => "reviewed",
                ChangeTag::Insert => "now     ",
                ChangeTag::Equal => return None,
            };
            Some(format!("    {word}  {}", change.value().trim()))
        })
        .collect();
    if lines.is_empty() {
        return "    What differs is in the texts that are run: quorate plan -v shows them."
            .to_owned();
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cluster::file::tests::lab;

    fn found(file: PathBuf) -> Found {
        let cluster = Arc::new(lab());
        Found { cluster, warnings: Vec::new(), file, practice: false, note: None }
    }

    #[test]
    fn a_ticket_is_written_beside_its_cluster_and_never_over_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("icc-etcd");
        fs::create_dir(&folder).unwrap();
        let cluster = folder.join(FILE);
        fs::write(&cluster, "as it is").unwrap();
        let found = found(cluster.clone());
        let plan = ticket(&found, "7f3a-19c2", "a plan").unwrap();
        assert_eq!(plan, folder.join("plan-7f3a-19c2.txt"));
        assert_eq!(fs::read_to_string(&cluster).unwrap(), "as it is");
        assert!(ticket(&found, "7f3a-19c2", "a plan").is_ok(), "the same again is as good");
        let error = ticket(&found, "7f3a-19c2", "another plan").unwrap_err();
        assert!(error.ends_with("is there already, with other words"), "{error}");
        assert_eq!(fs::read_to_string(&plan).unwrap(), "a plan");
        assert_eq!(reviewed(&found, "7f3a-19c2").as_deref(), Some("a plan"));
        assert_eq!(reviewed(&found, "../../etc/passwd"), None);
    }

    #[test]
    fn a_bundle_has_the_log_its_report_and_the_versions() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("2026-11-28T06-00-00.ndjson");
        let lines = include_str!("../../tests/screens/no-packages.ndjson");
        fs::write(&log, format!("{lines}{{\"ms\":1,\"ev")).unwrap();
        let first = bundle_in(dir.path(), "icc-etcd", &log).unwrap();
        assert!(first.ends_with("quorate-help-icc-etcd-2026-11-28T06-00-00"), "{first:?}");
        let again = bundle_in(dir.path(), "icc-etcd", &log).unwrap();
        assert_ne!(first, again, "nothing is overwritten");
        let read = |name: &str| fs::read_to_string(first.join(name)).unwrap();
        assert!(read("run.ndjson").starts_with(lines));
        assert!(read("report.md").contains("icc-etcd-4"));
        assert!(read("versions.txt").starts_with("quorate "));
    }

    #[test]
    fn what_differs_is_said_without_the_number() {
        let then = "Plan 1 for a\n    icc-etcd-1: Debian 12, etcd 3.4.23\n\nDeleted: nothing.\n";
        let now = "Plan 2 for a\n    icc-etcd-1: Debian 12, etcd 3.5.16\n\nDeleted: nothing.\n";
        assert_eq!(
            differs(then, now),
            "    reviewed  icc-etcd-1: Debian 12, etcd 3.4.23\n    now       icc-etcd-1: Debian 12, \
             etcd 3.5.16"
        );
    }
}

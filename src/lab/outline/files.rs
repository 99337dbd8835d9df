//! What becomes of each file on a node, line by line. Of certificates and keys only names and
//! checksums are told.

use crate::{
    cluster::{Cluster, Digest, Member},
    event::FileChange,
    lab::{
        Facts, Material,
        certificates::{CA, CERT, KEY},
        env_file,
    },
};

/// The files of a member, in the order in which they are written.
pub(super) fn changes(c: &Cluster, m: &Member, k: &Material, f: &Facts) -> Vec<FileChange> {
    let change =
        |path: &str, diff| FileChange { node: m.name.clone(), path: path.to_owned(), diff };
    let sealed = |path: &str, bytes: usize, digest: &Digest| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let line = format!("+ <{name}: {bytes} bytes, sha256 {}…>", digest.short());
        change(path, whole(f, path, digest, vec![line]))
    };
    let text = |path: &str, text: &str| sealed(path, text.len(), &Digest::of(text.as_bytes()));
    let etcdctl = env_file::etcdctl(c);
    let lines = etcdctl.lines().map(|line| format!("+ {line}")).collect();
    vec![
        text(CA, &k.ca),
        text(CERT, &k.cert),
        sealed(KEY, k.key.bytes, &k.key.digest),
        change(env_file::PATH, settings(c, m, f)),
        change(
            env_file::ETCDCTL,
            whole(f, env_file::ETCDCTL, &Digest::of(etcdctl.as_bytes()), lines),
        ),
    ]
}

/// A file that is replaced as a whole: nothing if it is there already, else its new lines after
/// what is moved aside for them.
fn whole(f: &Facts, path: &str, wanted: &Digest, new: Vec<String>) -> Vec<String> {
    match f.files.get(path) {
        Some(is) if is == wanted.as_str() => Vec::new(),
        Some(is) => {
            let short: String = is.chars().take(8).collect();
            let old = format!("- <sha256 {short}…, moved aside under a dated name>");
            std::iter::once(old).chain(new).collect()
        }
        None => new,
    }
}

/// The settings, as systemd understands them, before and after.
fn settings(c: &Cluster, m: &Member, f: &Facts) -> Vec<String> {
    if f.settings.as_deref() == Some(env_file::digest(c, m).as_str()) {
        return Vec::new();
    }
    if !f.has_settings() {
        return env_file::content(c, m).lines().map(|line| format!("+ {line}")).collect();
    }
    let ours = env_file::settings(c, m);
    let there = |line: &String| ours.iter().any(|(key, value)| *line == format!("{key}={value}"));
    let gone = f.settings_lines.iter().filter(|line| !there(line)).map(|line| format!("- {line}"));
    let come = ours.iter().map(|(key, value)| {
        let known = f.settings_lines.contains(&format!("{key}={value}"));
        format!("{} {key}=\"{value}\"", if known { ' ' } else { '+' })
    });
    gone.chain(come).collect()
}

/// All of them; what is the same on several nodes is told once.
pub(super) fn text(files: &[FileChange]) -> String {
    let named = files.iter().map(|file| (&file.node, file));
    let mut groups = super::alike(named, |a, b| a.path == b.path && a.diff == b.diff);
    groups.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    groups
        .iter()
        .map(|(file, who)| {
            let who = who.join(", ");
            if file.diff.is_empty() {
                return format!("{} on {who}: stays as it is\n", file.path);
            }
            let diff: String = file.diff.iter().map(|line| format!("    {line}\n")).collect();
            format!("{} on {who}\n{diff}", file.path)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{
        cluster::{Release, file::tests::lab},
        lab::Facts,
    };

    fn of_first(mend: impl FnOnce(&Cluster, &mut Facts)) -> Vec<FileChange> {
        let c = lab();
        let mut facts = Facts::assumed(Release::Bookworm);
        mend(&c, &mut facts);
        let k = Material::assumed(PathBuf::from("/lab/kubernetes-key.pem"));
        changes(&c, &c.members[0], &k, &facts)
    }

    #[test]
    fn on_a_fresh_machine_all_of_it_comes() {
        let files = of_first(|_, _| ());
        let counts: Vec<_> = files.iter().map(FileChange::counts).collect();
        assert_eq!(counts, [(1, 0), (1, 0), (1, 0), (17, 0), (8, 0)]);
        assert!(files[2].diff[0].starts_with("+ <kubernetes-key.pem: 0 bytes, sha256 "));
    }

    #[test]
    fn what_is_there_already_stays_and_what_differs_is_told_line_by_line() {
        let files = of_first(|c, f| {
            f.settings = Some(env_file::digest(c, &c.members[0]).to_string());
            f.files.insert(CA.to_owned(), "0123456789".to_owned());
        });
        assert_eq!(files[3].counts(), (0, 0));
        assert_eq!(files[0].diff[0], "- <sha256 01234567…, moved aside under a dated name>");
        let files = of_first(|c, f| {
            f.settings = Some("another".to_owned());
            let ours = env_file::effective(c, &c.members[0]);
            f.settings_lines = ours.lines().map(str::to_owned).collect();
            f.settings_lines[0] = "ETCD_ADVERTISE_CLIENT_URLS=http://0.0.0.0:2379".to_owned();
        });
        assert_eq!(files[3].counts(), (1, 1));
        assert_eq!(files[3].diff.len(), 18);
    }

    #[test]
    fn what_is_alike_is_told_once() {
        let files = of_first(|_, _| ());
        let mut twice = files.clone();
        twice.extend(
            files.into_iter().map(|f| FileChange { node: "icc-etcd-2".parse().unwrap(), ..f }),
        );
        let text = text(&twice);
        assert_eq!(
            text.matches("/etc/etcd/ca.pem on icc-etcd-1, icc-etcd-2\n").count(),
            1,
            "{text}"
        );
    }
}

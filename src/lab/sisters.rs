//! Machines that should be alike: what tells one from its sisters, and what was looked at and is not
//! the reason.
//!
//! Pure. Only what the survey and [`resolves`] really looked at is told.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Facts, Script,
    lend::{self, Lack},
    preflight::DISK_LEAST,
};
use crate::cluster::MemberName;

/// A mirror that is called by address needs no name service.
const RESOLVES: &str = r#"host=$(apt-get indextargets --format '$(URI)' 2>/dev/null |
  sed -n 's|^https*://\([^/:]*\).*|\1|p' | head -n 1)
case $host in *[!0-9.]*) ;; *) exit 0 ;; esac
if timeout 5 getent ahosts "$host" >/dev/null; then echo "resolves $host"; else echo "unknown $host"; fi
"#;

/// Clocks that are no further apart do no harm, in milliseconds.
const CLOCK: u64 = 2000;

/// Asks on the node whether the name of its package mirror has an address there. Read-only.
#[must_use]
pub fn resolves() -> Script {
    Script::new(RESOLVES).within(Duration::from_secs(15))
}

/// Its answer: whether the name has an address, if it was a name.
#[must_use]
pub fn resolved(output: &str) -> Option<bool> {
    output.lines().find_map(|line| match line.split_once(' ')?.0 {
        "resolves" => Some(true),
        "unknown" => Some(false),
        _ => None,
    })
}

/// What is on that node and on none of the others, or the other way round, a line each.
#[must_use]
pub fn unlike(all: &BTreeMap<MemberName, Facts>, node: &MemberName) -> Vec<String> {
    let Some(own) = all.get(node) else { return Vec::new() };
    let others = others(all, node);
    // Of two nobody can say which one is odd.
    if others.len() < 2 {
        return Vec::new();
    }
    let count = others.len();
    let mut lines = Vec::new();
    let first = others.first().map(|f| &f.alike).into_iter().flatten();
    for what in first.filter(|what| !own.alike.contains(*what)) {
        if others.iter().all(|f| f.alike.contains(what)) {
            lines.push(format!("not on {node}, on the other {count}: {what}"));
        }
    }
    for what in own.alike.iter().filter(|what| !others.iter().any(|f| f.alike.contains(*what))) {
        lines.push(format!("on {node} alone: {what}"));
    }
    if let Some(theirs) = same(&others, Facts::system).filter(|theirs| *theirs != own.system()) {
        lines.push(format!("{node} has {}; the other {count} have {theirs}", own.system()));
    }
    let offer = |f: &Facts| f.installed.or(f.offered);
    if let Some(Some(theirs)) = same(&others, offer).filter(|theirs| *theirs != offer(own)) {
        let ours = offer(own).map_or("none".to_owned(), |version| version.to_string());
        lines.push(format!("etcd by apt: {theirs} on the other {count}; {ours} on {node}"));
    }
    let off = off(own, &others);
    if off.unsigned_abs() > CLOCK {
        let way = if off > 0 { "ahead of" } else { "behind" };
        lines.push(format!("its clock is {} s {way} the others", off.unsigned_abs() / 1000));
    }
    if free(own) < DISK_LEAST && others.iter().all(|f| free(f) >= DISK_LEAST) {
        lines.push(format!("{} MB free; the other {count} have more", free(own) >> 10));
    }
    lines
}

/// A file of apt's settings that all others have alike, and that node has not at all.
#[must_use]
pub fn lacks_file(all: &BTreeMap<MemberName, Facts>, node: &MemberName) -> Option<Lack> {
    let own = all.get(node)?;
    let others = others(all, node);
    // As above: of two nobody can say which one is right.
    let first = others.first().filter(|_| others.len() >= 2)?;
    first.alike.iter().find_map(|what| {
        let (path, sum) = what.strip_suffix(')')?.rsplit_once(" (")?;
        let same = others.iter().all(|f| f.alike.contains(what));
        let absent = !own.alike.iter().any(|o| o.starts_with(&format!("{path} (")));
        let lack = Lack::File { path: path.to_owned(), sum: sum.to_owned() };
        (lend::settings_file(path) && same && absent).then_some(lack)
    })
}

/// What was looked at on that node and is in order, in a few words each.
#[must_use]
pub fn ruled_out(
    all: &BTreeMap<MemberName, Facts>,
    node: &MemberName,
    resolves: Option<bool>,
) -> Vec<String> {
    let Some(own) = all.get(node) else { return Vec::new() };
    let others = others(all, node);
    let looked = [
        ("apt's lock", own.lock.is_none()),
        ("name resolution", resolves == Some(true)),
        ("disk", own.disk.is_some() && free(own) >= DISK_LEAST),
        ("package name", own.installed.or(own.offered).is_some()),
        ("clock", !others.is_empty() && off(own, &others).unsigned_abs() <= CLOCK),
    ];
    looked.iter().filter(|(_, fine)| *fine).map(|(what, _)| (*what).to_owned()).collect()
}

fn others<'f>(all: &'f BTreeMap<MemberName, Facts>, node: &MemberName) -> Vec<&'f Facts> {
    all.iter().filter(|(name, _)| *name != node).map(|(_, facts)| facts).collect()
}

/// What all of them have in common.
fn same<T: PartialEq>(all: &[&Facts], of: impl Fn(&Facts) -> T) -> Option<T> {
    let first = of(all.first()?);
    all.iter().all(|f| of(f) == first).then_some(first)
}

/// How far its clock is ahead of the middle of the others, in milliseconds.
fn off(own: &Facts, others: &[&Facts]) -> i64 {
    let mut clocks: Vec<_> = others.iter().map(|f| f.ahead_ms).collect();
    clocks.sort_unstable();
    clocks.get(clocks.len() / 2).map_or(0, |middle| own.ahead_ms - middle)
}

/// In KiB.
fn free(f: &Facts) -> u64 {
    f.disk.as_ref().map_or(u64::MAX, |(free, _)| *free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Release;

    fn five(mend: impl FnOnce(&mut Facts)) -> (BTreeMap<MemberName, Facts>, MemberName) {
        let mut fact = Facts::assumed(Release::Bookworm);
        fact.disk = Some((4 << 20, "ext4".to_owned()));
        fact.alike.insert("nameserver 192.0.2.53".to_owned());
        fact.alike.insert("/etc/apt/apt.conf.d/95proxy (2f3a91bc)".to_owned());
        let name = |n| format!("icc-etcd-{n}").parse::<MemberName>().unwrap();
        let mut all: BTreeMap<_, _> = (1..=5).map(|n| (name(n), fact.clone())).collect();
        mend(all.get_mut(&name(4)).unwrap());
        (all, name(4))
    }

    #[test]
    fn the_odd_one_is_told_by_what_it_lacks_and_by_what_it_alone_has() {
        let (all, odd) = five(|f| {
            f.alike.remove("/etc/apt/apt.conf.d/95proxy (2f3a91bc)");
            f.alike.insert("deb http://mirror.example/ bookworm".to_owned());
            f.offered = None;
            f.ahead_ms = -12_300;
            f.os_version = "13".to_owned();
        });
        assert_eq!(
            unlike(&all, &odd),
            [
                "not on icc-etcd-4, on the other 4: /etc/apt/apt.conf.d/95proxy (2f3a91bc)",
                "on icc-etcd-4 alone: deb http://mirror.example/ bookworm",
                "icc-etcd-4 has Debian 13; the other 4 have Debian 12",
                "etcd by apt: 3.4.23 on the other 4; none on icc-etcd-4",
                "its clock is 12 s behind the others",
            ]
        );
        assert_eq!(ruled_out(&all, &odd, None), ["apt's lock", "disk"]);
    }

    #[test]
    fn nothing_is_told_of_machines_that_are_alike_and_nothing_ruled_out_unlooked() {
        let (all, odd) = five(|_| ());
        assert!(unlike(&all, &odd).is_empty());
        let out = ruled_out(&all, &odd, Some(true)).join(" · ");
        assert_eq!(out, "apt's lock · name resolution · disk · package name · clock");
        assert!(!ruled_out(&all, &odd, Some(false)).contains(&"name resolution".to_owned()));
        let two: BTreeMap<_, _> = all.into_iter().skip(3).collect();
        assert!(unlike(&two, &odd).is_empty(), "of two nobody is the odd one");
    }

    #[test]
    fn a_file_is_lacked_where_all_others_have_the_same_one() {
        let proxy = "/etc/apt/apt.conf.d/95proxy (2f3a91bc)";
        let path = "/etc/apt/apt.conf.d/95proxy".to_owned();
        let lack = Lack::File { path, sum: "2f3a91bc".to_owned() };
        let (mut all, odd) = five(|f| assert!(f.alike.remove(proxy)));
        assert_eq!(lacks_file(&all, &odd), Some(lack));
        let of = |all: &mut BTreeMap<_, Facts>, n: usize, gone: bool| {
            let facts = all.values_mut().nth(n).unwrap();
            if gone {
                facts.alike.remove(proxy);
            }
            facts.alike.insert("/etc/apt/apt.conf.d/95proxy (aaaaaaaa)".to_owned());
        };
        // Another one there already is the person's to look at.
        let mut other = all.clone();
        of(&mut other, 3, false);
        assert_eq!(lacks_file(&other, &odd), None);
        // They differ among themselves.
        of(&mut all, 0, true);
        assert_eq!(lacks_file(&all, &odd), None);
        let (all, odd) = five(|_| ());
        assert_eq!(lacks_file(&all, &odd), None, "nothing is lacked");
        let two: BTreeMap<_, _> = all.into_iter().skip(3).collect();
        assert_eq!(lacks_file(&two, &odd), None);
    }

    #[test]
    fn only_a_name_is_resolved() {
        assert_eq!(resolved("resolves mirror.example\n"), Some(true));
        assert_eq!(resolved("unknown mirror.example\n"), Some(false));
        assert_eq!(resolved(""), None);
    }
}

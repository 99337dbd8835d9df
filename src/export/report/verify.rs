//! Whether the IDs in a report belong to its token, names and addresses.
//!
//! Reads only the rows it needs, wherever they are in the file and however they were set: a report
//! is written in, printed, converted.

use std::{collections::BTreeMap, fmt};

use crate::cluster::{Address, ClusterId, Identity, MemberId, MemberName, Token};

/// Why a file cannot be looked at. Reads on from "failed to verify FILE: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A row is missing.
    #[error("it has no row that begins with {0:?}; quorate report writes one")]
    Missing(&'static str),
    /// A row says something else than before.
    #[error("it has more than one {0}: {1} and {2}")]
    Twice(&'static str, String, String),
    /// A cell is not what it should be.
    #[error("the row of {0}: {1}")]
    Cell(String, String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The token that the report names.
    pub token: Token,
    /// How many members were looked at.
    pub members: usize,
    /// What does not belong together, a sentence each.
    pub wrong: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wrong.is_empty() {
            return writeln!(
                f,
                "✓ They belong together: the IDs of the cluster and its {} members follow from the \
                 token {} and the addresses.",
                self.members, self.token
            );
        }
        writeln!(f, "✗ They do not belong together: computed with the token {},", self.token)?;
        self.wrong.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// Computes the IDs of that report again.
///
/// # Errors
/// If the rows to compute them from are not there.
pub fn verify(report: &str) -> Result<Verdict, Unreadable> {
    let (mut token, mut cluster) = (None::<Token>, None::<ClusterId>);
    let mut members: BTreeMap<MemberName, (Address, MemberId)> = BTreeMap::new();
    let mut listed = Vec::new();
    for cells in report.lines().filter_map(cells) {
        match cells.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["token", value, ..] => once("token", &mut token, parse("token", value)?)?,
            ["cluster", _, _, id, ..] => once("cluster", &mut cluster, parse("cluster", id)?)?,
            ["member", name, address, id, ..] => {
                let member = (parse(name, address)?, parse(name, id)?);
                let before = members.insert(parse(name, name)?, member);
                if before.is_some_and(|before| before != member) {
                    let (name, says) = ((*name).to_owned(), "it is there twice".to_owned());
                    return Err(Unreadable::Cell(name, says));
                }
            }
            // The table that the members themselves gave.
            [id, "started", name, peer, ..] => {
                listed.push(((*id).to_owned(), (*name).to_owned(), (*peer).to_owned()));
            }
            _ => {}
        }
    }
    let token = token.ok_or(Unreadable::Missing("token"))?;
    let cluster = cluster.ok_or(Unreadable::Missing("cluster"))?;
    if members.is_empty() {
        return Err(Unreadable::Missing("member"));
    }
    let of = members.iter().map(|(name, (address, _))| (name.clone(), *address));
    let computed = Identity::of(&token, of);
    let mut wrong = Vec::new();
    for (name, (address, id)) in &members {
        let want = computed.members.get(name).copied();
        if want != Some(*id) {
            let want = want.map(|id| id.to_string()).unwrap_or_default();
            wrong.push(format!("{name} at {} would be {want}, not {id}", address.ip()));
        }
    }
    if computed.cluster != cluster {
        wrong.push(format!("the cluster would be {}, not {cluster}", computed.cluster));
    }
    for (id, name, peer) in listed {
        let member = name.parse().ok().and_then(|name: MemberName| members.get(&name));
        if member
            .is_none_or(|(address, known)| known.to_string() != id || address.peer_url() != peer)
        {
            wrong.push(format!("the member list has {name} as {id} at {peer}"));
        }
    }
    Ok(Verdict { token, members: members.len(), wrong })
}

/// The cells of a table's row, without what only makes them look nice.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches([' ', '>', '\t']).trim_end();
    let inside = line.strip_prefix('|')?;
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    let plain = |cell: &str| {
        cell.trim_matches(|c: char| c.is_whitespace() || c == '`' || c == '*').replace('\\', "")
    };
    Some(inside.split('|').map(plain).collect())
}

fn parse<T: std::str::FromStr<Err: fmt::Display>>(row: &str, cell: &str) -> Result<T, Unreadable> {
    cell.parse()
        .map_err(|error: T::Err| Unreadable::Cell(row.to_owned(), format!("{cell:?}: {error}")))
}

fn once<T: PartialEq + fmt::Display>(
    what: &'static str,
    known: &mut Option<T>,
    new: T,
) -> Result<(), Unreadable> {
    match known {
        Some(known) if *known != new => {
            Err(Unreadable::Twice(what, known.to_string(), new.to_string()))
        }
        _ => {
            *known = Some(new);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lab's own IDs (token `etcd-cluster-0`).
    const REPORT: &str = "\
# Report\n\n|what|name|address|ID|\n|---|---|---|---|\n| token | `etcd-cluster-0` | | |\n\
| cluster | icc-etcd | | `cb4d04d908f08a13` |\n\
| member | icc-etcd-1 | 141.22.30.32 | `f15071bb2bcc0510` |\n\
| member | icc-etcd-2 | 141.22.30.33 | `ca225d371e604f6c` |\n\
| member | icc-etcd-3 | 141.22.30.34 | `3d9ce7c381e7f003` |\n\
| member | icc-etcd-4 | 141.22.30.35 | `3d0fa8ceae1b7a61` |\n\
| member | icc-etcd-5 | 141.22.30.36 | `f65430d6c44d7a2a` |\n";

    #[test]
    fn the_labs_own_ids_belong_together() {
        let verdict = verify(REPORT).unwrap();
        assert_eq!((verdict.members, verdict.wrong.as_slice()), (5, &[][..]));
    }

    #[test]
    fn edits_elsewhere_do_no_harm() {
        let answered = REPORT.replace("# Report", "# Mine | all mine\n\nAnswer: | a | b |\n\n> no");
        let padded =
            answered.replace("| member | icc", "   | **member**    |   icc").replace('\n', "\r\n");
        assert_eq!(verify(&padded).unwrap().wrong, Vec::<String>::new());
    }

    #[test]
    fn any_change_of_token_address_or_id_is_noticed() {
        for (from, to) in [
            ("etcd-cluster-0", "alice"),
            ("cb4d04d908f08a13", "cb4d04d908f08a14"),
            ("141.22.30.34", "141.22.30.44"),
            ("f65430d6c44d7a2a", "f65430d6c44d7a2b"),
        ] {
            let wrong = verify(&REPORT.replace(from, to)).unwrap().wrong;
            assert!(!wrong.is_empty(), "{from}");
        }
        let dropped: String = REPORT
            .lines()
            .filter(|l| !l.contains("icc-etcd-5"))
            .map(|l| format!("{l}\n"))
            .collect();
        assert!(!verify(&dropped).unwrap().wrong.is_empty());
        let listed = format!(
            "{REPORT}\n| f15071bb2bcc0510 | started | icc-etcd-1 | https://141.22.30.99:2380 | x |\n"
        );
        assert!(!verify(&listed).unwrap().wrong.is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        for word in ["token", "cluster", "member"] {
            let without: String = REPORT
                .lines()
                .filter(|l| !l.starts_with(&format!("| {word} ")))
                .map(|l| format!("{l}\n"))
                .collect();
            assert_eq!(verify(&without), Err(Unreadable::Missing(word)));
        }
        let twice = format!("{REPORT}| token | other | | |\n");
        assert!(matches!(verify(&twice), Err(Unreadable::Twice("token", ..))));
    }
}

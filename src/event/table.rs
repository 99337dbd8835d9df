//! The lab's member-list table, in etcdctl's own column layout.

use unicode_width::UnicodeWidthStr;

use super::{RunState, observation::KnownMember};
use crate::cluster::{Address, MemberId, MemberName};

/// The table of these members, as `etcdctl member list -w table` draws it; from 3.4 on with a
/// column for learners.
#[must_use]
pub fn member_table(members: &[KnownMember], learners: bool) -> String {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|member| member.id);
    let mut head = vec!["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"];
    head.truncate(if learners { 6 } else { 5 });
    let rows: Vec<Vec<String>> = sorted.iter().map(|member| cells(member, head.len())).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells.chain(head.get(column).map(|name| name.len())).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let rule: String = widths.iter().map(|w| format!("+{}", "-".repeat(w + 2))).collect();
    let heading: String =
        head.iter().zip(&widths).map(|(name, width)| format!("| {name:^width$} ")).collect();
    let lines = rows.iter().map(|row| {
        // Set to the right: a member's ID may have fewer than 16 digits.
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("| {cell:>width$} "));
        format!("{}|", cells.collect::<String>())
    });
    let rule = format!("{rule}+");
    let top = [rule.clone(), format!("{heading}|"), rule.clone()];
    top.into_iter().chain(lines).chain([rule]).collect::<Vec<_>>().join("\n")
}

fn cells(member: &KnownMember, count: usize) -> Vec<String> {
    let started = if member.name.is_empty() { "unstarted" } else { "started" };
    let mut cells = vec![
        member.id.to_string(),
        started.to_owned(),
        member.name.clone(),
        member.peer_urls.join(","),
        member.client_urls.join(","),
        member.learner.to_string(),
    ];
    cells.truncate(count);
    cells
}

/// The members as they will be listed, before anything runs.
#[must_use]
pub fn predicted(members: &[(MemberName, Address, MemberId)]) -> Vec<KnownMember> {
    members
        .iter()
        .map(|(name, address, id)| KnownMember {
            id: *id,
            name: name.to_string(),
            peer_urls: vec![address.peer_url()],
            client_urls: vec![address.client_url()],
            learner: false,
        })
        .collect()
}

/// The table as the first member that answered lists it.
#[must_use]
pub fn observed(state: &RunState) -> Option<String> {
    let seen = state.nodes.iter().find_map(|node| node.member.as_ref())?;
    Some(member_table(&seen.knows, seen.version.knows_learners()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Identity, file::tests::lab};

    #[test]
    fn the_labs_table_to_the_character() {
        let (cluster, mut members) = (lab(), Vec::new());
        let identity = Identity::predict(&cluster);
        for m in &cluster.members {
            members.push((m.name.clone(), m.address, identity.members[&m.name]));
        }
        let table = member_table(&predicted(&members), false);
        insta::assert_snapshot!(table, @r"
        +------------------+---------+------------+---------------------------+---------------------------+
        |        ID        | STATUS  |    NAME    |        PEER ADDRS         |       CLIENT ADDRS        |
        +------------------+---------+------------+---------------------------+---------------------------+
        | 3d0fa8ceae1b7a61 | started | icc-etcd-4 | https://141.22.30.35:2380 | https://141.22.30.35:2379 |
        | 3d9ce7c381e7f003 | started | icc-etcd-3 | https://141.22.30.34:2380 | https://141.22.30.34:2379 |
        | ca225d371e604f6c | started | icc-etcd-2 | https://141.22.30.33:2380 | https://141.22.30.33:2379 |
        | f15071bb2bcc0510 | started | icc-etcd-1 | https://141.22.30.32:2380 | https://141.22.30.32:2379 |
        | f65430d6c44d7a2a | started | icc-etcd-5 | https://141.22.30.36:2380 | https://141.22.30.36:2379 |
        +------------------+---------+------------+---------------------------+---------------------------+
        ");
    }
}

//! The lab's member-list table, in etcdctl's own column layout.

use comfy_table::{Cell, CellAlignment, ContentLineStyle, LineStyle, Table, TableStyle};

use super::{RunState, observation::KnownMember};
use crate::cluster::{Address, MemberId, MemberName};

/// Lines of ASCII as etcdctl draws them: a frame, a heading, no line between rows.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// The table of these members, as `etcdctl member list -w table` draws it; from 3.4 on with a
/// column for learners.
#[must_use]
pub fn member_table(members: &[KnownMember], learners: bool) -> String {
    let mut rows: Vec<_> = members.iter().collect();
    rows.sort_by_key(|member| member.id);
    let mut table = Table::new();
    table.load_style(STYLE);
    let mut head = vec!["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS"];
    if learners {
        head.push("IS LEARNER");
    }
    table.set_header(head.iter().map(|h| Cell::new(h).set_alignment(CellAlignment::Center)));
    for member in rows {
        let started = if member.name.is_empty() { "unstarted" } else { "started" };
        let mut row = vec![
            format!("{}", member.id),
            started.to_owned(),
            member.name.clone(),
            member.peer_urls.join(","),
            member.client_urls.join(","),
        ];
        if learners {
            row.push(member.learner.to_string());
        }
        table.add_row(row);
    }
    if let Some(column) = table.column_mut(5) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
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

//! The lab's member-list table, as `etcdctl member list -w table` writes it.

use super::{sheet::Sheet, text};
use crate::{app::Model, event::RunState};

/// The table's lines; it is 112 columns wide with the column IS LEARNER, 99 without.
#[must_use]
pub fn lines(run: &RunState) -> Vec<String> {
    let learners = run.nodes.iter().filter_map(|n| n.member.as_ref());
    let learners = learners.into_iter().any(|m| m.version.knows_learners());
    let mut head = vec!["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS"];
    if learners {
        head.push("IS LEARNER");
    }
    let mut rows: Vec<Vec<String>> = run.nodes.iter().map(|node| row(node, learners)).collect();
    rows.sort();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| text::width(cell));
            cells.chain([text::width(title)]).max().unwrap_or_default()
        })
        .collect();
    let rule: String = widths.iter().map(|w| format!("+{}", "-".repeat(w + 2))).collect();
    let rule = rule + "+";
    let titles = head.iter().zip(&widths);
    let titles: String = titles.map(|(t, w)| format!("| {} ", centred(t, *w))).collect();
    let mut lines = vec![rule.clone(), titles + "|", rule.clone()];
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells: String = cells.map(|(c, w)| format!("| {} ", text::right(c, *w))).collect();
        lines.push(cells + "|");
    }
    lines.push(rule);
    lines
}

/// etcdctl centres its titles, with the odd space after them, and puts the cells to the right
/// (etcd `etcdctl/ctlv3/command/printer_table.go`).
fn centred(cell: &str, width: usize) -> String {
    let free = width.saturating_sub(text::width(cell));
    let before = free / 2;
    format!("{}{cell}{}", " ".repeat(before), " ".repeat(free - before))
}

fn row(node: &crate::event::state::NodeState, learners: bool) -> Vec<String> {
    let plan = &node.plan;
    let known = node.member.as_ref().and_then(|m| m.knows.iter().find(|k| k.id == plan.id));
    let status = if known.is_some_and(|k| !k.name.is_empty()) { "started" } else { "unstarted" };
    let mut cells = vec![
        format!("{:x}", plan.id.0),
        status.to_owned(),
        plan.name.to_string(),
        plan.address.peer_url(),
        plan.address.client_url(),
    ];
    if learners {
        cells.push(known.is_some_and(|k| k.learner).to_string());
    }
    cells
}

/// The table on the screen; where it does not fit, its three telling columns.
pub(crate) fn draw(model: &Model, mut sheet: Sheet<'_>) {
    let lines = lines(&model.run);
    sheet.rule("The lab's table", ratatui::style::Style::new());
    let fits = lines.first().is_some_and(|line| text::width(line) < sheet.width());
    if fits {
        for line in lines.iter().skip(model.scrolled) {
            sheet.line(format!(" {line}"));
        }
        return;
    }
    sheet.line(format!(" {:<16}  {:<14}  {}", "ID", "NAME", "CLIENT ADDRS"));
    let mut members: Vec<_> = model.run.nodes.iter().map(|n| &n.plan).collect();
    members.sort_by_key(|m| m.id);
    for m in members {
        let name = text::fill(m.name.as_str(), 14);
        sheet.line(format!(" {:<16}  {name}  {}", m.id, m.address.client_url()));
    }
    sheet.blank();
    sheet.words(" A wider window shows all columns; the whole table is printed when you leave.");
}

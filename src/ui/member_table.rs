//! The lab's member-list table on the screen, and in the terminal afterwards.

use ratatui::style::Style;

use super::{sheet::Sheet, text};
use crate::{
    app::Model,
    event::{
        RunState,
        table::{member_table, predicted},
    },
};

/// The table's lines, as the first member that answered lists them; before that as they will be.
///
/// It is 112 columns wide with the column IS LEARNER, 99 without.
#[must_use]
pub fn lines(run: &RunState) -> Vec<String> {
    let asked = run.nodes.iter().find_map(|n| n.member.as_ref());
    let table = if let Some(member) = asked {
        member_table(&member.knows, member.version.knows_learners())
    } else {
        let plans = run.nodes.iter().map(|n| &n.plan);
        let members: Vec<_> = plans.map(|p| (p.name.clone(), p.address, p.id)).collect();
        member_table(&predicted(&members), true)
    };
    table.lines().map(str::to_owned).collect()
}

/// The table on the screen; where it does not fit, its three telling columns.
pub(crate) fn draw(model: &Model, mut sheet: Sheet<'_>) {
    let lines = lines(&model.run);
    sheet.rule("The lab's table", Style::new());
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

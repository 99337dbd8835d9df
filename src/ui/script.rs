//! `x`: what runs on the marked node, word for word.

use ratatui::text::{Line, Span};

use super::{prose, sheet::Sheet, text, theme::Theme};
use crate::app::Model;

/// The tasks of the marked node, in order: what is looked at, what is run if it does not hold.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = model.marked() else { return };
    sheet.rule(&format!("{} · what runs there", node.plan.name), theme.strong);
    let mut skip = model.scrolled;
    let room = sheet.width().saturating_sub(8);
    for task in &node.tasks {
        let title = format!(" {}  {}", task.plan.id, task.plan.title);
        prose::line(&mut sheet, Line::from(Span::styled(title, theme.strong)), &mut skip);
        for (label, script) in [("holds if", &task.plan.holds), ("else", &task.plan.change)] {
            prose::line(&mut sheet, Line::raw(format!("   {label}")), &mut skip);
            for line in script.lines() {
                prose::line(
                    &mut sheet,
                    Line::raw(format!("     {}", text::fit(line, room))),
                    &mut skip,
                );
            }
        }
        for says in &task.says {
            let line = Line::from(vec![
                "   ".into(),
                Span::styled("!", theme.look),
                format!(" {says}").into(),
            ]);
            prose::line(&mut sheet, line, &mut skip);
        }
    }
    if node.tasks.is_empty() {
        sheet.line("   Nothing yet: it is only looked at.");
    }
}

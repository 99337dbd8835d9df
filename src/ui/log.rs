//! What a node says: the last lines of its log, harmless since the transport.

use super::{sheet::Sheet, text, theme::Theme};
use crate::app::{Model, Overlay};

/// The marked node's log, with its end at the end; scrolled if it lies over the page.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = model.marked() else { return };
    let running = node.tasks.iter().find(|t| t.running).map(|t| t.plan.title.as_str());
    let title = match running {
        Some(task) => format!("{} · {task}", node.plan.name),
        None => node.plan.name.to_string(),
    };
    sheet.rule(&title, theme.strong);
    let room = sheet.left();
    let scrolled = if model.overlay == Some(Overlay::Log) { model.scrolled } else { 0 };
    let from = node.log.len().saturating_sub(room + scrolled);
    if node.log.is_empty() {
        sheet.line("   It has said nothing yet.");
    }
    for line in node.log.iter().skip(from).take(room) {
        sheet.line(format!("   {}", text::fit(line, sheet.width().saturating_sub(3))));
    }
}

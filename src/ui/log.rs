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
    if node.log.is_empty() {
        sheet.line("   It has said nothing yet.");
    }
    let (room, cells) = (sheet.left(), sheet.width().saturating_sub(4));
    // Below a page lines are cut; over it nothing is.
    let over = model.overlay == Some(Overlay::Log);
    let (lines, scrolled): (Vec<_>, _) = if over {
        (node.log.iter().flat_map(|line| text::broken(line, cells)).collect(), model.scrolled)
    } else {
        let last = node.log.len().saturating_sub(room);
        (node.log.iter().skip(last).map(|line| text::fit(line, cells + 1)).collect(), 0)
    };
    let from = lines.len().saturating_sub(room + scrolled);
    for line in lines.iter().skip(from).take(room) {
        sheet.line(format!("   {line}"));
    }
}

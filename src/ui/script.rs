//! `x`: what runs on the marked node, word for word. `v`: what was looked at there, and what it said.

use ratatui::text::{Line, Span};

use super::{prose, sheet::Sheet, text, theme::Theme};
use crate::app::{Model, Page, page::by_hand};

/// The tasks of the marked node, in order: what is looked at, what is run if it does not hold.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = model.marked() else { return };
    sheet.rule(&format!("{} · what runs there", node.plan.name), theme.strong);
    let mut skip = model.scrolled;
    let room = sheet.width().saturating_sub(6);
    // By hand it is the step in question that one wants to copy from.
    let step = model.by_hand.step.filter(|_| model.page == Page::ByHand);
    for task in node.tasks.iter().filter(|t| step.is_none_or(|step| step == t.plan.id.step)) {
        let title = format!(" {}  {}", task.plan.id, task.plan.title);
        prose::line(&mut sheet, Line::from(Span::styled(title, theme.strong)), &mut skip);
        for (label, script) in [("holds if", &task.plan.holds), ("else", &task.plan.change)] {
            prose::line(&mut sheet, Line::raw(format!("   {label}")), &mut skip);
            for line in script.lines().flat_map(|line| text::broken(line, room)) {
                prose::line(&mut sheet, Line::raw(format!("     {line}")), &mut skip);
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

/// What was looked at, as it was run, and the answer that was judged.
pub(crate) fn looked(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = by_hand::node(model) else {
        sheet.rule("what was looked at", theme.strong);
        sheet.line("   Nothing is done by hand at this moment.");
        return;
    };
    sheet.rule(&format!("{} · what was looked at", node.plan.name), theme.strong);
    let mut skip = model.scrolled;
    let room = sheet.width().saturating_sub(8);
    let mut write = |line: Line<'_>| prose::line(&mut sheet, line, &mut skip);
    for task in by_hand::tasks(model) {
        let sign = if task.holds { theme.ok() } else { theme.wrong() };
        let title = Span::styled(format!(" {}", task.plan.title), theme.strong);
        write(Line::from(vec![" ".into(), sign, title]));
        // What it said before it held is no answer of now.
        let says = task.says.iter().filter(|_| !task.holds);
        for says in says.flat_map(|says| text::broken(&format!("     says  {says}"), room)) {
            write(Line::raw(says));
        }
        let silent = if task.holds { "exit 0: it is so" } else { "exit 1: it is not so" };
        write(Line::raw(format!("     {silent}")));
        for line in task.plan.holds.lines().flat_map(|line| text::broken(line, room)) {
            write(Line::raw(format!("     | {line}")));
        }
    }
    for finding in by_hand::wrong(model) {
        write(Line::from(vec![
            " ".into(),
            Span::styled("!", theme.look),
            " ".into(),
            finding.says.clone().into(),
        ]));
        for line in text::wrap(&format!("{} {}", finding.cause, finding.remedy), room, "", "") {
            write(Line::raw(format!("     {line}")));
        }
    }
}

//! `d`: what becomes of each file on the marked node, line by line.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{prose, sheet::Sheet, text, theme::Theme};
use crate::{app::Model, event::FileChange, lab::env_file};

/// All files of the marked node, over the page.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = model.marked() else { return };
    let name = &node.plan.name;
    sheet.rule(&format!("{name} · what changes in files"), theme.strong);
    let mut skip = model.scrolled;
    let room = sheet.width().saturating_sub(4);
    for file in model.run.files.iter().filter(|file| &file.node == name) {
        let title = Span::styled(format!(" {}  {}", file.path, counted(file)), theme.strong);
        prose::line(&mut sheet, Line::from(title), &mut skip);
        for line in &file.diff {
            let style = sign(line, theme);
            for line in text::broken(line, room) {
                let line = Line::from(vec!["   ".into(), Span::styled(line, style)]);
                prose::line(&mut sheet, line, &mut skip);
            }
        }
    }
}

/// The settings of the marked node, below the page: in two columns where they do not fit in one.
pub(crate) fn strip(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(node) = model.marked() else { return };
    let name = &node.plan.name;
    let ours = |file: &&FileChange| &file.node == name && file.path == env_file::PATH;
    let Some(file) = model.run.files.iter().find(ours) else { return };
    sheet.rule(
        &format!("Change to {} on {name}: {} (↑↓ node)", file.path, counted(file)),
        theme.strong,
    );
    let half = sheet.width() / 2;
    let rows = file.diff.len().div_ceil(2);
    for row in 0..rows {
        let cell = |at: usize| file.diff.get(at).map(String::as_str).unwrap_or_default();
        let mut line = signed(cell(row), half.saturating_sub(3), theme);
        let pad = half.saturating_sub(line.width());
        line.push_span(" ".repeat(pad));
        line.extend(signed(cell(row + rows), half.saturating_sub(3), theme).spans);
        sheet.line(line);
    }
}

/// `17 lines added, none removed`.
pub(crate) fn counted(file: &FileChange) -> String {
    let some = |count: usize| if count == 0 { "none".to_owned() } else { count.to_string() };
    match file.counts() {
        (0, 0) => "stays as it is".to_owned(),
        (1, 0) if file.diff.len() == 1 => "new".to_owned(),
        (1, gone) => format!("1 line added, {} removed", some(gone)),
        (come, gone) => format!("{} lines added, {} removed", some(come), some(gone)),
    }
}

fn signed(line: &str, room: usize, theme: &Theme) -> Line<'static> {
    Line::from(vec![" ".into(), Span::styled(text::fit(line, room), sign(line, theme))])
}

fn sign(line: &str, theme: &Theme) -> Style {
    match line.chars().next() {
        Some('+') => theme.good,
        Some('-') => theme.bad,
        _ => Style::new(),
    }
}

//! Page 9: what to type, what holds already and what is still wrong, and the shell below it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use tui_term::widget::{Cursor, PseudoTerminal};

use crate::{
    app::{Model, page::by_hand},
    event::{Hint, Step, state::TaskState},
    lab::{
        lesson::{Block, lesson},
        tick::tick,
    },
    ui::{layout::Parts, sheet::Sheet, text, theme::Theme},
};

/// The width of what shall be so, in cells.
const SO: usize = 24;
/// What is to be known of a step, in lines.
const NOTE: usize = 2;
/// What stands before the line to type, where there is room.
const WAY: &str = "Type, or your own way:   ";
/// In place of the shell, in a run that is shown again.
const NOT_KEPT: &str = "What was typed here is not written down, so that no password ever is.";

pub(crate) fn draw(model: &Model, theme: &Theme, parts: &Parts, buf: &mut Buffer) {
    let state = &model.by_hand;
    let body = parts.body;
    let rows = by_hand::lesson_rows(model.window.1).min(body.height);
    let above = Rect { height: rows.saturating_sub(1), ..body };
    write(model, theme, &mut Sheet::new(above, buf));
    let rule = Rect { y: body.y + rows.saturating_sub(1), height: 1.min(body.height), ..body };
    let node = state.node.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut sheet = Sheet::new(rule, buf);
    sheet.put(0, "─".repeat(sheet.width()));
    sheet.put(2, Span::styled(format!(" root@{node} "), theme.strong));
    let whose = match (state.again, state.in_shell) {
        (true, _) => "",
        (false, true) => " all keys go here · F2: to the lesson ",
        (false, false) => " F2: all keys go here ",
    };
    let column = sheet.width().saturating_sub(text::width(whose) + 1);
    sheet.put(u16::try_from(column).unwrap_or_default(), whose);
    let (rows, columns) = by_hand::pane(model.window.0, model.window.1);
    let area = Rect { x: body.x + 3, y: rule.y + 1, width: columns, height: rows };
    if !state.opened && state.ended.is_none() {
        let words = if state.again { NOT_KEPT } else { "…" };
        Sheet::new(area.intersection(body), buf).words(words);
        return;
    }
    let cursor = Cursor::default().visibility(state.in_shell && state.ended.is_none());
    let terminal = PseudoTerminal::new(state.shell.screen()).cursor(cursor);
    terminal.render(area.intersection(body), buf);
}

/// The line to type, the ticks, and what there is to say: help that was asked for, what is wrong,
/// or what to know.
fn write(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let Some(step) = model.by_hand.step else { return };
    let lesson = lesson(step);
    let line = lesson.by_hand.iter().find_map(|block| match block {
        Block::Code(line) => Some(*line),
        Block::Text(_) => None,
    });
    let line = line.unwrap_or_default();
    let title = match line {
        "" => lesson.title,
        line if text::width(line) + 3 + WAY.len() <= sheet.width() => WAY,
        _ => "Type:   ",
    };
    sheet.line(Line::from(vec![format!("   {title}").into(), Span::styled(line, theme.strong)]));
    let cells = sheet.width().saturating_sub(6);
    // In a small window what is open comes before what is to be known.
    let note = if sheet.left() < 6 { 1 } else { NOTE };
    let below = words(model, theme, &lesson.by_hand, cells, note);
    let tasks = by_hand::tasks(model);
    // What is open is what matters: where not all fits, what holds is one line.
    let least = below.len().min(3);
    let room = sheet.left().saturating_sub(least);
    let folded = tasks.len() > room;
    let hold = tasks.iter().filter(|t| t.holds).count();
    if folded && hold > 0 {
        let all = tasks.len();
        sheet.line(Line::from(vec![
            "   ".into(),
            theme.ok(),
            format!(" {hold} of {all} hold").into(),
        ]));
    }
    for task in tasks.iter().filter(|t| !folded || !t.holds) {
        if sheet.left() > least {
            sheet.line(told(model, task, theme, cells));
        }
    }
    if tasks.is_empty() && by_hand::watched(model).is_some() {
        sheet.line("   …");
    }
    if sheet.left() > below.len() {
        sheet.blank();
    }
    for line in below {
        sheet.line(line);
    }
}

/// A task: what shall be so, and what was seen.
fn told(model: &Model, task: &TaskState, theme: &Theme, cells: usize) -> Line<'static> {
    let known = tick(&task.plan);
    let so = known.as_ref().map_or(task.plan.title.as_str(), |t| t.so);
    let says = task.says.first().cloned().unwrap_or_default();
    let waits = by_hand::waits(model).filter(|_| task.plan.id.step == Step::Start);
    let (sign, words) = match (waits, task.plan.id.name.as_str()) {
        (Some(since), "started") => (
            Span::styled("…", theme.busy),
            format!("\"activating\", {since}. Not hung: it waits for company"),
        ),
        (_, "ready") if task.plan.id.step == Step::Start && !task.holds => {
            let nodes = &model.run.nodes;
            let up = |n: &crate::event::state::NodeState| {
                n.up() || waits.is_some() && Some(&n.plan.name) == model.by_hand.node.as_ref()
            };
            let count = nodes.iter().filter(|n| up(n)).count();
            let dots: Vec<_> = nodes.iter().map(|n| if up(n) { "●" } else { "○" }).collect();
            let words = format!("{count} of {} up, {} needed", nodes.len(), model.run.quorum());
            ("·".into(), format!("{words}      quorum {}", dots.join(" ")))
        }
        _ if task.holds => (theme.ok(), known.map_or("", |t| t.looks).to_owned()),
        _ if task.running => (Span::styled("…", theme.busy), "being changed".to_owned()),
        _ => (theme.wrong(), says),
    };
    let words = text::fit(&words, cells.saturating_sub(SO));
    Line::from(vec!["   ".into(), sign, format!(" {} {words}", text::fill(so, SO)).into()])
}

/// What there is to say, in lines.
fn words(
    model: &Model,
    theme: &Theme,
    lesson: &[Block<'_>],
    cells: usize,
    most: usize,
) -> Vec<Line<'static>> {
    let lines = |words: &str, style: Style, most: usize| -> Vec<Line<'static>> {
        let wrapped = text::wrap(words, cells, "", "").into_iter().take(most);
        wrapped.map(|line| Line::from(vec!["   ".into(), Span::styled(line, style)])).collect()
    };
    if by_hand::done(model) {
        return lines(&format!("All of it holds. {}", by_hand::way_on(model)), theme.strong, 1);
    }
    if let Some((task, hint)) = by_hand::open_task(model).zip(model.by_hand.hint)
        && let Some(tick) = tick(&task.plan)
    {
        let words = match (hint, tick.line) {
            (Hint::Hint, _) => format!("Hint: {}", tick.hint),
            (Hint::Line, Some(line)) => format!("Line: {line}"),
            (Hint::Line, None) => "Line: it is a whole file. x shows it, to be copied.".to_owned(),
            (Hint::Done, _) => "I do it; the ticks follow.".to_owned(),
        };
        return lines(&words, theme.look, 2);
    }
    let wrong = by_hand::wrong(model);
    if !wrong.is_empty() {
        // It is about this node: its name is in the rule below.
        let here = model.by_hand.node.as_ref().map(|n| format!(" on {n}")).unwrap_or_default();
        let most = if wrong.len() == 1 { 2 } else { 1 };
        let told = wrong.iter().take(3).flat_map(|finding| {
            let mut says = finding.says.replacen(&here, "", 1);
            if most > 1 {
                says = format!("{says} {}", finding.remedy);
            }
            let mut told = lines(&text::fit(&says, cells * most), Style::new(), most);
            if let Some(lead) = told.first_mut().and_then(|line| line.spans.first_mut()) {
                *lead = Span::styled(" ! ", theme.look);
            }
            told
        });
        return told.collect();
    }
    let note = lesson.iter().find_map(|block| match block {
        Block::Text(note) => Some(*note),
        Block::Code(_) => None,
    });
    let note = note.unwrap_or_default().replace('\n', " ");
    lines(&text::fit(&note, cells * most), Style::new(), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_know_of_each_step_is_whole_at_80_columns() {
        for step in Step::LAB {
            for block in lesson(step).by_hand {
                if let Block::Text(note) = block {
                    let lines = text::wrap(&note.replace('\n', " "), 74, "", "");
                    assert!(lines.len() <= NOTE, "{step:?}: {lines:?}");
                }
            }
        }
    }
}

//! Page 9: what to type, what holds already and what is still wrong, and the shell below it.

use ratatui::{
    text::{Line, Span},
    widgets::Widget,
};
use tui_term::widget::{Cursor, PseudoTerminal};

use crate::{
    app::{
        Model,
        page::by_hand::{LESSON, State, first_open, pane},
    },
    ui::{layout::Parts, sheet::Sheet, text, theme::Theme},
};

/// The width of a tick's title, in cells.
const TITLE: usize = 42;

pub(crate) fn draw(model: &Model, theme: &Theme, parts: &Parts, buf: &mut ratatui::buffer::Buffer) {
    let state = &model.by_hand;
    let mut sheet = Sheet::new(parts.body, buf);
    lesson(state, theme, &mut sheet);
    let body = parts.body;
    let rule = ratatui::layout::Rect { y: body.y + LESSON - 1, height: 1, ..body };
    let node = state.node.as_ref().map(ToString::to_string).unwrap_or_default();
    let whose = if state.in_shell {
        "all keys go here · F2: to the lesson"
    } else {
        "F2: all keys go here"
    };
    Sheet::new(rule.intersection(body), buf).rule(&format!("{node} · {whose}"), theme.strong);
    let (rows, columns) = pane(model.window.0, model.window.1);
    let area =
        ratatui::layout::Rect { x: body.x + 3, y: body.y + LESSON, width: columns, height: rows };
    let cursor = Cursor::default().visibility(state.in_shell && !state.ended);
    let terminal = PseudoTerminal::new(state.shell.screen()).cursor(cursor);
    terminal.render(area.intersection(body), buf);
}

/// The line to type, the ticks, and a hint if one was asked for.
fn lesson(state: &State, theme: &Theme, sheet: &mut Sheet<'_>) {
    let room = usize::from(LESSON).saturating_sub(4);
    // What is open is what matters; what is done may scroll away.
    let open = state.ticks.iter().position(|tick| !tick.holds).unwrap_or(0);
    let skip = open.saturating_sub(room.saturating_sub(2));
    let step = state.step.map(|step| crate::lab::lesson::lesson(step).title).unwrap_or_default();
    sheet.line(Line::from(vec![
        "   ".into(),
        Span::styled(step.to_owned(), theme.strong),
        ": type it your own way; I look at what comes of it.".into(),
    ]));
    for tick in state.ticks.iter().skip(skip).take(room) {
        let sign = if tick.holds { theme.ok() } else { theme.wrong() };
        let says = tick.says.first().map_or("", String::as_str);
        let says = if tick.holds { "" } else { says };
        let title = text::fill(&tick.title, TITLE.min(sheet.width().saturating_sub(30)));
        let words = text::fit(says, sheet.width().saturating_sub(TITLE + 7));
        sheet.line(Line::from(vec!["   ".into(), sign, format!(" {title} {words}").into()]));
    }
    if state.ticks.is_empty() {
        sheet.line("   …");
    }
    let Some(open) = first_open(state) else {
        if !state.ticks.is_empty() {
            sheet.line(Span::styled("   All of it holds. F2, then Enter, goes on.", theme.strong));
        }
        return;
    };
    let hint = match state.hints {
        0 => return,
        1 => format!("   Hint: {}. {}", open.title, open.says.first().map_or("", String::as_str)),
        _ => {
            let line = open.change.lines().rev().find(|l| !l.is_empty() && *l != "set -e");
            format!("   Line: {}", line.unwrap_or_default())
        }
    };
    sheet.line(Span::styled(text::fit(&hint, sheet.width()), theme.look));
}

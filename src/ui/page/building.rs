//! Page 0: a real progress bar, and five members to switch on and off.

use std::time::Duration;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::building::{left, verdict},
    },
    ui::{sheet::Sheet, text, theme::Theme},
};

/// The bar, in cells.
const BAR: usize = 20;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let state = &model.building;
    sheet.blank();
    let full = usize::from(state.percent.min(100)) * BAR / 100;
    sheet.line(Line::from(vec![
        "   Building the machines   ".into(),
        Span::styled("█".repeat(full), theme.busy),
        "░".repeat(BAR - full).into(),
        format!(" {:>3} %", state.percent).into(),
        left(model).map(about).unwrap_or_default().into(),
    ]));
    match &state.ended {
        Some(Err(why)) => return went_wrong(why, theme, &mut sheet),
        Some(Ok(())) => sheet.put(27, Line::from(vec![theme.ok(), " the machines are up".into()])),
        None => sheet.put(27, text::fit(&state.doing, sheet.width().saturating_sub(29))),
    }
    sheet.blank();
    sheet.blank();
    let words =
        "Meanwhile: press 1 to 5 to switch members off and on. When does a write still count?";
    sheet.wrapped("   ", "   ", words, Style::new());
    sheet.blank();
    let mut line = Line::from("      ");
    for (at, live) in state.live.iter().enumerate() {
        line.push_span(format!("{} ", at + 1));
        line.push_span(if *live { Span::styled("●", theme.good) } else { theme.wrong() });
        line.push_span("    ");
    }
    sheet.line(line);
    sheet.blank();
    sheet.wrapped("      ", "      ", verdict(&state.live), theme.strong);
}

/// Nobody wants to know the seconds of minutes.
fn about(left: Duration) -> String {
    match left.as_secs() {
        s @ ..90 => format!("   about {s} s"),
        s => format!("   about {} min", (s + 30) / 60),
    }
}

/// What went wrong, in the words of whoever said it.
fn went_wrong(why: &str, theme: &Theme, sheet: &mut Sheet<'_>) {
    sheet.blank();
    sheet.line(Line::from(vec!["   ".into(), theme.wrong(), " The machines are not up.".into()]));
    sheet.blank();
    for line in why.lines() {
        sheet.wrapped("   ", "     ", line, Style::new());
    }
}

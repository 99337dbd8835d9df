//! What a replay adds to the pages of a run: the bar with its chapters, and their list.

use std::cmp::Ordering;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{head::cells, sheet::Sheet, text, theme::Theme};
use crate::app::page::replay::State;

/// `2:31 of 4:02`.
pub(crate) fn where_it_is(replay: &State) -> String {
    format!("{} of {}", text::elapsed(replay.at), text::elapsed(replay.length()))
}

/// The bar, over the line above the last two rows: so the page itself stays as it was.
pub(crate) fn bar(replay: &State, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let speed = match (replay.speed / 100, replay.speed % 100) {
        (whole, 0) => format!("{whole}×"),
        (whole, rest) => format!("{whole}.{}×", format!("{rest:02}").trim_end_matches('0')),
    };
    let how = if replay.plays.is_some() { "plays" } else { "paused" };
    let words = format!(" {} {how} ", text::right(&speed, 5));
    let room = usize::from(area.width).saturating_sub(text::width(&words) + 4);
    let length = replay.length().max(1);
    let cell = |ms: u64| {
        let last = room.saturating_sub(1) as u64;
        usize::try_from(ms.min(length).saturating_mul(last) / length).unwrap_or_default()
    };
    let here = cell(replay.at);
    let chapters: Vec<_> = replay.chapters.iter().map(|(chapter, _)| cell(chapter.ms)).collect();
    let sign = |at: usize| match (at == here, at < here, chapters.contains(&at)) {
        (true, ..) => '●',
        (_, true, true) => '┿',
        (_, true, false) => '━',
        (_, false, true) => '┼',
        (_, false, false) => '─',
    };
    let line: String = (0..room).map(sign).collect();
    let mut sheet = Sheet::new(area, buf);
    sheet.put(3, line);
    sheet.put(cells(room + 3), Line::from(vec![Span::styled(words, theme.strong)]));
}

/// The chapters, and where we are.
pub(crate) fn chapters(replay: &State, theme: &Theme, mut sheet: Sheet<'_>) {
    let here = replay.chapter();
    sheet.blank();
    // Where not all fit, those around here do.
    let room = sheet.left().saturating_sub(7).max(1);
    let skip = here.unwrap_or_default().saturating_sub(room / 2);
    let skip = skip.min(replay.chapters.len().saturating_sub(room));
    for (at, (chapter, _)) in replay.chapters.iter().enumerate().skip(skip).take(room) {
        let (sign, style) = match here.map(|here| at.cmp(&here)) {
            Some(Ordering::Less) => (theme.ok(), Style::new()),
            Some(Ordering::Equal) => (Span::styled("▸", theme.marked), theme.strong),
            _ => (Span::raw("·"), Style::new()),
        };
        let time = text::right(&text::elapsed(chapter.ms), 5);
        let title = text::fit(&chapter.title, sheet.width().saturating_sub(11));
        let title = Span::styled(title, style);
        sheet.line(Line::from(vec!["  ".into(), sign, format!(" {time}  ").into(), title]));
    }
    sheet.blank();
    if replay.follows {
        sheet.words(" Read-only: the run goes on in another terminal.");
        return;
    }
    let open = "Everything is open: other nodes, their logs, what ran, every lesson (w). It is not a \
                film but the run itself.";
    sheet.wrapped(" ", " ", open, Style::new());
}

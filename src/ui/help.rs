//! `?`: the keys that mean something here, ten words of etcd's, and how to read the signs.

use ratatui::text::{Line, Span};

use super::{sheet::Sheet, text, theme::Theme};
use crate::{
    app::{Model, keymap::KEYS, offers},
    lab::lesson,
};

/// Where it is said what a key or a word means, in cells.
const MEANS: usize = 13;

/// As on the page below the help: what the keys do once it is closed.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let keys = keys(model, theme);
    let lines = keys.into_iter().chain(words(theme, sheet.width())).skip(model.scrolled);
    let lines: Vec<_> = lines.collect();
    // The signs, and a line before them.
    let rows = sheet.left().saturating_sub(3);
    let cut = lines.len() > rows;
    for line in lines.into_iter().take(rows.saturating_sub(usize::from(cut))) {
        sheet.line(line);
    }
    if cut {
        sheet.line(" … PgDn: the rest, with ten words");
    }
    sheet.down_to(2);
    sheet.line(Line::from(vec![
        " ".into(),
        theme.ok(),
        " done  ".into(),
        theme.wrong(),
        " wrong  ".into(),
        Span::styled("!", theme.look),
        " look  ".into(),
        Span::styled("…", theme.busy),
        " under way  · not yet  ".into(),
        Span::styled("▸", theme.marked),
        " marked  ● up  ○ not up".into(),
    ]));
}

fn keys(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let offers = offers::below(model);
    let keys = KEYS.iter().filter_map(|key| {
        let offer = offers.iter().find(|o| o.commands.contains(&key.command))?;
        let word = if offer.word.is_empty() { key.means.into() } else { offer.word.clone() };
        let name = Span::styled(text::fill(key.name, MEANS - 3), theme.strong);
        Some(Line::from(vec!["   ".into(), name, word.into_owned().into()]))
    });
    let title = Line::from(Span::styled(" Keys on this page", theme.strong));
    std::iter::once(title).chain(keys).collect()
}

fn words(theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let title = Line::from(Span::styled(" Ten words", theme.strong));
    let words = lesson::words().iter().flat_map(|(word, means)| {
        let lines = text::wrap(means, cells.saturating_sub(MEANS + 1), "", "");
        let names = std::iter::once(*word).chain(std::iter::repeat(""));
        names.zip(lines).map(|(name, line)| {
            let name = Span::styled(text::fill(name, MEANS - 3), theme.strong);
            Line::from(vec!["   ".into(), name, line.into()])
        })
    });
    [Line::default(), title].into_iter().chain(words).collect()
}

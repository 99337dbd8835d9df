//! `?`: the keys that mean something here, and how to read the signs.

use ratatui::text::{Line, Span};

use super::{sheet::Sheet, text, theme::Theme};
use crate::app::{Model, keymap::KEYS, offers};

/// As on the page below the help: what the keys do once it is closed.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let offers = offers::below(model);
    sheet.line(Span::styled(" Keys on this page", theme.strong));
    let keys = KEYS.iter().filter_map(|key| {
        let offer = offers.iter().find(|o| o.commands.contains(&key.command))?;
        let word = if offer.word.is_empty() { key.means.into() } else { offer.word.clone() };
        Some((key.name, word))
    });
    for (name, word) in keys.skip(model.scrolled) {
        if sheet.left() <= 3 {
            break;
        }
        let name = Span::styled(text::fill(name, 10), theme.strong);
        sheet.line(Line::from(vec!["   ".into(), name, word.into_owned().into()]));
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

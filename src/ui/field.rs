//! A field of a form: reversed where it is marked, with a cursor while it is edited.

use ratatui::{style::Style, text::Span};

use super::{text, theme::Theme};
use crate::app::form::Form;

/// The field in exactly that many cells, at least one of them free.
pub(crate) fn spans(form: &Form, at: usize, cells: usize, theme: &Theme) -> Vec<Span<'static>> {
    let Some(field) = form.fields.get(at) else { return vec![" ".repeat(cells).into()] };
    let room = cells.saturating_sub(1);
    let value = field.input.value();
    let marked = form.at == at;
    if !marked || !form.editing() {
        let style = if marked { theme.marked } else { Style::new() };
        // Paths differ at their ends.
        let shown = if field.path { text::fit_end(value, room) } else { text::fit(value, room) };
        // An empty field that is marked must be seen as well.
        let shown = if marked && shown.is_empty() { " ".to_owned() } else { shown };
        let pad = " ".repeat(cells.saturating_sub(text::width(&shown)));
        return vec![Span::styled(shown, style), pad.into()];
    }
    let cursor = field.input.cursor();
    let skipped = cursor.saturating_sub(room.saturating_sub(1));
    let before: String = value.chars().skip(skipped).take(cursor - skipped).collect();
    let under = value.chars().nth(cursor).map_or_else(|| " ".to_owned(), String::from);
    let after: String = value.chars().skip(cursor + 1).collect();
    let after = text::fit(&after, room.saturating_sub(text::width(&before) + text::width(&under)));
    let taken = text::width(&before) + text::width(&under) + text::width(&after);
    vec![
        Span::raw(before),
        Span::styled(under, theme.marked),
        Span::raw(after),
        " ".repeat(cells.saturating_sub(taken)).into(),
    ]
}

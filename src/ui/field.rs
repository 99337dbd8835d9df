//! A field: reversed where it is marked; while it is edited, the part of it around the cursor.

use ratatui::{style::Style, text::Span};

use super::{text, theme::Theme};
use crate::{
    app::{Asked, form::Form},
    remote::ask::Ask,
};

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
    edited(value, field.input.cursor(), cells, [Style::new(), theme.marked])
}

/// A text that is typed, in exactly that many cells, at least one of them free; the second style is
/// the cursor's.
pub(crate) fn edited(
    text: &str,
    cursor: usize,
    cells: usize,
    [plain, under_cursor]: [Style; 2],
) -> Vec<Span<'static>> {
    let [before, under, after] = around(text, cursor, cells.saturating_sub(1));
    let taken: usize = [&before, &under, &after].into_iter().map(|part| text::width(part)).sum();
    vec![
        Span::styled(before, plain),
        Span::styled(under, under_cursor),
        Span::styled(after, plain),
        " ".repeat(cells.saturating_sub(taken)).into(),
    ]
}

/// As much of a text as that many cells show of what is before, under and after its cursor.
pub(crate) fn around(text: &str, cursor: usize, cells: usize) -> [String; 3] {
    let mut chars = text.chars();
    let before: String = chars.by_ref().take(cursor).collect();
    let under = chars.next().map_or_else(|| " ".to_owned(), String::from);
    let left = cells.saturating_sub(text::width(&under));
    let before = text::fit_end(&before, left);
    let after = text::fit(chars.as_str(), left.saturating_sub(text::width(&before)));
    [before, under, after]
}

/// An answer as it may be seen: dots, unless whoever asks lets it be shown.
pub(crate) fn seen(asked: &Asked) -> String {
    let typed = asked.typed.0.value();
    match asked.ask {
        Ask::Interactive { echo: true, .. } => typed.to_owned(),
        _ => "•".repeat(typed.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_view_and_a_cut_is_told_on_either_side() {
        for (cursor, cells, parts) in [
            (0, 9, ["", "a", "bcdefgh"]),
            (8, 9, ["abcdefgh", " ", ""]),
            (0, 5, ["", "a", "bcd…"]),
            (4, 5, ["abcd", "e", ""]),
            (8, 5, ["…fgh", " ", ""]),
            (3, 1, ["", "d", ""]),
            (99, 0, ["", " ", ""]),
        ] {
            assert_eq!(around("abcdefgh", cursor, cells), parts, "{cursor} {cells}");
        }
        // Wide letters take two cells each.
        assert_eq!(around("界界界", 3, 4), ["…界", " ", ""]);
    }
}

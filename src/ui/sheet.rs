//! A piece of the screen that is written line by line, and takes no harm from what does not fit.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{head::cells, text};

/// An area and the row that is written next.
pub(crate) struct Sheet<'a> {
    area: Rect,
    buf: &'a mut Buffer,
    row: u16,
    /// Something had no row.
    cut: bool,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(area: Rect, buf: &'a mut Buffer) -> Self {
        Self { area: area.intersection(buf.area), buf, row: 0, cut: false }
    }

    /// How many columns a line has.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// How many rows are left.
    pub(crate) fn left(&self) -> usize {
        usize::from(self.area.height.saturating_sub(self.row))
    }

    /// Leaves a row free.
    pub(crate) fn blank(&mut self) {
        self.row = self.row.saturating_add(1);
    }

    /// Goes on at `rows` above the end, if that is further down.
    pub(crate) fn down_to(&mut self, rows: u16) {
        self.row = self.row.max(self.area.height.saturating_sub(rows));
    }

    /// Writes a line, cut at the end of the area.
    pub(crate) fn line<'l>(&mut self, line: impl Into<Line<'l>>) {
        let line = line.into();
        self.cut |= self.left() == 0 && line.width() > 0;
        self.put(0, line);
        self.blank();
    }

    /// Writes a line that begins at that column, and stays in the row.
    pub(crate) fn put<'l>(&mut self, column: u16, line: impl Into<Line<'l>>) {
        if self.row >= self.area.height || column >= self.area.width {
            return;
        }
        let (x, y) = (self.area.x + column, self.area.y + self.row);
        let line = line.into();
        let (mut x, end) = (x, x + self.area.width - column);
        for span in &line {
            let (style, room) = (line.style.patch(span.style), usize::from(end - x));
            if !span.content.bytes().all(|b| matches!(b, b' '..=b'~')) {
                (x, _) = self.buf.set_stringn(x, y, &span.content, room, style);
                continue;
            }
            // A character is a cell here: a fifth of the drawing was spent on finding that out.
            for (c, x) in span.content.chars().zip(x..end) {
                self.buf[(x, y)].set_char(c).set_style(style);
            }
            x += cells(span.content.len().min(room));
        }
    }

    /// Writes words in as many lines as they need.
    pub(crate) fn words(&mut self, words: &str) {
        self.wrapped("", "", words, Style::new());
    }

    /// Writes words in as many lines as they need, the first after `first`, the others after `rest`.
    pub(crate) fn wrapped(&mut self, first: &str, rest: &str, words: &str, style: Style) {
        for (at, line) in text::wrap(words, self.width(), first, rest).into_iter().enumerate() {
            let lead = if at == 0 { first } else { rest };
            self.cut |= self.left() == 0;
            let words = line.get(lead.len()..).unwrap_or_default().to_owned();
            // What is free stays as it is: a sign may stand there already.
            if !lead.trim_end().is_empty() {
                self.put(0, lead.trim_end().to_owned());
            }
            self.put(cells(text::width(lead)), Span::styled(words, style));
            self.blank();
        }
    }

    /// Says in the last row where the rest is, if something had no row.
    pub(crate) fn where_the_rest_is(&mut self, words: &str) {
        if self.cut {
            self.row = self.area.height.saturating_sub(1);
            self.line(text::fill(words, self.width()));
        }
    }

    /// Writes a rule with a title in it: `─ title ─────`.
    pub(crate) fn rule(&mut self, title: &str, style: Style) {
        let title = text::fit(title, self.width().saturating_sub(4));
        let lead = if title.is_empty() { String::new() } else { format!("─ {title} ") };
        let rest = "─".repeat(self.width().saturating_sub(text::width(&lead)));
        if title.is_empty() {
            self.line(rest);
        } else {
            let title = Span::styled(title, style);
            self.line(Line::from(vec!["─ ".into(), title, " ".into(), rest.into()]));
        }
    }
}

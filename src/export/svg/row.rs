//! A row of cells as SVG, at the height 0.

use std::fmt::{self, Write};

use ratatui::{
    buffer::{Cell, CellDiffOption},
    style::Modifier,
};

use super::{HEIGHT, WIDTH};
use crate::export::palette;

/// The base line of text in its cell, in tenths of a pixel.
const BASE: u32 = 135;
/// Half of a rule's width, in tenths of a pixel.
const THIN: u32 = 5;

/// A row, drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct Row {
    bars: Vec<Bar>,
    text: String,
}

/// Something drawn: a ground, a bar, a piece of a rule. In tenths of a pixel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Bar {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
    fill: String,
    opacity: &'static str,
}

/// What is the same for all characters of a piece of text.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    fill: Option<String>,
    classes: String,
}

impl Row {
    pub(super) fn is_empty(&self) -> bool {
        self.bars.is_empty() && self.text.is_empty()
    }

    pub(super) fn of(cells: &[Cell]) -> Self {
        let mut row = Self::default();
        let mut piece: Option<(u32, String, Look)> = None;
        let mut covered = false;
        for (column, cell) in (0..).zip(cells) {
            let (mut look, ground) = look(cell);
            let bare = ground.is_none() && cell.symbol() == " ";
            if let Some(ground) = ground {
                let (left, right) = (column * WIDTH, (column + 1) * WIDTH);
                row.bar(Bar { left, right, top: 0, bottom: HEIGHT, fill: ground, opacity: "" });
            }
            // The second half of a wide character.
            if covered || cell.diff_option == CellDiffOption::Skip {
                covered = false;
                continue;
            }
            let symbol = cell.symbol();
            covered = unicode_width::UnicodeWidthStr::width(symbol) > 1;
            if row.line(column, symbol, &look) {
                row.end(piece.take());
                continue;
            }
            // A sign may come from another font, with another width: it stands for itself.
            let plain = symbol.is_ascii();
            // A space looks like what is before it.
            if let (true, Some((.., before))) = (bare, &piece) {
                look = before.clone();
            }
            match &mut piece {
                Some((_, text, same)) if plain && *same == look => text.push_str(symbol),
                _ => {
                    row.end(piece.take());
                    piece = Some((column, symbol.to_owned(), look));
                }
            }
            if !plain {
                row.end(piece.take());
            }
        }
        // Spaces at the end are nothing to copy.
        row.end(piece.map(|(column, text, look)| (column, text.trim_end().to_owned(), look)));
        row
    }

    /// A piece of text is complete.
    fn end(&mut self, piece: Option<(u32, String, Look)>) {
        let Some((column, text, look)) = piece else { return };
        if text.trim().is_empty() {
            return;
        }
        let x = number(column * WIDTH);
        let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let long = if text.is_ascii() && count > 1 {
            format!(" textLength=\"{}\"", number(count.saturating_mul(WIDTH)))
        } else {
            String::new()
        };
        let fill = look.fill.map(|fill| format!(" fill=\"{fill}\"")).unwrap_or_default();
        let style = look.classes;
        let shown = escape(&text);
        let _ = write!(self.text, "<tspan x=\"{x}\"{long}{style}{fill}>{shown}</tspan>");
    }

    /// Draws a bar; it is one with that before it, if it goes on where that ends.
    fn bar(&mut self, bar: Bar) {
        if let Some(last) = self.bars.last_mut()
            && *last == (Bar { left: last.left, right: bar.left, ..bar.clone() })
        {
            last.right = bar.right;
        } else {
            self.bars.push(bar);
        }
    }

    /// Draws a rule or a bar; false if the symbol is none.
    fn line(&mut self, column: u32, symbol: &str, look: &Look) -> bool {
        let (left, right) = (column * WIDTH, (column + 1) * WIDTH);
        let (middle, centre) = (left + WIDTH / 2, HEIGHT / 2);
        let fill = look.fill.clone().unwrap_or_else(|| palette::TEXT.to_owned());
        if let Some((opacity, top, bottom)) = block(symbol) {
            self.bar(Bar { left, right, top, bottom, fill, opacity });
            return true;
        }
        let Some([to_left, to_right, up, down]) = arms(symbol) else { return false };
        if to_left || to_right {
            let left = if to_left { left } else { middle - THIN };
            let right = if to_right { right } else { middle + THIN };
            let (top, bottom, fill) = (centre - THIN, centre + THIN, fill.clone());
            self.bar(Bar { left, right, top, bottom, fill, opacity: "" });
        }
        if up || down {
            let top = if up { 0 } else { centre };
            let bottom = if down { HEIGHT } else { centre };
            let (left, right) = (middle - THIN, middle + THIN);
            self.bar(Bar { left, right, top, bottom, fill, opacity: "" });
        }
        true
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = (number(self.right - self.left), number(self.bottom - self.top));
        write!(
            f,
            "<path d=\"M{} {}h{width}v{height}h-{width}z\"",
            number(self.left),
            number(self.top)
        )?;
        if self.fill != palette::TEXT {
            write!(f, " fill=\"{}\"", self.fill)?;
        }
        write!(f, "{}/>", self.opacity)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bars.iter().try_for_each(|bar| bar.fmt(f))?;
        if !self.text.is_empty() {
            write!(f, "<text y=\"{}\">{}</text>", number(BASE), self.text)?;
        }
        Ok(())
    }
}

/// Of a bar: how dense, from where to where in its cell.
fn block(symbol: &str) -> Option<(&'static str, u32, u32)> {
    Some(match symbol {
        "█" => ("", 0, HEIGHT),
        "░" => (" opacity=\".25\"", 0, HEIGHT),
        "▒" => (" opacity=\".5\"", 0, HEIGHT),
        "▓" => (" opacity=\".75\"", 0, HEIGHT),
        "━" => ("", HEIGHT / 2 - 15, HEIGHT / 2 + 15),
        "╌" => (" opacity=\".6\"", HEIGHT / 2 - 5, HEIGHT / 2 + 5),
        _ => return None,
    })
}

/// Of a rule: whether it goes left, right, up, down.
fn arms(symbol: &str) -> Option<[bool; 4]> {
    let (y, n) = (true, false);
    Some(match symbol {
        "─" => [y, y, n, n],
        "│" => [n, n, y, y],
        "┌" => [n, y, n, y],
        "┐" => [y, n, n, y],
        "└" => [n, y, y, n],
        "┘" => [y, n, y, n],
        "├" => [n, y, y, y],
        "┤" => [y, n, y, y],
        "┬" => [y, y, n, y],
        "┴" => [y, y, y, n],
        "┼" | "┿" => [y, y, y, y],
        _ => return None,
    })
}

/// How a cell's text looks, and what is behind it, if anything.
fn look(cell: &Cell) -> (Look, Option<String>) {
    let (mut fill, mut ground) = (palette::hex(cell.fg), palette::hex(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        let text = fill.unwrap_or_else(|| palette::TEXT.to_owned());
        fill = Some(ground.unwrap_or_else(|| palette::GROUND.to_owned()));
        ground = Some(text);
    }
    let mut classes = Vec::new();
    for (modifier, class) in
        [(Modifier::BOLD, "b"), (Modifier::ITALIC, "i"), (Modifier::UNDERLINED, "u")]
    {
        classes.extend(cell.modifier.contains(modifier).then_some(class));
    }
    let classes = if classes.is_empty() {
        String::new()
    } else {
        format!(" class=\"{}\"", classes.join(" "))
    };
    (Look { fill, classes }, ground)
}

/// Tenths as a number: `8.4`, `18`.
pub(super) fn number(tenths: u32) -> String {
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Text that is no markup.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            ch if ch.is_control() => safe.push(' '),
            ch => safe.push(ch),
        }
    }
    safe
}

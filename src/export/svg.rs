//! Pictures as SVG: a still, and a run that moves by itself, for a README.
//!
//! Text is text, so it can be found and copied; every piece begins at its own column, and rules
//! and bars are drawn, so that no font can put them out of line. No script, nothing fetched.

mod moving;
mod row;

pub(crate) use self::row::escape;

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};

pub use self::moving::Moving;
use self::row::{Row, number};
use super::palette;

/// A cell's width, in tenths of a pixel: 0.6 of the font's size, as most such fonts have it.
const WIDTH: u32 = 84;
/// A cell's height, in tenths of a pixel.
const HEIGHT: u32 = 180;
/// The room around the cells, in tenths of a pixel.
const MARGIN: u32 = 140;

/// The picture of a screen; its title is for who cannot see it.
#[must_use]
pub fn still(picture: &Buffer, title: &str) -> String {
    let mut svg = head(picture, title, "");
    for (y, cells) in rows(picture) {
        let row = Row::of(cells);
        if !row.is_empty() {
            let _ = writeln!(svg, "<g transform=\"translate(0 {})\">{row}</g>", number(y * HEIGHT));
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The rows of a picture, each with its number.
fn rows(picture: &Buffer) -> impl Iterator<Item = (u32, &[Cell])> {
    let width = usize::from(picture.area.width).max(1);
    (0..).zip(picture.content.chunks(width))
}

/// All up to the first row: size, styles, ground.
fn head(picture: &Buffer, title: &str, more: &str) -> String {
    let width = u32::from(picture.area.width) * WIDTH + 2 * MARGIN;
    let height = u32::from(picture.area.height) * HEIGHT + 2 * MARGIN;
    let (width, height, margin) = (number(width), number(height), number(MARGIN));
    let (ground, text) = (palette::GROUND, palette::TEXT);
    let title = row::escape(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>\n.quorate{{fill:{text}}}\n.quorate text{{font:14px ui-monospace,\"SF Mono\",Menlo,Consolas,\
         \"DejaVu Sans Mono\",\"Liberation Mono\",monospace;white-space:pre;\
         font-variant-ligatures:none}}\n\
         .quorate .b{{font-weight:bold}}.quorate .i{{font-style:italic}}\
         .quorate .u{{text-decoration:underline}}\n{more}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{ground}\"/>\n\
         <g class=\"quorate\" xml:space=\"preserve\" transform=\"translate({margin} {margin})\">\n"
    )
}

#[cfg(test)]
mod tests {
    use ratatui::{
        layout::Rect,
        style::{Color, Modifier, Style},
    };

    use super::*;

    fn picture() -> Buffer {
        let mut picture = Buffer::empty(Rect::new(0, 0, 20, 3));
        picture.set_string(0, 0, "─ ✓ Start ───┬──────", Style::new());
        picture.set_string(1, 1, "<a & \"b\">", Style::new().fg(Color::Green));
        let marked = Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD);
        picture.set_string(12, 1, "LIVE", marked);
        picture
    }

    #[test]
    fn a_still_to_the_character() {
        let svg = still(&picture(), "a < b");
        let rows: Vec<_> = svg.lines().filter(|line| line.contains("translate(0 ")).collect();
        insta::assert_snapshot!(rows.join("\n"));
        assert!(svg.contains("<title>a &lt; b</title>"));
    }

    #[test]
    fn nothing_of_a_picture_can_become_markup() {
        let mut picture = Buffer::empty(Rect::new(0, 0, 20, 1));
        picture.set_string(0, 0, "</text><script>", Style::new());
        assert!(!still(&picture, "").contains("<script"));
    }
}

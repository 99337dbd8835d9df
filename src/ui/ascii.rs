//! For terminals and fonts without the signs: after drawing, every cell becomes ASCII.

use ratatui::buffer::Buffer;

/// Turns every cell into ASCII.
pub(crate) fn make(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            let sign = stand_in(cell.symbol());
            cell.set_symbol(sign);
        }
    }
}

#[expect(clippy::match_same_arms, reason = "a table, a sign a row")]
fn stand_in(symbol: &str) -> &'static str {
    match symbol {
        "✓" => "+",
        "✗" => "x",
        "…" => "~",
        "·" => ".",
        "▸" => ">",
        "◂" => "<",
        "●" => "#",
        "○" => "o",
        "█" => "#",
        "━" => "=",
        "░" => "-",
        "─" | "╌" => "-",
        "│" => "|",
        "┌" | "┐" | "└" | "┘" | "┬" | "┴" | "├" | "┤" | "┼" | "┿" => "+",
        "↑" => "^",
        "↓" => "v",
        "←" => "<",
        "→" => ">",
        "×" => "x",
        "•" => "*",
        _ => "?",
    }
}

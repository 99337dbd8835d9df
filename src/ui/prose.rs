//! Lessons on the screen: paragraphs with marked words, and lines that keep their shape.

use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{sheet::Sheet, text};
use crate::lab::lesson::Block;

/// Writes the blocks, each line after `indent` free cells, with a blank line between them.
pub(crate) fn write(sheet: &mut Sheet<'_>, blocks: &[Block<'_>], indent: usize, skip: &mut usize) {
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            line(sheet, Line::default(), skip);
        }
        for written in lines(block, sheet.width().saturating_sub(indent + 1)) {
            let mut whole = Line::from(" ".repeat(indent));
            whole.extend(written.spans);
            line(sheet, whole, skip);
        }
    }
}

/// Writes a line, unless it is scrolled away.
pub(crate) fn line(sheet: &mut Sheet<'_>, line: Line<'_>, skip: &mut usize) {
    if *skip > 0 {
        *skip -= 1;
    } else {
        sheet.line(line);
    }
}

/// The lines of a block in that many cells.
pub(crate) fn lines(block: &Block<'_>, cells: usize) -> Vec<Line<'static>> {
    match block {
        Block::Code(code) => {
            let lines = code.lines().flat_map(|line| text::broken(&format!("  {line}"), cells));
            lines.map(Line::raw).collect()
        }
        Block::Text(words) => wrapped(words, cells),
    }
}

/// Words with `*`, `**` and backticks around some, in lines; what is marked becomes bold.
fn wrapped(words: &str, cells: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let mut marked = false;
    for word in words.replace("**", "*").split_whitespace() {
        let mut spans = Vec::new();
        let mut piece = String::new();
        for ch in word.chars() {
            if matches!(ch, '*' | '`') {
                push(&mut spans, &mut piece, marked);
                marked = !marked;
            } else {
                piece.push(ch);
            }
        }
        push(&mut spans, &mut piece, marked);
        let width: usize = spans.iter().map(Span::width).sum();
        let Some(last) = lines.last_mut() else { break };
        if last.width() > 0 && last.width() + 1 + width > cells {
            lines.push(Line::from(spans));
        } else {
            if last.width() > 0 {
                last.push_span(" ");
            }
            last.extend(spans);
        }
    }
    lines
}

fn push(spans: &mut Vec<Span<'static>>, piece: &mut String, marked: bool) {
    if !piece.is_empty() {
        let style = if marked { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        spans.push(Span::styled(std::mem::take(piece), style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_bold_and_are_not_shown() {
        let lines = lines(&Block::Text("A **unit** is `what\nsystemd` starts"), 12);
        let words: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["A unit is", "what systemd", "starts"]);
        let bold: Vec<_> = lines
            .iter()
            .flat_map(|l| &l.spans)
            .filter(|s| s.style.add_modifier.contains(Modifier::BOLD))
            .map(|s| s.content.as_ref())
            .collect();
        assert_eq!(bold, ["unit", "what", "systemd"]);
    }

    #[test]
    fn every_lesson_can_be_written_in_any_width() {
        for step in crate::event::Step::LAB {
            for block in crate::lab::lesson::lesson(step).more {
                for cells in 0..60 {
                    assert!(!lines(&block, cells).is_empty());
                }
            }
        }
    }
}

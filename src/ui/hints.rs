//! The last two rows: one sentence, and the keys with what they do at this moment.

use ratatui::{
    buffer::Buffer,
    text::{Line, Span},
};

use super::{head::cells, layout::Parts, sheet::Sheet, text, theme::Theme};
use crate::app::{Model, Offer, keymap::Command, offers, says};

pub(crate) fn draw(model: &Model, theme: &Theme, parts: &Parts, buf: &mut Buffer) {
    let width = usize::from(parts.says.width);
    Sheet::new(parts.says, buf).put(1, text::fit(&says(model), width.saturating_sub(2)));
    let offers: Vec<_> = offers(model).into_iter().filter(|o| !o.word.is_empty()).collect();
    let ends = [Command::Back, Command::Help, Command::Quit];
    // Always in this order, always at the right end.
    let ending = |command: &Command| offers.iter().find(|o| o.commands.contains(command));
    let right = hints(ends.iter().filter_map(ending), theme);
    let column = width.saturating_sub(right.width() + 1);
    let mut left = Line::default();
    for offer in offers.iter().filter(|o| !o.commands.iter().any(|c| ends.contains(c))) {
        let hint = hints(std::iter::once(offer), theme);
        // What does not fit stays in the help.
        if 1 + left.width() + hint.width() + 3 > column {
            break;
        }
        left.extend(hint);
        left.push_span("   ");
    }
    let mut sheet = Sheet::new(parts.hints, buf);
    sheet.put(1, left);
    sheet.put(cells(column), right);
}

fn hints<'o>(offers: impl Iterator<Item = &'o Offer>, theme: &Theme) -> Line<'static> {
    let mut line = Line::default();
    for offer in offers {
        if !line.spans.is_empty() {
            line.push_span("   ");
        }
        line.push_span(Span::styled(offer.keys(), theme.strong));
        line.push_span(format!(" {}", offer.word));
    }
    line
}

//! The pages' bodies.

pub(crate) mod access;
pub(crate) mod building;
pub(crate) mod by_hand;
pub(crate) mod certificates;
pub(crate) mod drill;
pub(crate) mod etcd;
pub(crate) mod failure;
pub(crate) mod guided;
pub(crate) mod nodes;
pub(crate) mod result;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod welcome;

use ratatui::text::{Line, Span};

use super::{sheet::Sheet, text, theme::Theme};
use crate::app::page::guided::number;

/// The last row of a page of the wizard: the way back, and the way on, at the same place on each.
fn buttons(sheet: &mut Sheet<'_>, theme: &Theme, marked: bool, on: String) {
    let (pointer, style) = theme.pointer(marked);
    sheet.down_to(1);
    sheet.put(46, "Back");
    sheet.put(52, Line::from(vec![pointer, Span::styled(on, style)]));
}

/// A small number as a sentence begins with it.
fn capital(n: usize) -> String {
    text::capital(&number(n))
}

//! What things look like, by role. Pages name roles; only this file names colours.

use ratatui::{
    style::{Color, Modifier, Style},
    text::Span,
};

use crate::app::page::Mark;

/// The roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// What a line is about.
    pub(crate) strong: Style,
    /// What Enter takes.
    pub(crate) marked: Style,
    /// As it should be.
    pub(crate) good: Style,
    /// Under way.
    pub(crate) busy: Style,
    /// To be looked at.
    pub(crate) look: Style,
    /// Wrong.
    pub(crate) bad: Style,
}

impl Theme {
    /// The terminal's own 16 colours on its own background: readable on light, dark and solarized,
    /// and over SSH. Without colour bold and reverse remain.
    pub(crate) fn new(colour: bool) -> Self {
        let fg = |c| if colour { Style::new().fg(c) } else { Style::new() };
        Self {
            strong: Style::new().add_modifier(Modifier::BOLD),
            marked: Style::new().add_modifier(Modifier::REVERSED),
            good: fg(Color::Green),
            busy: fg(Color::Cyan),
            look: fg(Color::Yellow),
            bad: fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    pub(crate) fn ok(&self) -> Span<'static> {
        Span::styled("✓", self.good)
    }

    pub(crate) fn wrong(&self) -> Span<'static> {
        Span::styled("✗", self.bad)
    }

    /// The sign of a station on the way.
    pub(crate) fn mark(&self, mark: Mark) -> Span<'static> {
        match mark {
            Mark::Done => self.ok(),
            Mark::Here => Span::styled("▸", self.marked),
            Mark::Ahead => Span::raw("·"),
            Mark::Wrong => self.wrong(),
        }
    }

    /// The pointer before a row, and how the row's name looks.
    pub(crate) fn pointer(&self, marked: bool) -> (Span<'static>, Style) {
        if marked { (Span::raw(" ▸ "), self.marked) } else { (Span::raw("   "), Style::new()) }
    }
}

//! A backend that says nothing when nothing has changed.
//!
//! crossterm's writes 25 bytes for a frame without a changed cell: resets of colours that nobody
//! set, and a cursor that is hidden once more.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// What the cursor was told last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Hidden,
    At(Position),
}

/// See the module.
pub(crate) struct Quiet<W: Write> {
    inner: CrosstermBackend<W>,
    cursor: Cursor,
}

impl<W: Write> Quiet<W> {
    pub(crate) fn new(inner: CrosstermBackend<W>) -> Self {
        Self { inner, cursor: Cursor::Unknown }
    }
}

impl<W: Write> Backend for Quiet<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        // Drawing moves a cursor that is shown.
        if self.cursor != Cursor::Hidden {
            self.cursor = Cursor::Unknown;
        }
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor == Cursor::Hidden {
            return Ok(());
        }
        self.cursor = Cursor::Hidden;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if matches!(self.cursor, Cursor::At(_)) {
            return Ok(());
        }
        self.cursor = Cursor::Unknown;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Asking the terminal would take the answer from the thread that reads keys. ratatui only
        // wants to put the cursor back where it was; every frame says anew where it is.
        Ok(match self.cursor {
            Cursor::At(position) => position,
            Cursor::Unknown | Cursor::Hidden => Position::ORIGIN,
        })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor == Cursor::At(position) {
            return Ok(());
        }
        if self.cursor != Cursor::Hidden {
            self.cursor = Cursor::At(position);
        }
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.cursor = Cursor::Unknown;
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.cursor = Cursor::Unknown;
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect};

    use super::*;
    use crate::tui::terminal::FrameWriter;

    #[test]
    fn an_unchanged_frame_writes_nothing() {
        let mut written = Vec::new();
        {
            let backend = Quiet::new(CrosstermBackend::new(FrameWriter::new(&mut written)));
            let area = Rect::new(0, 0, 20, 3);
            let options = TerminalOptions { viewport: Viewport::Fixed(area) };
            let mut screen = Terminal::with_options(backend, options).unwrap();
            for cursor in [None, Some(Position::new(2, 1))] {
                for _ in 0..3 {
                    screen
                        .draw(|frame| {
                            frame.render_widget("quorate", frame.area());
                            if let Some(at) = cursor {
                                frame.set_cursor_position(at);
                            }
                        })
                        .unwrap();
                }
            }
        }
        let text = String::from_utf8_lossy(&written);
        // One write with the words, two with the cursor, for which crossterm flushes by itself.
        assert_eq!(text.matches("\x1b[?2026h").count(), 3, "{text:?}");
        assert_eq!(text.matches("quorate").count(), 1, "{text:?}");
    }
}

//! A run as a picture that moves by itself, again and again, without any script.
//!
//! Each row is a strip of all it ever showed, each once, behind a window of one row; style sheets
//! move the strip by steps. So what never changes is there once. The row's last look is the first
//! on its strip: where nothing moves (a printer, a person who asked for less motion), the
//! picture shows the run's end.

use std::{collections::HashMap, fmt::Write};

use ratatui::buffer::Buffer;

use super::{
    HEIGHT, WIDTH, head,
    row::{Row, number},
    rows,
};

/// How long the end stays before it begins again, in milliseconds.
const END_MS: u64 = 6000;

/// What a row showed.
#[derive(Default)]
struct Strip {
    looks: Vec<Row>,
    known: HashMap<Row, usize>,
    /// When which of them came.
    changes: Vec<(u64, usize)>,
}

impl Strip {
    fn show(&mut self, at_ms: u64, row: Row) {
        let next = self.looks.len();
        let look = *self.known.entry(row.clone()).or_insert(next);
        if look == next {
            self.looks.push(row);
        }
        if self.changes.last().is_none_or(|(_, last)| *last != look) {
            self.changes.push((at_ms, look));
        }
    }

    /// The last look changes places with the first.
    fn end_first(&mut self) {
        let Some((_, last)) = self.changes.last().copied() else { return };
        self.looks.swap(0, last);
        for (_, look) in &mut self.changes {
            *look = match *look {
                0 => last,
                look if look == last => 0,
                look => look,
            };
        }
    }

    /// What moves it, in hundredths of a percent of the whole.
    fn keyframes(&self, name: &str, whole_ms: u64) -> String {
        let mut css = format!("@keyframes {name}{{");
        for (at_ms, look) in &self.changes {
            let at = at_ms * 10_000 / whole_ms.max(1);
            let up = u32::try_from(*look).unwrap_or(0) * HEIGHT / 10;
            let _ = write!(css, "{}.{:02}%{{transform:translateY(-{up}px)}}", at / 100, at % 100);
        }
        css + "}\n"
    }
}

/// A film that is being made into such a picture.
#[derive(Default)]
pub struct Moving {
    strips: Vec<Strip>,
    last: Option<Buffer>,
    end_ms: u64,
}

impl Moving {
    /// Takes a picture in.
    pub fn show(&mut self, at_ms: u64, picture: &Buffer) {
        self.strips.resize_with(usize::from(picture.area.height), Strip::default);
        for (strip, (_, cells)) in self.strips.iter_mut().zip(rows(picture)) {
            strip.show(at_ms, Row::of(cells));
        }
        self.last = Some(picture.clone());
        self.end_ms = at_ms;
    }

    /// All of them as one.
    #[must_use]
    pub fn finish(mut self, title: &str) -> String {
        let Some(last) = self.last else { return String::new() };
        let whole = self.end_ms + END_MS;
        self.strips.iter_mut().for_each(Strip::end_first);
        let mut css = String::new();
        for (y, strip) in self.strips.iter().enumerate().filter(|(_, s)| s.changes.len() > 1) {
            let seconds = crate::export::cast::Seconds(whole);
            let _ = writeln!(css, "#q{y}{{animation:q{y} {seconds}s step-end infinite}}");
            css.push_str(&strip.keyframes(&format!("q{y}"), whole));
        }
        css.push_str(
            "@media(prefers-reduced-motion:reduce){.quorate g{animation:none!important}}\n",
        );
        let mut svg = head(&last, title, &css);
        let width = number(u32::from(last.area.width) * WIDTH);
        let height = number(HEIGHT);
        for (y, strip) in (0..).zip(&self.strips) {
            if strip.looks.iter().all(Row::is_empty) {
                continue;
            }
            let top = number(y * HEIGHT);
            let _ = writeln!(
                svg,
                "<svg y=\"{top}\" width=\"{width}\" height=\"{height}\"><g id=\"q{y}\">"
            );
            for (nth, look) in (0..).zip(&strip.looks) {
                if !look.is_empty() {
                    let down = number(nth * HEIGHT);
                    let _ = writeln!(svg, "<g transform=\"translate(0 {down})\">{look}</g>");
                }
            }
            svg.push_str("</g></svg>\n");
        }
        svg.push_str("</g>\n</svg>\n");
        svg
    }
}

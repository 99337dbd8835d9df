//! The sixteen colours of a terminal that is nobody's: for pictures and pages.
//!
//! The screen itself names colours and leaves their look to the person's terminal; a file has to
//! decide. Each is readable on the ground: a contrast of 4.5 and more, but for black.

use ratatui::style::Color;

/// What is behind the text.
pub(crate) const GROUND: &str = "#171a20";
/// Text without a colour.
pub(crate) const TEXT: &str = "#d7dce4";
/// Colours 0 to 15.
pub(crate) const SIXTEEN: [&str; 16] = [
    "#2a2f38", "#ec7a73", "#7fc77a", "#d9b650", "#7aa8e6", "#c48fdb", "#5fbfc6", "#d7dce4",
    "#8a93a1", "#f29a94", "#a4dd9f", "#ecd07f", "#a3c6f2", "#d9b3ea", "#8fd9de", "#ffffff",
];

/// That colour as `#rrggbb`; `None` for the one a terminal has by itself.
pub(crate) fn hex(colour: Color) -> Option<String> {
    let index = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(indexed(index))
}

/// The 256 colours of xterm: sixteen, a cube of six steps, 24 greys.
fn indexed(index: u8) -> String {
    if let Some(known) = SIXTEEN.get(usize::from(index)) {
        return (*known).to_owned();
    }
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return format!("#{grey:02x}{grey:02x}{grey:02x}");
    }
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    let n = index - 16;
    format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(hex: &str) -> f64 {
        let part = |at: usize| {
            let byte = u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            let c = f64::from(byte) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_colour_is_readable_on_the_ground() {
        for colour in SIXTEEN.iter().skip(1).chain([&TEXT]) {
            let contrast = (luminance(colour) + 0.05) / (luminance(GROUND) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast}");
        }
    }

    #[test]
    fn the_256_colours_are_xterms() {
        for (index, hex) in [(2, "#7fc77a"), (16, "#000000"), (208, "#ff8700"), (244, "#808080")] {
            assert_eq!(indexed(index), hex);
        }
    }
}

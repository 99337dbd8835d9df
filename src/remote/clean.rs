//! Remote text made harmless before anybody sees it.
//!
//! A node's output is data from a stranger: it may hold escape sequences that move the cursor,
//! rename the window or hide text. Pure; knows no terminal and no host.

/// One line, without anything but printable text: no escape sequence, no control character, no
/// mark that reorders or hides text; invalid UTF-8 becomes U+FFFD, a tab becomes spaces.
#[must_use]
pub fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut clean = String::with_capacity(text.len());
    let mut column = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\t' => {
                let width = TAB - column % TAB;
                clean.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            c if c.is_control() || hides(c) => {}
            c => {
                clean.push(c);
                column += 1;
            }
        }
    }
    clean
}

const TAB: usize = 8;

/// What follows ESC (ECMA-48): a control sequence, a string, or a short escape.
fn skip_escape(chars: &mut std::str::Chars<'_>) {
    match chars.clone().next() {
        Some('[') => {
            chars.next();
            skip_csi(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        Some(' '..='~') => while let Some(' '..='/') = chars.next() {},
        // ESC before anything else is a stray one.
        _ => {}
    }
}

/// A control sequence: parameters and intermediates up to one final byte.
fn skip_csi(chars: &mut std::str::Chars<'_>) {
    while let Some(' '..='?') = chars.clone().next() {
        chars.next();
    }
    if let Some('@'..='~') = chars.clone().next() {
        chars.next();
    }
}

/// A control string: everything up to BEL or ST; without one, the rest of the line.
fn skip_string(chars: &mut std::str::Chars<'_>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' if chars.clone().next() == Some('\\') => {
                chars.next();
                return;
            }
            _ => {}
        }
    }
}

/// Characters that take no room, reorder text or break lines (Unicode, Bidi and format controls).
fn hides(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_controls_and_tricks_go_and_text_stays() {
        for (dirty, clean) in [
            (&b"plain"[..], "plain"),
            (b"\x1b[1;31mred\x1b[0m!", "red!"),
            (b"\x1b]0;owned\x07title", "title"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1bPq#1\x1b\\sixel", "sixel"),
            (b"\x1b(Bcharset\x1b=", "charset"),
            ("\u{9b}31mc1\u{9d}0;t\u{9c}!".as_bytes(), "c1!"),
            (b"a\tb", "a       b"),
            (b"12345678\tb", "12345678        b"),
            (b"bell\x07back\x08del\x7f", "bellbackdel"),
            (b"caf\xc3\xa9 \xff", "caf\u{e9} \u{fffd}"),
            ("\u{202e}evil\u{2066}\u{200b}".as_bytes(), "evil"),
            (b"cut \x1b", "cut "),
            (b"cut \x1b[12", "cut "),
            (b"open \x1b]0;rest", "open "),
            (b"\x1b\x1b[31mtwice", "twice"),
        ] {
            assert_eq!(line(dirty), clean, "{dirty:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left_of_any_bytes(bytes: Vec<u8>) {
            let clean = line(&bytes);
            prop_assert!(!clean.chars().any(|c| c.is_control() || hides(c)), "{clean:?}");
            prop_assert_eq!(line(clean.as_bytes()), clean);
        }

        #[test]
        fn nothing_harmful_is_left_of_escapes(text in "[\u{1b}\u{9b}\u{9d}\u{7}\\[\\]a-c0-9;m\\\\]*") {
            let clean = line(text.as_bytes());
            prop_assert!(!clean.chars().any(char::is_control), "{clean:?}");
        }
    }
}

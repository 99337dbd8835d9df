//! Keys as the bytes that a terminal sends for them (`XTerm Control Sequences`, "PC-Style Function
//! Keys").

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The bytes of a key; none for keys that send nothing.
#[must_use]
pub fn bytes_of(key: &KeyEvent, application_cursor: bool) -> Vec<u8> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let mut bytes = plain(key, application_cursor);
    if key.modifiers.contains(KeyModifiers::ALT) && !bytes.is_empty() {
        bytes.insert(0, 0x1b);
    }
    bytes
}

fn plain(key: &KeyEvent, application_cursor: bool) -> Vec<u8> {
    let cursor = |ch: u8| {
        let intro = if application_cursor { b'O' } else { b'[' };
        vec![0x1b, intro, ch]
    };
    match key.code {
        KeyCode::Char(ch) if key.modifiers.contains(KeyModifiers::CONTROL) => control(ch),
        KeyCode::Char(ch) => ch.to_string().into_bytes(),
        KeyCode::Enter => vec![b'\r'],
        KeyCode::Tab => vec![b'\t'],
        KeyCode::BackTab => b"\x1b[Z".to_vec(),
        KeyCode::Backspace => vec![0x7f],
        KeyCode::Esc => vec![0x1b],
        KeyCode::Up => cursor(b'A'),
        KeyCode::Down => cursor(b'B'),
        KeyCode::Right => cursor(b'C'),
        KeyCode::Left => cursor(b'D'),
        KeyCode::Home => cursor(b'H'),
        KeyCode::End => cursor(b'F'),
        KeyCode::Insert => b"\x1b[2~".to_vec(),
        KeyCode::Delete => b"\x1b[3~".to_vec(),
        KeyCode::PageUp => b"\x1b[5~".to_vec(),
        KeyCode::PageDown => b"\x1b[6~".to_vec(),
        KeyCode::F(n @ 1..=4) => vec![0x1b, b'O', b'P' + (n - 1)],
        KeyCode::F(n) => function(n),
        _ => Vec::new(),
    }
}

/// Ctrl takes the upper three bits away.
fn control(ch: char) -> Vec<u8> {
    match ch {
        ' ' => vec![0],
        '?' => vec![0x7f],
        _ => u8::try_from(ch).map_or_else(|_| Vec::new(), |byte| vec![byte & 0x1f]),
    }
}

fn function(n: u8) -> Vec<u8> {
    let numbers = [15, 17, 18, 19, 20, 21, 23, 24];
    let number = usize::from(n).checked_sub(5).and_then(|at| numbers.get(at));
    number.map(|number| format!("\x1b[{number}~").into_bytes()).unwrap_or_default()
}

/// Pasted text as it is sent: without escapes, in brackets if the shell wants them.
#[must_use]
pub fn pasted(text: &str, bracketed: bool) -> Vec<u8> {
    // An escape in it could end the brackets and run what follows.
    let text = text.replace('\x1b', "").replace("\r\n", "\r").replace('\n', "\r");
    if bracketed { format!("\x1b[200~{text}\x1b[201~").into_bytes() } else { text.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_send_what_terminals_send() {
        let (none, ctrl, alt) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT);
        for (code, mods, want) in [
            (KeyCode::Char('é'), none, "é".as_bytes()),
            (KeyCode::Char('c'), ctrl, b"\x03"),
            (KeyCode::Char('.'), alt, b"\x1b."),
            (KeyCode::Enter, none, b"\r"),
            (KeyCode::Up, none, b"\x1b[A"),
            (KeyCode::F(1), none, b"\x1bOP"),
            (KeyCode::F(5), none, b"\x1b[15~"),
            (KeyCode::CapsLock, none, b""),
        ] {
            assert_eq!(bytes_of(&KeyEvent::new(code, mods), false), want, "{code:?}");
        }
        assert_eq!(bytes_of(&KeyCode::Up.into(), true), b"\x1bOA");
    }

    #[test]
    fn a_paste_cannot_leave_its_brackets() {
        assert_eq!(pasted("a\nb\x1b[201~rm", true), b"\x1b[200~a\rb[201~rm\x1b[201~");
        assert_eq!(pasted("a\r\nb", false), b"a\rb");
    }
}

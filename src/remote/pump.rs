//! Moving bytes of a channel: both output streams and the input, none waiting for another.
//!
//! The channel must be non-blocking: a blocking read of stdout hangs once the peer has filled the
//! window with stderr. Lines and what is kept of them are bounded, whatever the peer sends.

use std::{
    io::{ErrorKind, Read, Write},
    time::Instant,
};

use ssh2::Channel;

use super::{
    Answer, HostError, Stream, clean,
    link::{Link, Stop},
};

/// Longest line, in bytes; a binary dumped to stdout must not become one huge string.
const MAX_LINE: usize = 4 * 1024;
/// Reads of one stream before the other has its turn and the clock is looked at.
const READS: usize = 16;

/// One turn: writes what can be written of `input`, gives `sink` what has come; if nothing moved,
/// waits a moment, until `end` at most. True when the peer has said its last.
pub(super) fn turn(
    link: &Link,
    channel: &mut Channel,
    input: &mut &[u8],
    end: Instant,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> Result<bool, HostError> {
    let lost = || HostError::Lost { reason: link.complaint() };
    let mut moved = false;
    if !input.is_empty() {
        match channel.write(input) {
            Ok(n) => {
                moved |= n > 0;
                *input = input.get(n..).unwrap_or_default();
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            // A shell that ended does not read; what it said is still to be read.
            Err(_) if channel.eof() => *input = &[],
            Err(_) => return Err(lost()),
        }
    }
    let mut buffer = [0; 16 * 1024];
    for (id, stream) in [(0, Stream::Out), (1, Stream::Err)] {
        for _ in 0..READS {
            match channel.stream(id).read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    moved = true;
                    sink(stream, buffer.get(..n).unwrap_or_default());
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Err(lost()),
            }
        }
    }
    if moved {
        return if link.cancel.is_cancelled() { Err(HostError::Cancelled) } else { Ok(false) };
    }
    if channel.eof() {
        return Ok(true);
    }
    match link.session.keepalive_send() {
        Err(e) if e.code() != ssh2::ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_EAGAIN) => {
            return Err(Stop::Failed(e).into());
        }
        _ => link.wait(end)?,
    }
    Ok(false)
}

/// Bytes that arrive in any pieces, as lines; what they are in the end is kept, up to a bound.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    /// More of this line came than is kept.
    cut: bool,
    /// A carriage return that may be the first half of a line's end.
    returned: bool,
    kept: String,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], line: &mut dyn FnMut(&str)) {
        for &byte in bytes {
            // A lone carriage return ends a line too: nothing is hidden by overwriting it.
            if std::mem::take(&mut self.returned) && byte != b'\n' && !self.partial.is_empty() {
                self.flush(line);
            }
            match byte {
                b'\n' => self.flush(line),
                b'\r' => self.returned = true,
                _ if self.partial.len() < MAX_LINE => self.partial.push(byte),
                _ => self.cut = true,
            }
        }
    }

    fn flush(&mut self, line: &mut dyn FnMut(&str)) {
        let mut text = clean::line(&self.partial);
        if std::mem::take(&mut self.cut) {
            text.push_str(" [cut]");
        }
        self.partial.clear();
        line(&text);
        if self.kept.len() + text.len() < Answer::KEPT {
            self.kept.push_str(&text);
            self.kept.push('\n');
        }
    }

    /// Nothing more comes: the last line may have no end.
    pub(super) fn end(&mut self, line: &mut dyn FnMut(&str)) {
        if !self.partial.is_empty() {
            let before = self.kept.len();
            self.flush(line);
            if self.kept.len() > before {
                self.kept.pop();
            }
        }
    }

    /// What was kept.
    pub(super) fn kept(self) -> String {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> (Vec<String>, String) {
        let (mut seen, mut lines) = (Vec::new(), Lines::default());
        let mut sink = |line: &str| seen.push(line.to_owned());
        for piece in pieces {
            lines.feed(piece, &mut sink);
        }
        lines.end(&mut sink);
        let kept = lines.kept();
        (seen, kept)
    }

    #[test]
    fn lines_survive_being_cut_anywhere() {
        let (seen, kept) = lines(&[b"caf\xc3", b"", b"\xa9\r", b"\n\n5%\r6%\r\nlast"]);
        assert_eq!(seen, ["caf\u{e9}", "", "5%", "6%", "last"]);
        assert_eq!(kept, "caf\u{e9}\n\n5%\n6%\nlast");
    }

    #[test]
    fn a_line_and_the_whole_are_bounded() {
        let (seen, _) = lines(&[&vec![b'x'; 100_000], b"\nnext\n"]);
        assert_eq!(seen.iter().map(String::len).collect::<Vec<_>>(), [MAX_LINE + 6, 4]);
        let (seen, kept) = lines(&[b"0123456789abcde\n".repeat(20_000).as_slice()]);
        assert_eq!((seen.len(), kept.len()), (20_000, Answer::KEPT));
    }
}

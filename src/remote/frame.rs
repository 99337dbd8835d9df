//! The one frame around every text: how it goes to `sh -s`, and how its answer is told apart.
//!
//! Pure: bytes in, bytes out, cut anywhere. It knows nothing of SSH. The marks are on both streams,
//! so that both are known to be complete; what is outside of them (a chatty login) is nobody's.

use zeroize::Zeroizing;

/// What is before the text. `MARK` stands for a word nobody can guess, new for every text.
///
/// The text is the body of a function: a shell reads that whole before it runs any of it, so a
/// text that was cut in transfer does nothing at all.
pub const BEFORE: &str = "\
set -u; export LC_ALL=C; umask 077
printf '\\036MARK begin\\n'; printf '\\036MARK begin\\n' >&2
run() { :
";

/// What is after the text: it is run in a shell of its own, which cannot read what comes next.
pub const AFTER: &str = "
}
( run ) </dev/null
set -- $?; printf '\\036MARK end %s\\n' \"$1\"; printf '\\036MARK end %s\\n' \"$1\" >&2
";

/// The text in its frame, ready to be written to `sh -s`. It is wiped when dropped.
#[must_use]
pub fn around(text: &[u8], mark: &Mark) -> Zeroizing<Vec<u8>> {
    let (before, after) = (BEFORE.replace("MARK", &mark.0), AFTER.replace("MARK", &mark.0));
    // All room at once: growing would leave copies of a key behind.
    let mut framed = Zeroizing::new(Vec::with_capacity(before.len() + text.len() + after.len()));
    framed.extend_from_slice(before.as_bytes());
    framed.extend_from_slice(text);
    framed.extend_from_slice(after.as_bytes());
    framed
}

/// The word in the marks of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// The mark of the `index`-th text of a shell with this `nonce` (letters and digits).
    #[must_use]
    pub fn new(nonce: &str, index: u64) -> Self {
        Self(format!("{nonce}-{index}"))
    }
}

/// A piece of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The text began.
    Begin,
    /// Something it wrote.
    Bytes(&'a [u8]),
    /// It ended, with this exit status.
    End(i32),
}

/// Finds the marks of texts in one stream, whose bytes come in any pieces.
#[derive(Debug)]
pub struct Reader {
    nonce: String,
    /// The text whose marks are looked for.
    index: u64,
    inside: bool,
    /// Bytes that may be the start of a mark.
    held: Vec<u8>,
}

/// Begins a mark: ASCII record separator.
const RS: u8 = 0x1e;

impl Reader {
    /// Begins with the text of that index.
    #[must_use]
    pub fn new(nonce: &str, index: u64) -> Self {
        Self { nonce: nonce.to_owned(), index, inside: false, held: Vec::new() }
    }

    /// The index of the text that is awaited or running.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Takes bytes in, and gives out what they are, in order. After an end, the next text's begin
    /// is awaited; what is between is dropped.
    pub fn feed(&mut self, bytes: &[u8], on: &mut dyn FnMut(u64, Piece<'_>)) {
        let joined;
        let mut rest = if self.held.is_empty() {
            bytes
        } else {
            joined = [std::mem::take(&mut self.held).as_slice(), bytes].concat();
            &joined
        };
        while let Some(at) = rest.iter().position(|&b| b == RS) {
            let (plain, candidate) = rest.split_at(at);
            self.give(plain, on);
            match self.mark(candidate) {
                Found::Mark { len, status: None } => {
                    self.inside = true;
                    on(self.index, Piece::Begin);
                    rest = candidate.get(len..).unwrap_or_default();
                }
                Found::Mark { len, status: Some(status) } => {
                    self.inside = false;
                    on(self.index, Piece::End(status));
                    self.index += 1;
                    rest = candidate.get(len..).unwrap_or_default();
                }
                Found::Maybe => {
                    self.held = candidate.to_vec();
                    return;
                }
                Found::Nothing => {
                    let (one, others) = candidate.split_at(1);
                    self.give(one, on);
                    rest = others;
                }
            }
        }
        self.give(rest, on);
    }

    fn give(&self, bytes: &[u8], on: &mut dyn FnMut(u64, Piece<'_>)) {
        if self.inside && !bytes.is_empty() {
            on(self.index, Piece::Bytes(bytes));
        }
    }

    /// What `bytes`, which begin with [`RS`], are.
    fn mark(&self, bytes: &[u8]) -> Found {
        let word = if self.inside { "end " } else { "begin" };
        let head = format!("\u{1e}{}-{} {word}", self.nonce, self.index).into_bytes();
        let Some(tail) = bytes.strip_prefix(head.as_slice()) else {
            return if head.starts_with(bytes) { Found::Maybe } else { Found::Nothing };
        };
        let digits = tail.iter().take_while(|b| b.is_ascii_digit()).count().min(if self.inside {
            3
        } else {
            0
        });
        match tail.get(digits) {
            None => Found::Maybe,
            Some(b'\n') => {
                let number = tail.get(..digits).and_then(|d| std::str::from_utf8(d).ok());
                let status = number.and_then(|n| n.parse().ok());
                let len = head.len() + digits + 1;
                if self.inside && status.is_none() {
                    Found::Nothing
                } else {
                    Found::Mark { len, status }
                }
            }
            Some(_) => Found::Nothing,
        }
    }
}

enum Found {
    /// A whole mark of that many bytes; with a status it is an end.
    Mark { len: usize, status: Option<i32> },
    /// The first bytes of one.
    Maybe,
    /// Just that byte.
    Nothing,
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    use proptest::prelude::*;

    use super::*;

    /// What a reader makes of a stream that comes in these pieces.
    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
        let mut reader = Reader::new("n0", 0);
        let mut seen = String::new();
        for piece in pieces {
            reader.feed(piece, &mut |index, piece| {
                let text = match piece {
                    Piece::Begin => format!("<{index}:"),
                    Piece::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    Piece::End(status) => format!(":{status}>"),
                };
                seen.push_str(&text);
            });
        }
        seen
    }

    /// Gives `script` to a real `sh -s`; what it wrote to both streams, and its own status.
    fn sh(script: &[u8]) -> (String, String) {
        let mut shell = Command::new("sh")
            .arg("-s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A shell that has seen enough may be gone already.
        drop(shell.stdin.take().unwrap().write_all(script));
        let output = shell.wait_with_output().unwrap();
        (read([output.stdout.as_slice()]), read([output.stderr.as_slice()]))
    }

    fn frames(texts: &[&str]) -> Vec<u8> {
        let frame = |(index, text): (u64, &&str)| around(text.as_bytes(), &Mark::new("n0", index));
        (0..).zip(texts).flat_map(|at| frame(at).to_vec()).collect()
    }

    #[test]
    fn a_stream_cut_anywhere_reads_the_same() {
        let stream =
            b"noise\x1en0-0 begin\nhello \x1e there\x1en0-1 end 0\n\x1en0-0 end 7\nbetween\
            \x1en0-1 begin\n\x1en0-1 end 0\n";
        let whole = "<0:hello \u{1e} there\u{1e}n0-1 end 0\n:7><1::0>";
        assert_eq!(read([stream.as_slice()]), whole);
        for at in 0..stream.len() {
            let (a, b) = stream.split_at(at);
            assert_eq!(read([a, b]), whole, "cut at {at}");
        }
        assert_eq!(read(stream.chunks(1)), whole);
    }

    #[test]
    fn no_text_disturbs_the_next() {
        for text in [
            "exit 3",
            "cat; read x; exit 3",
            "cd /; X=1; trap 'echo trapped' EXIT; umask 0; set -e; exit 3",
            "run() { echo hijacked; }; printf() { :; }; exit 3",
            "exec true && exit 3; exit 3",
            "echo no newline | tr -d '\\n'; exit 3 # a comment",
            "exec 1>&- 2>&-; exit 3",
        ] {
            let (out, err) = sh(&frames(&[text, "echo \"${X-unset} $(umask)\""]));
            assert!(out.ends_with("<1:unset 0077\n:0>"), "{text}: {out}");
            assert!(err.ends_with("<1::0>"), "{text}: {err}");
            assert!(out.contains(":3><1") || out.contains(":0><1"), "{text}: {out}");
        }
    }

    #[test]
    fn an_empty_text_and_a_mere_comment_hold() {
        assert_eq!(sh(&frames(&["", "# nothing", ""])).0, "<0::0><1::0><2::0>");
    }

    #[test]
    fn a_text_cut_in_transfer_never_half_runs() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("touched");
        let text = format!(
            "touch '{}'\ncat >/dev/null <<'EOF'\nthe content\nof a file }}\nEOF\nif true; then\n  echo done\nfi",
            file.display()
        );
        let whole = frames(&[&text]);
        let end_of_text = whole.len() - AFTER.replace("MARK", "n0-0").len();
        for at in 0..end_of_text {
            sh(whole.get(..at).unwrap());
            assert!(!file.exists(), "cut at {at} ran a part of it");
        }
        assert_eq!(sh(&whole).0, "<0:done\n:0>");
        assert!(file.exists());
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_read_without_loss(body in "[a-c\u{1e}n0-]{0,60}", size in 1_usize..9) {
            let stream = format!("\u{1e}n0-0 begin\n{body}\u{1e}n0-0 end 12\n");
            prop_assert_eq!(read(stream.as_bytes().chunks(size)), format!("<0:{body}:12>"));
        }
    }
}

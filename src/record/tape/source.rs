//! Where a log's bytes come from, and its lines, one by one, wherever the reading begins.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

/// A longer line is none that quorate wrote.
const LONGEST: usize = 8 << 20;
/// Stands for it, and is no event.
const TOO_LONG: &[u8] = b"too long";

/// A file, or bytes that are part of the program.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(Arc<File>),
    Bytes(&'static [u8]),
}

impl Source {
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::File(file) => loop {
                match file.read_at(into, offset) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => return other,
                }
            },
            Self::Bytes(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or_default();
                let count = rest.len().min(into.len());
                if let (Some(into), Some(rest)) = (into.get_mut(..count), rest.get(..count)) {
                    into.copy_from_slice(rest);
                }
                Ok(count)
            }
        }
    }
}

/// A line, and where it begins.
pub(super) struct Line<'l> {
    pub(super) offset: u64,
    pub(super) bytes: &'l [u8],
}

/// Reads lines on from some offset. What is appended meanwhile is read when it is asked again.
#[derive(Debug)]
pub(super) struct Lines {
    source: Source,
    /// Bytes read at once.
    chunk: usize,
    /// Where `buf` begins in the source.
    start: u64,
    buf: Vec<u8>,
    /// Where the next line begins in `buf`.
    at: usize,
}

impl Lines {
    pub(super) fn new(source: Source, offset: u64, chunk: usize) -> Self {
        Self { source, chunk, start: offset, buf: Vec::new(), at: 0 }
    }

    /// Where the next line begins.
    pub(super) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Goes on at another offset.
    pub(super) fn go_to(&mut self, offset: u64) {
        let within = offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        if let Some(at) = within.filter(|at| *at <= self.buf.len()) {
            self.at = at;
        } else {
            self.buf.clear();
            (self.start, self.at) = (offset, 0);
        }
    }

    /// The next line that is whole; one that is too long comes as [`TOO_LONG`].
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let offset = self.offset();
        let (mut searched, mut too_long) = (self.at, false);
        let (from, to) = loop {
            let unread = self.buf.get(searched..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', unread) {
                let line = (self.at, searched + end);
                self.at = searched + end + 1;
                break line;
            }
            if self.buf.len() - self.at > LONGEST {
                (too_long, self.at) = (true, self.buf.len());
            }
            let known = self.buf.len() - self.at;
            if !self.read_more()? {
                return Ok(None);
            }
            searched = self.at + known;
        };
        let bytes = self.buf.get(from..to).unwrap_or_default();
        Ok(Some(Line { offset, bytes: if too_long { TOO_LONG } else { bytes } }))
    }

    /// What stands behind the last whole line, once [`Lines::next`] gave nothing.
    pub(super) fn tail(&self) -> Line<'_> {
        Line { offset: self.offset(), bytes: self.buf.get(self.at..).unwrap_or_default() }
    }

    /// The tail was a line as well.
    pub(super) fn take_tail(&mut self) {
        self.at = self.buf.len();
    }

    fn read_more(&mut self) -> io::Result<bool> {
        self.buf.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let had = self.buf.len();
        self.buf.resize(had + self.chunk, 0);
        let into = self.buf.get_mut(had..).unwrap_or_default();
        let read = self.source.read_at(into, self.start + had as u64);
        self.buf.truncate(had + *read.as_ref().unwrap_or(&0));
        read.map(|count| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &'static str, offset: u64, chunk: usize) -> (Vec<String>, String) {
        let mut lines = Lines::new(Source::Bytes(text.as_bytes()), offset, chunk);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            assert_eq!(
                &text.as_bytes()[usize::try_from(line.offset).unwrap()..][..line.bytes.len()],
                line.bytes
            );
            found.push(String::from_utf8(line.bytes.to_vec()).unwrap());
        }
        (found, String::from_utf8(lines.tail().bytes.to_vec()).unwrap())
    }

    #[test]
    fn lines_are_the_same_in_pieces_of_any_size() {
        let text = "one\n\ntwo and more\nthree";
        for chunk in 1..30 {
            assert_eq!(all(text, 0, chunk).0, ["one", "", "two and more"], "{chunk}");
            assert_eq!(all(text, 5, chunk), (vec!["two and more".to_owned()], "three".to_owned()));
        }
    }

    #[test]
    fn what_is_appended_is_read_when_it_is_asked_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\ntw").unwrap();
        let source = Source::File(Arc::new(File::open(file.path()).unwrap()));
        let mut lines = Lines::new(source, 0, 4);
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"one");
        assert!(lines.next().unwrap().is_none());
        assert_eq!(lines.tail().bytes, b"tw");
        std::fs::write(file.path(), "one\ntwo\n").unwrap();
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"two");
        assert!(lines.tail().bytes.is_empty());
    }
}

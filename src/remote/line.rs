//! A long-lived `sh -s` on a node, which runs framed texts one after the other.
//!
//! All texts of a batch are written before the first answer is read, so a batch costs one round
//! trip. A line that failed in any way is dropped, never used again.

use std::time::{Duration, Instant};

use ssh2::Channel;
use zeroize::Zeroizing;

use super::{
    Answer, Call, HostError, Stream, clean,
    frame::{self, Mark, Piece, Reader},
    link::Link,
    pump::{self, Lines},
};

/// A shell that waits for texts on its standard input.
pub(super) struct Line {
    channel: Channel,
    nonce: String,
    readers: [Reader; 2],
    /// What came first and was no mark: a chatty login, or something that is no shell at all.
    heard: Vec<u8>,
    answered: bool,
}

/// How long opening a channel and starting a program on it may take.
pub(super) const OPENING: Duration = Duration::from_secs(15);
/// Bytes of a stranger's words that are worth showing.
const HEARD: usize = 400;

/// One call on its way.
#[derive(Default)]
struct Course {
    lines: [Lines; 2],
    status: [Option<i32>; 2],
    began: Option<Instant>,
    ended: Option<Instant>,
}

/// A word nobody can guess: 128 random bits in hexadecimal.
pub(super) fn nonce() -> Result<String, HostError> {
    let mut bytes = [0; 16];
    openssl::rand::rand_bytes(&mut bytes)
        .map_err(|e| HostError::Lost { reason: format!("no random numbers here: {e}") })?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// Starts `command` on a new channel.
pub(super) fn exec(link: &Link, command: &str) -> Result<Channel, HostError> {
    let mut channel = link.patiently(OPENING, ssh2::Session::channel_session)?;
    link.patiently(OPENING, |_| channel.exec(command))?;
    Ok(channel)
}

impl Line {
    /// Opens a line as the user who logged in, whatever their login shell is.
    pub(super) fn open(link: &Link) -> Result<Self, HostError> {
        Self::over(exec(link, "exec sh -s")?)
    }

    /// A line over a channel on which `sh -s` already listens.
    pub(super) fn over(channel: Channel) -> Result<Self, HostError> {
        let nonce = nonce()?;
        let readers = [Reader::new(&nonce, 0), Reader::new(&nonce, 0)];
        Ok(Self { channel, nonce, readers, heard: Vec::new(), answered: false })
    }

    /// Runs the calls, whose indices for `sink` begin with `first`.
    pub(super) fn run(
        &mut self,
        link: &Link,
        calls: &[Call<'_>],
        first: usize,
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let base = self.readers[0].index();
        let frames: Vec<Zeroizing<Vec<u8>>> = (base..)
            .zip(calls)
            .map(|(index, call)| frame::around(call.text, &Mark::new(&self.nonce, index)))
            .collect();
        let mut unsent = frames.iter();
        let mut input: &[u8] = &[];
        let mut courses: Vec<Course> = calls.iter().map(|_| Course::default()).collect();
        let mut done = 0;
        let mut since = Instant::now();
        while let Some(call) = calls.get(done) {
            while input.is_empty() {
                let Some(frame) = unsent.next() else { break };
                input = frame;
            }
            let end = since + call.limit;
            let over =
                pump::turn(link, &mut self.channel, &mut input, end, &mut |stream, bytes| {
                    if !self.answered && self.heard.len() < HEARD {
                        self.heard.extend(bytes.iter().take(HEARD));
                    }
                    let side = usize::from(stream == Stream::Err);
                    let Some(reader) = self.readers.get_mut(side) else { return };
                    reader.feed(bytes, &mut |index, piece| {
                        self.answered = true;
                        let at = usize::try_from(index - base).unwrap_or(usize::MAX);
                        if let Some(course) = courses.get_mut(at) {
                            course.take(side, piece, &mut |line| sink(first + at, stream, line));
                        }
                    });
                })?;
            while courses.get(done).is_some_and(|course| course.ended.is_some()) {
                done += 1;
                since = Instant::now();
            }
            if done < calls.len() && over {
                return Err(HostError::Lost {
                    reason: self.last_words(courses.into_iter().nth(done)),
                });
            }
            if let Some(late) = calls.get(done).filter(|call| since.elapsed() >= call.limit) {
                return Err(HostError::TimedOut { after: late.limit });
            }
        }
        Ok(courses.into_iter().map(Course::answer).collect())
    }

    /// Why a shell that is gone went, as far as it said so.
    fn last_words(&self, course: Option<Course>) -> String {
        if !self.answered {
            let said = clean::line(self.heard.split(|&b| b == b'\n').next().unwrap_or_default());
            return format!("no shell answers there; it says {said:?} and hangs up");
        }
        let said = course.map(|course| course.lines).and_then(|[_, mut stderr]| {
            stderr.end(&mut |_| {});
            stderr.kept().lines().last().map(|line| format!(": {line}"))
        });
        format!("the shell there ended in the middle{}", said.unwrap_or_default())
    }

    /// Hangs up without waiting for the other side.
    pub(super) fn close(mut self) {
        // Non-blocking: "try again" is the expected answer, and the message is on its way.
        drop(self.channel.close());
    }
}

impl Course {
    fn take(&mut self, side: usize, piece: Piece<'_>, line: &mut dyn FnMut(&str)) {
        match piece {
            Piece::Begin => {
                self.began.get_or_insert_with(Instant::now);
            }
            Piece::Bytes(bytes) => {
                if let Some(lines) = self.lines.get_mut(side) {
                    lines.feed(bytes, line);
                }
            }
            Piece::End(status) => {
                if let Some(lines) = self.lines.get_mut(side) {
                    lines.end(line);
                }
                if let Some(seen) = self.status.get_mut(side) {
                    *seen = Some(status);
                }
                if self.status.iter().all(Option::is_some) {
                    self.ended = Some(Instant::now());
                }
            }
        }
    }

    fn answer(self) -> Answer {
        let [stdout, stderr] = self.lines.map(Lines::kept);
        let took = self.began.zip(self.ended).map(|(began, ended)| ended - began);
        let status = self.status.into_iter().flatten().next().unwrap_or(-1);
        Answer { status, stdout, stderr, took: took.unwrap_or_default() }
    }
}

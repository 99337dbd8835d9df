//! A host that answers from a script: for tests of our own logic, never proof that a step works.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use super::{Answer, Call, Host, HostError, Stream, Wire};

/// Answers in order, and fails the test on the unexpected and on the never asked.
#[derive(Debug, Default)]
pub struct ScriptedHost {
    replies: VecDeque<Reply>,
}

#[derive(Debug)]
struct Reply {
    /// A part of the text that is expected, which names it well enough.
    of: String,
    answer: Answer,
}

impl ScriptedHost {
    /// Next comes a text that contains `part`; it ends with `status` and prints `stdout`.
    #[must_use]
    pub fn expect(mut self, part: &str, status: i32, stdout: &str) -> Self {
        let (stdout, stderr) = (stdout.to_owned(), String::new());
        let answer = Answer { status, stdout, stderr, took: Duration::ZERO };
        self.replies.push_back(Reply { of: part.to_owned(), answer });
        self
    }
}

impl Host for ScriptedHost {
    #[expect(clippy::panic, reason = "a scripted host exists to fail tests")]
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let mut answers = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let text = String::from_utf8_lossy(call.text);
            let Some(reply) = self.replies.pop_front() else { panic!("unscripted: {text}") };
            assert!(text.contains(&reply.of), "expected {:?}, got: {text}", reply.of);
            reply.answer.stdout.lines().for_each(|line| sink(index, Stream::Out, line));
            answers.push(reply.answer);
        }
        Ok(answers)
    }

    fn dial(&mut self, to: SocketAddr, _: Duration) -> Result<Box<dyn Wire + '_>, HostError> {
        Err(HostError::Unreachable { to, reason: "scripted".to_owned() })
    }
}

impl Drop for ScriptedHost {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.replies.is_empty(), "never asked: {:?}", self.replies);
        }
    }
}

//! Becoming root with sudo, without ever sending a password where none was asked for.
//!
//! `sudo -S` reads the password from where the texts come from. Where it wants none, the password
//! would be read by the shell instead. So sudo gets a prompt nobody can guess, and the password is
//! sent only when that shows; texts are sent only once the shell has said that it listens.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{
    HostError, Stream,
    ask::{Ask, Prompter, Reply},
    clean,
    line::{self, Line},
    link::Link,
    pump,
};
use crate::cluster::Secret;

/// Why sudo gave no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SudoError {
    /// It is not installed.
    #[error("sudo is not installed there; log in as root, or install sudo")]
    Missing,
    /// `requiretty` is set.
    #[error("sudo wants a terminal (requiretty); log in as root, or lift that in sudoers")]
    NeedsTty,
    /// sudo said no.
    #[error("sudo refuses {user}: {said}")]
    Refused {
        /// Who asked.
        user: String,
        /// sudo's words.
        said: String,
    },
    /// A password is needed, and nobody can be asked for it.
    #[error(
        "sudo wants {user}'s password, and there is nobody to ask; log in as root, or give {user} NOPASSWD"
    )]
    NobodyToAsk {
        /// Whose password.
        user: String,
    },
    /// Three different wrong passwords.
    #[error("sudo did not take {user}'s password")]
    Wrong {
        /// Whose password.
        user: String,
    },
    /// What runs there instead of what we asked for (`ForceCommand`).
    #[error("no sudo and no shell answer there; it says {said:?} and hangs up")]
    NoShell {
        /// Its first words, made harmless.
        said: String,
    },
    /// The person did not want to answer.
    #[error("no password was given for sudo")]
    Declined,
    /// Something else went wrong on the way.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// How long sudo may think about a question (PAM waits two seconds after a wrong password).
const THINKING: Duration = Duration::from_secs(20);
/// Passwords asked for; every wrong one counts against the account (`pam_faillock`).
const TRIES: usize = 3;
/// New sudos after one did not wait for the person (`passwd_timeout`).
const RETURNS: usize = 4;
/// What sudo says then.
const TOO_LATE: &str = "timed out reading password";

/// Opens a line as root. `password` is the one that worked before, and is filled in with the one
/// that works now; it stays `None` if sudo wants none.
pub(super) fn open(
    link: &Link,
    user: &str,
    host: &str,
    password: &mut Option<Secret>,
    prompter: &dyn Prompter,
) -> Result<Line, SudoError> {
    let (mut wrong, mut late) = (0, 0);
    while wrong < TRIES {
        match once(link, user, host, password, wrong > 0, prompter)? {
            Came::Root(shell) => return Ok(shell),
            // The answer is for the next sudo.
            Came::TooLate if late < RETURNS => late += 1,
            Came::TooLate => return Err(refusal(user, None, TOO_LATE.as_bytes(), &[])),
            Came::Wrong => {
                wrong += 1;
                *password = None;
            }
        }
    }
    Err(SudoError::Wrong { user: user.to_owned() })
}

/// What came of one sudo.
enum Came {
    /// The shell listens.
    Root(Line),
    /// The password was wrong.
    Wrong,
    /// It had ended when there was an answer.
    TooLate,
}

/// One sudo, one password at most.
fn once(
    link: &Link,
    user: &str,
    host: &str,
    password: &mut Option<Secret>,
    again: bool,
    prompter: &dyn Prompter,
) -> Result<Came, SudoError> {
    let nonce = line::nonce()?;
    let (prompt, go) = (format!("[[password-{nonce}]]"), format!("[[go-{nonce}]]"));
    // sudo's words in English, whatever the machine's language is.
    let command = format!(
        "exec env LC_ALL=C sudo -S -p '{prompt}' sh -c 'printf %s \"{go}\" >&2; exec sh -s'"
    );
    let mut channel = line::exec(link, &command)?;
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    let mut answer: Zeroizing<Vec<u8>>;
    let mut sent = false;
    let mut input: &[u8] = &[];
    let mut end = Instant::now() + THINKING;
    loop {
        let over = pump::turn(link, &mut channel, &mut input, end, &mut |stream, bytes| {
            let words = if stream == Stream::Err { &mut said } else { &mut heard };
            if words.len() < Answered::LONGEST {
                words.extend_from_slice(bytes);
            }
        })?;
        match Answered::by(&said, &prompt, &go) {
            Answered::Go => return Ok(Came::Root(Line::over(channel)?)),
            Answered::Prompts(n) if n > usize::from(sent) => {
                if sent {
                    drop(channel.close());
                    return Ok(Came::Wrong);
                }
                answer = answer_to(user, host, password, again, prompter).inspect_err(|_| {
                    drop(channel.close());
                })?;
                (sent, input) = (true, &answer);
                end = Instant::now() + THINKING;
            }
            Answered::Prompts(_) if over => {
                if sent && String::from_utf8_lossy(&said).contains(TOO_LATE) {
                    return Ok(Came::TooLate);
                }
                let status = link.patiently(line::OPENING, |_| channel.wait_close());
                let status = status.ok().and_then(|()| channel.exit_status().ok());
                return Err(refusal(user, status, &said, &heard));
            }
            Answered::Prompts(_) if Instant::now() >= end => {
                drop(channel.close());
                return Err(refusal(user, None, &said, &heard));
            }
            Answered::Prompts(_) => {}
        }
    }
}

/// What sudo has said so far.
enum Answered {
    /// The shell listens.
    Go,
    /// It asked that many times.
    Prompts(usize),
}

impl Answered {
    /// More than any lecture; what floods beyond it is no sudo.
    const LONGEST: usize = 64 * 1024;

    fn by(said: &[u8], prompt: &str, go: &str) -> Self {
        let text = String::from_utf8_lossy(said);
        if text.contains(go) { Self::Go } else { Self::Prompts(text.matches(prompt).count()) }
    }
}

/// The password as it is sent.
fn answer_to(
    user: &str,
    host: &str,
    password: &mut Option<Secret>,
    again: bool,
    prompter: &dyn Prompter,
) -> Result<Zeroizing<Vec<u8>>, SudoError> {
    let secret = if let Some(secret) = password.take() {
        secret
    } else {
        let (user, host) = (user.to_owned(), host.to_owned());
        match prompter.ask(&Ask::SudoPassword { user: user.clone(), host, again }) {
            Some(Reply::Secret(secret)) => secret,
            Some(_) => return Err(SudoError::Declined),
            None => return Err(SudoError::NobodyToAsk { user }),
        }
    };
    let mut answer = Zeroizing::new(Vec::with_capacity(secret.reveal().len() + 1));
    answer.extend_from_slice(secret.reveal());
    answer.push(b'\n');
    *password = Some(secret);
    Ok(answer)
}

/// Why sudo ended without a shell, from its exit status and its words.
fn refusal(user: &str, status: Option<i32>, said: &[u8], heard: &[u8]) -> SudoError {
    let mut lines = said.split(|&b| b == b'\n').map(clean::line);
    let last = lines.rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    if status == Some(127) {
        return SudoError::Missing;
    }
    if last.contains("must have a tty") {
        return SudoError::NeedsTty;
    }
    if status == Some(0) {
        let first = heard.split(|&b| b == b'\n').next().unwrap_or_default();
        return SudoError::NoShell { said: clean::line(first) };
    }
    let said = if last.is_empty() { "it says nothing".to_owned() } else { last };
    SudoError::Refused { user: user.to_owned(), said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_apart() {
        let refused =
            |said: &str| SudoError::Refused { user: "eve".to_owned(), said: said.to_owned() };
        for (status, said, want) in [
            (Some(127), "env: 'sudo': No such file or directory\n", SudoError::Missing),
            (Some(1), "sudo: sorry, you must have a tty to run sudo\n", SudoError::NeedsTty),
            (
                Some(1),
                "lecture\neve is not in the sudoers file.\n",
                refused("eve is not in the sudoers file."),
            ),
            (None, "", refused("it says nothing")),
            (Some(0), "", SudoError::NoShell { said: "hello".to_owned() }),
        ] {
            assert_eq!(refusal("eve", status, said.as_bytes(), b"hello\n"), want);
        }
    }
}

//! Running this computer's own commands, and saying what they said when they fail.

use std::{ffi::OsStr, io, process::Command};

use super::error::Error;

/// A command with a plain, predictable environment.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8").env_remove("TMPDIR").stdin(std::process::Stdio::null());
    command
}

/// Runs it to its end; its standard output, or why it failed in its own words.
pub(super) fn run<S: AsRef<OsStr>>(program: &'static str, args: &[S]) -> Result<String, Error> {
    let mut command = command(program);
    command.args(args);
    let output = command.output().map_err(|e| not_started(program, &command, &e))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(&command, output.status, &last_lines(&said, 3)))
}

/// It could not even be started.
pub(super) fn not_started(program: &'static str, command: &Command, error: &io::Error) -> Error {
    match super::tools::package_of(program) {
        Some(package) if error.kind() == io::ErrorKind::NotFound => {
            Error::Missing { command: program, package }
        }
        _ => Error::Command {
            command: words(command),
            status: "no start".to_owned(),
            says: error.to_string(),
        },
    }
}

/// It ran, and failed.
pub(super) fn failed(command: &Command, status: std::process::ExitStatus, says: &str) -> Error {
    Error::Command { command: words(command), status: status.to_string(), says: says.to_owned() }
}

fn words(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}

/// The last lines that say something, without escape sequences and control characters.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().map(printable).filter(|l| !l.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// What is left of a line once escape sequences (ECMA-48 CSI, and strings like OSC) and control
/// characters are gone: a machine's console must not reach into the terminal of a person.
fn printable(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                chars.by_ref().find(|c| matches!(c, '@'..='~'));
            }
            '\u{1b}' if chars.next_if(|c| matches!(c, ']' | 'P' | '^' | '_' | 'X')).is_some() => {
                chars.by_ref().find(|c| matches!(c, '\u{7}' | '\\'));
            }
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_cannot_reach_the_terminal() {
        let cases = [
            ("[\u{1b}[0;32m  OK  \u{1b}[0m] Reached", "[  OK  ] Reached"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("a\rb\u{8}c\u{9b}31m", "abc31m"),
            ("\u{1b}", ""),
        ];
        for (raw, want) in cases {
            assert_eq!(printable(raw), want, "{raw:?}");
        }
    }

    #[test]
    fn the_last_lines_are_those_that_say_something() {
        assert_eq!(last_lines("one\n\ntwo\n \nthree\n", 2), "two\nthree");
    }

    #[test]
    fn a_failure_says_what_the_command_said() {
        let error = run("sh", &["-c", "echo nothing there >&2; exit 3"]).unwrap_err().to_string();
        assert!(error.ends_with("ended with exit status: 3: nothing there"), "{error}");
    }
}

//! Questions on a terminal, one line each. Without a terminal nobody is asked.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    sync::{Mutex, PoisonError},
};

use crate::{
    cluster::Secret,
    remote::ask::{Ask, Prompter, Reply},
};

/// Asks on the terminal the program was started from.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnTerminal;

impl Prompter for OnTerminal {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        /// Threads may ask at the same time; a terminal has one line.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        match ask {
            Ask::HostKey { host, key_type, fingerprint, other_types_known, .. } => {
                let mut text = format!(
                    "The host key of {host} is not known here.\n  {key_type} {fingerprint}\n"
                );
                if !other_types_known.is_empty() {
                    let others = other_types_known.join(", ");
                    text += "  Keys of another type are known of it: ";
                    text += &others;
                    text += ".\n";
                }
                text += "Compare it with what the machine says. Is it right? (yes or no) ";
                let yes = line(&text)?.trim() == "yes";
                Some(if yes { Reply::Yes } else { Reply::No })
            }
            Ask::Passphrase { file, again } => {
                hidden(*again, &format!("Passphrase of {}: ", file.display()))
            }
            Ask::Password { user, host, again, .. } => {
                hidden(*again, &format!("Password of {user} on {host}: "))
            }
            Ask::SudoPassword { user, host, again } => {
                hidden(*again, &format!("sudo password of {user}, tried on {host} first: "))
            }
            Ask::Interactive { host, prompt, echo: true, again, .. } => {
                let text = format!("{}{host} asks: {prompt} ", not_right(*again));
                line(&text).map(|text| Reply::Secret(text.into()))
            }
            Ask::Interactive { host, prompt, echo: false, again, .. } => {
                hidden(*again, &format!("{host} asks: {prompt} "))
            }
        }
    }
}

fn hidden(again: bool, text: &str) -> Option<Reply> {
    let secret = rpassword::prompt_password(format!("{}{text}", not_right(again))).ok()?;
    Some(Reply::Secret(Secret::from(secret)))
}

fn not_right(again: bool) -> &'static str {
    if again { "That was not right. " } else { "" }
}

/// A line from the terminal itself, whatever standard input is.
#[must_use]
pub fn line(text: &str) -> Option<String> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    write!(terminal, "{text}").and_then(|()| terminal.flush()).ok()?;
    let mut answer = String::new();
    BufReader::new(terminal).read_line(&mut answer).ok()?;
    Some(answer.trim_end_matches('\n').to_owned())
}

//! Answers to what a server asks by itself (keyboard-interactive, RFC 4256).

use ssh2::{KeyboardInteractivePrompt, Prompt};

use crate::{
    cluster::Secret,
    remote::{
        ask::{Ask, Prompter, Reply},
        clean,
        link::Link,
        ssh_config::Settings,
    },
};

/// Answers to the server's questions.
pub(super) struct Answers<'a> {
    pub(super) settings: &'a Settings,
    pub(super) hop: bool,
    pub(super) prompter: &'a dyn Prompter,
    /// The password, if the person gave one already.
    pub(super) password: Option<Secret>,
    /// It was answered with: it is not right if it is wanted again.
    pub(super) repeated: bool,
    /// What was wanted, if anything was.
    pub(super) wanted: Wanted,
    pub(super) again: bool,
    pub(super) link: &'a Link,
    pub(super) ended: Option<Ended>,
}

/// What the server asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Password,
    /// Something else, too.
    More,
}

/// Why there is no answer, or none for this session.
pub(super) enum Ended {
    Nobody,
    Declined,
    TooLate,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _: &str, _: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        prompts.iter().map(|prompt| self.answer(prompt).unwrap_or_default()).collect()
    }
}

impl Answers<'_> {
    fn answer(&mut self, prompt: &Prompt<'_>) -> Option<String> {
        let (user, host) = (self.settings.user.clone(), self.settings.host.clone());
        let is_password = !prompt.echo && wants_password(&prompt.text);
        if !is_password {
            self.wanted = Wanted::More;
        } else if self.wanted == Wanted::Nothing {
            self.wanted = Wanted::Password;
        }
        if let Some(known) = self.password.as_ref().filter(|_| is_password && !self.repeated) {
            self.repeated = true;
            return Some(String::from_utf8_lossy(known.reveal()).into_owned());
        }
        let ask = if is_password {
            Ask::Password { user, host, hop: self.hop, again: self.again }
        } else {
            let text = clean::line(prompt.text.trim().as_bytes());
            Ask::Interactive {
                host,
                hop: self.hop,
                prompt: text,
                echo: prompt.echo,
                again: self.again,
            }
        };
        match self.prompter.ask(&ask) {
            Some(Reply::Secret(secret)) => {
                let text = String::from_utf8_lossy(secret.reveal()).into_owned();
                if is_password {
                    self.password = Some(secret);
                }
                self.ended = self.link.is_over().then_some(Ended::TooLate);
                return Some(text);
            }
            Some(_) => self.ended = Some(Ended::Declined),
            None => self.ended = Some(Ended::Nobody),
        }
        None
    }
}

/// Whether it is the login's password that is wanted: PAM says `Password: ` then (`PAM_AUTHTOK`). A
/// one-time password is none: it is right once.
fn wants_password(prompt: &str) -> bool {
    let start = prompt.trim_start().get(..8);
    start.is_some_and(|start| start.eq_ignore_ascii_case("password"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_password_is_no_password() {
        for (prompt, want) in [
            ("Password: ", true),
            ("Password for alice@n1:", true),
            ("One-time password (OATH) for `alice': ", false),
            ("Verification code: ", false),
            ("пароль: ", false),
            ("", false),
        ] {
            assert_eq!(wants_password(prompt), want, "{prompt:?}");
        }
    }
}

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
    pub(super) password: Option<Secret>,
    pub(super) again: bool,
    pub(super) link: &'a Link,
    pub(super) ended: Option<Ended>,
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
        let is_password = !prompt.echo && prompt.text.to_ascii_lowercase().contains("password");
        if let Some(known) = self.password.take().filter(|_| is_password) {
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
                self.password = is_password.then_some(secret);
                self.ended = self.link.is_over().then_some(Ended::TooLate);
                return Some(text);
            }
            Some(_) => self.ended = Some(Ended::Declined),
            None => self.ended = Some(Ended::Nobody),
        }
        None
    }
}

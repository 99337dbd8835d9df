//! What the keys do at this moment, in the page's own words: dispatch, the hint line and the help
//! all ask here.

use std::borrow::Cow;

use crossterm::event::KeyCode;

use super::{
    Model, Overlay, Page,
    keymap::{Command, key_of},
    page,
};

/// Some commands that mean something now, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which; the hint shows their keys.
    pub commands: &'static [Command],
    /// What they do here; empty if the hint line has no room to say so.
    pub word: Cow<'static, str>,
}

impl Offer {
    /// These commands do that.
    #[must_use]
    pub fn new(commands: &'static [Command], word: impl Into<Cow<'static, str>>) -> Self {
        Self { commands, word: word.into() }
    }

    /// Up and down.
    #[must_use]
    pub fn arrows_up_down(word: &'static str) -> Self {
        Self::new(&[Command::Up, Command::Down], word)
    }

    /// The keys, as the hint writes them: `↑↓`, `Enter`.
    #[must_use]
    pub fn keys(&self) -> String {
        let shown = match self.commands {
            [Command::Member(_), ..] => return "1-5".to_owned(),
            // Two ways to the same: the first is enough.
            [Command::Enter, ..] => self.commands.get(..1).unwrap_or_default(),
            all => all,
        };
        let between = if shown.iter().any(|c| matches!(c, Command::PageUp | Command::Faster)) {
            " "
        } else {
            ""
        };
        let names: Vec<_> = shown.iter().filter_map(|c| key_of(*c)).map(|k| k.name).collect();
        names.join(between)
    }
}

/// What the keys do now.
#[must_use]
pub fn offers(model: &Model) -> Vec<Offer> {
    if let Some(dialog) = model.dialogs.front() {
        return dialog.offers();
    }
    let mut offers = on_page(model);
    if let Some(overlay) = model.overlay {
        offers.retain(|o| o.commands.iter().any(|c| matches!(c, Command::Quit | Command::Play)));
        offers.splice(0..0, over(overlay));
    }
    with_common(model, offers)
}

/// What the keys do on the page, once nothing lies over it.
#[must_use]
pub fn below(model: &Model) -> Vec<Offer> {
    with_common(model, on_page(model))
}

fn on_page(model: &Model) -> Vec<Offer> {
    if let Some(replay) = &model.replay {
        return page::replay::offers(model, replay);
    }
    let mut offers = match model.page {
        Page::Welcome => page::welcome::offers(model),
        Page::Building => page::building::offers(model),
        Page::Nodes => page::nodes::offers(model),
        Page::Access => page::access::offers(model),
        Page::Certificates => page::certificates::offers(model),
        Page::Etcd => page::etcd::offers(model),
        Page::ByHand => page::by_hand::offers(model),
        Page::Review => page::review::offers(model),
        Page::Guided => page::guided::offers(model),
        Page::Run => page::run::offers(model),
        Page::Failure => page::failure::offers(model),
        Page::Drill => page::drill::offers(model),
        Page::Result => page::result::offers(model),
    };
    if page::awaits_text(model) {
        let is_letter = |command: &Command| {
            key_of(*command)
                .is_some_and(|key| matches!(key.code, KeyCode::Char(ch) if ch.is_alphabetic()))
        };
        offers.retain(|offer| !offer.commands.iter().any(is_letter));
        offers.push(Offer::new(&[Command::Interrupt], "quit"));
    }
    offers
}

fn with_common(model: &Model, mut offers: Vec<Offer>) -> Vec<Offer> {
    if !model.typing() && !model.shell_has_keys() {
        offers.push(Offer::new(&[Command::Help], "keys"));
    }
    offers.push(Offer::new(&[Command::Interrupt, Command::Suspend], ""));
    offers
}

fn over(overlay: Overlay) -> Vec<Offer> {
    let mut offers = vec![Offer::new(&[Command::PageUp, Command::PageDown], "scroll")];
    if matches!(overlay, Overlay::Log | Overlay::Script | Overlay::Diffs) {
        offers.push(Offer::new(&[Command::Left, Command::Right], "node"));
    }
    offers.push(Offer::new(&[Command::Back], "back"));
    offers.push(Offer::new(&[Command::Up, Command::Down], ""));
    offers.push(Offer::new(
        &[
            Command::Why,
            Command::Log,
            Command::Table,
            Command::Script,
            Command::Looked,
            Command::Diffs,
            Command::Enter,
        ],
        "",
    ));
    offers
}

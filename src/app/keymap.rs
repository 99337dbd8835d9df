//! Every key of the program, as one table, with one meaning each on every page.
//!
//! Dispatch, the hint line and the help read this table, so that a hint cannot promise a key that
//! does nothing. It must not know the pages: they say which commands they have just now.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// The marked thing.
    Enter,
    /// Back; loses nothing.
    Back,
    /// The one above.
    Up,
    /// The one below.
    Down,
    /// The one to the left.
    Left,
    /// The one to the right.
    Right,
    /// The next field.
    Next,
    /// The field before.
    Previous,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Why this is done.
    Why,
    /// The whole log of a node.
    Log,
    /// A shell on a node.
    Shell,
    /// Again.
    Again,
    /// Pause, or go on.
    Pause,
    /// Take a step on a node back.
    Undo,
    /// A hint.
    Hint,
    /// What was looked at, and what it said.
    Looked,
    /// What changes in files.
    Diffs,
    /// The plan as a script.
    Script,
    /// The lab's table.
    Table,
    /// Step by step.
    Guided,
    /// A mark in the recording.
    Mark,
    /// A bundle for whoever helps.
    Bundle,
    /// One more.
    Add,
    /// One less.
    Drop,
    /// From the shell to the lesson and back.
    Focus,
    /// The keys that mean something here.
    Help,
    /// A member of the toy, 1 to 5.
    Member(u8),
    /// Quit, stop, leave or end: the hint says which.
    Quit,
    /// Quit, and with more weight each time.
    Interrupt,
    /// Into the background.
    Suspend,
    /// Play a recording, or pause it.
    Play,
    /// Play it faster.
    Faster,
    /// Play it slower.
    Slower,
    /// To its start.
    First,
    /// To its end.
    Last,
}

/// A key and its one meaning.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// With what held down; Shift never counts.
    pub mods: KeyModifiers,
    /// What it means.
    pub command: Command,
    /// As it is written on the screen.
    pub name: &'static str,
    /// Its meaning in words, for the help.
    pub means: &'static str,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

const fn plain(code: KeyCode, command: Command, name: &'static str, means: &'static str) -> Key {
    Key { code, mods: NONE, command, name, means }
}

const fn letter(ch: char, command: Command, name: &'static str, means: &'static str) -> Key {
    plain(KeyCode::Char(ch), command, name, means)
}

const fn ctrl(ch: char, command: Command, name: &'static str, means: &'static str) -> Key {
    Key { code: KeyCode::Char(ch), mods: CTRL, command, name, means }
}

/// All keys. No `[ ] { } \ | ~ @`: they need `AltGr` on many keyboards.
pub const KEYS: &[Key] = &[
    plain(KeyCode::Enter, Command::Enter, "Enter", "the marked thing"),
    plain(KeyCode::Esc, Command::Back, "Esc", "back; nothing is lost"),
    plain(KeyCode::Up, Command::Up, "↑", "the one above"),
    plain(KeyCode::Down, Command::Down, "↓", "the one below"),
    plain(KeyCode::Left, Command::Left, "←", "the one to the left"),
    plain(KeyCode::Right, Command::Right, "→", "the one to the right"),
    plain(KeyCode::Char(' '), Command::Play, "Space", "play or pause"),
    plain(KeyCode::Home, Command::First, "Home", "to the start"),
    plain(KeyCode::End, Command::Last, "End", "to the end"),
    letter('+', Command::Faster, "+", "faster"),
    letter('-', Command::Slower, "-", "slower"),
    plain(KeyCode::Tab, Command::Next, "Tab", "next field; a path that is typed goes on"),
    plain(KeyCode::BackTab, Command::Previous, "Shift-Tab", "field before"),
    plain(KeyCode::PageUp, Command::PageUp, "PgUp", "a page up"),
    plain(KeyCode::PageDown, Command::PageDown, "PgDn", "a page down"),
    letter('w', Command::Why, "w", "why this is done"),
    letter('l', Command::Log, "l", "the whole log of the marked node"),
    letter('s', Command::Shell, "s", "a shell on the marked node"),
    letter('r', Command::Again, "r", "again"),
    letter('p', Command::Pause, "p", "pause before the next step, or go on"),
    letter('u', Command::Undo, "u", "take a step on a node back"),
    letter('h', Command::Hint, "h", "a hint, then the line, then do it for me"),
    letter('v', Command::Looked, "v", "what was looked at, and what it said"),
    letter('d', Command::Diffs, "d", "what changes in files"),
    letter('x', Command::Script, "x", "the plan as a script"),
    letter('t', Command::Table, "t", "the lab's table"),
    letter('g', Command::Guided, "g", "step by step"),
    letter('m', Command::Mark, "m", "a mark in the recording"),
    letter('b', Command::Bundle, "b", "a bundle for whoever helps"),
    letter('a', Command::Add, "a", "one more"),
    plain(KeyCode::Delete, Command::Drop, "Del", "one less"),
    plain(KeyCode::F(2), Command::Focus, "F2", "between shell and lesson"),
    letter('1', Command::Member(1), "1", "the first member, on or off"),
    letter('2', Command::Member(2), "2", "the second member, on or off"),
    letter('3', Command::Member(3), "3", "the third member, on or off"),
    letter('4', Command::Member(4), "4", "the fourth member, on or off"),
    letter('5', Command::Member(5), "5", "the fifth member, on or off"),
    letter('?', Command::Help, "?", "the keys that mean something here"),
    letter('q', Command::Quit, "q", "quit, stop, leave or end, as the line below says"),
    ctrl('c', Command::Interrupt, "Ctrl-C", "like q; again, with more weight"),
    ctrl('z', Command::Suspend, "Ctrl-Z", "into the background; fg comes back"),
];

/// The command of a key; while `typing`, letters are text and give none.
///
/// Release and repeat give none either: the kitty protocol reports both, and a held Enter must not
/// skip a page.
#[must_use]
pub fn command_for(key: &KeyEvent, typing: bool) -> Option<Command> {
    if key.kind != KeyEventKind::Press {
        return None;
    }
    // Shift is in `Char('?')` already, and some terminals report it besides.
    let mods = key.modifiers.difference(KeyModifiers::SHIFT);
    if typing && mods.is_empty() && matches!(key.code, KeyCode::Char(_) | KeyCode::Delete) {
        return None;
    }
    let code = match key.code {
        KeyCode::Char(ch) => KeyCode::Char(ch.to_ascii_lowercase()),
        other => other,
    };
    KEYS.iter().find(|k| k.code == code && k.mods == mods).map(|k| k.command)
}

/// How the screen writes a command's key, and what it means.
#[must_use]
pub fn key_of(command: Command) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.command == command)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = HashSet::new();
        for key in KEYS {
            assert!(seen.insert((key.code, key.mods)), "{} is there twice", key.name);
            assert_eq!(
                key_of(key.command).map(|k| k.name),
                Some(key.name),
                "two keys, one meaning"
            );
        }
    }

    #[test]
    fn multiplexers_flow_control_and_other_keyboards_keep_their_keys() {
        for key in KEYS {
            if key.mods == CTRL {
                // Ctrl-Z is ours on purpose: raw mode would swallow it.
                assert!(!matches!(key.code, KeyCode::Char('a' | 'b' | 's' | 'q')), "{}", key.name);
            }
            assert!(
                !matches!(key.code, KeyCode::Char(c) if "[]{}\\|~@".contains(c)),
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn letters_are_text_while_typing() {
        for ch in 'a'..='z' {
            assert_eq!(command_for(&KeyEvent::new(KeyCode::Char(ch), NONE), true), None, "{ch}");
        }
        let interrupt = KeyEvent::new(KeyCode::Char('c'), CTRL);
        assert_eq!(command_for(&interrupt, true), Some(Command::Interrupt));
    }

    #[test]
    fn a_held_key_and_a_released_one_do_nothing() {
        let mut enter = KeyEvent::new(KeyCode::Enter, NONE);
        enter.kind = KeyEventKind::Repeat;
        assert_eq!(command_for(&enter, false), None);
        enter.kind = KeyEventKind::Release;
        assert_eq!(command_for(&enter, false), None);
    }
}

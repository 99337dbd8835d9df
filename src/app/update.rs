//! A message in, effects out: the dispatch that is the same on every page.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::InputRequest;

use super::{
    Dialog, Effect, Exit, Model, Msg, Order, Overlay, Page, dialog,
    keymap::{Command, command_for},
    page, says,
};

/// How far a page of scrolling goes, in lines.
const PAGE: usize = 8;

/// Takes a message in.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => model.now = now,
        Msg::Key(key) => return on_key(model, &key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Run(stamped) => page::run::happened(model, &stamped),
        Msg::RunGone => gone(model),
        Msg::Asked { id, ask } => model.dialogs.push_back(Dialog::ask(id, ask)),
        // Drawing asks the terminal for its size by itself.
        Msg::Resized => {}
        Msg::Redraw => return vec![Effect::Redraw],
        Msg::Suspend => return vec![Effect::Suspend],
        Msg::Interrupt => return on_command(model, Command::Interrupt),
        Msg::Terminate => {
            let stop = Effect::Order(Order::Stop { at_once: false });
            return vec![stop, Effect::Exit(Exit::Terminated)];
        }
    }
    Vec::new()
}

/// The run's threads have ended, with or without a last event.
fn gone(model: &mut Model) {
    model.run_gone = true;
    if matches!(model.page, Page::Run | Page::Review | Page::Guided) && model.run.ended.is_none() {
        model.page = Page::Failure;
        model.dialogs.clear();
        page::failure::mark_node(model);
    }
}

fn on_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.said = None;
    let typing = model.dialogs.front().is_some_and(Dialog::typing);
    match command_for(key, typing) {
        // Arrows move in the text while some is typed.
        Some(Command::Left | Command::Right) | None if typing => {
            if let Some(request) = edit(key) {
                dialog::edit(model, request);
            }
            Vec::new()
        }
        Some(command) => on_command(model, command),
        None => {
            if key.kind == KeyEventKind::Press {
                model.said = Some(says::idle(None));
            }
            Vec::new()
        }
    }
}

fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    if command == Command::Suspend {
        return vec![Effect::Suspend];
    }
    if command == Command::Interrupt && model.run.stopping && model.running() {
        return dialog::stop(model);
    }
    if !model.has(command) {
        model.said = Some(says::idle(Some(command)));
        return Vec::new();
    }
    if !model.dialogs.is_empty() {
        return dialog::on(model, command);
    }
    if model.overlay.is_some() && over(model, command) {
        return Vec::new();
    }
    match (command, model.page) {
        (Command::Help, _) => lay(model, Overlay::Help),
        (Command::Why, _) => lay(model, Overlay::Why),
        (Command::Log, _) | (Command::Enter, Page::Run) => lay(model, Overlay::Log),
        (Command::Table, _) => lay(model, Overlay::Table),
        (Command::Script, _) => lay(model, Overlay::Script),
        (_, Page::Review) => return page::review::on(model, command),
        (_, Page::Guided) => return page::guided::on(model, command),
        (_, Page::Run) => return page::run::on(model, command),
        (_, Page::Failure) => return page::failure::on(model, command),
        (_, Page::Result) => return page::result::on(model, command),
    }
    Vec::new()
}

/// Lays something over the page, or takes it away if it lies there already.
fn lay(model: &mut Model, overlay: Overlay) {
    model.overlay = if model.overlay == Some(overlay) { None } else { Some(overlay) };
    model.scrolled = 0;
}

/// A command while something lies over the page; whether it was taken.
fn over(model: &mut Model, command: Command) -> bool {
    // The log begins at its end, everything else at its start.
    let from_end = model.overlay == Some(Overlay::Log);
    let scrolled = model.scrolled;
    let (more, less) = (|by: usize| scrolled.saturating_add(by), |by| scrolled.saturating_sub(by));
    match command {
        Command::Back | Command::Enter => model.overlay = None,
        Command::Up => model.scrolled = if from_end { more(1) } else { less(1) },
        Command::Down => model.scrolled = if from_end { less(1) } else { more(1) },
        Command::PageUp => model.scrolled = if from_end { more(PAGE) } else { less(PAGE) },
        Command::PageDown => model.scrolled = if from_end { less(PAGE) } else { more(PAGE) },
        Command::Left => model.node = model.node.saturating_sub(1),
        Command::Right => {
            model.node = (model.node + 1).min(model.run.nodes.len().saturating_sub(1));
        }
        _ => return false,
    }
    // Nothing is longer than a node's log; beyond its end there is nothing to see.
    model.scrolled = model.scrolled.min(crate::event::state::NodeState::LOG_LINES);
    true
}

fn paste(model: &mut Model, text: &str) {
    if model.dialogs.front().is_some_and(Dialog::typing) {
        // A passphrase copied with its line end is still the passphrase.
        for ch in text.trim_end_matches(['\r', '\n']).chars().filter(|c| !c.is_control()) {
            dialog::edit(model, InputRequest::InsertChar(ch));
        }
    } else {
        model.said = Some("There is nothing to paste into here.".to_owned());
    }
}

/// What a key does to a line that is typed: the keys of readline(3) that people know.
fn edit(key: &KeyEvent) -> Option<InputRequest> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match (key.code, ctrl || alt) {
        (KeyCode::Backspace, true) => InputRequest::DeletePrevWord,
        (KeyCode::Backspace, false) => InputRequest::DeletePrevChar,
        (KeyCode::Delete, true) => InputRequest::DeleteNextWord,
        (KeyCode::Delete, false) => InputRequest::DeleteNextChar,
        (KeyCode::Left, true) => InputRequest::GoToPrevWord,
        (KeyCode::Left, false) => InputRequest::GoToPrevChar,
        (KeyCode::Right, true) => InputRequest::GoToNextWord,
        (KeyCode::Right, false) => InputRequest::GoToNextChar,
        (KeyCode::Home, _) => InputRequest::GoToStart,
        (KeyCode::End, _) => InputRequest::GoToEnd,
        (KeyCode::Char('w'), _) if ctrl => InputRequest::DeletePrevWord,
        (KeyCode::Char('u'), _) if ctrl => InputRequest::DeleteFromStart,
        (KeyCode::Char('k'), _) if ctrl => InputRequest::DeleteTillEnd,
        (KeyCode::Char(ch), false) => InputRequest::InsertChar(ch),
        // AltGr arrives as Ctrl+Alt on some terminals, and writes a character.
        (KeyCode::Char(ch), true) if ctrl && alt => InputRequest::InsertChar(ch),
        _ => return None,
    })
}

//! A message in, effects out: the dispatch that is the same on every page.

use std::ops::ControlFlow;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::InputRequest;

use super::{
    Dialog, Effect, Exit, Keep, Model, Msg, Order, Overlay, Page, dialog,
    keymap::{Command, command_for},
    page, says,
};

/// How far a page of scrolling goes, in lines.
const PAGE: usize = 8;

/// Takes a message in.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    // What a key leads to is noted, so that a replay shows what was shown.
    let person = matches!(msg, Msg::Key(_)).then(|| page::run::looked(model));
    let mut effects = take(model, msg);
    if let Some(before) = person {
        let looked = page::run::looked(model).filter(|now| Some(now) != before.as_ref());
        effects.extend(looked.map(|looked| Effect::Order(Order::Looked(looked))));
    }
    effects
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let msg = match page::replay::inside::meanwhile(model, msg) {
        ControlFlow::Continue(msg) => msg,
        ControlFlow::Break(effects) => return effects,
    };
    match msg {
        Msg::Tick(now) => {
            model.now = now;
            return page::replay::tick(model);
        }
        Msg::Wound(reel) => return page::replay::wound(model, *reel),
        Msg::Grown { timeline, chapters, goes_on, notes } => {
            model.said = Some(notes).filter(|notes| !notes.is_empty()).or(model.said.take());
            return page::replay::grown(model, timeline, chapters, goes_on);
        }
        Msg::Opened(Ok(opened)) => page::replay::inside::open(model, *opened),
        Msg::Opened(Err(says)) => model.said = Some(says),
        Msg::Reported(how) => page::result::reported(model, how),
        Msg::Key(key) => return on_key(model, &key),
        Msg::Paste(text) => return paste(model, &text),
        Msg::Tried { address, tried } => return page::access::tried(model, address, tried),
        Msg::KeySeen(seen) => return page::access::saw(model, &seen),
        Msg::Building { percent, doing } => page::building::told(model, percent, doing),
        Msg::Built(how) => page::building::ended(model, how),
        Msg::Known(known) => page::welcome::known(model, known),
        Msg::Sorted { wanted, how } => {
            page::certificates::sorted(model, *wanted, how.map(|looked| *looked));
        }
        Msg::Completed { so_far, how } => {
            if page::form(model).is_some_and(|form| form.complete(&so_far, &how.more)) {
                model.said = how.says;
            }
        }
        Msg::Requested(how) => page::certificates::requested(model, how),
        Msg::Saved(how) => return page::etcd::saved(model, how),
        Msg::Checked(checks) => return page::welcome::checked(model, checks),
        Msg::Found { name, way } => return page::nodes::found(model, name, way),
        Msg::Run(stamped) => return page::run::happened(model, &stamped),
        Msg::RunGone => gone(model),
        Msg::Asked { id, ask } if model.page == Page::Access => {
            return page::access::asked(model, id, ask);
        }
        Msg::Asked { .. } if model.page == Page::Nodes => {
            // It was under way when the page for it was left.
            return vec![Effect::BeAsked(false)];
        }
        Msg::Asked { id, ask } => model.dialogs.push_back(Dialog::ask(id, ask)),
        Msg::Resized(columns, rows) => {
            model.window = (columns, rows);
            return page::by_hand::fit(model);
        }
        Msg::Kept { keep: Keep::Ticket { .. }, how } => return page::review::saved(model, how),
        Msg::Kept { keep: Keep::Bundle, how } => page::failure::bundled(model, how),
        Msg::Shell(bytes) => page::by_hand::said(model, &bytes),
        Msg::Overheard(finding) => return page::by_hand::overheard(model, finding),
        Msg::ShellEnded(how) => model.by_hand.ended = Some(how),
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
    if model.page == Page::ByHand && model.run.ended.is_none() {
        model.by_hand.from = Page::Failure;
        return;
    }
    if !matches!(model.page, Page::Failure | Page::Result | Page::Drill)
        && model.run.ended.is_none()
    {
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
    if model.shell_has_keys() && key.code != KeyCode::F(2) {
        let application = model.by_hand.shell.screen().application_cursor();
        let bytes = page::by_hand::bytes_of(key, application);
        return page::by_hand::typed(model, bytes);
    }
    let typing = model.typing();
    let command = command_for(key, typing);
    if typing {
        return on_typed(model, key, command);
    }
    // A letter that means something elsewhere is text here.
    let meant = command.is_some_and(|command| model.has(command));
    if !meant && key.kind == KeyEventKind::Press && begin_typing(model, key) {
        return Vec::new();
    }
    if let Some(command) = command {
        return on_command(model, command);
    }
    if key.kind == KeyEventKind::Press {
        model.said = Some(says::idle(model, None));
    }
    Vec::new()
}

/// A letter that means nothing else begins to edit the marked field.
fn begin_typing(model: &mut Model, key: &KeyEvent) -> bool {
    let covered = !model.dialogs.is_empty() || model.overlay.is_some();
    let Some(request @ InputRequest::InsertChar(_)) = edit(key).filter(|_| !covered) else {
        return false;
    };
    if model.page == Page::Nodes {
        page::nodes::typing_begins(model, request);
    }
    let Some(form) = page::form(model).filter(|form| !form.on_button()) else { return false };
    form.begin();
    form.edit(request);
    true
}

/// A key while letters are text: arrows move in it, Enter and Tab end it, Esc undoes it.
fn on_typed(model: &mut Model, key: &KeyEvent, command: Option<Command>) -> Vec<Effect> {
    // A field that stands alone on its page is left by the arrows, too.
    let leaves = model.page == Page::Access && model.dialogs.is_empty();
    let moves = matches!(command, Some(Command::Up | Command::Down)) && leaves;
    let edits = !moves
        && !matches!(
            command,
            Some(
                Command::Enter
                    | Command::Back
                    | Command::Next
                    | Command::Previous
                    | Command::Interrupt
                    | Command::Suspend
            )
        );
    if edits {
        if let Some(request) = edit(key) {
            type_in(model, request);
        }
        return Vec::new();
    }
    let Some(command) = command else { return Vec::new() };
    if !model.dialogs.is_empty() || matches!(command, Command::Interrupt | Command::Suspend) {
        return on_command(model, command);
    }
    let Some(form) = page::form(model) else { return on_command(model, command) };
    if let (Command::Next, Some(so_far)) = (command, form.path_so_far()) {
        model.said = Some("Looking which folders are there.".to_owned());
        return vec![Effect::Complete { so_far }];
    }
    if command == Command::Back {
        form.undo();
        return Vec::new();
    }
    let (at, before) = (form.at, form.before.clone().unwrap_or_default());
    let changed = form.end();
    if !leaves {
        form.go(command);
    }
    if changed {
        page::edited(model, at, &before)
    } else if leaves && command != Command::Enter {
        on_command(model, command)
    } else {
        Vec::new()
    }
}

/// Text goes into the field that is edited, else into what lies over the page.
fn type_in(model: &mut Model, request: InputRequest) {
    match page::form(model) {
        Some(form) if form.editing() => form.edit(request),
        _ => dialog::edit(model, request),
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
        model.said = Some(says::idle(model, Some(command)));
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
        (Command::Mark, _) => model.dialogs.push_front(Dialog::mark()),
        (Command::Diffs, _) => lay(model, Overlay::Diffs),
        (Command::Script, _) => lay(model, Overlay::Script),
        (Command::Looked, _) => lay(model, Overlay::Looked),
        (_, _) if model.replay.is_some() => return page::replay::on(model, command),
        (Command::Shell, Page::Guided) => return page::guided::shell(model),
        (Command::Shell, _) => return page::by_hand::shell(model),
        (_, Page::Welcome) => return page::welcome::on(model, command),
        (_, Page::Building) => return page::building::on(model, command),
        (_, Page::Nodes) => return page::nodes::on(model, command),
        (_, Page::Access) => return page::access::on(model, command),
        (_, Page::Certificates) => return page::certificates::on(model, command),
        (_, Page::Etcd) => return page::etcd::on(model, command),
        (_, Page::ByHand) => return page::by_hand::on(model, command),
        (_, Page::Review) => return page::review::on(model, command),
        (_, Page::Guided) => return page::guided::on(model, command),
        (_, Page::Run) => return page::run::on(model, command),
        (_, Page::Failure) => return page::failure::on(model, command),
        (_, Page::Drill) => return page::drill::on(model, command),
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

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.said = None;
    if model.shell_has_keys() {
        let bracketed = model.by_hand.shell.screen().bracketed_paste();
        return page::by_hand::typed(model, page::by_hand::pasted(text, bracketed));
    }
    // Terminals send the end of a pasted line as the key they have for it.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    if model.page == Page::Access
        && let Some(effects) = page::access::paste(model, text)
    {
        return effects;
    }
    if model.typing() {
        // A passphrase copied with its line end is still the passphrase.
        for ch in text.trim_end_matches(['\r', '\n']).chars().filter(|c| !c.is_control()) {
            type_in(model, InputRequest::InsertChar(ch));
        }
        return Vec::new();
    }
    if let Some(says) = dialog::compare(model, text) {
        model.said = Some(says);
        return Vec::new();
    }
    match model.page {
        Page::Nodes if model.dialogs.is_empty() => return page::nodes::paste(model, text),
        Page::Certificates if model.dialogs.is_empty() => {
            return page::certificates::paste(model, text);
        }
        _ => {}
    }
    model.said = Some("There is nothing to paste into here.".to_owned());
    Vec::new()
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

#[cfg(test)]
mod tests;

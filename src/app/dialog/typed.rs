//! What is typed or pasted while a question is open.

use tui_input::InputRequest;

use super::Dialog;
use crate::{
    app::{Model, page},
    remote::ask::Ask,
};

/// A paste while a host key is asked for: what the machine itself says, to compare. Marks the answer;
/// giving it stays with the person.
pub(crate) fn compare(model: &mut Model, text: &str) -> Option<String> {
    let Some(Dialog::Ask(asked)) = model.dialogs.front_mut() else { return None };
    let Ask::HostKey { fingerprint, .. } = &asked.ask else { return None };
    let same = text.split_whitespace().any(|word| word == fingerprint);
    asked.at = usize::from(same);
    Some(if same {
        "Same as pasted. Enter accepts it.".to_owned()
    } else {
        "That key is not in what you pasted: this may be another machine.".to_owned()
    })
}

/// A key that is text, while a dialog wants some.
pub(crate) fn edit(model: &mut Model, request: InputRequest) {
    match model.dialogs.front_mut() {
        Some(Dialog::Ask(asked)) => drop(asked.typed.0.handle(request)),
        Some(Dialog::Type { typed, .. }) => drop(typed.0.handle(request)),
        None => page::access::edit(model, request),
        _ => {}
    }
}

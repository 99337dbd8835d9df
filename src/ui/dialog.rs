//! A question in a box over the page.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{field, head::cells, sheet::Sheet, text, theme::Theme};
use crate::{
    app::{About, Dialog, Model},
    cluster::MemberName,
    event::Remedy,
    remote::ask::{Ask, Seen, Standing},
};

/// The largest box, in columns and rows.
const MOST: (u16, u16) = (60, 12);
/// Lines of a file that are shown in one.
const FILE: usize = 3;

/// Draws it; gives the place of the cursor if something is typed.
pub(crate) fn draw(
    model: &Model,
    dialog: &Dialog,
    theme: &Theme,
    body: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let (title, words) = question(model, dialog);
    let width = MOST.0.min(body.width);
    let room = usize::from(width.saturating_sub(4));
    let lines: Vec<_> = words.iter().flat_map(|w| text::wrap(w, room, "", "")).collect();
    let answers = if dialog.typing() { 1 } else { dialog.choices().len() };
    let height = cells(lines.len() + answers + 3).min(MOST.1).min(body.height);
    let area = Rect {
        x: body.x + (body.width - width) / 2,
        y: body.y + (body.height - height) / 2,
        width,
        height,
    };
    Clear.render(area, buf);
    let block = Block::bordered().title(Span::styled(format!(" {title} "), theme.strong));
    let inner = block.inner(area);
    block.render(area, buf);
    let mut sheet = Sheet::new(inner, buf);
    for line in lines {
        sheet.line(format!(" {line}"));
    }
    sheet.down_to(cells(answers));
    if let Dialog::Ask(asked) = dialog
        && dialog.typing()
    {
        return Some(typed(&field::seen(asked), asked.typed.0.cursor(), inner, &mut sheet));
    }
    if let Dialog::Type { typed: line, .. } = dialog {
        return Some(typed(line.0.value(), line.0.cursor(), inner, &mut sheet));
    }
    for (at, choice) in dialog.choices().iter().enumerate() {
        let (pointer, style) = theme.pointer(at == dialog.at());
        sheet.line(Line::from(vec![pointer, Span::styled(choice.title(), style)]));
    }
    None
}

/// The line that is typed, and where the terminal's cursor is in it.
fn typed(line: &str, cursor: usize, inner: Rect, sheet: &mut Sheet<'_>) -> Position {
    let room = usize::from(inner.width).saturating_sub(4);
    let [before, under, after] = field::around(line, cursor, room);
    let column = cells(3 + text::width(&before));
    sheet.line(format!(" > {before}{under}{after}"));
    Position::new(inner.x.saturating_add(column), inner.bottom().saturating_sub(1))
}

fn question(model: &Model, dialog: &Dialog) -> (&'static str, Vec<String>) {
    match dialog {
        Dialog::Choose { about: About::Go, .. } => (
            "Change these machines now?",
            vec![
                "They are your own. Nothing is deleted; what is in the way gets a dated name \
                 beside its old one."
                    .to_owned(),
                "q stops between two changes, at any time; quorate reset takes it back.".to_owned(),
            ],
        ),
        Dialog::Choose { about: About::Undo { step, .. }, .. } => (
            "Take this step back?",
            vec![
                format!(
                    "{} is taken back on this one node, and every step after it first.",
                    step.title()
                ),
                "Files are moved aside under a dated name, never deleted; the other nodes stay as \
                 they are."
                    .to_owned(),
            ],
        ),
        Dialog::Choose { about: About::Stop, .. } => (
            "Stop the run?",
            vec![
                "Between two changes is safe: nothing is half-written, and quorate up goes on \
                 from there."
                    .to_owned(),
                "At once leaves the running change to the machine; the next run looks at what \
                 became of it."
                    .to_owned(),
            ],
        ),
        Dialog::Choose { about: About::Install { packages }, .. } => (
            "Install what the machines need?",
            vec![
                format!("Not on this computer yet: {packages}."),
                format!("apt-get install {}, here, as root.", packages.replace(',', "")),
            ],
        ),
        Dialog::Choose { about: About::Compare(seen), .. } => compare(model, seen),
        Dialog::Choose { about: About::Aside { file }, .. } => (
            "Another cluster file is there",
            vec![
                format!("{file} says something else than what you answered."),
                "Nothing is overwritten: it stays, or gets a dated name beside.".to_owned(),
            ],
        ),
        Dialog::Choose { about: About::Remedy { node, remedy }, .. } => file(node, remedy),
        Dialog::Choose { about: About::Mark, .. } | Dialog::Type { about: About::Mark, .. } => (
            "Mark this moment",
            vec!["A word or two: it is a chapter of the replay, and stands in the log.".to_owned()],
        ),
        Dialog::Type { about: About::TakeBack, name, .. } => (
            "Take everything back?",
            vec![
                "etcd is stopped on all machines; data, settings and certificates are moved aside \
                 under dated names. Packages stay."
                    .to_owned(),
                format!("Then you are back at the review. Type {name} to do it; Esc does nothing."),
            ],
        ),
        Dialog::Choose { about: About::BeyondQuorum { .. } | About::TakeBack, .. }
        | Dialog::Type { .. } => beyond(dialog),
        Dialog::Ask(question) => asked(model, &question.ask),
    }
}

/// A file that a sister offers, as it will be written.
fn file(node: &MemberName, remedy: &Remedy) -> (&'static str, Vec<String>) {
    let Remedy::File { from, path, owner, lines } = remedy else { return ("", Vec::new()) };
    let mut words = vec![format!("{path} ({owner}), alike on all others, as {from} has it:")];
    let said: Vec<_> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
    words.extend(said.iter().take(FILE).map(|line| text::fit(line, usize::from(MOST.0) - 5)));
    if said.len() > FILE {
        words.push(format!("… and {} lines more", said.len() - FILE));
    }
    if lines.iter().any(|line| line.contains("…@")) {
        words.push("Who logs in there, and how, is written too, and never shown.".to_owned());
    }
    words.push(format!("Nothing else is changed on {node} by it."));
    ("Write this file?", words)
}

/// A key that is new, to be compared; or both keys, where it is not the known one.
fn compare(model: &Model, seen: &Seen) -> (&'static str, Vec<String>) {
    let (host, fingerprint) = (&seen.host, &seen.fingerprint);
    match &seen.standing {
        Standing::Changed { at, known } => (
            "This is not the key we know",
            vec![
                format!("{host} was {known}, {}; it shows now", model.place(at)),
                fingerprint.clone(),
                "It was installed anew, or somebody is in between. It is never accepted here. If \
                 you know why, remove that line:"
                    .to_owned(),
                format!("ssh-keygen -R '{host}' -f {}", model.path(&at.file)),
            ],
        ),
        Standing::Revoked(at) => (
            "This key was revoked",
            vec![format!("{host} shows {fingerprint}, revoked by {}.", model.place(at))],
        ),
        Standing::New | Standing::Known(_) => {
            let key = model.access.keys.get(host);
            let ask = Ask::HostKey {
                host: host.clone(),
                address: seen.address,
                key_type: seen.key_type.clone(),
                fingerprint: fingerprint.clone(),
                other_types_known: key.map(|key| key.other_types.clone()).unwrap_or_default(),
            };
            asked(model, &ask)
        }
    }
}

fn beyond(dialog: &Dialog) -> (&'static str, Vec<String>) {
    let name = match dialog {
        Dialog::Type { name, .. } => name.as_str(),
        _ => "",
    };
    (
        "Stop more than a quorum allows?",
        vec![
            "Then no write counts any more, until one is back. Plain reads go on: each member \
             tells what it has. Nothing is lost, and each node's timer starts its member again."
                .to_owned(),
            format!("Type {name} to stop it:"),
        ],
    )
}

fn asked(model: &Model, ask: &Ask) -> (&'static str, Vec<String>) {
    let again = |again: &bool| if *again { "That was not right. " } else { "" };
    match ask {
        Ask::HostKey { host, key_type, fingerprint, other_types_known, .. } => {
            let mut words = vec![
                format!("{host} is new to this computer. It shows this {key_type} key:"),
                fingerprint.clone(),
            ];
            words.push(
                "Its console says the same with ssh-keygen -lf /etc/ssh/ssh_host_*.pub; paste \
                 that here, and I compare."
                    .to_owned(),
            );
            words.push(if other_types_known.is_empty() {
                "Whoever could answer in its place would be given the cluster's private keys."
                    .to_owned()
            } else {
                format!(
                    "A key of another type is known for it ({}): the machine may have been \
                     replaced.",
                    other_types_known.join(", ")
                )
            });
            ("Is this the machine you mean?", words)
        }
        Ask::Passphrase { file, again: wrong } => {
            ("Passphrase", vec![format!("{}The passphrase of {}:", again(wrong), model.path(file))])
        }
        Ask::Password { user, host, again: wrong, .. } => {
            ("Password", vec![format!("{}The password of {user} on {host}:", again(wrong))])
        }
        Ask::Interactive { host, prompt, again: wrong, .. } => {
            ("The server asks", vec![format!("{}{host}: {prompt}", again(wrong))])
        }
        Ask::SudoPassword { user, host, again: wrong } => (
            "Password for sudo",
            vec![format!(
                "{}sudo on {host} wants the password of {user}. It is tried on this one machine \
                 first.",
                again(wrong)
            )],
        ),
    }
}

//! Page 3: the keys of all machines in one table, and the fields for what is secret.

mod login;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::{
            access::{At, Key, Row, kind, rows, to_go, twins},
            nodes::{Gate, Tried},
        },
    },
    lab::across::NEW_HOST_KEYS,
    remote::ask::Standing,
    ui::{sheet::Sheet, text, theme::Theme},
};

/// The widths of the columns, in cells.
const NAME: usize = 13;
const KEY: usize = 9;
/// The rows below the table.
const BELOW: usize = 6;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let (all, open) = (rows(model), to_go(model));
    let twins = twins(&all);
    sheet.blank();
    for (at, words) in intro(&all, open, twins.as_ref()).iter().enumerate() {
        let sign = twins.as_ref().filter(|_| at == 0).map_or("   ", |_| " ! ");
        let words = text::fit(words, sheet.width().saturating_sub(3));
        sheet.line(Line::from(vec![Span::styled(sign, theme.look), words.into()]));
    }
    sheet.blank();
    let head = format!("   {:<NAME$}{:<KEY$}SHA-256 FINGERPRINT", "MACHINE", "KEY");
    sheet.line(Span::styled(head, theme.strong));
    let here = all.iter().position(|row| model.access.at == At::Row(row.name.clone()));
    // The marked row is always among those that are shown.
    let room = sheet.left().saturating_sub(BELOW).max(1);
    let first = here.unwrap_or(0).saturating_sub(room - 1).min(all.len().saturating_sub(room));
    for (at, row) in all.iter().enumerate().skip(first).take(room) {
        let (pointer, style) = theme.pointer(here == Some(at));
        let mut line = Line::from(pointer);
        let name = text::fit(&row.name, NAME - 1);
        let pad = " ".repeat(NAME.saturating_sub(text::width(&name)));
        line.extend([Span::styled(name, style), pad.into()]);
        let kind = row.key.map_or("", |key| kind(&key.seen.key_type).unwrap_or("other"));
        line.push_span(text::fill(kind, KEY));
        let room = sheet.width().saturating_sub(line.width() + 1);
        line.extend(standing(model, row, twins.as_ref(), room, theme));
        sheet.line(line);
    }
    sheet.blank();
    login::draw(model, &all, theme, &mut sheet);
    sheet.down_to(1);
    let (pointer, style) = theme.pointer(model.access.at == At::Continue);
    let word = match open {
        0 => "Continue".to_owned(),
        1 => "Continue (1 key to go)".to_owned(),
        n => format!("Continue ({n} keys to go)"),
    };
    sheet.put(45, "Back");
    sheet.put(52, Line::from(vec![pointer, Span::styled(word, style)]));
}

/// What this is about, in two lines.
fn intro(rows: &[Row<'_>], open: usize, twins: Option<&(String, String)>) -> [String; 2] {
    let changed = rows.iter().filter(|row| {
        row.key.is_some_and(|key| matches!(key.seen.standing, Standing::Changed { .. }))
    });
    let changed = changed.count();
    if let Some((one, other)) = twins {
        return [
            format!("{one} and {other} show the same key: one machine twice, or a copy."),
            format!("On a copy, as root: {NEW_HOST_KEYS}"),
        ];
    }
    match (open, changed) {
        (0, 0) => ["What is asked here is asked once, and holds for all machines.", ""],
        (0, _) => [
            "A machine shows another key than this computer knows: it was installed anew,",
            "or somebody is in between. Nothing is sent to it.",
        ],
        (1, _) => [
            "A machine is new to this computer. Whoever could answer in its place would",
            "be given the cluster's private keys: compare before you accept.",
        ],
        _ => {
            return [
                format!(
                    "{open} machines are new to this computer. Whoever could answer in their place"
                ),
                "would be given the cluster's private keys: compare before you accept.".to_owned(),
            ];
        }
    }
    .map(str::to_owned)
}

fn standing(
    model: &Model,
    row: &Row<'_>,
    twins: Option<&(String, String)>,
    room: usize,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let cell = |sign: Span<'static>, words: &str, style: Style| {
        vec![sign, Span::styled(format!(" {}", text::fit(words, room.saturating_sub(2))), style)]
    };
    let plain = Style::new();
    let Some(key) = row.key else {
        return match row.tried {
            Some(Tried::Out { reason, .. }) => cell(theme.wrong(), reason, theme.bad),
            Some(Tried::In { .. }) => cell(theme.ok(), "let in", plain),
            _ => cell(Span::styled("…", theme.busy), "being asked", plain),
        };
    };
    if key.open() {
        return open(key, room, theme);
    }
    match (&key.seen.standing, row.tried) {
        (Standing::Changed { .. }, _) => {
            cell(theme.wrong(), "CHANGED, never accepted; Enter shows both keys", theme.bad)
        }
        (Standing::Revoked(at), _) => {
            cell(theme.wrong(), &format!("revoked by {}", model.place(at)), theme.bad)
        }
        (_, Some(Tried::Out { at: Gate::Login | Gate::Root | Gate::Reach, reason })) => {
            cell(Span::styled("!", theme.look), reason, theme.look)
        }
        _ if twins.is_some_and(|(_, other)| *other == row.name) => {
            let words = format!("the key of {}", twins.map_or("", |(one, _)| one));
            cell(Span::styled("!", theme.look), &words, theme.look)
        }
        _ if key.same == Some(true) => cell(theme.ok(), "same as pasted", plain),
        _ if key.accepted => cell(theme.ok(), "accepted by you", plain),
        (Standing::Known(at), _) => cell(theme.ok(), &format!("known, {}", model.place(at)), plain),
        (Standing::New, _) => open(key, room, theme),
    }
}

fn open(key: &Key, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    if key.differs() {
        return vec![theme.wrong(), Span::styled(" not what was pasted", theme.bad)];
    }
    vec![text::fit(&key.seen.fingerprint, room).into()]
}

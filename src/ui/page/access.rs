//! Page 3: the keys of all machines in one table, and the fields for what is secret.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::{
            access::{At, Key, Row, kind, rows, to_go, typing},
            nodes::{Gate, Tried},
        },
    },
    remote::ask::{Ask, Standing},
    ui::{sheet::Sheet, text, theme::Theme},
};

/// The widths of the columns, in cells.
const NAME: usize = 13;
const KEY: usize = 9;
/// The rows below the table.
const BELOW: usize = 6;
/// What a field's label takes, in cells.
const LABEL: usize = 13;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let (all, open) = (rows(model), to_go(model));
    sheet.blank();
    for words in intro(&all, open) {
        sheet.line(format!("   {}", text::fit(words.as_str(), sheet.width().saturating_sub(3))));
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
        line.extend(standing(row, room, theme));
        sheet.line(line);
    }
    sheet.blank();
    login(model, theme, &mut sheet);
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
fn intro(rows: &[Row<'_>], open: usize) -> [String; 2] {
    let changed = rows.iter().filter(|row| {
        row.key.is_some_and(|key| matches!(key.seen.standing, Standing::Changed { .. }))
    });
    let changed = changed.count();
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

fn standing(row: &Row<'_>, room: usize, theme: &Theme) -> Vec<Span<'static>> {
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
        (Standing::Revoked(at), _) => cell(theme.wrong(), &format!("revoked by {at}"), theme.bad),
        (_, Some(Tried::Out { at: Gate::Login | Gate::Root | Gate::Reach, reason })) => {
            cell(Span::styled("!", theme.look), reason, theme.look)
        }
        _ if key.same == Some(true) => cell(theme.ok(), "same as pasted", plain),
        _ if key.accepted => cell(theme.ok(), "accepted by you", plain),
        (Standing::Known(at), _) => {
            let words = format!("known, {} line {}", at.file.display(), at.line);
            cell(theme.ok(), &words, plain)
        }
        (Standing::New, _) => open(key, room, theme),
    }
}

fn open(key: &Key, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    if key.differs() {
        return vec![theme.wrong(), Span::styled(" not what was pasted", theme.bad)];
    }
    vec![text::fit(&key.seen.fingerprint, room).into()]
}

/// Who logs in, how root is had, and what is asked for.
fn login(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let within: Vec<_> = model
        .nodes
        .tried
        .values()
        .filter_map(|tried| match tried {
            Tried::In { user, root, .. } => Some((user, root)),
            _ => None,
        })
        .collect();
    if let Some((user, _)) = within.first() {
        let same = within.iter().filter(|(other, _)| other == user).count();
        let words = format!("let in on {same}");
        sheet.line(field("Log in as", user, &words, theme.ok()));
    }
    if let Some((_, root)) =
        within.iter().find(|(_, root)| root.contains("password")).or(within.first())
    {
        let how = if root.contains("password") { "kept in memory, never written" } else { "" };
        sheet.line(field(
            "Root by",
            root,
            how,
            if how.is_empty() { Span::raw("") } else { theme.ok() },
        ));
    }
    let Some(secret) = model.access.secrets.front() else {
        if let Some(given) = model.access.given.last() {
            let (label, words) = about(given);
            let words = format!("given once; {words}");
            sheet.line(field(label, "••••••••", &words, theme.ok()));
        }
        return;
    };
    let marked = model.access.at == At::Secret;
    let (pointer, _) = theme.pointer(marked);
    let (label, words) = about(&secret.ask);
    let (typed, cursor) = (secret.typed.0.value(), secret.typed.0.cursor());
    let shown = match secret.ask {
        Ask::Interactive { echo: true, .. } => typed.to_owned(),
        _ => "•".repeat(typed.chars().count()),
    };
    let skipped = cursor.saturating_sub(FIELD - 2);
    let cells: Vec<char> = shown.chars().chain([' ']).skip(skipped).take(FIELD - 1).collect();
    let mut line = Line::from(vec![pointer, text::fill(label, LABEL).into()]);
    for (at, cell) in cells.iter().enumerate() {
        let under = marked && typing(model) && at + skipped == cursor;
        line.push_span(Span::styled(
            cell.to_string(),
            if under { theme.marked } else { theme.strong },
        ));
    }
    line.push_span(" ".repeat(FIELD.saturating_sub(cells.len())));
    let room = sheet.width().saturating_sub(line.width() + 1);
    line.push_span(text::fit(&words, room));
    sheet.line(line);
    if again(&secret.ask) {
        let words = "That was not right: type it once more.";
        sheet.line(Span::styled(format!("   {}{words}", " ".repeat(LABEL)), theme.look));
    }
}

/// The cells of a value.
const FIELD: usize = 22;

fn field(label: &str, value: &str, words: &str, sign: Span<'static>) -> Line<'static> {
    Line::from(vec![
        format!("   {}{}", text::fill(label, LABEL), text::fill(value, FIELD)).into(),
        sign,
        format!(" {words}").into(),
    ])
}

/// What is asked for: a label, and of whom it is.
fn about(ask: &Ask) -> (&'static str, String) {
    match ask {
        Ask::Passphrase { file, .. } => ("Passphrase", format!("of {}", file.display())),
        Ask::Password { user, host, .. } => {
            ("Password", format!("of {user}, tried on {host} alone first"))
        }
        Ask::SudoPassword { user, host, .. } => {
            ("For sudo", format!("{user}'s, tried on {host} alone first"))
        }
        Ask::Interactive { host, prompt, .. } => ("Answer", format!("{host}: {prompt}")),
        Ask::HostKey { host, .. } => ("Key", host.clone()),
    }
}

fn again(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Passphrase { again: true, .. }
            | Ask::Password { again: true, .. }
            | Ask::SudoPassword { again: true, .. }
    )
}

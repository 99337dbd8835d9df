//! Below the table: who logs in, with what, how root is had, and the field for what is secret.

use std::collections::BTreeMap;

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Asked, Model,
        page::{
            access::{At, Row, member_called, refused, typing, user},
            nodes::Tried,
        },
    },
    remote::{ask::Ask, connect::With, ssh_config::UserBy},
    ui::{field, sheet::Sheet, text, theme::Theme},
};

/// What a field's label takes, in cells.
const LABEL: usize = 13;
/// What its value takes.
const FIELD: usize = 21;

pub(super) fn draw(model: &Model, rows: &[Row<'_>], theme: &Theme, sheet: &mut Sheet<'_>) {
    let members = || rows.iter().filter(|row| row.member);
    let users = members().filter_map(|row| row.key?.seen.user.as_ref());
    sheet.line(log_in_as(model, most(users), theme));
    let within = || {
        members().filter_map(|row| match row.tried {
            Some(Tried::In { with, root, .. }) => Some((with, root)),
            _ => None,
        })
    };
    if let Some((with, others)) = most(within().map(|(with, _)| with)) {
        let (value, words) = means(model, with);
        let sign = if *with == With::Nothing { Span::styled("!", theme.look) } else { theme.ok() };
        sheet.line(fact("With", &value, sign, &format!("{words}{others}")));
    }
    if let Some((root, others)) = most(within().map(|(_, root)| root)) {
        let words = match root.as_str() {
            "root" => "logged in as root",
            "sudo" => "asks for no password",
            _ if others.is_empty() => "asked once, kept in memory, never written",
            _ => "asked once, kept in memory",
        };
        let value = text::fill(root, FIELD);
        sheet.line(format!("   {}{value}{words}{others}", text::fill("Root by", LABEL)));
    }
    let asked = model.access.secrets.front();
    for given in given(model, asked) {
        // The field comes first, and then what was given before.
        if sheet.left() > 1 + asked.map_or(0, |_| 2) {
            sheet.line(tried(model, given, rows, theme));
        }
    }
    if let Some(asked) = asked {
        field(model, asked, theme, sheet);
    }
}

/// The name, which can be edited, and where it comes from.
fn log_in_as(
    model: &Model,
    seen: Option<(&(String, UserBy), String)>,
    theme: &Theme,
) -> Line<'static> {
    let form = &model.access.form;
    let (pointer, style) = theme.pointer(model.access.at == At::Login);
    let mut line = Line::from(vec![pointer, text::fill("Log in as", LABEL).into()]);
    if form.editing() {
        line.extend(field::spans(form, 0, FIELD, theme));
        line.push_span("for all machines");
        return line;
    }
    let typed = "as you typed".to_owned();
    let (value, words) = match (user(model), seen) {
        ("", None) => ("…", "as ssh would".to_owned()),
        ("", Some(((user, by), others))) => {
            let words = match by {
                UserBy::Config(file) => format!("from {}", model.path(file)),
                UserBy::Cluster => typed,
                UserBy::Computer => "your name on this computer".to_owned(),
            };
            (user.as_str(), words + &others)
        }
        (user, _) => (user, typed),
    };
    let value = text::fit_end(value, FIELD - 1);
    let pad = " ".repeat(FIELD.saturating_sub(text::width(&value)));
    let sign = if refused(model) { Span::styled("!", theme.look) } else { theme.ok() };
    line.extend([Span::styled(value, style), pad.into(), sign, format!(" {words}").into()]);
    line
}

/// What most of them have, and on how many of all if that is not all.
fn most<'a, T: Ord>(all: impl Iterator<Item = &'a T>) -> Option<(&'a T, String)> {
    let mut counts = BTreeMap::<&T, usize>::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    let of: usize = counts.values().sum();
    let (one, n) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    Some((one, if n == of { String::new() } else { format!(", on {n} of {of}") }))
}

/// What let us in, and how that was had.
fn means(model: &Model, with: &With) -> (String, &'static str) {
    let path = |file: &std::path::Path| model.path(file);
    match with {
        With::Agent { file: Some(file), .. } => (path(file), "held by your agent"),
        With::Agent { file: None, comment } => (comment.clone(), "held by your agent"),
        With::Key { file, passphrase: true } => (path(file), "its passphrase was asked once"),
        With::Key { file, passphrase: false } => (path(file), "a key file without a passphrase"),
        With::Password => ("a password".to_owned(), "asked once, kept in memory"),
        With::Answers => ("answers".to_owned(), "to the machine's own questions"),
        With::Nothing => ("nothing".to_owned(), "was asked for: whoever comes is let in"),
    }
}

fn fact(label: &str, value: &str, sign: Span<'static>, words: &str) -> Line<'static> {
    Line::from(vec![
        format!("   {}", text::fill(label, LABEL)).into(),
        // Of a path the end tells.
        text::fill(&text::fit_end(value, FIELD - 1), FIELD).into(),
        sign,
        format!(" {words}").into(),
    ])
}

/// What was given before, each kind once, without what is asked for again.
fn given<'a>(model: &'a Model, asked: Option<&Asked>) -> Vec<&'a Ask> {
    let mut given: Vec<&Ask> = Vec::new();
    for ask in model.access.given.iter().rev() {
        let same = |other: &Ask| label(other) == label(ask);
        if !given.iter().any(|other| same(other)) && !asked.is_some_and(|asked| same(&asked.ask)) {
            given.insert(0, ask);
        }
    }
    given
}

/// What became of an answer.
fn tried(model: &Model, ask: &Ask, rows: &[Row<'_>], theme: &Theme) -> Line<'static> {
    let (host, only) = match ask {
        Ask::Passphrase { file, .. } => {
            let words = format!("given once, for {}", model.path(file));
            return fact(label(ask), HIDDEN, theme.ok(), &words);
        }
        Ask::Password { host, .. } | Ask::SudoPassword { host, .. } => {
            (name(model, host), ", tried on one only")
        }
        Ask::Interactive { host, .. } | Ask::HostKey { host, .. } => (name(model, host), ""),
    };
    // Whoever is asked for sudo's password is logged in.
    let asked = model.access.secrets.front().map(|asked| &asked.ask);
    let for_root = |ask: &Ask| match ask {
        Ask::SudoPassword { host: at, .. } => name(model, at) == host,
        _ => false,
    };
    let within =
        matches!(ask, Ask::Password { .. }) && model.access.given.iter().chain(asked).any(for_root);
    let row = rows.iter().find(|row| row.name == host).and_then(|row| row.tried);
    match row {
        tried if within || matches!(tried, Some(Tried::In { .. })) => {
            fact(label(ask), HIDDEN, theme.ok(), &format!("right on {host}{only}"))
        }
        Some(Tried::Out { .. }) => {
            let sign = Span::styled("!", theme.look);
            fact(label(ask), HIDDEN, sign, &format!("{host} did not let me in with it"))
        }
        _ => {
            let sign = Span::styled("…", theme.busy);
            fact(label(ask), HIDDEN, sign, &format!("being tried on {host} alone"))
        }
    }
}

/// What stands for a secret, however long that is.
const HIDDEN: &str = "••••••••";

/// What is asked for, and what was typed of it.
fn field(model: &Model, asked: &Asked, theme: &Theme, sheet: &mut Sheet<'_>) {
    let marked = model.access.at == At::Secret;
    let (pointer, _) = theme.pointer(marked);
    let under = if marked && typing(model) { theme.marked } else { theme.strong };
    let (shown, cursor) = (field::seen(asked), asked.typed.0.cursor());
    let mut line = Line::from(vec![pointer, text::fill(label(&asked.ask), LABEL).into()]);
    line.extend(field::edited(&shown, cursor, FIELD, [theme.strong, under]));
    let room = sheet.width().saturating_sub(line.width() + 1);
    line.push_span(text::fit(&whose(model, &asked.ask), room));
    sheet.line(line);
    if again(&asked.ask) {
        let words = "That was not right: type it once more.";
        sheet.line(Span::styled(format!("   {}{words}", " ".repeat(LABEL)), theme.look));
    }
}

/// What is asked for.
fn label(ask: &Ask) -> &'static str {
    match ask {
        Ask::Passphrase { .. } => "Passphrase",
        Ask::Password { .. } => "Password",
        Ask::SudoPassword { .. } => "For sudo",
        Ask::Interactive { .. } => "Answer",
        Ask::HostKey { .. } => "Key",
    }
}

/// Whose it is, and where it goes first.
fn whose(model: &Model, ask: &Ask) -> String {
    match ask {
        Ask::Passphrase { file, .. } => format!("of {}", model.path(file)),
        Ask::Password { user, host, hop: true, .. } => format!("of {user} on {host}, on the way"),
        Ask::Password { user, host, .. } | Ask::SudoPassword { user, host, .. } => {
            format!("of {user}, tried on {} alone first", name(model, host))
        }
        Ask::Interactive { host, prompt, .. } => format!("{}: {prompt}", name(model, host)),
        Ask::HostKey { host, .. } => name(model, host),
    }
}

/// The member that is meant, or the host as ssh calls it.
fn name(model: &Model, host: &str) -> String {
    member_called(model, host).map_or_else(|| host.to_owned(), |name| name.to_string())
}

fn again(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Passphrase { again: true, .. }
            | Ask::Password { again: true, .. }
            | Ask::SudoPassword { again: true, .. }
            | Ask::Interactive { again: true, .. }
    )
}

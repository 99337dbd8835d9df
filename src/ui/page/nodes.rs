//! Page 2: a row for each member, and how far trying it has come.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::{
            access::user,
            nodes::{COLUMNS, Gate, Tried, Wrong, count, member, members, rows},
        },
    },
    ui::{
        field,
        page::{buttons, capital},
        sheet::Sheet,
        text,
        theme::Theme,
    },
};

/// The widths of the columns, in cells.
const NAME: usize = 13;
const ADDRESS: usize = 18;
const REACHED: usize = 10;
const KEY: usize = 10;
const LOGIN: usize = 9;
const ROOT: usize = 7;
/// The rows below the table.
const BELOW: usize = 9;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let form = &model.nodes.form;
    sheet.blank();
    let head = format!(
        "   #  {:<NAME$}{:<ADDRESS$}{:<REACHED$}{:<KEY$}{:<LOGIN$}{:<ROOT$}SYSTEM",
        "NAME", "ADDRESS", "REACHED", "HOST KEY", "LOGIN", "ROOT"
    );
    sheet.line(Span::styled(head, theme.strong));
    let all = rows(form);
    // The marked row is always among those that are shown.
    let room = sheet.left().saturating_sub(BELOW).max(1);
    let first = form.row().saturating_sub(room - 1).min(all.saturating_sub(room));
    for row in (first..all).take(room) {
        let marked = !form.on_button() && row == form.row();
        let (pointer, _) = theme.pointer(marked);
        let mut line = Line::from(vec![pointer, format!("{:<3}", row + 1).into()]);
        for (column, width) in [(0, NAME), (1, ADDRESS)] {
            line.extend(field::spans(form, row * COLUMNS + column, width, theme));
        }
        let room = sheet.width().saturating_sub(line.width() + 1);
        line.extend(standing(model, row, room, theme));
        sheet.line(line);
    }
    let hidden = all.saturating_sub(room);
    let more = if hidden > 0 { format!(" ({hidden} rows more: ↑↓)") } else { String::new() };
    let hint = "type a name, or paste a list, host aliases, the lab's INITIAL_CLUSTER";
    sheet.line(format!("   +  {}", text::fit(&format!("{hint}{more}"), 73)));
    sheet.blank();
    pointed_at(model, theme, &mut sheet);
    sheet.line(format!("   Way in      {}", way_in(model)));
    let by = match user(model) {
        "" => ", by your ssh config".to_owned(),
        user => format!(" as {user}"),
    };
    let calls = format!("call each other by ADDRESS. I log in to NAME{by}.");
    sheet.line(format!("   Members     {}", text::fit(&calls, 65)));
    sheet.line(format!("   {:<12}{}.", capital(all), count(all)));
    let missing = (0..all).filter(|row| member(form, *row).is_err()).count();
    let words = match (missing, members(form)) {
        (0, Err(_)) => "Continue (two are alike)".to_owned(),
        (0, Ok(_)) => "Continue".to_owned(),
        (1, _) => "Continue (1 row to go)".to_owned(),
        (n, _) => format!("Continue ({n} rows to go)"),
    };
    buttons(&mut sheet, theme, form.on_button(), words);
}

/// The hosts on the way, if the person's ssh configuration names some.
fn way_in(model: &Model) -> String {
    let mut via: Vec<_> = model.nodes.ways.values().flat_map(|way| &way.via).collect();
    via.sort_unstable();
    via.dedup();
    let hosts: Vec<_> = via.into_iter().map(String::as_str).collect();
    if hosts.is_empty() {
        "direct; a ProxyJump in ~/.ssh/config is followed".to_owned()
    } else {
        format!("{} (ProxyJump, ~/.ssh/config)", hosts.join(", "))
    }
}

/// How far the row is, in words with their signs.
fn standing(model: &Model, row: usize, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let form = &model.nodes.form;
    let address = match member(form, row) {
        Err(Wrong::Empty) => {
            let asked = form.text(row * COLUMNS).parse().ok();
            let asked = asked.is_some_and(|name| model.nodes.ways.contains_key(&name));
            return if asked && form.text(row * COLUMNS + 1).is_empty() {
                vec!["· your ssh config has no address for it".into()]
            } else {
                vec!["·".into()]
            };
        }
        Err(Wrong::Typo(..)) => return vec![theme.wrong(), " not an address".into()],
        Err(Wrong::Says(says)) => {
            return vec![
                theme.wrong(),
                format!(" {}", text::fit(&says, room.saturating_sub(2))).into(),
            ];
        }
        Ok((_, address)) => address,
    };
    let cell = |sign: Span<'static>, words: &str, width: usize| {
        vec![sign, format!(" {}", text::fill(words, width.saturating_sub(2))).into()]
    };
    let ahead = |width: usize| vec![Span::raw(text::fill("·", width))];
    match model.nodes.tried.get(&address) {
        None => vec!["·".into()],
        Some(Tried::Trying) => [
            cell(Span::styled("…", theme.busy), "tries", REACHED),
            ahead(KEY),
            ahead(LOGIN),
            ahead(ROOT),
            vec!["·".into()],
        ]
        .concat(),
        Some(Tried::In { user, root, took_ms, facts, .. }) => {
            let way = if root.starts_with("sudo") { "sudo" } else { root.as_str() };
            [
                cell(
                    theme.ok(),
                    &took_ms.map_or_else(|| "yes".to_owned(), |ms| format!("{ms} ms")),
                    REACHED,
                ),
                cell(theme.ok(), "known", KEY),
                cell(theme.ok(), user, LOGIN),
                cell(theme.ok(), way, ROOT),
                vec![facts.as_ref().map_or_else(|| "?".to_owned(), |f| short(&f.system())).into()],
            ]
            .concat()
        }
        Some(Tried::Out { at: Gate::Reach, reason }) => {
            vec![theme.wrong(), format!(" {}", text::fit(reason, room.saturating_sub(2))).into()]
        }
        Some(Tried::Out { at, .. }) => {
            let passed =
                |gate: Gate, words: &str, width: usize| cell_at(*at, gate, words, width, theme);
            [
                cell(theme.ok(), "yes", REACHED),
                match at {
                    Gate::NewKey => cell(Span::styled("!", theme.look), "new", KEY),
                    Gate::WrongKey => cell(theme.wrong(), "changed", KEY),
                    _ => cell(theme.ok(), "known", KEY),
                },
                passed(Gate::Login, "yes", LOGIN),
                passed(Gate::Root, "yes", ROOT),
                vec!["·".into()],
            ]
            .concat()
        }
    }
}

/// A gate that was passed, is where it ended, or was not come to.
fn cell_at(at: Gate, gate: Gate, words: &str, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let (sign, words) = match at.cmp(&gate) {
        std::cmp::Ordering::Less => (Span::raw("·"), ""),
        std::cmp::Ordering::Equal => (theme.wrong(), "no"),
        std::cmp::Ordering::Greater => (theme.ok(), words),
    };
    vec![sign, format!(" {}", text::fill(words, width.saturating_sub(2))).into()]
}

/// `Deb 12`: the column is narrow.
fn short(system: &str) -> String {
    match system.split_once(' ') {
        Some((os, version)) => format!("{} {version}", os.chars().take(3).collect::<String>()),
        None => system.to_owned(),
    }
}

/// The typo of the marked row, with the place where it is.
fn pointed_at(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let form = &model.nodes.form;
    let typos = (0..rows(form)).filter(|row| matches!(member(form, *row), Err(Wrong::Typo(..))));
    if let Some(pasted) = &model.nodes.pasted {
        let typos = match typos.count() {
            0 => String::new(),
            1 => ", 1 typo".to_owned(),
            n => format!(", {n} typos"),
        };
        sheet.line(format!("   {}", text::fit(&format!("{pasted}{typos}"), 76)));
    }
    if let Err(Wrong::Typo(mended, _)) = member(form, form.row())
        && !form.on_button()
    {
        let text = form.text(form.row() * COLUMNS + 1);
        let right = mended.to_string();
        // Where the two begin to differ is where the character is missing.
        let at = text.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
        sheet.line(Line::from(vec!["      ".into(), Span::styled(text.to_owned(), theme.bad)]));
        let pad = " ".repeat(6 + at);
        sheet.line(format!("{pad}↑ {right}, and etcd's own port? Enter corrects it."));
    }
    sheet.blank();
}

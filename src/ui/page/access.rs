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
    ui::{
        page::{buttons, capital},
        sheet::Sheet,
        text,
        theme::Theme,
    },
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
    let shown: Vec<_> = all.iter().enumerate().skip(first).take(room).collect();
    let cells = sheet.width().saturating_sub(3 + NAME + KEY + 1);
    let mut said: Vec<(bool, Vec<String>, Said)> = shown
        .iter()
        .map(|(at, row)| (here == Some(*at), standing(model, row, twins.as_ref(), theme)))
        .map(|(marked, said)| (marked, said.lines(cells), said))
        .collect();
    // What has no room in its row goes on below, first of all that of the marked one.
    let mut spare = sheet.left().saturating_sub(BELOW + shown.len());
    for marked in [true, false] {
        for (_, lines, said) in said.iter_mut().filter(|(mark, ..)| *mark == marked) {
            let more = lines.len().saturating_sub(1).min(spare);
            spare -= more;
            cut(lines, more + 1, cells.saturating_sub(said.inset()));
        }
    }
    for ((_, row), (marked, lines, said)) in shown.into_iter().zip(said) {
        let (pointer, style) = theme.pointer(marked);
        let mut line = Line::from(pointer);
        let name = text::fit(&row.name, NAME - 1);
        let pad = " ".repeat(NAME.saturating_sub(text::width(&name)));
        line.extend([Span::styled(name, style), pad.into()]);
        let kind = row.key.map_or("", |key| kind(&key.seen.key_type).unwrap_or("other"));
        line.push_span(text::fill(kind, KEY));
        let column = line.width();
        line.extend(said.sign.iter().flat_map(|sign| [sign.clone(), " ".into()]));
        for (nth, words) in lines.into_iter().enumerate() {
            if nth > 0 {
                line = " ".repeat(column + said.inset()).into();
            }
            line.push_span(Span::styled(words, said.style));
            sheet.line(std::mem::take(&mut line));
        }
    }
    sheet.blank();
    login::draw(model, &all, theme, &mut sheet);
    let word = match open {
        0 => "Continue".to_owned(),
        1 => "Continue (1 key to go)".to_owned(),
        n => format!("Continue ({n} keys to go)"),
    };
    buttons(&mut sheet, theme, model.access.at == At::Continue, word);
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
                    "{} machines are new to this computer. Whoever could answer in their place",
                    capital(open)
                ),
                "would be given the cluster's private keys: compare before you accept.".to_owned(),
            ];
        }
    }
    .map(str::to_owned)
}

/// How a machine stands: a sign, and words about it.
struct Said {
    sign: Option<Span<'static>>,
    words: String,
    style: Style,
}

impl Said {
    fn new(sign: Span<'static>, words: impl Into<String>, style: Style) -> Self {
        Self { sign: Some(sign), words: words.into(), style }
    }

    /// Where its words begin, in cells.
    fn inset(&self) -> usize {
        self.sign.as_ref().map_or(0, |sign| sign.width() + 1)
    }

    fn lines(&self, cells: usize) -> Vec<String> {
        text::wrap(&self.words, cells.saturating_sub(self.inset()), "", "")
    }
}

/// No more than so many lines; the last says that there were more.
fn cut(lines: &mut Vec<String>, most: usize, cells: usize) {
    let rest = lines.split_off(lines.len().min(most.saturating_sub(1)));
    lines.push(text::fit(&rest.join(" "), cells));
}

fn standing(model: &Model, row: &Row<'_>, twins: Option<&(String, String)>, theme: &Theme) -> Said {
    let plain = Style::new();
    let look = || Span::styled("!", theme.look);
    let Some(key) = row.key else {
        return match row.tried {
            Some(Tried::Out { reason, .. }) => Said::new(theme.wrong(), reason, theme.bad),
            Some(Tried::In { .. }) => Said::new(theme.ok(), "let in", plain),
            _ => Said::new(Span::styled("…", theme.busy), "being asked", plain),
        };
    };
    if key.open() {
        return open(key, theme);
    }
    match (&key.seen.standing, row.tried) {
        (Standing::Changed { .. }, _) => {
            Said::new(theme.wrong(), "CHANGED, never accepted; Enter shows both keys", theme.bad)
        }
        (Standing::Revoked(at), _) => {
            Said::new(theme.wrong(), format!("revoked by {}", model.place(at)), theme.bad)
        }
        (_, Some(Tried::Out { at: Gate::Login | Gate::Root | Gate::Reach, reason })) => {
            Said::new(look(), reason, theme.look)
        }
        _ if twins.is_some_and(|(_, other)| *other == row.name) => {
            let words = format!("the key of {}", twins.map_or("", |(one, _)| one));
            Said::new(look(), words, theme.look)
        }
        _ if key.same == Some(true) => Said::new(theme.ok(), "same as pasted", plain),
        _ if key.accepted => Said::new(theme.ok(), "accepted by you", plain),
        (Standing::Known(at), _) => {
            Said::new(theme.ok(), format!("known, {}", model.place(at)), plain)
        }
        (Standing::New, _) => open(key, theme),
    }
}

fn open(key: &Key, theme: &Theme) -> Said {
    if key.differs() {
        return Said::new(theme.wrong(), "not what was pasted", theme.bad);
    }
    Said { sign: None, words: key.seen.fingerprint.clone(), style: Style::new() }
}

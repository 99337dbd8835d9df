//! Page 4: a folder of certificates, each against each requirement.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::certificates::{
            At, CHECKS, Choice, Folder, Looked, at, count, looked, places, spoken, told,
        },
    },
    pki::{Verdict, sort::Column},
    ui::{field, head::cells, page::buttons, sheet::Sheet, text, theme::Theme},
};

/// Where the columns of the table begin.
const TABLE: usize = 34;
/// The width of the field, in cells.
const FIELD: usize = 18;

/// The choices that share a row.
const CHOICES: [(Choice, &str); 3] = [
    (Choice::Again, "Look again after I replaced files"),
    (Choice::Other, "Other folder"),
    (Choice::Make, "Make them for me"),
];

const MADE: [&str; 2] = [
    "Without a folder I make what the lab makes: a CA of its own, and one certificate and key for \
     all members, which names each by name and address, and localhost and 127.0.0.1. They are kept \
     beside the cluster file, the CA's key as well.",
    "If your company has a CA, name the folder with what it gave you: chains, bundles, .p12, under \
     any names. I sort the files by what is in them, and say what etcd would say of each.",
];

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    sheet.blank();
    folder(model, theme, &mut sheet);
    sheet.blank();
    match &model.certificates.folder {
        Folder::Unnamed => MADE.iter().for_each(|words| {
            sheet.wrapped("   ", "   ", words, Style::new());
            sheet.blank();
        }),
        Folder::Reading(_) => sheet.line(Line::from(vec![
            "   ".into(),
            Span::styled("…", theme.busy),
            " reading every file in it".into(),
        ])),
        Folder::Unread(_, says) => sheet.wrapped("   ", "   ", says, Style::new()),
        Folder::Read(_, looked) => {
            table(model, looked, theme, &mut sheet);
            sheet.blank();
            words(model, looked, &mut sheet);
        }
    }
    let has = |choice| places(model).contains(&At::Choice(choice));
    let rows = 1 + u16::from(has(Choice::Request)) + u16::from(has(Choice::Other));
    sheet.down_to(rows);
    if has(Choice::Request) {
        let (pointer, style) = theme.pointer(at(model) == At::Choice(Choice::Request));
        let words = Span::styled("Write a request for the CA team", style);
        sheet.put(0, Line::from(vec![pointer, words]));
        sheet.put(38, "key and CSR per member, and the mail text");
        sheet.blank();
    }
    let mut line = Line::default();
    for (choice, words) in CHOICES.into_iter().filter(|(choice, _)| has(*choice)) {
        let (pointer, style) = theme.pointer(at(model) == At::Choice(choice));
        line.extend([pointer, Span::styled(words, style), " ".into()]);
    }
    if has(Choice::Other) {
        sheet.put(0, line);
        sheet.blank();
    }
    button(model, theme, &mut sheet);
}

fn button(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let word = match looked(model).map(count) {
        Some((wrong, _)) if wrong > 0 => format!("Continue ({wrong} ✗ to go)"),
        _ => "Continue".to_owned(),
    };
    buttons(sheet, theme, at(model) == At::Button, word);
}

fn folder(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let form = &model.certificates.form;
    let (pointer, _) = theme.pointer(at(model) == At::Folder);
    let mut line = Line::from(vec![pointer, text::fill("Folder", 13).into()]);
    if form.editing() {
        // What was found in the one before is not of this one.
        line.extend(field::spans(form, 0, sheet.width().saturating_sub(16), theme));
        sheet.line(line);
        return;
    }
    let room = FIELD + sheet.width().saturating_sub(80);
    line.extend(field::spans(form, 0, room, theme));
    let says = match (&model.certificates.folder, looked(model)) {
        (_, Some(looked)) => counted(looked),
        (Folder::Unnamed, _) => "with yours; empty: they are made".to_owned(),
        _ => String::new(),
    };
    line.push_span(text::fit(&says, sheet.width().saturating_sub(16 + room)));
    sheet.line(line);
}

fn counted(looked: &Looked) -> String {
    let counts = &looked.counts;
    let kinds = [
        (counts.roots, "root", "roots"),
        (counts.between, "intermediate", "intermediates"),
        (counts.leaves, "certificate", "certificates"),
        (counts.keys, "key", "keys"),
    ];
    let some = kinds.iter().filter(|(n, ..)| *n > 0);
    let words: Vec<_> =
        some.map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many })).collect();
    if words.is_empty() { "nothing of that kind in it".to_owned() } else { words.join(", ") }
}

/// Where keys were found that are not in the folder itself.
fn requested(looked: &Looked) -> Option<String> {
    let mut folders: Vec<_> = looked.requested.iter().filter_map(|file| file.parent()).collect();
    folders.dedup();
    let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let what = match looked.requested.as_slice() {
        [] => return None,
        [one] => one.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        many => format!("{} keys", many.len()),
    };
    Some(format!("From {}, where requests were made: {what}.", folders.join(" and ")))
}

fn table(model: &Model, looked: &Looked, theme: &Theme, sheet: &mut Sheet<'_>) {
    let each = (sheet.width().saturating_sub(TABLE) / looked.columns.len().max(1)).clamp(4, 14);
    let mut head = Line::from(" ".repeat(TABLE));
    for column in &looked.columns {
        // Names differ at their ends.
        let name: Vec<char> = column.member.as_str().chars().collect();
        let from = name.len().saturating_sub(each.saturating_sub(2));
        let name: String = name.into_iter().skip(from).collect();
        let name = name.trim_start_matches('-');
        head.push_span(Span::styled(text::fill(name, each), theme.strong));
    }
    sheet.line(head);
    for (row, check) in CHECKS.into_iter().enumerate() {
        let marked = at(model) == At::Row(row);
        let (pointer, _) = theme.pointer(marked);
        sheet.put(0, pointer);
        sheet.put(3, check.title());
        for (at, column) in looked.columns.iter().enumerate() {
            let here = marked && at == model.certificates.column;
            let x = cells(TABLE + at * each);
            sheet.put(x, cell(column, row, each, here, theme));
        }
        sheet.blank();
    }
}

fn cell(column: &Column, row: usize, each: usize, here: bool, theme: &Theme) -> Line<'static> {
    let found = CHECKS.get(row).and_then(|check| column.cell(*check));
    let (sign, style) = match found.map(|found| found.verdict) {
        Some(Verdict::Ok) => ("✓", theme.good),
        Some(Verdict::Look) => ("!", theme.look),
        Some(Verdict::Wrong) | None => ("✗", theme.bad),
    };
    let style = if here { theme.marked } else { style };
    let brief = found.map(|found| found.brief.as_str()).unwrap_or_default();
    let brief = shortened(brief, each.saturating_sub(3));
    Line::from(vec![Span::styled(sign, style), format!(" {brief}").into()])
}

/// What a cell says, in a narrow column without its unit: `364 d` as `364`, never as `36…`.
fn shortened(brief: &str, cells: usize) -> String {
    let word = brief.split(' ').next().unwrap_or_default();
    let fits = [brief, word].into_iter().find(|text| text::width(text) <= cells);
    fits.map_or_else(|| text::fit(brief, cells), str::to_owned)
}

/// All odd files, where the window has room for them.
pub(crate) fn strip(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let Some(looked) = looked(model).filter(|looked| !looked.troubles.is_empty()) else { return };
    sheet.rule("Odd files in the folder", theme.strong);
    for (file, says) in &looked.troubles {
        sheet.line(format!("   {file} {says}."));
    }
}

/// What the marked cell, or the worst, means; and of the files what belongs to none.
fn words(model: &Model, looked: &Looked, sheet: &mut Sheet<'_>) {
    let mut lines: Vec<String> = Vec::new();
    match spoken(model) {
        Some((column, None)) => lines.push(format!(
            "No certificate in this folder is for {}: none names it or its address.",
            column.member
        )),
        Some((column, Some(cell))) if cell.verdict != Verdict::Ok => {
            let right = cell.remedy.as_deref().map(|words| format!(" Right: {words}."));
            lines.push(format!("{}.{}", told(column, cell), right.unwrap_or_default()));
        }
        Some(_) | None => {}
    }
    let odd = looked.troubles.iter().map(|(file, says)| format!("{file} {says}."));
    // Why something is wrong comes first, how it came right else.
    if count(looked).0 > 0 {
        lines.extend(odd.chain(requested(looked)));
    } else {
        lines.extend(requested(looked).into_iter().chain(odd));
    }
    for line in lines {
        for row in text::wrap(&line, sheet.width().saturating_sub(1), "   ", "   ") {
            // The choices keep their rows.
            if sheet.left() <= 3 {
                return;
            }
            sheet.line(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_days_is_cut() {
        for (brief, cells, want) in [
            ("364 d", 6, "364 d"),
            ("364 d", 3, "364"),
            ("RSA 2048", 6, "RSA"),
            ("P-256", 3, "P-…"),
            ("", 3, ""),
        ] {
            assert_eq!(shortened(brief, cells), want, "{brief} in {cells}");
        }
    }
}

//! Page 2: a row for each member, and how far trying it has come.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::nodes::{COLUMNS, Tried, Wrong, member, members, rows},
    },
    ui::{field, sheet::Sheet, text, theme::Theme},
};

/// The widths of the columns, in cells.
const NAME: usize = 13;
const ADDRESS: usize = 19;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let form = &model.nodes.form;
    sheet.blank();
    let head = format!("   #  {:<NAME$}{:<ADDRESS$}REACHED   LOGIN     ROOT", "NAME", "ADDRESS");
    sheet.line(Span::styled(head, theme.strong));
    for row in 0..rows(form) {
        // What is below the rows has four lines.
        if sheet.left() <= 5 && row + 1 < rows(form) && row < form.row() {
            continue;
        }
        let marked = !form.on_button() && row == form.row();
        let (pointer, _) = theme.pointer(marked);
        let mut line = Line::from(vec![pointer, format!("{:<3}", row + 1).into()]);
        for (column, width) in [(0, NAME), (1, ADDRESS)] {
            line.extend(field::spans(form, row * COLUMNS + column, width, theme));
        }
        line.extend(standing(model, row, theme));
        sheet.line(line);
    }
    sheet.line("   +  a adds a row; or paste a list, an /etc/hosts, the lab's INITIAL_CLUSTER");
    sheet.blank();
    pointed_at(model, theme, &mut sheet);
    sheet.line("   Members     call each other by ADDRESS. I log in there, by your ssh config.");
    let count = rows(form);
    let may = count.saturating_sub(count / 2 + 1);
    sheet.line(format!("   {count:<12}{} must live, {may} may fail.", count / 2 + 1));
    sheet.down_to(1);
    let missing = (0..rows(form)).filter(|row| member(form, *row).is_err()).count();
    let words = match (missing, members(form)) {
        (0, Err(_)) => "Continue (two rows are alike)".to_owned(),
        (0, Ok(_)) => "Continue".to_owned(),
        (1, _) => "Continue (1 row to go)".to_owned(),
        (n, _) => format!("Continue ({n} rows to go)"),
    };
    let (pointer, style) = theme.pointer(form.on_button());
    sheet.put(50, Line::from(vec![pointer, Span::styled(words, style)]));
}

/// How far the row is, in words with their signs.
fn standing(model: &Model, row: usize, theme: &Theme) -> Vec<Span<'static>> {
    match member(&model.nodes.form, row) {
        Err(Wrong::Empty) => vec!["·".into()],
        Err(Wrong::Says(_) | Wrong::Typo(..)) => vec![theme.wrong(), " not an address".into()],
        Ok((_, address)) => match model.nodes.tried.get(&address) {
            None => vec!["·".into()],
            Some(Tried::Trying) => vec![Span::styled("…", theme.busy), " tries".into()],
            Some(Tried::In { user, root, took_ms }) => vec![
                theme.ok(),
                format!(" {:<8}", format!("{took_ms} ms")).into(),
                theme.ok(),
                format!(" {}", text::fill(user, 8)).into(),
                theme.ok(),
                format!(" {}", text::fit(root, 18)).into(),
            ],
            Some(Tried::Out { reason }) => {
                vec![theme.wrong(), format!(" {}", text::fit(reason, 36)).into()]
            }
        },
    }
}

/// The typo of the marked row, with the place where it is.
fn pointed_at(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    if let Some(pasted) = &model.nodes.pasted {
        sheet.line(format!("   {pasted}"));
    }
    let form = &model.nodes.form;
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

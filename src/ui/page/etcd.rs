//! Page 5: a few fields, all filled in, and what the machines say.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::{
            etcd::{Machine, Standing, machines, notes, predicted},
            nodes,
        },
    },
    pki::Verdict,
    ui::{field, page::buttons, sheet::Sheet, text, theme::Theme},
};

/// The width of a field, in cells.
const FIELD: usize = 22;
/// What each field is, in its order.
const MEANS: [&str; 4] = [
    "what you call it",
    "the folder for its cluster.toml",
    "a word no other cluster of yours uses",
    "its own disk if you have one",
];

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let form = &model.etcd.form;
    sheet.blank();
    for (at, means) in MEANS.into_iter().enumerate() {
        let label = form.fields.get(at).map(|f| f.label).unwrap_or_default();
        let (pointer, _) = theme.pointer(form.at == at);
        let mut line = Line::from(vec![pointer, text::fill(label, 17).into()]);
        let room = FIELD + sheet.width().saturating_sub(80);
        line.extend(field::spans(form, at, room, theme));
        line.push_span(text::fit(means, sheet.width().saturating_sub(20 + room)));
        sheet.line(line);
    }
    sheet.blank();
    table(model, theme, &mut sheet);
    for (verdict, says) in notes(model) {
        // The button keeps its row.
        if sheet.left() <= 1 {
            break;
        }
        let sign = if verdict == Verdict::Ok { theme.ok() } else { Span::styled("!", theme.look) };
        sheet.put(3, sign);
        let lines = text::wrap(&says, sheet.width().saturating_sub(1), "     ", "     ");
        let room = sheet.left().saturating_sub(1);
        for line in lines.into_iter().take(room) {
            let words = line.get(5..).unwrap_or_default().to_owned();
            sheet.put(5, words);
            sheet.blank();
        }
    }
    buttons(&mut sheet, theme, form.on_button(), "Continue".to_owned());
}

/// What is there on each machine; where none was asked yet, the IDs that will come out.
fn table(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let machines = machines(model);
    let longest = machines.iter().map(|m| text::width(m.name.as_str())).max().unwrap_or_default();
    let name = longest.clamp(10, 14) + 2;
    let head = format!(
        "   {}{:<11}{:<14}{:<9}{:<10}ALREADY THERE",
        text::fill("NODE", name),
        "SYSTEM",
        "APT OFFERS",
        "FREE",
        "CLOCK"
    );
    sheet.line(Span::styled(head, theme.strong));
    // Seven nodes leave less room for notes, never none for the button.
    for machine in &machines {
        if sheet.left() <= 2 {
            break;
        }
        sheet.line(row(machine, name, theme));
    }
    if sheet.width() < 108 && predicted(model).is_none() {
        let says = nodes::members(&model.nodes.form).err();
        if let Some(says) = says {
            sheet.line(format!("   {}", text::fit(&says, sheet.width().saturating_sub(4))));
        }
    }
}

fn row(machine: &Machine<'_>, name: usize, theme: &Theme) -> Line<'static> {
    let mut line = Line::from(format!("   {}", text::fill(machine.name.as_str(), name)));
    let seen = match &machine.standing {
        Standing::Seen(seen) => seen,
        Standing::Asked => {
            line.push_span(Span::styled("…", theme.busy));
            line.push_span(" being asked");
            return line;
        }
        Standing::Unknown(why) => {
            line.push_span(format!("· {}", text::fit(why, 55)));
            return line;
        }
    };
    let sign = |ok: bool| if ok { theme.ok() } else { Span::styled("!", theme.look) };
    line.push_span(text::fill(&seen.system, 11));
    line.push_span(text::fill(&seen.offers, 14));
    line.push_span(text::fill(&seen.free, 9));
    line.push_span(sign(!seen.skewed));
    line.push_span(format!(" {}", text::fill(&seen.clock, 8)));
    let style = if seen.foreign { theme.look } else { Style::new() };
    line.push_span(Span::styled(text::fit(&seen.there, 18), style));
    line
}

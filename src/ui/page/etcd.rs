//! Page 5: a few fields, all filled in, and the IDs that follow from them.

use ratatui::text::{Line, Span};

use crate::{
    app::{Model, page::etcd::predicted},
    ui::{field, sheet::Sheet, text, theme::Theme},
};

/// The width of a field, in cells.
const FIELD: usize = 22;
/// What each field is, in its order.
const MEANS: [&str; 6] = [
    "what you call it",
    "a word no other cluster of yours uses",
    "its own disk if you have one",
    "whom members and clients trust",
    "for both sides; may hold {member}",
    "copied for root and etcd alone",
];

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let form = &model.etcd.form;
    sheet.blank();
    for (at, means) in MEANS.into_iter().enumerate() {
        let label = form.fields.get(at).map(|f| f.label).unwrap_or_default();
        let (pointer, _) = theme.pointer(form.at == at);
        let mut line = Line::from(vec![pointer, text::fill(label, 16).into()]);
        let room = FIELD + sheet.width().saturating_sub(80);
        line.extend(field::spans(form, at, room, theme));
        line.push_span(text::fit(means, sheet.width().saturating_sub(20 + room)));
        sheet.line(line);
        if at == 2 {
            sheet.blank();
        }
    }
    sheet.blank();
    match predicted(model) {
        Some(identity) => {
            sheet.line(Span::styled("   With this token the members will be", theme.strong));
            for (name, id) in &identity.members {
                sheet.line(format!("   {:<18}{name}", id.to_string()));
            }
            sheet.line(format!("   {:<18}the cluster", identity.cluster.to_string()));
        }
        None => sheet.line("   The IDs follow from addresses and token, once all are there."),
    }
    sheet.down_to(1);
    let (pointer, style) = theme.pointer(form.on_button());
    sheet.put(50, Line::from(vec![pointer, Span::styled("Continue", style)]));
}

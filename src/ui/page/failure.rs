//! Page 10, in the order of fear: what is broken, why, how I know, what was changed, may I stop.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::failure::{Way, changed, fault, faults, headline, ways},
    },
    event::Step,
    ui::{sheet::Sheet, text, theme::Theme},
};

/// Evidence on the page, in lines; the log has all of it.
const SEEN: usize = 4;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let fault = fault(model);
    sheet.blank();
    let says = fault.as_ref().map_or(headline(model), |f| f.says.as_str());
    let sign = if fault.is_some() { theme.wrong() } else { Span::styled("!", theme.look) };
    sheet.put(3, Line::from(sign));
    sheet.wrapped("     ", "     ", says, theme.strong);
    sheet.blank();
    if let Some(fault) = &fault {
        labelled(&mut sheet, "Cause", &fault.cause);
        for (at, line) in fault.seen.iter().take(SEEN).enumerate() {
            let label = if at == 0 { "Seen" } else { "" };
            let line = text::fit(line, sheet.width().saturating_sub(14));
            sheet.line(format!("   {label:<10}{line}"));
        }
        labelled(&mut sheet, "Remedy", &fault.remedy);
    }
    labelled(&mut sheet, "Changed", &changed(model));
    let stop = "Yes, as long as you like. quorate up goes on from here.";
    labelled(&mut sheet, "Stop?", stop);
    sheet.blank();
    for (at, way) in ways(model).into_iter().enumerate() {
        let (pointer, style) = theme.pointer(at == model.failure.way);
        let (title, words) = told(way, model);
        let pad = " ".repeat(34_usize.saturating_sub(text::width(&title)).max(2));
        sheet.line(Line::from(vec![pointer, Span::styled(title, style), pad.into(), words.into()]));
    }
    let count = faults(model).len();
    let id = fault.map(|f| f.id).unwrap_or_default();
    sheet.down_to(1);
    let which = match count {
        0 | 1 => String::new(),
        all => format!("fault {} of {all} (←→)   ", model.failure.fault + 1),
    };
    let finding = if id.is_empty() { String::new() } else { format!("finding {id}") };
    sheet.line(format!("   {which}{finding}"));
}

fn labelled(sheet: &mut Sheet<'_>, label: &str, words: &str) {
    if !words.is_empty() {
        let first = format!("   {label:<10}");
        sheet.wrapped(&first, &" ".repeat(13), words, ratatui::style::Style::new());
    }
}

fn told(way: Way, model: &Model) -> (String, &'static str) {
    match way {
        Way::Again => {
            let words = "after you repaired it; what is done stays done";
            ("Try again".to_owned(), words)
        }
        Way::Log => {
            let node = model.marked().map(|n| n.plan.name.to_string()).unwrap_or_default();
            (format!("What {node} said"), "its last lines")
        }
        Way::Shell => {
            let node = model.marked().map(|n| n.plan.name.to_string()).unwrap_or_default();
            (format!("Shell on {node}"), "by your own ssh")
        }
        Way::Watch(step) => {
            let words = match step {
                Step::Preflight => "a recorded run",
                _ => "a recorded run, from this step",
            };
            ("Watch how it goes when it goes well".to_owned(), words)
        }
        Way::Leave => ("Leave".to_owned(), "all stays as it is"),
    }
}

//! Page 10, in the order of fear: what is broken, why, how I know, what was changed, may I stop.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::failure::{Fault, Way, changed, fault, faults, headline, remedies, ways},
    },
    event::Step,
    ui::{sheet::Sheet, text, theme::Theme},
};

/// Evidence on the page, in lines; the log has all of it.
const SEEN: usize = 4;
/// What tells it from its sisters, of these, at most.
const UNLIKE: usize = 2;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let fault = fault(model);
    sheet.blank();
    let says = fault.as_ref().map_or(headline(model), |f| f.says.as_str());
    let sign = if fault.is_some() { theme.wrong() } else { Span::styled("!", theme.look) };
    sheet.put(3, Line::from(sign));
    sheet.wrapped("     ", "     ", says, theme.strong);
    sheet.blank();
    // The ways out and the last line are always there.
    let room = sheet.left().saturating_sub(ways(model).len() + 1);
    for line in told_of(fault.as_ref(), model, sheet.width(), room) {
        sheet.line(line);
    }
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
    let left = text::fill(&format!("   {which}{finding}"), 50);
    let bundle = if model.can.keep { "bundle for help: b" } else { "" };
    sheet.line(format!("{left}log: l   {bundle}"));
}

/// The paragraphs in the order of fear, in no more than that many lines: where there is no room,
/// evidence is left out first, then the remedy, and the free line last. The log has all of it.
fn told_of(fault: Option<&Fault>, model: &Model, width: usize, room: usize) -> Vec<String> {
    let cells = width.saturating_sub(1);
    let labelled = |label: &str, words: &str| match words {
        "" => Vec::new(),
        _ => text::wrap(words, cells, &format!("   {label:<10}"), &" ".repeat(13)),
    };
    let own = |of: fn(&Fault) -> &str| fault.map(of).unwrap_or_default();
    let cause = labelled("Cause", own(|f| &f.cause));
    let ruled_out = fault.map(|f| f.ruled_out.join(" · ")).unwrap_or_default();
    let ruled_out = labelled("Ruled out", &text::fit(&ruled_out, cells.saturating_sub(13)));
    let mut remedy = labelled("Remedy", own(|f| &f.remedy));
    let changed = labelled("Changed", &changed(model));
    let stop =
        format!("Yes, as long as you like. quorate up {} goes on from here.", model.called());
    let stop = labelled("Stop?", &stop);
    let others = cause.len() + ruled_out.len() + changed.len() + stop.len();
    if others + remedy.len() + 3 > room {
        remedy.clear();
    }
    let most = room.saturating_sub(others + remedy.len() + 1).min(SEEN);
    // What tells it from its sisters is telling: it is never what is left out.
    let unlike = || fault.iter().flat_map(|f| &f.unlike).take(UNLIKE.min(most));
    let left = most - unlike().count();
    let seen = fault.iter().flat_map(|f| &f.seen).take(left).chain(unlike());
    let seen = seen.enumerate().map(|(at, line)| {
        let label = if at == 0 { "Seen" } else { "" };
        format!("   {label:<10}{}", text::fit(line, cells.saturating_sub(13)))
    });
    let mut lines: Vec<String> =
        [cause, seen.collect(), ruled_out, remedy, changed, stop].into_iter().flatten().collect();
    if lines.len() < room {
        lines.push(String::new());
    }
    lines.truncate(room);
    lines
}

fn told(way: Way, model: &Model) -> (String, String) {
    let (title, words) = match way {
        Way::Again => {
            let words = "after you repaired it; the others wait";
            ("Try again".to_owned(), words)
        }
        Way::Remedy(at) => {
            let remedy = remedies(model).get(at);
            return remedy.map(|remedy| (remedy.title(), remedy.cost())).unwrap_or_default();
        }
        Way::Shell => {
            let node = model.marked().map(|n| n.plan.name.to_string()).unwrap_or_default();
            (format!("Shell on {node}"), "lesson and shell side by side")
        }
        Way::Watch(step) => {
            let words = match step {
                Step::Preflight => "a recorded run",
                _ => "a recorded run, from this step",
            };
            ("Watch how it goes when it goes well".to_owned(), words)
        }
        Way::Leave => ("Leave".to_owned(), "all stays as it is; this page comes back"),
        Way::TakeBack => ("Take everything back".to_owned(), "asks you to type the cluster's name"),
    };
    (title, words.to_owned())
}

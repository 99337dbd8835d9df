//! Page 1: what can be done, with its cost, and what exists already.

use std::path::Path;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::welcome::{Chosen, Known, choices, marked},
        wizard,
    },
    pki::Verdict,
    practice::{self, Check},
    ui::{sheet::Sheet, text, theme::Theme},
};

/// Checks that are always told; the others only when something is wrong with them.
const ALWAYS: [&str; 4] = ["root", "disk", "packages", "network"];
/// Rows that what is marked takes below the choices.
const BELOW: usize = 7;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let choices = choices(model);
    sheet.blank();
    for words in [
        "Five machines become one etcd cluster that survives the loss of any two.",
        "Nothing is changed anywhere before you say go.",
    ] {
        sheet.wrapped("   ", "   ", words, Style::new());
    }
    sheet.blank();
    let at = model.welcome.choice;
    let new = choices.iter().take_while(|choice| is_new(choice)).count();
    for (nth, choice) in choices.iter().take(new).enumerate() {
        sheet.line(row(model, choice, nth == at, theme));
    }
    sheet.blank();
    earlier(model, theme, &mut sheet, &choices, new);
    sheet.down_to(u16::try_from(BELOW).unwrap_or(u16::MAX));
    match marked(model) {
        Some(Chosen::Own | Chosen::Made(_)) => told(theme, &mut sheet, "What it takes", &OWN),
        Some(Chosen::Watch) => told(theme, &mut sheet, "What it takes", &WATCH),
        Some(Chosen::GoOn) => told(theme, &mut sheet, "Where you were", &GO_ON),
        Some(Chosen::Known(..)) => known_below(model, theme, &mut sheet),
        Some(Chosen::Practise) | None => {
            sheet.rule("Practise on this computer: what it takes", theme.strong);
            checks(model, theme, &mut sheet);
        }
    }
}

fn is_new(choice: &Chosen) -> bool {
    matches!(choice, Chosen::Practise | Chosen::Own | Chosen::Watch)
}

/// What exists already; as much of it as there is room for, around the marked one.
fn earlier(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>, choices: &[Chosen], new: usize) {
    let rest = choices.len() - new;
    if rest == 0 {
        return;
    }
    let room = sheet.left().saturating_sub(BELOW + 1).max(1);
    let at = model.welcome.choice;
    let first = at.saturating_sub(new + room - 1).min(rest.saturating_sub(room));
    let more = rest.saturating_sub(first + room);
    let title = match (first, more) {
        (0, 0) => "Known here".to_owned(),
        (0, more) => format!("Known here, and {more} more below"),
        (above, 0) => format!("Known here, and {above} more above"),
        (above, more) => format!("Known here, {above} more above and {more} below"),
    };
    sheet.line(Span::styled(format!("   {title}"), theme.strong));
    for (nth, choice) in choices.iter().enumerate().skip(new + first).take(room) {
        sheet.line(row(model, choice, nth == at, theme));
    }
}

fn row(model: &Model, choice: &Chosen, marked: bool, theme: &Theme) -> Line<'static> {
    let (pointer, style) = theme.pointer(marked);
    let mut line = Line::from(pointer);
    let (title, words, cost) = match choice {
        Chosen::Practise => {
            ("Practise on this computer", "five throw-away Debian machines", "~2 min")
        }
        Chosen::Own => ("Set up my own servers", "3, 5 or 7 machines over SSH", "~5 min"),
        Chosen::Watch => ("Watch a recorded run", "no machines, no network, no root", "~2 min"),
        Chosen::GoOn => {
            line.extend(draft(model, style, theme));
            return line;
        }
        Chosen::Known(name, _) => {
            let known = model.welcome.known.iter().find(|known| known.name == *name);
            line.extend(known.map(|known| news(known, style, theme)).unwrap_or_default());
            return line;
        }
        Chosen::Made(_) => return line,
    };
    line.push_span(Span::styled(title, style));
    line.push_span(" ".repeat(29_usize.saturating_sub(text::width(title))));
    line.push_span(text::fill(words, 38));
    line.push_span(text::right(cost, 8));
    line
}

fn draft(model: &Model, style: Style, theme: &Theme) -> Vec<Span<'static>> {
    let Some(draft) = &model.welcome.unfinished else { return Vec::new() };
    let pages = wizard::pages().len();
    let says = format!("{} of {pages} pages answered", draft.done.min(pages));
    vec![
        Span::styled(text::fit(&format!("Go on with {}", draft.name()), 21), style),
        " ".repeat(21_usize.saturating_sub(text::width(&format!("Go on with {}", draft.name()))))
            .into(),
        " ".into(),
        Span::styled("…", theme.busy),
        format!(" {says}").into(),
    ]
}

fn news(known: &Known, style: Style, theme: &Theme) -> Vec<Span<'static>> {
    let sign = match (known.verdict, known.unfinished) {
        (Verdict::Ok, true) => Span::raw("·"),
        (Verdict::Ok, false) => theme.ok(),
        (Verdict::Look, _) => Span::styled("!", theme.look),
        (Verdict::Wrong, _) => theme.wrong(),
    };
    let whose = if known.practice { "PRACTICE" } else { "LIVE" };
    let name = text::fit(known.name.as_str(), 12);
    let pad = " ".repeat(13_usize.saturating_sub(text::width(&name)));
    vec![
        Span::styled(name, style),
        pad.into(),
        format!("{whose:<9}").into(),
        sign,
        format!(" {}", text::fill(&known.says, 33)).into(),
        text::right(&known.when, 18).into(),
    ]
}

/// Those that stand in the way first, each with its way out.
fn checks(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    if model.welcome.checks.is_empty() {
        sheet.line(Line::from(vec![
            "   ".into(),
            Span::styled("…", theme.busy),
            " looking at this computer".into(),
        ]));
        return;
    }
    let bad = |check: &&Check| check.verdict == Verdict::Wrong;
    let told = |check: &&Check| {
        !bad(check) && (check.verdict == Verdict::Look || ALWAYS.contains(&check.what))
    };
    let all = &model.welcome.checks;
    for check in all.iter().filter(bad).chain(all.iter().filter(told)) {
        let sign = match check.verdict {
            Verdict::Ok => theme.ok(),
            Verdict::Look => Span::styled("!", theme.look),
            Verdict::Wrong => theme.wrong(),
        };
        let room = sheet.width().saturating_sub(18);
        let what = text::fill(check.what, 12);
        let words = text::fit(&check.says, room);
        sheet.line(Line::from(vec!["   ".into(), sign, format!(" {what} {words}").into()]));
        if check.verdict == Verdict::Wrong {
            let lead = " ".repeat(18);
            sheet.wrapped(&lead, &lead, &check.way_out, theme.strong);
        }
    }
    let way = Line::from(vec![
        "   ".into(),
        theme.ok(),
        " way back     quorate practice delete: no process, link or file is left".into(),
    ]);
    sheet.line(way);
}

fn known_below(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let Some(Chosen::Known(name, goes_on)) = marked(model) else { return };
    let Some(known) = model.welcome.known.iter().find(|known| known.name == name) else { return };
    sheet.rule(&format!("{name}: what opening does"), theme.strong);
    let room = sheet.width().saturating_sub(18);
    let does = if goes_on {
        ["looks at every machine; then you say go, or not", "quorate up"]
    } else {
        ["asks every machine and member; nothing is changed", "quorate check"]
    };
    // The word practice is for those at their usual place.
    let usual = practice::Options::default().dir;
    let elsewhere = Path::new(&known.file).parent().filter(|dir| known.practice && *dir != usual);
    let called = elsewhere.map_or_else(|| name.to_string(), |dir| dir.display().to_string());
    for (what, says) in [
        ("It", does[0].to_owned()),
        ("The same", format!("{} {called}", does[1])),
        ("Its file", known.file.clone()),
    ] {
        sheet.line(format!("     {} {}", text::fill(what, 12), text::fit(&says, room)));
    }
}

fn told(theme: &Theme, sheet: &mut Sheet<'_>, title: &str, lines: &[&str]) {
    sheet.rule(title, theme.strong);
    for words in lines {
        sheet.line(format!("   {words}"));
    }
}

const OWN: [&str; 4] = [
    "Their addresses, and a way in over SSH; your ssh config and agent are used.",
    "Root there, directly or by sudo. Debian or Ubuntu with systemd.",
    "Certificates: yours, or made along the way.",
    "Way back: quorate reset takes back what was made; data is moved aside.",
];
const WATCH: [&str; 1] =
    ["Nothing: it is a recording. Everything in it can be opened while it is paused."];
const GO_ON: [&str; 2] = [
    "You left before the end. All that you answered was kept on this computer;",
    "no machine was changed by answering.",
];

//! Page 1: what can be done, with its cost, and what exists already.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::welcome::{Chosen, choices},
    },
    pki::Verdict,
    ui::{sheet::Sheet, text, theme::Theme},
};

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let choices = choices(model);
    sheet.blank();
    for words in [
        "Five machines become one etcd cluster that survives the loss of any two.",
        "Nothing is changed anywhere before you say go.",
    ] {
        sheet.wrapped("   ", "   ", words, ratatui::style::Style::new());
    }
    sheet.blank();
    for (at, choice) in choices.iter().enumerate() {
        if at == 3 {
            sheet.blank();
            sheet.line(Span::styled("   Known here", theme.strong));
        }
        let (pointer, style) = theme.pointer(at == model.welcome.choice);
        let mut line = Line::from(pointer);
        line.extend(told(model, at, choice, style, theme));
        sheet.line(line);
    }
    sheet.blank();
    let what = match choices.get(model.welcome.choice) {
        Some(Chosen::Own | Chosen::Made(_)) => own(),
        Some(Chosen::Watch) => watch(),
        Some(Chosen::Known(_)) => Vec::new(),
        Some(Chosen::Practise) | None => {
            sheet.rule("Practise on this computer: what it takes", theme.strong);
            return checks(model, theme, &mut sheet);
        }
    };
    if !what.is_empty() {
        sheet.rule("What it takes", theme.strong);
    }
    for words in what {
        sheet.line(format!("   {words}"));
    }
}

fn told(
    model: &Model,
    at: usize,
    choice: &Chosen,
    style: ratatui::style::Style,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let (title, words, cost) = match choice {
        Chosen::Practise => {
            ("Practise on this computer", "five throw-away Debian machines", "~2 min")
        }
        Chosen::Own => ("Set up my own servers", "3, 5 or 7 machines over SSH", "~5 min"),
        Chosen::Watch => ("Watch a recorded run", "no machines, no network, no root", "4 min"),
        Chosen::Known(_) | Chosen::Made(_) => {
            let Some(known) = model.welcome.known.get(at.saturating_sub(3)) else {
                return Vec::new();
            };
            let sign = if known.verdict == Verdict::Ok {
                theme.ok()
            } else {
                Span::styled("!", theme.look)
            };
            let whose = if known.practice { "PRACTICE" } else { "LIVE" };
            return vec![
                Span::styled(text::fill(known.name.as_str(), 11), style),
                format!("{whose:<11}").into(),
                sign,
                format!(" {}", text::fill(&known.says, 30)).into(),
                text::right(&known.when, 20).into(),
            ];
        }
    };
    vec![
        Span::styled(title, style),
        " ".repeat(29_usize.saturating_sub(title.len())).into(),
        text::fill(words, 38).into(),
        text::right(cost, 8).into(),
    ]
}

fn checks(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    if model.welcome.checks.is_empty() {
        sheet.line(Line::from(vec![
            "   ".into(),
            Span::styled("…", theme.busy),
            " looking at this computer".into(),
        ]));
    }
    for check in &model.welcome.checks {
        let sign = match check.verdict {
            Verdict::Ok => theme.ok(),
            Verdict::Look => Span::styled("!", theme.look),
            Verdict::Wrong => theme.wrong(),
        };
        let room = sheet.width().saturating_sub(20);
        let what = text::fill(check.what, 12);
        let words = text::fit(&check.says, room);
        sheet.line(Line::from(vec!["   ".into(), sign, format!(" {what} {words}").into()]));
    }
}

fn own() -> Vec<&'static str> {
    vec![
        "Their addresses, and a way in over SSH: ~/.ssh/config and your agent are used.",
        "Root there, directly or by sudo. Debian or Ubuntu with systemd.",
        "A CA file, and a certificate with its key; quorate certs issue makes them.",
        "Way back: quorate reset takes back what was made; data is moved aside.",
    ]
}

fn watch() -> Vec<&'static str> {
    vec!["Nothing: it is a recording. Everything in it can be opened while it is paused."]
}

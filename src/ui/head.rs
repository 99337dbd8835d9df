//! Rows 1 and 2, and the lines between the parts: where the colleague looks.

use ratatui::{
    buffer::Buffer,
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{layout::Parts, replay, sheet::Sheet, side, text, theme::Theme};
use crate::app::{
    Model, Overlay, Page, Setting,
    page::{
        Mark, etcd, nodes,
        result::{Proof, proof},
        way,
    },
    wizard,
};

pub(crate) fn draw(model: &Model, theme: &Theme, parts: &Parts, buf: &mut Buffer) {
    let right = standing(model, theme);
    let right_width = right.width();
    // The last column stays free, as in the two rows at the end.
    let column = usize::from(parts.head.width).saturating_sub(right_width + 1);
    let mut sheet = Sheet::new(parts.head, buf);
    sheet.put(0, text::fit(&name(model), column.saturating_sub(1)));
    sheet.put(cells(column), right);

    let stations = stations(model, theme, usize::from(parts.body.width));
    let mut sheet = Sheet::new(parts.way, buf);
    sheet.put(0, "─".repeat(usize::from(parts.way.width)));
    sheet.put(0, stations);
    Sheet::new(parts.rule, buf).put(0, "─".repeat(usize::from(parts.rule.width)));
    if let Some(area) = parts.side {
        let column = area.x - 1;
        let ends = parts.strip.is_none();
        let title = text::fit(&title(model), usize::from(area.width).saturating_sub(4));
        let title = Line::from(vec!["┬─ ".into(), Span::styled(title, theme.strong), " ".into()]);
        Sheet::new(parts.way, buf).put(column, title);
        for y in area.top()..area.bottom() {
            buf.set_string(column, y, "│", Style::new());
        }
        if ends {
            Sheet::new(parts.rule, buf).put(column, "┴");
        }
    }
    if let Some(replay) = model.replay.as_ref().filter(|replay| !replay.follows) {
        replay::bar(replay, theme, parts.rule, buf);
    }
}

/// What the side is called.
fn title(model: &Model) -> String {
    let chapters = model.replay.is_some() && model.overlay != Some(Overlay::Why);
    if chapters { "Chapters".to_owned() } else { side::title(model) }
}

fn name(model: &Model) -> String {
    let Some(started) = &model.run.started else {
        if wizard::pages().iter().any(|(page, _)| *page == model.page) {
            let (name, all) = (etcd::name(model), nodes::rows(&model.nodes.form));
            return format!(" quorate  {name} · {all} members · needs {}", all / 2 + 1);
        }
        return format!(" quorate  {}", env!("CARGO_PKG_VERSION"));
    };
    let (all, quorum) = (model.run.nodes.len(), model.run.quorum());
    format!(" quorate  {} · {all} members · needs {quorum}", started.cluster)
}

/// Whose machines, the one state, the time it took.
fn standing(model: &Model, theme: &Theme) -> Line<'static> {
    let started = model.run.started.is_some() || model.page == Page::Run;
    if !started && matches!(model.page, Page::Welcome | Page::Building) {
        return Line::raw("nothing changed yet");
    }
    let mut whose = match &model.setting {
        Setting::Live => Span::styled("LIVE", theme.strong.add_modifier(Modifier::REVERSED)),
        Setting::Practice => Span::styled("PRACTICE", theme.strong),
        Setting::Replay(day) => Span::raw(format!("REPLAY of {day}")),
    };
    if !started {
        return Line::from(vec![whose, " · nothing changed yet".into()]);
    }
    if let Some(replay) = &model.replay {
        if !replay.follows {
            let then = format!(" · {}", replay::where_it_is(replay));
            return Line::from(vec![whose, then.into()]);
        }
        whose = Span::styled("READ-ONLY", theme.strong);
    }
    let elapsed = text::right(&text::elapsed(model.run_ms()), 5);
    Line::from(vec![whose, Span::raw(format!(" · {} · {elapsed}", state(model)))])
}

fn state(model: &Model) -> String {
    let run = &model.run;
    let at = || model.judged_at().map(|at| format!(" {at}")).unwrap_or_default();
    let drill = run.drill.as_ref().filter(|drill| !drill.ended);
    match drill.map(|drill| drill.stopped().count()) {
        None => {}
        Some(0) => return "drill".to_owned(),
        Some(count) => return format!("{count} stopped by you"),
    }
    if model.ended_well() {
        return match proof(run) {
            Proof::Healthy => format!("healthy{}", at()),
            Proof::Agrees => format!("agrees{}", at()),
            Proof::Nothing => "not proved".to_owned(),
        };
    }
    let word = match (run.went, model.running()) {
        (_, true) if model.page == Page::ByHand => "by hand",
        (false, true) if run.nodes.iter().any(|n| !n.by_hand.is_empty()) => "changing",
        (false, _) => "nothing changed yet",
        (true, true) if model.aim.is_some() => "paused",
        (true, true) => "changing",
        (true, false) => "stopped, safe",
    };
    word.to_owned()
}

/// The way, in full words where they fit, else only the name of where we are.
fn stations(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let way = way(model);
    let full = line(&way, theme, |_| true);
    if full.width() < width {
        return full;
    }
    line(&way, theme, |mark| matches!(mark, Mark::Here | Mark::Wrong))
}

fn line(
    way: &[(Mark, &'static str)],
    theme: &Theme,
    named: impl Fn(Mark) -> bool,
) -> Line<'static> {
    let mut line = Line::default();
    for (mark, name) in way {
        line.push_span("─ ");
        line.push_span(theme.mark(*mark));
        line.push_span(" ");
        if named(*mark) {
            line.push_span(Span::styled(
                *name,
                if *mark == Mark::Here { theme.strong } else { Style::new() },
            ));
            line.push_span(" ");
        }
    }
    line
}

/// A count of cells as the terminal counts them.
pub(crate) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

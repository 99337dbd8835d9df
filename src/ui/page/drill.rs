//! Page 12: a gap in a bar, with its seconds.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::drill::{choices, leader, no_quorum},
    },
    event::{
        drill::{DrillState, Pulse},
        state::NodeState,
    },
    ui::{
        sheet::Sheet,
        text::{self, seconds},
        theme::Theme,
    },
};

/// Tenths of a second in a bar, and how many of them are before the stop.
const WIDE: usize = 49;
const BEFORE: usize = 8;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let roomy = model.run.nodes.len() <= 5;
    sheet.blank();
    fear(model, &mut sheet);
    if roomy {
        sheet.blank();
    }
    for node in &model.run.nodes {
        sheet.line(member(model, node, theme));
    }
    sheet.blank();
    if let Some(drill) = &model.run.drill {
        let beyond = drill.most > model.run.nodes.len() - model.run.quorum();
        bars(drill, beyond, theme, &mut sheet);
        if roomy {
            sheet.blank();
        }
        if let Some(words) = verdict(drill, no_quorum(model)) {
            sheet.line(Span::styled(format!("   {words}"), theme.strong));
        }
    }
    sheet.down_to(1);
    let mut line = Line::default();
    for (at, next) in choices(model).into_iter().enumerate() {
        let (pointer, style) = theme.pointer(at == model.drill.choice);
        line.push_span(pointer);
        line.push_span(Span::styled(next.title(), style));
        line.push_span("  ");
    }
    sheet.line(line);
}

/// What may happen, and who puts it back.
fn fear(model: &Model, sheet: &mut Sheet<'_>) {
    let (all, quorum) = (model.run.nodes.len(), model.run.quorum());
    let drill = model.run.drill.as_ref().filter(|d| !d.ended);
    let stopped = drill.map_or(0, |d| d.stopped().count()).max(1);
    let may = all - quorum;
    let whose = drill.and_then(|d| d.stopped().last().map(|m| m.node.clone()));
    let whose = whose.or_else(|| leader(model)).map(|n| n.to_string()).unwrap_or_default();
    let verdict = if stopped <= may { "safe" } else { "no quorum" };
    sheet.line(if model.drill.breaks {
        "   Stop one after another, while one client writes and one reads. Then what?"
    } else {
        "   Stop the leader while one client writes and one reads, ten times a second."
    });
    sheet.wrapped(
        "   ",
        "   ",
        &format!(
            "{may} may fail, you stop {stopped}: {verdict}. A timer on {whose} starts it again in \
             60 s, also if this window dies."
        ),
        ratatui::style::Style::new(),
    );
}

fn member(model: &Model, node: &NodeState, theme: &Theme) -> Line<'static> {
    let name = text::fill(node.plan.name.as_str(), 12);
    let clock = |ms: u64| {
        let at = model.clock(ms).unwrap_or_default();
        text::fill(&format!("{at}.{}", ms % 1000 / 100), 12)
    };
    let mut line = Line::from(format!("   {name} "));
    let drill = model.run.drill.as_ref();
    let seen = drill.and_then(|d| d.member(&node.plan.name));
    let leads = drill.and_then(|d| d.leads.as_ref());
    if let Some((seen, (ms, led))) = seen.and_then(|s| Some((s, s.stopped?))) {
        line.push_span(theme.wrong());
        let word = if seen.starting { "being started" } else { "stopped by you" };
        line.push_span(Span::styled(format!(" {} {}", text::fill(word, 15), clock(ms)), theme.bad));
        if led {
            line.push_span(format!("was leader, term {}", seen.term));
        }
        return line;
    }
    line.push_span(Span::styled("●", theme.good));
    match leads {
        _ if no_quorum(model) => line.push_span(" runs, asks for votes: no majority, no leader"),
        Some((name, ms, term, followers)) if *name == node.plan.name => {
            let short: Vec<_> = followers
                .iter()
                .map(|f| f.as_str().rsplit('-').next().unwrap_or(f.as_str()).to_owned())
                .collect();
            line.push_span(format!(" {} {}", text::fill("leader", 15), clock(*ms)));
            line.push_span(format!("term {term}, followed by {}", short.join(", ")));
        }
        None if leader(model).as_ref() == Some(&node.plan.name) => line.push_span(" leader"),
        _ => {
            line.push_span(format!(" {}", text::fill("follower", 15)));
            line.push_span(match seen.map(|s| (s.back, s.caught_up)) {
                Some((Some(_), false)) => " back, catching up",
                Some((Some(true), true)) => " back by its timer, caught up",
                Some((Some(false), true)) => " back, caught up",
                _ => "",
            });
        }
    }
    line
}

/// What counts in a row.
type Count = fn(&Pulse) -> u64;

/// The tenths of a second that are shown, from which on.
fn window(drill: &DrillState) -> (u64, Vec<Option<Pulse>>) {
    let newest = drill.pulses.back().map_or(0, |(ms, _)| *ms);
    let tenths = |n: usize| u64::try_from(n).unwrap_or_default() * 100;
    let start = match (drill.stop_ms, drill.gap) {
        // The stop stays in sight; a gap that does not end moves the picture on.
        // Of a long gap, its end.
        (Some(stop), Some((.., end))) if end > stop + tenths(WIDE - 2 * BEFORE) => {
            end.saturating_sub(tenths(WIDE / 2))
        }
        (Some(stop), Some(_)) => stop.saturating_sub(tenths(BEFORE)),
        (Some(stop), None) => {
            stop.saturating_sub(tenths(BEFORE)).max((newest + 100).saturating_sub(tenths(WIDE)))
        }
        (None, _) => (newest + 100).saturating_sub(tenths(WIDE)),
    };
    let mut cells: Vec<Option<Pulse>> = vec![None; WIDE];
    for (ms, pulse) in &drill.pulses {
        let at = ms.checked_sub(start).and_then(|d| usize::try_from(d / 100).ok());
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            cell.get_or_insert_default().then(pulse);
        }
    }
    // A tenth without a pulse of its own, by rounding, is as the one before.
    for at in 1..cells.len() {
        let (before, after) = (cells.get(at - 1).copied().flatten(), cells.get(at + 1).copied());
        if let Some(cell) = cells.get_mut(at)
            && cell.is_none()
            && after.flatten().is_some()
        {
            *cell = before;
        }
    }
    (start, cells)
}

fn bars(drill: &DrillState, beyond: bool, theme: &Theme, sheet: &mut Sheet<'_>) {
    let (start, cells) = window(drill);
    let cell_of = |ms: u64| {
        let at = usize::try_from(ms.checked_sub(start)? / 100).ok()?;
        (at < WIDE).then_some(at)
    };
    let stop = drill.stop_ms.and_then(cell_of);
    let gap = drill.gap.and_then(|(.., ms)| cell_of(ms));
    let gap = gap.filter(|gap| stop.is_none_or(|stop| *gap > stop));
    let put = |line: &mut String, column: usize, words: &str| {
        let pad = column.saturating_sub(text::width(line));
        line.push_str(&" ".repeat(pad));
        line.push_str(words);
    };
    let lead = 11;
    let column = |at: usize| lead + at + usize::from(stop.is_some_and(|s| at > s));
    let mut marks = String::new();
    if let Some(stop) = stop {
        put(&mut marks, (lead + stop).saturating_sub(8), "stopped │");
    }
    if let Some(gap) = gap {
        put(&mut marks, column(gap), "│ writes go on");
    }
    sheet.line(marks);
    let total = drill.total;
    let lost = drill.checked.map_or(0, |(_, lost)| lost);
    let mut rows: Vec<(&str, Count, String)> = vec![
        ("writes", |p| p.written, format!("{} ok, {lost} lost", total.written)),
        ("reads", |p| p.read, format!("{} ok, {} wrong", total.read, total.wrong)),
    ];
    if beyond {
        // Asked only where a quorum does not answer.
        rows.push(("plain", |p| p.plain, format!("{} answered", total.plain)));
    }
    for (name, of, words) in rows {
        let mut line = Line::from(format!("   {}", text::fill(name, lead - 3)));
        for (at, cell) in cells.iter().enumerate() {
            if stop == Some(at) || gap == Some(at) {
                line.push_span("│");
            }
            line.push_span(match cell {
                Some(pulse) if of(pulse) > 0 => Span::styled("█", theme.good),
                Some(_) if name == "plain" => Span::raw(" "),
                Some(_) => Span::styled("░", theme.bad),
                None => Span::raw(" "),
            });
        }
        line.push_span(format!(" {words}"));
        sheet.line(line);
    }
    let mut axis = String::new();
    if let Some(stop) = stop {
        put(&mut axis, lead + stop, "0");
    }
    if let (Some(at), Some((ms, ..))) = (gap, drill.gap) {
        put(&mut axis, column(at) + 1, &format!("+{}", seconds(ms)));
    }
    sheet.line(axis);
}

/// What was seen, in a sentence.
fn verdict(drill: &DrillState, no_quorum: bool) -> Option<String> {
    if let Some(trouble) = &drill.trouble {
        return Some(trouble.clone());
    }
    if no_quorum {
        let waiting = drill.total.waiting;
        let plain = match drill.plain {
            None | Some(0) => "No plain read is answered yet.".to_owned(),
            Some(plain) => format!("Plain reads go on: {plain} since then."),
        };
        return Some(format!("No quorum: {waiting} writes wait, none counts. {plain}"));
    }
    let lost = match drill.checked {
        None => "each is read back at the end".to_owned(),
        Some((_, 0)) => "none was lost".to_owned(),
        Some((of, lost)) => format!("{lost} of {of} were LOST"),
    };
    match (drill.gap, drill.checked) {
        (Some((ms, waited, _)), _) => {
            Some(format!("{} without a leader: {waited} writes waited, {lost}.", seconds(ms)))
        }
        // Brought back at once: no gap that is worth telling.
        (None, Some((of, _))) => Some(format!("All {of} writes are read back: {lost}.")),
        (None, None) => None,
    }
}

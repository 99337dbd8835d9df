//! Page 7: one grid answers "where are we?" from a metre away. It never moves: steps fill from left
//! to right.

use ratatui::text::{Line, Span};

use crate::{
    app::{Model, page::run::well},
    event::{
        Step, StepOutcome,
        state::{Link, NodeState},
    },
    ui::{head::cells, log, sheet::Sheet, text, theme::Theme},
};

/// The columns after the names: step, title, width in cells; the last goes to the end.
const COLUMNS: [(Step, &str, usize); 5] = [
    (Step::Certificates, "certs", 8),
    (Step::Install, "install", 20),
    (Step::Configure, "config", 9),
    (Step::Start, "start", 18),
    (Step::Verify, "verify", 0),
];
/// The names' column at 80 columns, in cells.
const NAME: usize = 13;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let longest = model.run.nodes.iter().map(|n| text::width(n.plan.name.as_str())).max();
    let widest = NAME + sheet.width().saturating_sub(80);
    let name = (longest.unwrap_or_default() + 2).clamp(NAME, widest);
    sheet.blank();
    let mut column = 3 + name;
    for (_, title, width) in COLUMNS {
        sheet.put(cells(column), title);
        column += width;
    }
    sheet.blank();
    for (at, node) in model.run.nodes.iter().enumerate() {
        row(node, theme, at == model.node, name, &mut sheet);
    }
    sheet.blank();
    quorum(model, theme, &mut sheet);
    sheet.blank();
    log::draw(model, theme, sheet);
}

fn row(node: &NodeState, theme: &Theme, marked: bool, name: usize, sheet: &mut Sheet<'_>) {
    let (pointer, style) = theme.pointer(marked);
    let shown = text::fit(node.plan.name.as_str(), name - 1);
    sheet.put(0, Line::from(vec![pointer, Span::styled(shown, style)]));
    let first = 3 + name;
    // Before the first change the row says how the machine was found.
    if !well(node, Step::Preflight) {
        let line = before(node, theme);
        sheet.put(cells(first), line);
        sheet.blank();
        return;
    }
    let mut column = first;
    for (step, _, width) in COLUMNS {
        let room = sheet.width().saturating_sub(column + 1);
        let busy = node.outcome(step).is_none() && node.step == Some(step);
        // What is under way may use the cells of what has not begun.
        let room = if width == 0 || busy { room } else { room.min(width - 1) };
        let line = cell(node, step, theme, room);
        sheet.put(cells(column), line);
        if busy && node.progress.as_ref().is_none_or(|(percent, _)| *percent == 0) {
            break;
        }
        column += width;
    }
    sheet.blank();
}

fn before(node: &NodeState, theme: &Theme) -> Line<'static> {
    let busy = |words: String| {
        Line::from(vec![Span::styled("…", theme.busy), Span::raw(format!(" {words}"))])
    };
    match (&node.link, node.outcome(Step::Preflight)) {
        (_, Some(StepOutcome::Failed | StepOutcome::Differs)) => {
            Line::from(vec![theme.wrong(), " not as it must be; nothing was changed".into()])
        }
        (Link::Lost(reason), _) => {
            Line::from(vec![theme.wrong(), Span::raw(format!(" not reached: {reason}"))])
        }
        (Link::Idle, _) => Line::raw("·"),
        (Link::Connecting, _) => busy(format!("calls {}", node.plan.address)),
        (Link::Up { user, took_ms }, _) => match &node.seen {
            Some(seen) => busy(format!("{}, looked at, as {user}", seen.system)),
            None => busy(format!("logged in as {user} in {took_ms} ms; looks at it")),
        },
    }
}

fn cell(node: &NodeState, step: Step, theme: &Theme, room: usize) -> Line<'static> {
    let ended = node.ended.iter().rev().find(|(s, ..)| *s == step);
    let Some((_, outcome, took)) = ended else { return under_way(node, step, theme, room) };
    match outcome {
        StepOutcome::Done | StepOutcome::Unchanged => {
            let words = detail(node, step, *took);
            Line::from(vec![theme.ok(), Span::raw(text::fit(&words, room.saturating_sub(1)))])
        }
        StepOutcome::Failed => Line::from(vec![theme.wrong(), " failed".into()]),
        StepOutcome::Differs => Line::from(vec![Span::styled("!", theme.look), " differs".into()]),
        StepOutcome::Stopped => Line::from(vec![Span::styled("!", theme.look), " stopped".into()]),
    }
}

/// What a done step is worth a word about.
fn detail(node: &NodeState, step: Step, took: u64) -> String {
    let seen = node.seen.as_ref();
    match step {
        Step::Install => {
            let version = seen.and_then(|s| s.installed.or(s.offered)).map(|v| v.to_string());
            let version = version.unwrap_or_default();
            format!(" {version:<9}{}", text::right(&text::seconds(took), 7))
        }
        Step::Start => format!(" up     {}", text::right(&text::seconds(took), 6)),
        Step::Verify => {
            let answer = node.member.as_ref().map(|m| text::millis(m.took_us));
            format!(" {}", answer.unwrap_or_default())
        }
        _ => String::new(),
    }
}

fn under_way(node: &NodeState, step: Step, theme: &Theme, room: usize) -> Line<'static> {
    if node.step != Some(step) {
        return Line::raw("·");
    }
    if let Link::Lost(reason) = &node.link {
        let words = text::fit(&format!(" no answer: {reason}"), room.saturating_sub(1));
        return Line::from(vec![theme.wrong(), Span::raw(words)]);
    }
    match &node.progress {
        Some((percent, _)) if *percent > 0 => bar(*percent, theme),
        progress => {
            let running = node.tasks.iter().find(|t| t.running).map(|t| match step {
                // Its own title has no room there.
                Step::Start => "starts with the others",
                _ => t.plan.title.as_str(),
            });
            let doing = progress.as_ref().map(|(_, doing)| doing.as_str()).or(running);
            let words = format!(" {}", doing.unwrap_or("is looked at"));
            let words = text::fit(&words, room.saturating_sub(1));
            Line::from(vec![Span::styled("…", theme.busy), Span::raw(words)])
        }
    }
}

/// A bar of ten cells and the number.
fn bar(percent: u8, theme: &Theme) -> Line<'static> {
    let full = usize::from(percent.min(100)) / 10;
    Line::from(vec![
        Span::styled("█".repeat(full), theme.busy),
        Span::raw("░".repeat(10 - full)),
        Span::raw(format!(" {percent:>3} %")),
    ])
}

/// The quorum meter: a dot for each member.
fn quorum(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let (all, need) = (model.run.nodes.len(), model.run.quorum());
    let up = model.run.nodes.iter().filter(|n| n.up()).count();
    let mut line = Line::from("   quorum   ");
    for node in &model.run.nodes {
        line.push_span(if node.up() {
            Span::styled("● ", theme.good)
        } else {
            Span::raw("○ ")
        });
    }
    let words = match up {
        0 => format!("0 of {all} up, {need} needed. All start together when ready."),
        up if up < need => {
            format!("{up} of {all} up, {need} needed. Not hung: waiting for company.")
        }
        up if up < all => format!("{up} of {all} up: quorum. A leader can be elected now."),
        up => format!("{up} of {all} up."),
    };
    line.push_span(format!("  {words}"));
    sheet.line(line);
}

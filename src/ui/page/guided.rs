//! Page 8: four lines carry the lesson: why, the lab, what we run, because.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::{
            guided::{Way, begun, first_done, number, step, ways},
            run::well,
        },
    },
    event::{Step, StepOutcome, state::NodeState},
    lab::lesson::{Block, lesson},
    ui::{head::cells, prose, sheet::Sheet, text, theme::Theme},
};

/// Where the words begin, in cells.
const WORDS: u16 = 13;
/// Commands that stay where there is little room, in lines.
const COMMANDS: usize = 2;

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let ways = ways(model);
    // The nodes, the ways on and the lines between them.
    let below = cells(ways.len()).max(1) + 3;
    let lesson = lesson(step(model));
    sheet.blank();
    let room = sheet.width().saturating_sub(usize::from(WORDS) + 1);
    let lines = |blocks: &[Block<'_>]| -> Vec<Line<'static>> {
        blocks.iter().flat_map(|block| prose::lines(block, room)).collect()
    };
    let mut parts = [
        ("Why", lines(&lesson.why)),
        ("The lab", lines(&lesson.lab)),
        ("We run", lines(&lesson.we_run)),
        ("Because", lines(&lesson.because)),
    ];
    let rows = sheet.left().saturating_sub(usize::from(below) + 1);
    // Where not all fits, the commands give way first: `x` has every one of them.
    if parts.iter().map(|(_, lines)| lines.len()).sum::<usize>() > rows {
        for (_, lines) in parts.iter_mut().skip(1).take(2) {
            if lines.len() > COMMANDS {
                lines.truncate(COMMANDS);
                lines.push(Line::raw("  …"));
            }
        }
    }
    let cut = parts.iter().map(|(_, lines)| lines.len()).sum::<usize>() > rows;
    let labelled = parts.into_iter().flat_map(|(label, lines)| {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        labels.zip(lines).collect::<Vec<_>>()
    });
    for (label, line) in labelled.take(if cut { rows.saturating_sub(1) } else { rows }) {
        sheet.put(3, Span::styled(label, theme.strong));
        sheet.put(WORDS, line);
        sheet.blank();
    }
    if cut {
        sheet.put(WORDS, "… w has all of it");
    }
    sheet.down_to(below);
    nodes(model, theme, &mut sheet);
    sheet.blank();
    for (at, way) in ways.iter().enumerate() {
        let (pointer, style) = theme.pointer(at == model.guided.choice);
        let (title, words) = told(model, way);
        let title = Span::styled(text::fill(&title, 30), style);
        sheet.line(Line::from(vec![pointer, title, words.into()]));
    }
    if ways.is_empty() {
        let doing = model.run.nodes.iter().find_map(|n| {
            let (percent, doing) = n.progress.as_ref()?;
            Some(format!("   {}: {doing}, {percent} %", n.plan.name))
        });
        sheet.line(doing.unwrap_or_else(|| "   under way".to_owned()));
    }
}

/// How far each node is with this step.
fn nodes(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let mut line = Line::from("   ");
    for (at, node) in model.run.nodes.iter().enumerate() {
        let name = if at == 0 { node.plan.name.to_string() } else { (at + 1).to_string() };
        line.push_span(format!("{name} "));
        line.extend(how_far(model, node, theme));
        line.push_span("   ");
    }
    sheet.line(line);
}

fn how_far(model: &Model, node: &NodeState, theme: &Theme) -> Vec<Span<'static>> {
    let step = step(model);
    match node.outcome(step) {
        Some(StepOutcome::Failed) => vec![theme.wrong(), " failed".into()],
        _ if node.undoing.is_some() => vec![Span::styled("…", theme.busy), " back".into()],
        _ if well(node, step) && node.by_hand.contains(&step) => {
            vec![theme.ok(), " by you".into()]
        }
        _ if well(node, step) => vec![theme.ok(), " done".into()],
        _ if node.step == Some(step) && begun(node, step).is_some() => vec!["· begun".into()],
        _ if node.step == Some(step) => vec![Span::styled("…", theme.busy), " busy".into()],
        _ => vec!["· not yet".into()],
    }
}

fn told(model: &Model, way: &Way) -> (String, String) {
    let all = model.run.nodes.len();
    match way {
        Way::Do(nodes) if nodes.len() == all => {
            (format!("Do it on all {}", number(all)), "looked at before and after".to_owned())
        }
        Way::Do(nodes) if nodes.len() == 1 => {
            let node = nodes.first().map(ToString::to_string).unwrap_or_default();
            ("Do it on one, I watch".to_owned(), node)
        }
        Way::Do(nodes) => {
            let words = match first_done(model, step(model)) {
                Some((name, true)) => format!("as you did on {name}"),
                Some((name, false)) => format!("as on {name}"),
                None => "so that the first is not alone".to_owned(),
            };
            (format!("Do it on the other {}", number(nodes.len())), words)
        }
        Way::ByHand(node) => {
            ("I type it myself".to_owned(), format!("{node}: lesson and shell side by side"))
        }
        Way::Next(next) => {
            (format!("On to {}", next.title()), "its lesson; nothing happens yet".to_owned())
        }
        Way::Rest => {
            let at = Step::LAB.iter().position(|s| *s == step(model)).map_or(1, |at| at + 1);
            let steps =
                if at < Step::LAB.len() { format!("steps {at} to 6; ") } else { String::new() };
            ("All the rest without me".to_owned(), format!("{steps}p pauses"))
        }
        Way::Look(_) => {
            ("Look first".to_owned(), "before, what runs, and the proof after".to_owned())
        }
    }
}

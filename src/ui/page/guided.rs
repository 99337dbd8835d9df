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
    lab::lesson::{Block, Lesson, lesson},
    ui::{head::cells, prose, sheet::Sheet, text, theme::Theme},
};

/// Where the words begin, in cells.
const WORDS: u16 = 13;
/// Of "Because", so many lines stay where there is little room.
const BECAUSE: usize = 3;
/// Beside a lesson that had no room.
const REST: &str = "… w more";

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let ways = ways(model);
    // The nodes, the ways on and the lines around them.
    let below = cells(ways.len()).max(1) + 2;
    sheet.blank();
    let rows = sheet.left().saturating_sub(usize::from(below) + 1);
    let room = sheet.width().saturating_sub(usize::from(WORDS) + 1);
    let parts = told_of(&lesson(step(model)), room, rows).into_iter().flat_map(|(label, lines)| {
        let labels = label.into_iter().chain(std::iter::repeat(""));
        labels.zip(lines).collect::<Vec<_>>()
    });
    // In the smallest windows the ways on are what stays.
    for (label, line) in parts.take(rows) {
        sheet.put(3, Span::styled(label, theme.strong));
        sheet.put(WORDS, line);
        sheet.blank();
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

/// A part of a lesson: what stands at its left, and its lines.
type Part = (Vec<&'static str>, Vec<Line<'static>>);

/// The parts of a lesson in that many rows. Where not all fits, the commands give way first, since `x`
/// has every one of them, and then "Because" ends with one of its sentences.
fn told_of(lesson: &Lesson<'_>, cells: usize, rows: usize) -> [Part; 4] {
    let lines = |blocks: &[Block<'_>]| -> Vec<Line<'static>> {
        blocks.iter().flat_map(|block| prose::lines(block, cells)).collect()
    };
    let why = lines(&lesson.why);
    let (mut lab, mut run) = (lines(&lesson.lab), lines(&lesson.we_run));
    let (mut label, mut because) = (vec!["Because"], lines(&lesson.because));
    if why.len() + lab.len() + run.len() + because.len() > rows {
        let commands = rows.saturating_sub(why.len() + because.len().min(BECAUSE));
        let of_lab = lab.len().min((commands / 2).max(1));
        shorten(&mut lab, of_lab);
        shorten(&mut run, commands.saturating_sub(of_lab).max(1));
        let left = rows.saturating_sub(why.len() + lab.len() + run.len());
        if because.len() > left {
            because = sentences(&lesson.because, cells, left);
            label.push(REST);
        }
    }
    [(vec!["Why"], why), (vec!["The lab"], lab), (vec!["We run"], run), (label, because)]
}

/// So many commands; behind the last is a sign if there are more.
fn shorten(lines: &mut Vec<Line<'static>>, most: usize) {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_span(" …");
        }
    }
}

/// As many whole sentences as fit into those lines; of one that is too long, its beginning.
fn sentences(blocks: &[Block<'_>], cells: usize, most: usize) -> Vec<Line<'static>> {
    let Some(Block::Text(words)) = blocks.first() else { return Vec::new() };
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = words.match_indices(". ").map(|(at, _)| at + 1).chain([words.len()]);
    let fits = ends.filter_map(|end| Some(prose::lines(&Block::Text(words.get(..end)?), cells)));
    let fits = fits.take_while(|lines| lines.len() <= most).last();
    fits.unwrap_or_else(|| {
        prose::lines(&Block::Text(&words), cells).into_iter().take(most).collect()
    })
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
            // The first that is not done: the one shown may be.
            let first = model.step().unwrap_or(step(model));
            let at = Step::LAB.iter().position(|s| *s == first).map_or(1, |at| at + 1);
            let steps =
                if at < Step::LAB.len() { format!("steps {at} to 6; ") } else { String::new() };
            ("All the rest without me".to_owned(), format!("{steps}p pauses"))
        }
        Way::Look(_) => {
            ("Look first".to_owned(), "before, what runs, and the proof after".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What 80×24 has between the head and five ways on, in cells and rows.
    const SMALL: (usize, usize) = (66, 10);

    #[test]
    fn at_80_columns_each_lesson_says_why_and_ends_with_a_sentence() {
        for step in Step::LAB {
            let (cells, rows) = SMALL;
            let parts = told_of(&lesson(step), cells, rows);
            assert!(parts.iter().map(|(_, lines)| lines.len()).sum::<usize>() <= rows, "{step:?}");
            let last = parts[3].1.last().unwrap().to_string();
            assert!(last.ends_with('.'), "{step:?}: {last:?}");
            assert!(parts.iter().all(|(_, lines)| !lines.is_empty()), "{step:?}");
        }
    }
}

//! Page 11: what was proved, and what it may lose. Predicted beside observed.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{
        Model,
        page::{
            guided::number,
            result::{IN_A_ROW, Proof, by_whom, choices, proof},
        },
    },
    event::state::NodeState,
    pki::inspect::SOON,
    ui::{sheet::Sheet, text, theme::Theme},
};

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    sheet.blank();
    proved(model, theme, &mut sheet);
    sheet.blank();
    let columns = Columns::of(model, sheet.width());
    let head = columns.line(["ID", "NAME", "ADDRESS", "PREDICTED", "ROLE", "DB", "ANSWER"]);
    sheet.line(Span::styled(head.concat(), theme.strong));
    for node in &model.run.nodes {
        sheet.line(row(model, node, theme, &columns));
    }
    cluster(model, theme, &mut sheet);
    sheet.blank();
    facts(model, theme, &mut sheet);
    sheet.down_to(2);
    let choices = choices(model);
    for (row, some) in choices.chunks(IN_A_ROW).enumerate() {
        let mut line = Line::default();
        for (column, next) in some.iter().enumerate() {
            let at = row * IN_A_ROW + column;
            let (pointer, style) = theme.pointer(at == model.result.choice);
            // Below each other, as far as there is room for it.
            let below =
                choices.get(at + IN_A_ROW).or_else(|| choices.get(at.wrapping_sub(IN_A_ROW)));
            let wide = below.map_or(0, |next| text::width(next.title()));
            let pad = " ".repeat(wide.saturating_sub(text::width(next.title())));
            line.push_span(pointer);
            line.push_span(Span::styled(next.title(), style));
            line.push_span(pad);
        }
        sheet.line(line);
    }
}

fn proved(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let run = &model.run;
    let all = run.nodes.len();
    let read_by = run.read_by.as_ref().map(|(by, _)| by);
    let (sign, words) = match (proof(run), &run.written_by, read_by) {
        (Proof::Healthy, Some(wrote), Some(read)) => (
            theme.ok(),
            format!(
                "Your cluster stands. All {} answered by name, agree on one leader, and a value \
                 written through {wrote} was read back through {read}.",
                number(all)
            ),
        ),
        (Proof::Agrees, ..) => (
            theme.ok(),
            format!(
                "They agree: all {} answered by name, with one leader and the predicted IDs. \
                 Nothing was written.",
                number(all)
            ),
        ),
        _ => (
            Span::styled("!", theme.look),
            "Not every member said what it must; the rows below tell which.".to_owned(),
        ),
    };
    sheet.put(3, Line::from(sign));
    sheet.wrapped("     ", "     ", &words, theme.strong);
}

/// The widths of the columns, in cells.
struct Columns {
    name: usize,
    address: usize,
    /// Where addresses are long, the size of the database makes room.
    db: usize,
}

impl Columns {
    /// Everything but names, addresses and database, with what lies between.
    const FIXED: usize = 3 + 18 + 2 + 2 + 11 + 7 + 8;

    fn of(model: &Model, width: usize) -> Self {
        let plans = || model.run.nodes.iter().map(|n| &n.plan);
        let address = plans().map(|p| p.address.to_string().len()).max().unwrap_or_default();
        let address = address.clamp(12, 15);
        let longest = plans().map(|p| text::width(p.name.as_str())).max().unwrap_or_default();
        let room = width.saturating_sub(Self::FIXED + address);
        let db = if room >= 10 + 7 { 7 } else { 0 };
        let name = longest.max(10).min(room.saturating_sub(db));
        Self { name, address, db }
    }

    /// The cells of a row, filled to their widths.
    fn line(&self, cells: [&str; 7]) -> [String; 7] {
        let [id, name, address, predicted, role, db, answer] = cells;
        [
            format!("   {}", text::fill(id, 18)),
            text::fill(name, self.name) + "  ",
            text::fill(address, self.address) + "  ",
            text::fill(predicted, 11),
            text::fill(role, 6),
            text::right(db, self.db),
            text::right(answer, 8),
        ]
    }
}

fn row(model: &Model, node: &NodeState, theme: &Theme, columns: &Columns) -> Line<'static> {
    let plan = &node.plan;
    let (id, address) = (plan.id.to_string(), plan.address.to_string());
    let lead = [id.as_str(), plan.name.as_str(), address.as_str()];
    let [id, name, address] = lead;
    let Some(member) = &node.member else {
        let cells = columns.line([id, name, address, "no answer", "", "", ""]);
        return styled(cells, theme.bad);
    };
    let (predicted, style) =
        if member.id == plan.id { ("✓ same", theme.good) } else { ("✗ other", theme.bad) };
    let role = if model.run.leader() == Some(member.id) { "leader" } else { "·" };
    let (db, answer) = (text::bytes(member.db_bytes), text::millis(member.took_us));
    styled(columns.line([id, name, address, predicted, role, &db, &answer]), style)
}

/// The row, with the cell of the comparison in its style.
fn styled(cells: [String; 7], style: Style) -> Line<'static> {
    let spans = cells
        .into_iter()
        .enumerate()
        .map(|(at, cell)| if at == 3 { Span::styled(cell, style) } else { Span::raw(cell) });
    spans.collect()
}

/// The line below the table: what all of them say.
fn cluster(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let Some(started) = &model.run.started else { return };
    let members: Vec<_> = model.run.nodes.iter().filter_map(|n| n.member.as_ref()).collect();
    let Some(first) = members.first() else { return };
    let same = members.iter().all(|m| m.cluster == started.cluster_id);
    let mut line = Line::from(format!("   cluster {} ", started.cluster_id));
    line.push_span(if same { theme.ok() } else { theme.wrong() });
    line.push_span(if same { " same" } else { " other on some" });
    if members.iter().all(|m| m.version == first.version) {
        line.push_span(format!(" · etcd {} on all", first.version));
    }
    if members.iter().all(|m| m.term == first.term) {
        line.push_span(format!(" · term {}", first.term));
    }
    sheet.line(line);
}

fn facts(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let run = &model.run;
    let (all, need) = (run.nodes.len(), run.quorum());
    let up = run.nodes.iter().filter(|n| n.member.is_some()).count();
    let words = match (up.saturating_sub(need), all - up) {
        (0, 0) => "no member: with one gone writes stop, the data stay".to_owned(),
        (0, gone) => format!("no more member ({gone} is gone): writes would stop, the data stay"),
        (may, _) => {
            let s = if may == 1 { "" } else { "s" };
            format!("{may} more member{s}; with {} gone writes stop, the data stay", all - need + 1)
        }
    };
    sheet.line(format!("   May lose      {words}"));
    let paths: Vec<_> = run.nodes.iter().flat_map(|n| &n.paths).collect();
    let fault = paths.iter().find(|p| p.fault.is_some());
    match fault {
        _ if paths.is_empty() => {}
        None => sheet.line(format!(
            "   Requests      all {} answered: each member asked the {} others",
            paths.len(),
            number(all.saturating_sub(1))
        )),
        Some(p) => sheet.line(Line::from(vec![
            "   Requests      ".into(),
            theme.wrong(),
            format!(" {} to {}: {}", p.from, p.to, p.fault.as_deref().unwrap_or_default()).into(),
        ])),
    }
    kept(model, theme, sheet);
    if let Some(words) = by_whom(run) {
        let room = sheet.width().saturating_sub(17);
        sheet.line(format!("   By whom       {}", text::fit(&words, room)));
    }
    let looks = run.findings.len();
    if looks > 0 {
        let first = run.findings.first().map(|f| f.says.as_str()).unwrap_or_default();
        let more = if looks > 1 { format!(" (and {} more)", looks - 1) } else { String::new() };
        let room = sheet.width().saturating_sub(20 + text::width(&more));
        sheet.line(Line::from(vec![
            "   Look at       ".into(),
            Span::styled("!", theme.look),
            format!(" {}{more}", text::fit(first, room)).into(),
        ]));
    }
}

/// What lasts how long, and how fast it is kept: certificates and disks.
fn kept(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    let mut line = Line::default();
    if let Some((day, left)) = model.certificates_end() {
        let soon = left < i64::from(SOON);
        line.push_span("   Certificates  ");
        line.push_span(match left {
            ..0 => Span::styled(format!("ended {day}"), theme.bad),
            _ => format!("end {day}, in {left} days").into(),
        });
        line.push_span(if soon { Span::styled("  ! ", theme.look) } else { "    ".into() });
    }
    if let Some((us, _)) = model.run.nodes.iter().filter_map(|n| n.fsync).max() {
        line.push_span(if line.spans.is_empty() { "   Disk          " } else { "Disk  " });
        line.push_span(format!("99 of 100 writes < {}", text::millis(us)));
        line.push_span(if us > 10_000 { Span::styled(" !", theme.look) } else { "".into() });
    }
    if !line.spans.is_empty() {
        sheet.line(line);
    }
}

//! The side: why this is done, or what to tell whom. Where there is no room for it, `w` lays it over
//! the page.

mod wizard;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{prose, sheet::Sheet, text, theme::Theme};
use crate::{
    app::{
        Model, Overlay, Page,
        page::{
            by_hand,
            failure::{self, changed},
            guided,
        },
    },
    event::Step,
    lab::{certificates, env_file, lesson::lesson},
};

/// What it is called.
pub(crate) fn title(model: &Model) -> String {
    match model.page {
        Page::Welcome | Page::Building => "Why five?".to_owned(),
        Page::Nodes if model.nodes.form.on_button() => "These rows".to_owned(),
        Page::Nodes => "This row".to_owned(),
        Page::Access => "How do I know?".to_owned(),
        Page::Certificates => wizard::certificates_title(model),
        Page::Etcd => "Token".to_owned(),
        Page::Review => "How to read this".to_owned(),
        Page::Guided => "More".to_owned(),
        Page::ByHand => model.by_hand.step.map_or("Shell", crate::event::Step::title).to_owned(),
        Page::Run => model.step().map_or("Done", crate::event::Step::title).to_owned(),
        Page::Failure => "Words for your ticket".to_owned(),
        Page::Drill => Step::Drill.title().to_owned(),
        Page::Result => "Next".to_owned(),
    }
}

/// Writes it; `titled` if no line above it has its title.
pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>, titled: bool) {
    write(model, theme, &mut sheet, titled);
    let laid = model.overlay == Some(Overlay::Why);
    sheet.where_the_rest_is(if laid { " … PgDn: the rest" } else { " … w: the rest" });
}

fn write(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>, titled: bool) {
    let mut skip = if model.overlay == Some(Overlay::Why) { model.scrolled } else { 0 };
    if titled {
        sheet.line(Span::styled(format!(" {}", title(model)), theme.strong));
        sheet.blank();
    }
    let lines = match model.page {
        Page::Welcome | Page::Building => wizard::why_five(),
        Page::Nodes => wizard::this_row(model),
        Page::Access => wizard::how_do_i_know(),
        Page::Certificates => wizard::certificates(model),
        Page::Etcd => wizard::token(model),
        Page::Review => review(model),
        Page::Run => return step(model, theme, sheet, &mut skip),
        Page::ByHand => {
            beside(model, theme, sheet, &mut skip);
            return more(model, theme, sheet, titled, &mut skip);
        }
        Page::Guided => return more(model, theme, sheet, titled, &mut skip),
        Page::Failure => ticket(model),
        Page::Drill => return prose::write(sheet, &lesson(Step::Drill).more, 1, &mut skip),
        Page::Result => next(model),
    };
    for line in lines.iter().skip(skip) {
        paragraph(sheet, line);
    }
}

/// Words are wrapped; what is indented is code, and keeps its lines as far as there is room.
fn paragraph(sheet: &mut Sheet<'_>, line: &str) {
    if line.is_empty() {
        sheet.blank();
    } else if line.starts_with("  ") {
        for line in text::broken(line, sheet.width().saturating_sub(1)) {
            sheet.line(Line::raw(format!(" {line}")));
        }
    } else {
        sheet.wrapped(" ", " ", line, Style::new());
    }
}

/// The lesson of the step that is under way.
fn step(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>, skip: &mut usize) {
    let lesson = lesson(model.step().unwrap_or(Step::Verify));
    let label = |sheet: &mut Sheet<'_>, words: &'static str, skip: &mut usize| {
        let words = Span::styled(format!(" {words}"), theme.strong);
        prose::line(sheet, Line::from(words), skip);
    };
    if !lesson.lab.is_empty() {
        label(sheet, "The lab writes", skip);
        prose::write(sheet, &lesson.lab, 1, skip);
        prose::line(sheet, Line::default(), skip);
    }
    prose::write(sheet, &lesson.because, 1, skip);
    prose::line(sheet, Line::default(), skip);
    prose::write(sheet, &lesson.more, 1, skip);
}

/// While something is done by hand: what is wrong, whole, and the help there is.
fn beside(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>, skip: &mut usize) {
    let room = sheet.width().saturating_sub(2);
    let mut words = |words: &str, style: Style| {
        for line in text::wrap(words, room, "", "") {
            prose::line(sheet, Line::from(Span::styled(format!(" {line}"), style)), skip);
        }
    };
    for finding in by_hand::wrong(model) {
        words(&finding.says, theme.strong);
        words(&format!("{} {}", finding.cause, finding.remedy), Style::new());
        words(" ", Style::new());
    }
    let node = model.by_hand.node.as_ref().map(ToString::to_string).unwrap_or_default();
    words(
        "Stuck? h gives a hint, then the whole line, then does it for you. The report says which \
         it was, without blame.",
        Style::new(),
    );
    words(" ", Style::new());
    words("In a window of your own:", Style::new());
    words(&format!("quorate shell {node}"), theme.strong);
    words(" ", Style::new());
}

/// What the page of a step has no room for; over the page, all of it.
fn more(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>, all: bool, skip: &mut usize) {
    let here = model.by_hand.step.filter(|_| model.page == Page::ByHand);
    let lesson = lesson(here.unwrap_or_else(|| guided::step(model)));
    let head = |words: &'static str| Line::from(Span::styled(format!(" {words}"), theme.strong));
    let parts = [
        ("Why", &lesson.why, all),
        ("The lab", &lesson.lab, all),
        ("We run", &lesson.we_run, all),
        ("Because", &lesson.because, all),
        ("", &lesson.more, true),
        ("Try it", &lesson.try_it, true),
        ("Question for your report", &lesson.question, true),
    ];
    for (title, blocks, shown) in parts {
        if shown && !blocks.is_empty() {
            if !title.is_empty() {
                prose::line(sheet, head(title), skip);
            }
            prose::write(sheet, blocks, 1, skip);
            prose::line(sheet, Line::default(), skip);
        }
    }
}

/// What "go" means, the words for a ticket, and the way back.
fn review(model: &Model) -> Vec<String> {
    let name = model.run.started.as_ref().map(|s| s.cluster.to_string()).unwrap_or_default();
    let plan = model.run.plan.clone().unwrap_or_default();
    let mut lines = Vec::new();
    if model.can.keep && !model.run.plan_text.is_empty() {
        lines.extend([
            "Save for the ticket writes".to_owned(),
            format!("  {name}/cluster.toml"),
            format!("  {name}/plan-{plan}.txt"),
            "and ends here. In the window:".to_owned(),
            format!("  quorate up {name} \\"),
            format!("    --plan {plan}"),
            "goes only if the machines are still as reviewed; else it says what differs and \
             changes nothing."
                .to_owned(),
        ]);
    } else {
        lines.push(
            "Every machine was looked at with commands that only read. Nothing has been changed."
                .to_owned(),
        );
    }
    lines.extend([
        String::new(),
        "As one script:".to_owned(),
        "  quorate plan --live --as sh \\".to_owned(),
        format!("    {name}"),
        String::new(),
        "The IDs are computed from the addresses and the token, as etcd will do it.".to_owned(),
        String::new(),
        format!(
            "Way back: quorate reset {name} moves the data aside, takes back files and units, \
             leaves packages."
        ),
    ]);
    lines
}

/// What an operator pastes into a ticket.
fn ticket(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let at = model.clock(model.run.ms).unwrap_or_default();
    if let Some(fault) = failure::fault(model) {
        lines.push(format!("{at}  {}", fault.says));
        lines.push(fault.cause);
        lines.extend(fault.seen.iter().take(4).map(|line| format!("  {line}")));
        lines.extend(fault.unlike.iter().cloned());
        lines.push(String::new());
        if !fault.remedy.is_empty() {
            lines.push(format!("What helps: {}", fault.remedy));
            lines.push(String::new());
        }
        if !fault.id.is_empty() {
            lines.push(format!("Finding {}: quorate explain {}", fault.id, fault.id));
        }
    }
    lines.push(format!("State: {}", changed(model)));
    if let Some(started) = &model.run.started {
        let plan = model.run.plan.as_ref().map(|plan| format!("Plan {plan}, ")).unwrap_or_default();
        lines.push(format!(
            "{plan}{}, cluster {}, quorate {}.",
            started.cluster, started.cluster_id, started.quorate
        ));
    }
    lines
}

/// What to type next, on a node and for Kubernetes.
fn next(model: &Model) -> Vec<String> {
    let urls: Vec<_> = model.run.nodes.iter().map(|n| n.plan.address.client_url()).collect();
    let mut lines = vec![
        format!("As root on each node, with what {} sets:", env_file::ETCDCTL),
        "  etcdctl member list -w table".to_owned(),
        String::new(),
        "For kube-apiserver:".to_owned(),
        format!("  --etcd-servers={}", urls.join(",")),
    ];
    lines.push(format!("  --etcd-cafile={}", certificates::CA));
    lines.push(format!("  --etcd-certfile={}", certificates::CERT));
    lines.push(format!("  --etcd-keyfile={}", certificates::KEY));
    lines.push(String::new());
    lines.push("First backup, now:".to_owned());
    lines.push("  etcdctl snapshot save first.db".to_owned());
    lines
}

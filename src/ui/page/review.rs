//! Page 6: one page that a colleague can read aloud and sign.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::{
            guided::number,
            review::{looks, verdicts},
        },
    },
    event::Intent,
    lab::{certificates, env_file},
    ui::{diffs, sheet::Sheet, text, theme::Theme},
};

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let all = model.run.nodes.len();
    sheet.blank();
    let each = match all {
        1 => "   On the one machine".to_owned(),
        _ => format!("   On each of the {} machines", number(all)),
    };
    let plan = model.run.plan.as_ref().map(|plan| format!("plan {plan}")).unwrap_or_default();
    // Where the page ends at 80 columns.
    let pad = 76_usize.saturating_sub(text::width(&each) + text::width(&plan));
    sheet.line(Line::from(vec![
        Span::styled(each, theme.strong),
        " ".repeat(pad).into(),
        Span::styled(plan, theme.strong),
    ]));
    for (label, words) in changes(model) {
        let label = text::fill(label, 15);
        sheet.line(format!("   {label}{}", text::fit(&words, sheet.width().saturating_sub(19))));
    }
    sheet.line("   Deleted: nothing. What is in the way gets a dated name beside its old one.");
    sheet.blank();
    outcome(model, theme, &mut sheet);
    sheet.down_to(1);
    let mut line = Line::from("             ");
    for (at, verdict) in verdicts(model).into_iter().enumerate() {
        let (pointer, style) = theme.pointer(at == model.review.choice);
        line.push_span(pointer);
        line.push_span(Span::styled(verdict.title(), style));
        line.push_span("  ");
    }
    sheet.line(line);
}

/// What each step changes, in a line.
fn changes(model: &Model) -> Vec<(&'static str, String)> {
    let resets = model.run.started.as_ref().is_some_and(|s| s.intent == Intent::Reset);
    if resets {
        let words = "etcd is stopped; data, settings and certificates are moved aside";
        return vec![("Reset", words.to_owned())];
    }
    let seen = || model.run.nodes.iter().filter_map(|n| n.seen.as_ref());
    let there = !model.run.nodes.is_empty() && seen().all(|s| s.installed.is_some());
    let version = seen().find_map(|s| s.installed.or(s.offered));
    let version = version.map(|v| format!(" {v}")).unwrap_or_default();
    let install = if there {
        format!("nothing: etcd{version} is there already")
    } else if version.is_empty() {
        "etcd-server, etcd-client; apt's empty lists are fetched first".to_owned()
    } else {
        format!("etcd-server, etcd-client{version}; held back from start")
    };
    let all = model.run.nodes.len();
    let start = if all > 0 && seen().filter(|s| s.runs()).count() == all {
        format!("runs on all {all}; restarted only where its settings are older")
    } else {
        "enabled, then all started together".to_owned()
    };
    vec![
        ("Certificates", copied(model)),
        ("Install", install),
        ("Configure", settings(model)),
        ("Start", start),
        ("Verify", "reads; one fixed key is written and read back through another".to_owned()),
    ]
}

/// The certificates: how many files, and who may read the key.
fn copied(model: &Model) -> String {
    let paths = [certificates::CA, certificates::CERT, certificates::KEY];
    if model.run.files.is_empty() {
        let names: Vec<_> = paths.iter().filter_map(|f| f.rsplit('/').next()).collect();
        return format!("/etc/etcd: {}", names.join(", "));
    }
    let new = |path: &&&str| {
        model.run.files.iter().any(|file| file.path == **path && !file.diff.is_empty())
    };
    match paths.iter().filter(new).count() {
        0 => "nothing: they are there already".to_owned(),
        1 => "1 new file in /etc/etcd, key readable by root and etcd only".to_owned(),
        n => format!("{n} new files in /etc/etcd, key readable by root and etcd only"),
    }
}

/// The settings, counted; where machines differ, as the range of what they have.
fn settings(model: &Model) -> String {
    let path = env_file::PATH;
    let ours = model.run.files.iter().filter(|file| file.path == path);
    let mut counted: Vec<_> = ours.map(diffs::counted).collect();
    counted.dedup();
    match counted.as_slice() {
        [] => format!("{path} and {}", env_file::ETCDCTL),
        [one] => format!("{path}: {one}"),
        _ => format!("{path}: not the same on all machines, d shows it"),
    }
}

/// The members as they will be.
fn outcome(model: &Model, theme: &Theme, sheet: &mut Sheet<'_>) {
    sheet.line(Span::styled("   What will come out (computed, not guessed)", theme.strong));
    let longest = model.run.nodes.iter().map(|n| text::width(n.plan.name.as_str())).max();
    let name = longest.unwrap_or_default().clamp(10, 20);
    let title = text::fill("NAME", name);
    sheet.line(format!("   {:<16}   {title}   {:<27}   CLIENTS", "ID", "PEERS"));
    for node in &model.run.nodes {
        let plan = &node.plan;
        let shown = text::fill(plan.name.as_str(), name);
        sheet.line(format!(
            "   {:<16}   {shown}   {:<27}   … :2379",
            plan.id,
            plan.address.peer_url()
        ));
    }
    let Some(started) = &model.run.started else { return };
    let cluster = format!("   cluster {}", started.cluster_id);
    let mut line = Line::from(text::fill(&cluster, 35));
    let all = model.run.nodes.len();
    line.push_span("preflight: ");
    line.push_span(theme.ok());
    line.push_span(format!(" {all} of {all}"));
    if let [first, rest @ ..] = looks(model).as_slice() {
        line.push_span("   ");
        line.push_span(Span::styled("!", theme.look));
        let more = if rest.is_empty() { String::new() } else { format!(" (+{})", rest.len()) };
        let room = sheet.width().saturating_sub(line.width() + 2 + more.len());
        line.push_span(format!(" {}{more}", text::fit(first, room)));
    }
    sheet.line(line);
}

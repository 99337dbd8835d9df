//! Page 6: one page that a colleague can read aloud and sign.

use ratatui::text::{Line, Span};

use crate::{
    app::{
        Model,
        page::review::{Verdict, looks},
    },
    event::Intent,
    lab::{certificates, env_file},
    ui::{sheet::Sheet, text, theme::Theme},
};

pub(crate) fn draw(model: &Model, theme: &Theme, mut sheet: Sheet<'_>) {
    let all = model.run.nodes.len();
    sheet.blank();
    sheet.line(Span::styled(format!("   On each of the {all} machines"), theme.strong));
    for (label, words) in changes(model) {
        let label = text::fill(label, 15);
        sheet.line(format!("   {label}{}", text::fit(&words, sheet.width().saturating_sub(19))));
    }
    sheet.line("   Deleted: nothing. What is in the way gets a dated name beside its old one.");
    sheet.blank();
    outcome(model, theme, &mut sheet);
    let looks = looks(model);
    let mut line = Line::from("   Preflight: ");
    line.push_span(theme.ok());
    line.push_span(format!(" {all} of {all} machines"));
    if let Some(first) = looks.first() {
        let room = sheet.width().saturating_sub(line.width() + 8);
        line.push_span("   ");
        line.push_span(Span::styled("!", theme.look));
        line.push_span(format!(" {}", text::fit(first, room)));
    }
    sheet.line(line);
    sheet.down_to(1);
    let mut line = Line::from("                              ");
    for (at, verdict) in Verdict::ALL.into_iter().enumerate() {
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
    } else {
        format!("etcd-server and etcd-client{version}, held back from start")
    };
    let files = [certificates::CA, certificates::CERT, certificates::KEY];
    let names: Vec<_> = files.iter().filter_map(|f| f.rsplit('/').next()).collect();
    vec![
        ("Certificates", format!("/etc/etcd: {}", names.join(", "))),
        ("Install", install),
        ("Configure", format!("{} and {}", env_file::PATH, env_file::ETCDCTL)),
        ("Start", "enabled, then all started together".to_owned()),
        ("Verify", "reads; one fixed key is written and read back through another".to_owned()),
    ]
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
    if let Some(started) = &model.run.started {
        sheet.line(format!("   cluster {}", started.cluster_id));
    }
}

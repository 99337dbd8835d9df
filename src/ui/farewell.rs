//! What stays in the terminal when the screen is left.

use super::{member_table, text};
use crate::{
    app::{
        Model, Setting,
        page::{
            failure,
            result::{Proof, proof},
        },
    },
    cluster::ClusterName,
};

/// The lines, for a terminal of that many columns.
#[must_use]
pub fn lines(model: &Model, columns: usize) -> Vec<String> {
    let Some(started) = &model.run.started else { return Vec::new() };
    let name = &started.cluster;
    if let Some(file) = &model.review.saved {
        let plan = model.run.plan.as_deref().unwrap_or_default();
        return vec![
            format!("{name}: plan {plan} is saved; nothing was changed."),
            format!("  Plan       {file}"),
            format!("  To begin   quorate up {name} --plan {plan}"),
        ];
    }
    let took = text::elapsed(model.run.ms);
    if !model.ended_well() {
        return stopped(model, name, &took);
    }
    let all = model.run.nodes.len();
    let at = model.judged_at().map(|at| format!(" at {at}")).unwrap_or_default();
    let mut lines = vec![match proof(&model.run) {
        Proof::Healthy => format!("{name}: healthy, {all} of {all}, proved{at}. {took}."),
        Proof::Agrees => format!("{name}: agrees, {all} of {all}, asked{at}. {took}."),
        Proof::Nothing => format!("{name}: nothing was proved{at}. {took}."),
    }];
    let table = member_table::lines(&model.run);
    if table.first().is_some_and(|line| text::width(line) <= columns) {
        lines.extend(table);
    } else {
        for node in &model.run.nodes {
            let plan = &node.plan;
            lines.push(format!("  {:<16}  {:<14}  {}", plan.id, plan.name, plan.address));
        }
    }
    let first = model.run.nodes.first().map(|n| n.plan.name.to_string()).unwrap_or_default();
    let called = model.called();
    lines.push(format!("  On a node  quorate shell {first} {called}"));
    lines.push(format!("  Later      quorate check {called}"));
    if model.setting == Setting::Practice {
        let dir = model.elsewhere.as_ref().map(|dir| format!(" --dir {}", dir.display()));
        let dir = dir.unwrap_or_default();
        lines.push(format!("  Machines   {all} still running; quorate practice stop{dir}"));
        lines.push("             keeps their disks, delete leaves nothing".to_owned());
    }
    lines
}

fn stopped(model: &Model, name: &ClusterName, took: &str) -> Vec<String> {
    let mut lines = vec![match failure::fault(model) {
        Some(fault) => format!("{name}: stopped after {took}. {}", fault.says),
        None => format!("{name}: stopped after {took}. {}", failure::headline(model)),
    }];
    lines.push(format!("  Changed    {}", failure::changed(model)));
    lines.push(format!("  Go on      quorate up {} goes on from here", model.called()));
    lines
}

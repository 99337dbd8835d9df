//! What is known of clusters of earlier runs: by their files, their certificates here, and the logs
//! of their last runs. No machine is asked.

use std::path::Path;

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::find::{Found, find};
use crate::{
    app::page::{run::well, welcome::Known},
    cluster::ClusterName,
    event::{Ended, Intent, RunState, Step},
    pki::{Check, Verdict, inspect_files},
    record::{known, last::last_run},
};

/// Tells the news of each cluster, one after the other.
pub(super) fn tell(told: &mut dyn FnMut(Known)) {
    for (name, file) in known::all() {
        told(news(name, &file, &Zoned::now()));
    }
}

fn news(name: ClusterName, file: &Path, now: &Zoned) -> Known {
    let run = last_run(&name);
    let started = run.as_ref().and_then(|run| run.started.as_ref());
    let at = started.map(|started| started.at.clone()).unwrap_or_default();
    let when = at.parse::<Timestamp>().map(|at| when(at, now)).unwrap_or_default();
    let target = super::Target { cluster: Some(file.to_string_lossy().into_owned()) };
    let unfinished = run.as_ref().is_some_and(stopped);
    let mut known = Known {
        practice: started.is_some_and(|started| started.practice),
        verdict: Verdict::Ok,
        says: run.as_ref().map_or_else(|| "never run".to_owned(), went),
        when,
        at,
        file: file.display().to_string(),
        unfinished,
        name,
    };
    match find(&target) {
        Err(_) if !file.exists() => {
            (known.verdict, known.says) = (Verdict::Look, "its cluster file is gone".to_owned());
            known.unfinished = false;
        }
        Err(_) => {
            let says = "its cluster file cannot be read".to_owned();
            (known.verdict, known.says) = (Verdict::Look, says);
        }
        Ok(found) => {
            known.practice |= found.practice;
            let changed = run.as_ref().is_some_and(|run| run.went);
            if unfinished && changed || run.as_ref().is_some_and(disagreed) {
                known.verdict = Verdict::Look;
            } else if let Some((verdict, says)) = certificates(&found, now.timestamp()) {
                (known.verdict, known.says) = (verdict, says);
            }
        }
    }
    known
}

/// A bootstrap that has not come to its end.
fn stopped(run: &RunState) -> bool {
    let up = run.started.as_ref().is_some_and(|s| s.intent == Intent::Up);
    up && !matches!(run.ended, Some(Ended::Well | Ended::WithFindings))
}

/// A look that found something else than a whole cluster.
fn disagreed(run: &RunState) -> bool {
    let looked = run.started.as_ref().is_some_and(|s| s.intent != Intent::Up);
    looked && !matches!(run.ended, Some(Ended::Well | Ended::WithFindings)) && run.ended.is_some()
}

/// How the run went, in a few words.
fn went(run: &RunState) -> String {
    let Some(started) = &run.started else { return String::new() };
    let all = run.nodes.len();
    let done = |step: Step| run.nodes.iter().filter(|node| well(node, step)).count();
    match (started.intent, run.ended) {
        (Intent::Reset, Some(Ended::Well)) => "taken back".to_owned(),
        (_, Some(Ended::Well | Ended::WithFindings)) => format!("{all} of {all} up"),
        (Intent::Up | Intent::Reset, _) if !run.went => "looked at, nothing changed yet".to_owned(),
        (Intent::Up | Intent::Reset, _) => {
            let step = started.steps.iter().copied().find(|step| done(*step) < all);
            step.map_or_else(
                || "stopped at its end".to_owned(),
                |step| format!("stopped in {}, {} of {all} done", step.title(), done(step)),
            )
        }
        (Intent::Check | Intent::Members, _) => "not all of it holds".to_owned(),
    }
}

/// The end of the certificates that are copied to the nodes, if it is near.
fn certificates(found: &Found, now: Timestamp) -> Option<(Verdict, String)> {
    let member = found.cluster.members.first()?;
    let rows = inspect_files(&found.cluster.tls, member, now.as_second()).ok()?;
    let dates = rows.into_iter().find(|row| row.check == Check::Dates)?;
    let says = match dates.verdict {
        Verdict::Ok => return None,
        Verdict::Look => format!("certificates end in {}", dates.brief.replace(" d", " days")),
        Verdict::Wrong => "certificates are not valid today".to_owned(),
    };
    Some((dates.verdict, says))
}

/// `today 16:40`, `yesterday 16:40`, `21 May`, `21 May 2025`.
fn when(at: Timestamp, now: &Zoned) -> String {
    let zone: TimeZone = now.time_zone().clone();
    let at = at.to_zoned(zone);
    let (then, today) = (at.date(), now.date());
    let form = if then == today {
        "today %H:%M"
    } else if Some(then) == today.yesterday().ok() {
        "yesterday %H:%M"
    } else if then.year() == today.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_as_people_name_them() {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let now = noon.to_zoned(TimeZone::UTC);
        for (at, says) in [
            ("2026-11-22T09:05:00Z", "today 09:05"),
            ("2026-11-21T16:40:00Z", "yesterday 16:40"),
            ("2026-05-21T16:40:00Z", "21 May"),
            ("2025-05-21T16:40:00Z", "21 May 2025"),
        ] {
            assert_eq!(when(at.parse().unwrap(), &now), says);
        }
    }
}

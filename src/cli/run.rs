//! Runs: up, check, members and reset, told as lines.

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread,
};

use color_eyre::eyre::{Result, WrapErr, bail};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::{
    Check, How, Reset, Target, Up,
    find::{Found, find},
    refused, screen, wrong,
};
use crate::{
    cluster::Cluster,
    event::{Ended, Intent, RunEvent, table::member_table},
    exit::Exit,
    pki::inspect::SOON,
    plain::{
        Manner, Talk, Teller, ask,
        lines::{Paint, told},
    },
    record::{
        known, lock,
        place::{VARIABLE, state_dir},
        run_log::RunLog,
    },
    remote::ask::{Nobody, Prompter},
    run::{self, Order, Plan, Vault, enter::OverSsh},
};

pub(super) fn up(how: &How, args: &Up) -> Result<Exit> {
    let found = opened(how, &args.target)?;
    for node in &args.move_aside {
        if found.cluster.member(node).is_none() {
            return Err(wrong(format!("--move-aside {node}: there is no such member")));
        }
    }
    let mut plan = planned(&found, Intent::Up)?;
    if let Some(reviewed) = &args.plan {
        super::plan::same_as_reviewed(&found, reviewed, args.accept_new_host_keys)?;
    }
    plan.go = how.yes;
    plan.aside = args.move_aside.iter().cloned().collect();
    follow(how, &found, plan, args.accept_new_host_keys)
}

pub(super) fn check(how: &How, args: &Check) -> Result<Exit> {
    let found = opened(how, &args.target)?;
    let mut plan = planned(&found, Intent::Check)?;
    plan.soon_days = i32::try_from(args.warn_days).unwrap_or(i32::MAX);
    follow(how, &found, plan, args.accept_new_host_keys)
}

pub(super) fn members(how: &How, target: &Target) -> Result<Exit> {
    let found = opened(how, target)?;
    let plan = planned(&found, Intent::Members)?;
    let manner = Manner { talk: Talk::Quiet, ..how.manner() };
    let mut teller = Teller::new(io::sink(), manner);
    let ended = engine(how, &found, plan, false, &mut teller)?;
    let asked = teller.state().nodes.iter().find_map(|node| node.member.as_ref());
    let mut out = io::stdout();
    match asked {
        Some(seen) if how.json => {
            serde_json::to_writer_pretty(&mut out, &seen.knows)?;
            writeln!(out)?;
        }
        Some(seen) => {
            let table = member_table(&seen.knows, seen.version.knows_learners());
            writeln!(out, "{table}")?;
        }
        None => {}
    }
    if ended != Ended::Well {
        let findings = teller.state().findings.iter();
        let told: Vec<_> = findings.flat_map(|finding| told(finding, Paint(false))).collect();
        bail!("the members do not agree\n{}", told.join("\n"));
    }
    Ok(Exit::Well)
}

pub(super) fn reset(how: &How, args: &Reset) -> Result<Exit> {
    let found = opened(how, &args.target)?;
    let name = &found.cluster.name;
    let typed = match &args.confirm {
        Some(confirm) => confirm.to_string(),
        None => ask::line(&format!(
            "This stops etcd on all {} nodes of {name} and moves data and files aside.\n\
             Type the cluster's name to go on: ",
            found.cluster.members.len()
        ))
        .ok_or_else(|| refused(format!("no terminal to ask on; use --confirm {name}")))?,
    };
    if typed.trim() != name.as_str() {
        return Err(refused(format!("{typed:?} is not {name}; nothing was changed")));
    }
    let mut plan = planned(&found, Intent::Reset)?;
    plan.go = true;
    plan.remove_packages = args.packages;
    follow(how, &found, plan, false)
}

/// Finds the cluster, and says what is to be known about it.
pub(super) fn opened(how: &How, target: &Target) -> Result<Found> {
    let found = find(target)?;
    if !how.quiet && !how.json {
        for line in found.note.iter().chain(&found.warnings) {
            writeln!(io::stderr(), "quorate: {line}")?;
        }
    }
    Ok(found)
}

pub(super) fn vault(cluster: &Cluster) -> Result<Arc<Vault>> {
    let vault = Vault::open(cluster);
    vault.map(Arc::new).map_err(|e| wrong(format!("failed to read the certificates: {e}")))
}

pub(super) fn planned(found: &Found, intent: Intent) -> Result<Plan> {
    let vault = vault(&found.cluster)?;
    let mut plan = Plan {
        cluster: Arc::clone(&found.cluster),
        vault,
        intent,
        practice: found.practice,
        go: false,
        stays: false,
        aside: BTreeSet::new(),
        remove_packages: false,
        nonce: String::new(),
        soon_days: SOON,
        at_unix: 0,
        at: String::new(),
    };
    begins(&mut plan, jiff::Timestamp::now());
    Ok(plan)
}

/// The run begins at that moment: its times, and a value that nobody has written before.
pub(super) fn begins(plan: &mut Plan, now: jiff::Timestamp) {
    plan.at = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    plan.at_unix = now.as_second();
    plan.nonce = format!("{:x}", now.as_nanosecond());
}

/// Runs the plan and shows it: on a screen, or in lines.
fn follow(how: &How, found: &Found, plan: Plan, accept_new: bool) -> Result<Exit> {
    if plan.intent == Intent::Up && screen::wanted(how) {
        return match screen::follow(found, &plan, accept_new, None)? {
            screen::After::Exit(exit) => Ok(exit),
            // Nothing is behind this screen.
            screen::After::Back { .. } => Ok(Exit::Stopped),
        };
    }
    let mut teller = Teller::new(io::stdout(), how.manner());
    let ended = engine(how, found, plan, accept_new, &mut teller)?;
    teller.end(ended)?;
    Ok(ended.into())
}

/// Runs the plan: events to the log and the teller, signals and answers to the engine.
fn engine<W: Write>(
    how: &How,
    found: &Found,
    plan: Plan,
    accept_new: bool,
    teller: &mut Teller<W>,
) -> Result<Ended> {
    let mut log = begin_log(found, &plan)?;
    let prompter: Arc<dyn Prompter> =
        if how.json { Arc::new(Nobody) } else { Arc::new(ask::OnTerminal) };
    let connect = OverSsh::new(found.cluster.login.clone(), prompter, accept_new);
    let must_ask = plan.changes() && !plan.go;
    let run = run::start(plan, Arc::new(connect)).wrap_err("failed to start")?;
    obey_signals(run.orders.clone())?;
    let mut ended = Ended::Incomplete;
    // What goes wrong here stops the run between two changes; only then is it reported.
    let mut wrong: Result<()> = Ok(());
    for event in &run.events {
        let mut heard = log
            .write(&event)
            .wrap_err_with(|| format!("failed to write {}", log.path().display()))
            .and(teller.tell(&event).wrap_err("failed to write to standard output"));
        match &event.event {
            RunEvent::Ready if must_ask => heard = heard.and(ask_to_go(how, found, &run.orders)),
            RunEvent::RunEnded { ended: how } => {
                ended = *how;
                break;
            }
            _ => {}
        }
        if heard.is_err() && wrong.is_ok() {
            // A run that has ended meanwhile hears nothing any more.
            let _ = run.orders.send(Order::Stop { at_once: false });
            wrong = heard;
        }
    }
    run.join();
    wrong.map(|()| ended)
}

/// Notes the cluster, takes it for this run alone, and begins its log.
pub(super) fn begin_log(found: &Found, plan: &Plan) -> Result<RunLog> {
    let name = &found.cluster.name;
    let place = || state_dir().map(|dir| dir.display().to_string()).unwrap_or_default();
    known::remember(name, &found.file).wrap_err_with(|| {
        format!("failed to note the cluster in {}; {VARIABLE} names another folder", place())
    })?;
    // Looking may be done by many at once.
    let alone = plan.changes().then(|| lock::alone(name)).transpose();
    let alone = alone.map_err(|error| refused(error.to_string()))?;
    RunLog::begin(name, &plan.at, alone).wrap_err("failed to begin the log")
}

/// Asks whether the machines may be changed now, beside the run: Ctrl-C is heard meanwhile.
fn ask_to_go(how: &How, found: &Found, orders: &Sender<Order>) -> Result<()> {
    if how.json || !io::stdin().is_terminal() {
        return Err(refused(format!(
            "nothing was changed: nobody is there to say go; look at quorate plan {}, then use --yes",
            found.cluster.name
        )));
    }
    let text = format!(
        "Nothing has been changed yet. quorate plan {} shows every command.\nType go to begin: ",
        found.cluster.name
    );
    let orders = orders.clone();
    thread::Builder::new().name("go".to_owned()).spawn(move || {
        let go = ask::line(&text).is_some_and(|answer| answer.trim() == "go");
        let order = if go { Order::Go } else { Order::Stop { at_once: false } };
        // As above.
        let _ = orders.send(order);
    })?;
    Ok(())
}

/// Ctrl-C stops between two changes, a second one at once; so do the other ways to be ended.
fn obey_signals(orders: Sender<Order>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).wrap_err("failed to hear signals")?;
    let asked = AtomicBool::new(false);
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            let again = asked.swap(true, Ordering::SeqCst);
            let at_once = again || signal != SIGINT;
            if orders.send(Order::Stop { at_once }).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

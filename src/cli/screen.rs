//! A run on the screen: the same engine, log and exit codes as in lines.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread::{self, JoinHandle},
};

use color_eyre::eyre::{Report, Result, WrapErr};

use super::{
    How,
    find::Found,
    run::{begin_log, begins},
};
use crate::{
    app::{self, Behind, Can, Model, Setting},
    event::{Ended, Intent, Stamped},
    exit::Exit,
    record::{run_log::RunLog, tape::Tape},
    run::{self, Order, Plan, Run, enter::OverSsh},
    tui,
};

/// Whether there is a terminal for a screen, and the person wants one.
pub(super) fn wanted(how: &How) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    let told = how.plain || how.json || how.quiet || how.yes || how.verbose;
    !told && !dumb && !set("ACCESSIBLE") && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// How the wizard logged in; the run goes on with it, so that nothing is asked twice.
pub(super) struct Entrance {
    /// The login.
    pub connect: Arc<OverSsh>,
    /// Whom it asks.
    pub relay: Arc<tui::Relay>,
}

/// What comes after a run on the screen.
pub(super) enum After {
    /// The program ends.
    Exit(Exit),
    /// The wizard is shown again.
    Back {
        /// The run came to its end as asked.
        stands: bool,
    },
}

/// What led to a run: a part of the wizard, and how it logged in.
pub(super) type From<'a> = Option<(Behind, Option<&'a Entrance>)>;

/// Runs the plan on the screen until the person leaves it.
pub(super) fn follow(
    found: &Found,
    plan: &Plan,
    accept_new: bool,
    from: From<'_>,
) -> Result<After> {
    let mut next = Plan { stays: true, ..plan.clone() };
    loop {
        let (exit, ended) = once(found, next.clone(), accept_new, from)?;
        match (exit, ended) {
            // Taken back: what was wanted at first is reviewed anew.
            (app::Exit::Again, Some(Ended::Well)) if next.intent == Intent::Reset => {
                (next.intent, next.go) = (plan.intent, plan.go);
            }
            (app::Exit::Again, _) => {}
            (app::Exit::TakeBack, _) => (next.intent, next.go) = (Intent::Reset, true),
            (app::Exit::Ask, _) => next.intent = Intent::Check,
            (app::Exit::Back, ended) => {
                let stands = matches!(ended, Some(Ended::Well | Ended::WithFindings));
                return Ok(After::Back { stands });
            }
            (app::Exit::Saved, _) => return Ok(After::Exit(Exit::Well)),
            (_, Some(ended)) => return Ok(After::Exit(ended.into())),
            (_, None) => return Ok(After::Exit(Exit::Stopped)),
        }
    }
}

fn once(
    found: &Found,
    mut plan: Plan,
    accept_new: bool,
    from: From<'_>,
) -> Result<(app::Exit, Option<Ended>)> {
    let now = jiff::Timestamp::now();
    begins(&mut plan, now);
    let log = begin_log(found, &plan)?;
    let (prompter, questions) = tui::prompter();
    let connect = match from.and_then(|(_, entrance)| entrance) {
        Some(entrance) => {
            entrance.relay.to(Some(Arc::new(prompter)));
            Arc::new(entrance.connect.by(found.cluster.login.clone()))
        }
        None => Arc::new(OverSsh::new(found.cluster.login.clone(), Arc::new(prompter), accept_new)),
    };
    let hands = tui::Hands { cluster: Arc::clone(&found.cluster), connect: Arc::clone(&connect) };
    let setting = if plan.practice { Setting::Practice } else { Setting::Live };
    let intent = plan.intent;
    let run = run::start(plan, connect).wrap_err("failed to start")?;
    let archive = Archive { log: log.path().to_owned() };
    let orders = run.orders.clone();
    let (events, keeper) = written_down(run, log)?;
    let zone = jiff::tz::TimeZone::system();
    let model = Model {
        setting,
        elsewhere: found.elsewhere(),
        look: tui::look(|name| std::env::var(name).ok()),
        offset: Some(zone.to_offset(now)),
        can: Can { back: from.map(|(behind, _)| behind), ..Can::of(intent) },
        ..Model::default()
    };
    let (kept, log_file) = (found.clone(), archive.log.clone());
    let keep = move |what: &app::Keep| match what {
        app::Keep::Ticket { number, text } => super::keep::ticket(&kept, number, text),
        app::Keep::Bundle => super::keep::bundle(&kept, &log_file),
    };
    let link = tui::Link {
        events,
        orders: orders.clone(),
        questions,
        keep: Some(Arc::new(move |what: &app::Keep| {
            keep(what).map(|path| path.display().to_string())
        })),
        hands: Some(hands),
        archive: Some(Arc::new(archive)),
    };
    let outcome = tui::run_screen(model, link).wrap_err("failed to use the terminal")?;
    if outcome.ended.is_none() {
        // Nobody looks any more: no new change begins. A run that has ended hears nothing.
        let _ = orders.send(Order::Stop { at_once: outcome.exit == app::Exit::Terminated });
    }
    let _ = orders.send(Order::Leave);
    drop(orders);
    match keeper.join() {
        Ok(written) => written?,
        Err(_) => return Err(Report::msg("internal error in the log; please report it")),
    }
    Ok((outcome.exit, outcome.ended))
}

/// The log gets everything, also what happens after the screen is left; the screen hears it from there.
fn written_down(
    run: Run,
    mut log: RunLog,
) -> io::Result<(Receiver<Stamped>, JoinHandle<Result<()>>)> {
    let (events, arriving) = channel();
    let keeper = thread::Builder::new().name("log".to_owned()).spawn(move || {
        let mut written = Ok(());
        for stamped in &run.events {
            if written.is_ok() {
                written = log.write(&stamped).map_err(Report::from);
            }
            // A screen that was left hears nothing any more.
            let _ = events.send(stamped);
        }
        run.join();
        written.wrap_err_with(|| format!("failed to write {}", log.path().display()))
    })?;
    Ok((arriving, keeper))
}

/// What is written down of this run, and the run that came with the program.
struct Archive {
    log: PathBuf,
}

impl tui::Archive for Archive {
    fn tape(&self, which: app::Watch) -> Result<(Tape, tui::Showing), String> {
        let (opened, from) = match which {
            app::Watch::This => (super::replay::again(&self.log), None),
            app::Watch::Recorded(step) => (super::replay::recorded(), Some(step.id().to_owned())),
        };
        let (tape, narration) = opened.map_err(|error| format!("Not shown: {error}."))?;
        let idle = Some(super::replay::IDLE_MS);
        Ok((tape, tui::Showing { narration, idle, speed: 100, from, ..tui::Showing::default() }))
    }

    fn report(&self) -> Result<PathBuf, String> {
        super::export::hand_in(&self.log).map_err(|error| format!("No report: {error}."))
    }
}

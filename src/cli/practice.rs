//! Practice machines on this computer: made, stopped, deleted; bare, with a cluster on them.

use std::{
    io::{self, IsTerminal, Write},
    os::unix::process::CommandExt,
    process::Command,
};

use color_eyre::eyre::{Result, WrapErr};
use indicatif::{ProgressBar, ProgressStyle};

use super::{How, Practice, PracticeOptions, PracticeVerb, Target, Up, refused, run};
use crate::{
    cluster::MemberName,
    exit::Exit,
    pki::Verdict,
    plain::{ask, lines::Paint},
    practice::{self, Options, State},
};

pub(super) fn practice(how: &How, args: &Practice) -> Result<Exit> {
    let options = options(&args.options);
    if matches!(args.verb, Some(PracticeVerb::Status)) {
        return status(&options);
    }
    if args.verb.is_none() {
        // Root makes the machines; the cluster on them is the person's own work, log and all.
        if !practice::needs_root() {
            machines_up(how, &options)?;
        } else if !sudo(how, &options)?
            .arg("up")
            .status()
            .wrap_err("failed to start sudo")?
            .success()
        {
            return Ok(Exit::Incomplete);
        }
        let cluster = Some(options.dir.join(super::find::FILE).to_string_lossy().into_owned());
        return run::up(how, &Up { target: Target { cluster }, ..Up::default() });
    }
    if practice::needs_root() {
        return Err(sudo(how, &options)?.exec()).wrap_err("failed to start sudo");
    }
    match &args.verb {
        None | Some(PracticeVerb::Up) => {
            let up = machines_up(how, &options)?;
            for (name, address) in &up.machines {
                say(how, &format!("{name}  {address}"))?;
            }
            let elsewhere = options.dir != Options::default().dir;
            let file = up.cluster_file.display().to_string();
            let cluster = if elsewhere { file.as_str() } else { "practice" };
            let then = match up.booted {
                0 => "all were up already",
                _ => "up",
            };
            say(how, &format!("{then}; a cluster on them: quorate up {cluster}"))?;
            Ok(Exit::Well)
        }
        Some(PracticeVerb::Stop) => {
            practice::stop(&options).wrap_err("failed to stop the machines")?;
            say(how, "stopped; their disks are kept: quorate practice up goes on")?;
            Ok(Exit::Well)
        }
        Some(PracticeVerb::New { nodes }) => {
            let names = nodes.iter().map(MemberName::as_str).collect::<Vec<_>>().join(", ");
            practice::new_nodes(&options, nodes)
                .wrap_err_with(|| format!("failed to renew {names}"))?;
            say(how, &format!("fresh disk: {names}"))?;
            Ok(Exit::Well)
        }
        Some(PracticeVerb::Delete) => {
            let was = practice::delete(&options).wrap_err("failed to delete the machines")?;
            say(how, if was { "deleted: nothing is left" } else { "there was nothing" })?;
            Ok(Exit::Well)
        }
        Some(PracticeVerb::Status) => status(&options),
    }
}

fn options(args: &PracticeOptions) -> Options {
    Options {
        dir: args.dir.clone(),
        release: args.release,
        machines: args.machines.as_ref().and_then(|n| n.parse().ok()),
        subnet: args.subnet,
        token: args.token.clone(),
    }
}

fn say(how: &How, text: &str) -> Result<()> {
    if !how.quiet {
        writeln!(io::stderr(), "{text}")?;
    }
    Ok(())
}

fn status(options: &Options) -> Result<Exit> {
    let machines = practice::status(options).wrap_err("failed to look at the machines")?;
    let mut out = io::stdout();
    if machines.is_empty() {
        writeln!(out, "no practice machines in {}", options.dir.display())?;
    }
    for machine in &machines {
        let state = match machine.state {
            State::Running => "running",
            State::Stopped => "stopped",
            State::Broken => "broken: quorate practice up mends it",
        };
        writeln!(out, "{}  {}  {state}", machine.name, machine.address)?;
    }
    Ok(Exit::Well)
}

/// Checks this computer, installs what is missing after a yes, builds and boots.
fn machines_up(how: &How, options: &Options) -> Result<practice::Up> {
    let paint = Paint(how.manner().colour);
    for check in practice::check(options) {
        let words = format!("{}: {}", check.what, check.says);
        match check.verdict {
            // Missing packages are listed below, root is there by now.
            Verdict::Look if !matches!(check.what, "packages" | "root") => {
                say(how, &format!("{} {words}; {}", paint.look("!"), check.way_out))?;
            }
            Verdict::Wrong => return Err(refused(format!("{words}; {}", check.way_out))),
            Verdict::Ok | Verdict::Look => {}
        }
    }
    let missing = practice::missing_tools();
    if !missing.is_empty() {
        for tool in &missing {
            say(how, &format!("missing: {} ({})", tool.name, tool.what_for))?;
        }
        let agreed = how.yes
            || ask::line("Install them with apt-get? (yes or no) ")
                .is_some_and(|answer| answer.trim() == "yes");
        if !agreed {
            return Err(refused("the machines need these packages; install them, or use --yes"));
        }
        practice::install(&missing).wrap_err("failed to install them")?;
    }
    let bar = bar(how);
    let mut told = None;
    let up = practice::up(options, &mut |progress| {
        bar.set_position(progress.percent.into());
        bar.set_message(progress.doing.clone());
        // Without a terminal a line says where it is, ten times in all.
        if bar.is_hidden() && told != Some(progress.percent / 10) {
            // Nobody reads any more: the machines are made all the same.
            let _ = say(how, &format!("{:3} %  {}", progress.percent, progress.doing));
            told = Some(progress.percent / 10);
        }
    });
    bar.finish_and_clear();
    up.wrap_err("failed to bring the machines up")
}

fn bar(how: &How) -> ProgressBar {
    if how.quiet || how.json || how.plain || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:32} {percent:>3} %  {elapsed}  {msg}");
    let bar = ProgressBar::new(100);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// This program with these words once more, through sudo, which asks on the plain terminal itself:
/// no password passes through quorate. First it is said what root is needed for.
fn sudo(how: &How, options: &Options) -> Result<Command> {
    say(how, "Making machines needs root. sudo will ask, for these commands and nothing else:")?;
    for (command, what_for) in practice::privileged_commands(options) {
        say(how, &format!("  {command:48} {what_for}"))?;
    }
    let program = std::env::current_exe().wrap_err("failed to find this program")?;
    let mut sudo = Command::new("sudo");
    sudo.arg("--").arg(program).args(std::env::args_os().skip(1));
    Ok(sudo)
}

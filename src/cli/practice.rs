//! Practice machines on this computer: made, stopped, deleted; bare, with a cluster on them.

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    os::unix::process::CommandExt,
    process::Command,
    thread,
};

use color_eyre::eyre::{Result, WrapErr};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    How, Practice, PracticeOptions, PracticeVerb, Target, Up, building::Told, refused, run,
};
use crate::{
    cluster::MemberName,
    exit::Exit,
    pki::Verdict,
    plain::{ask, lines::Paint},
    practice::{self, Options, State},
};

pub(super) fn practice(how: &How, args: &Practice) -> Result<Exit> {
    let options = options(&args.options);
    let Some(verb) = &args.verb else { return with_a_cluster(how, &options) };
    match verb {
        PracticeVerb::Status => status(&options),
        _ if practice::needs_root() => {
            Err(sudo(how, &options)?.exec()).wrap_err("failed to start sudo")
        }
        PracticeVerb::Up { with_parent } if how.json => told(how, &options, *with_parent),
        PracticeVerb::Up { .. } => up(how, &options),
        PracticeVerb::Stop => {
            practice::stop(&options).wrap_err("failed to stop the machines")?;
            say(how, "stopped; their disks are kept: quorate practice up goes on")?;
            Ok(Exit::Well)
        }
        PracticeVerb::New { nodes } => {
            let names = nodes.iter().map(MemberName::as_str).collect::<Vec<_>>().join(", ");
            practice::new_nodes(&options, nodes)
                .wrap_err_with(|| format!("failed to renew {names}"))?;
            say(how, &format!("fresh disk: {names}"))?;
            Ok(Exit::Well)
        }
        PracticeVerb::Delete => {
            let was = practice::delete(&options).wrap_err("failed to delete the machines")?;
            say(how, if was { "deleted: nothing is left" } else { "there was nothing" })?;
            Ok(Exit::Well)
        }
    }
}

/// Machines, and a cluster on them.
fn with_a_cluster(how: &How, options: &Options) -> Result<Exit> {
    if super::screen::wanted(how) {
        return super::wizard::open(options, true);
    }
    // Root makes the machines; the cluster on them is the person's own work, log and all.
    if practice::needs_root() {
        let made = sudo(how, options)?.arg("up").status().wrap_err("failed to start sudo")?;
        if !made.success() {
            return Ok(Exit::Incomplete);
        }
    } else {
        machines_up(how, options)?;
    }
    let cluster = Some(options.dir.join(super::find::FILE).to_string_lossy().into_owned());
    run::up(how, &Up { target: Target { cluster }, ..Up::default() })
}

/// Machines alone; says how a cluster is made on them.
fn up(how: &How, options: &Options) -> Result<Exit> {
    let up = machines_up(how, options)?;
    for (name, address) in &up.machines {
        say(how, &format!("{name}  {address}"))?;
    }
    let elsewhere = options.dir != Options::default().dir;
    let file = up.cluster_file.display().to_string();
    let cluster = if elsewhere { file.as_str() } else { "practice" };
    let then = if up.booted == 0 { "all were up already" } else { "up" };
    say(how, &format!("{then}; a cluster on them: quorate up {cluster}"))?;
    Ok(Exit::Well)
}

/// Brings the machines up, and says on standard output how far that is: a JSON object a line.
fn told(how: &How, options: &Options, with_parent: bool) -> Result<Exit> {
    if with_parent {
        // Nobody waits any more: what builds the image dies with us, and nothing half-built stays.
        thread::Builder::new().name("parent".to_owned()).spawn(|| {
            drop(io::copy(&mut io::stdin(), &mut io::sink()));
            std::process::exit(Exit::Stopped.code().into());
        })?;
    }
    let mut out = io::stdout();
    let mut tell = |told: &Told| -> Result<()> {
        serde_json::to_writer(&mut out, told)?;
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    };
    tell(&Told::At { percent: 0, doing: "looking at this computer".to_owned() })?;
    let up = machines(how, options, &mut |percent, doing| {
        // A reader that is gone has its own way to end this.
        drop(tell(&Told::At { percent, doing }));
    });
    match up {
        Ok(up) => {
            tell(&Told::Up { machines: up.machines.len() })?;
            Ok(Exit::Well)
        }
        Err(error) => {
            tell(&Told::Failed { why: format!("{error:#}") })?;
            Ok(super::exit_of(&error))
        }
    }
}

/// The options as they are written on a command line.
pub(super) fn words(options: &Options) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--dir".into(), options.dir.clone().into()];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.into(), value.into()]);
        }
    };
    add("--release", options.release.map(|release| release.to_string()));
    add("--machines", options.machines.map(|machines| machines.to_string()));
    add("--subnet", options.subnet.map(|subnet| subnet.to_string()));
    add("--token", options.token.as_ref().map(ToString::to_string));
    words
}

pub(super) fn options(args: &PracticeOptions) -> Options {
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

/// The same with a bar, or ten lines without a terminal.
fn machines_up(how: &How, options: &Options) -> Result<practice::Up> {
    let bar = bar(how);
    let mut told = None;
    let up = machines(how, options, &mut |percent, doing| {
        // Without a terminal a line says where it is, ten times in all.
        if bar.is_hidden() && told != Some(percent / 10) {
            // Nobody reads any more: the machines are made all the same.
            let _ = say(how, &format!("{percent:3} %  {doing}"));
            told = Some(percent / 10);
        }
        bar.set_position(percent.into());
        bar.set_message(doing);
    });
    bar.finish_and_clear();
    up
}

/// Checks this computer, installs what is missing after a yes, builds and boots.
fn machines(
    how: &How,
    options: &Options,
    tell: &mut dyn FnMut(u8, String),
) -> Result<practice::Up> {
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
        let names: Vec<_> = missing.iter().map(|tool| tool.name).collect();
        tell(0, format!("installing {} on this computer", names.join(", ")));
        practice::install(&missing).wrap_err("failed to install them")?;
    }
    let up = practice::up(options, &mut |progress| tell(progress.percent, progress.doing));
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
    if !how.quiet {
        announce(options)?;
    }
    let program = std::env::current_exe().wrap_err("failed to find this program")?;
    let mut sudo = Command::new("sudo");
    sudo.arg("--").arg(program).args(std::env::args_os().skip(1));
    Ok(sudo)
}

/// What root is needed for, before sudo asks.
pub(super) fn announce(options: &Options) -> Result<()> {
    let mut out = io::stderr();
    writeln!(
        out,
        "Making machines needs root. sudo will ask, for these commands and nothing else:"
    )?;
    let commands = practice::privileged_commands(options);
    let longest = commands.iter().map(|(command, _)| command.chars().count()).max();
    let width = longest.unwrap_or_default();
    for (command, what_for) in commands {
        writeln!(out, "  {command:width$}  {what_for}")?;
    }
    Ok(())
}

//! Practice machines made behind the page with the toy, by a program of their own: as root, which
//! sudo itself grants on the plain terminal before the screen is taken.

use std::{
    io::{self, BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use color_eyre::eyre::{Result, WrapErr};
use serde::{Deserialize, Serialize};

use super::practice::{announce, words};
use crate::{
    app::{self, Model},
    practice::{self, Options, State},
    tui,
};

/// What the program that makes the machines says, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told {
    /// How far it is.
    At { percent: u8, doing: String },
    /// The machines are up.
    Up { machines: usize },
    /// They are not.
    Failed { why: String },
}

/// How it came out.
pub(super) enum Built {
    /// The machines are up, and the person goes on.
    Up,
    /// They are not; back to the choices.
    Back,
    /// The person left.
    Left,
}

/// Makes the machines, if they are not up already.
pub(super) fn build(options: &Options, model: &Model) -> Result<Built> {
    let there = practice::status(options).unwrap_or_default();
    let up = there.iter().filter(|machine| machine.state == State::Running).count();
    if up > 0 && up == there.len() && options.machines.is_none_or(|wanted| wanted == up) {
        return Ok(Built::Up);
    }
    let program = std::env::current_exe().wrap_err("failed to find this program")?;
    let mut command = if practice::needs_root() {
        announce(options)?;
        let mut sudo = Command::new("sudo");
        sudo.arg("--").arg(program);
        sudo
    } else {
        Command::new(program)
    };
    command.args(["practice", "up", "--json", "--yes", "--with-parent"]).args(words(options));
    // Its standard input is never written to: when it closes, nobody waits for the machines.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().wrap_err("failed to start the program that makes machines")?;
    let held = child.stdin.take();
    let said = child.stderr.take().map(overhear).transpose()?;
    let mut lines = child.stdout.take().map(|out| BufReader::new(out).lines());
    // sudo may ask as long as it likes; with the first line it is out of the way.
    let first = lines.as_mut().and_then(Iterator::next).and_then(Result::ok);
    let Some(first) = first else {
        let status = child.wait().wrap_err("failed to wait for sudo")?;
        let said = said.map(|said| said.iter().collect::<Vec<_>>().join("\n")).unwrap_or_default();
        let why = if said.is_empty() { status.to_string() } else { said };
        return show(model, move |_| Err(format!("Root was not given.\n{why}")));
    };
    let lines = lines.into_iter().flatten();
    let built = show(model, move |tell| follow(first, lines, said, tell));
    drop(held);
    // It ends by itself then; what it has begun it takes back.
    let _ = child.wait();
    built
}

fn show(
    model: &Model,
    work: impl FnOnce(&mut dyn FnMut(u8, String)) -> Result<(), String> + Send + 'static,
) -> Result<Built> {
    let page = Model { look: model.look, offset: model.offset, ..Model::default() };
    let (exit, _) = tui::while_building(page, work).wrap_err("failed to use the terminal")?;
    Ok(match exit {
        app::Exit::Chosen => Built::Up,
        app::Exit::Back => Built::Back,
        _ => Built::Left,
    })
}

/// Passes on what the program tells, to its end.
fn follow(
    first: String,
    rest: impl Iterator<Item = io::Result<String>>,
    said: Option<Receiver<String>>,
    tell: &mut dyn FnMut(u8, String),
) -> Result<(), String> {
    let lines = std::iter::once(first).chain(rest.map_while(Result::ok));
    for line in lines {
        match serde_json::from_str(&line) {
            Ok(Told::At { percent, doing }) => tell(percent, doing),
            Ok(Told::Up { .. }) => return Ok(()),
            Ok(Told::Failed { why }) => return Err(why),
            Err(_) => {}
        }
    }
    let said: Vec<_> = said.map(|said| said.try_iter().collect()).unwrap_or_default();
    Err(format!("The program that makes the machines ended early.\n{}", said.join("\n")))
}

/// What it says on standard error, kept from the screen: its lines, as long as they are few.
fn overhear(stderr: impl Read + Send + 'static) -> io::Result<Receiver<String>> {
    let (lines, said) = channel();
    thread::Builder::new().name("stderr".to_owned()).spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok).take(200) {
            if lines.send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(said)
}

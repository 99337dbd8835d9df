//! The small commands: explanations, completions, the manual.

use std::io::{self, Write};

use clap::CommandFactory;
use color_eyre::eyre::Result;

use super::{Cli, wrong};
use crate::{diagnose, exit::Exit};

pub(super) fn explain(finding: Option<&str>) -> Result<Exit> {
    let mut out = io::stdout();
    let Some(id) = finding else {
        for id in diagnose::ids() {
            writeln!(out, "{id}")?;
        }
        return Ok(Exit::Well);
    };
    let Some(known) = diagnose::explain(id) else {
        let near = diagnose::nearest(id);
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        return Err(wrong(format!("no finding is called {id:?}{near}")));
    };
    writeln!(out, "{}\n", known.id)?;
    writeln!(out, "What it is    {}", known.says)?;
    writeln!(out, "Why           {}", known.cause)?;
    writeln!(out, "What it means {}", known.means)?;
    writeln!(out, "What to do    {}", known.remedy)?;
    Ok(Exit::Well)
}

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    // A reader that goes away is an error here, where clap would panic.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "quorate", &mut text);
    io::stdout().write_all(&text)?;
    Ok(Exit::Well)
}

pub(super) fn man() -> Result<Exit> {
    clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?;
    Ok(Exit::Well)
}

//! The small commands: a shell on a node, explanations, completions, the manual.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::Command,
};

use clap::CommandFactory;
use color_eyre::eyre::{Result, WrapErr};

use super::{Cli, Target, find::find, wrong};
use crate::{cluster::MemberName, diagnose, exit::Exit};

/// Becomes `ssh`: the terminal is all its own.
pub(super) fn shell(node: &MemberName, target: &Target) -> Result<Exit> {
    let found = find(target)?;
    let Some(member) = found.cluster.member(node) else {
        let names: Vec<_> = found.cluster.members.iter().map(|m| m.name.as_str()).collect();
        return Err(wrong(format!("{node} is no member; the members are {}", names.join(", "))));
    };
    let login = member.login.or(&found.cluster.login);
    let mut ssh = Command::new("ssh");
    if let Some(file) = &login.known_hosts {
        ssh.arg("-o").arg(format!("UserKnownHostsFile={}", file.display()));
    }
    if let Some(file) = &login.identity {
        ssh.arg("-i").arg(file);
    }
    if let Some(port) = login.port {
        ssh.arg("-p").arg(port.to_string());
    }
    if let Some(user) = &login.user {
        ssh.arg("-l").arg(user);
    }
    Err(ssh.arg("--").arg(member.host()).exec()).wrap_err("failed to start ssh")
}

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

pub(super) fn completions(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Cli::command(), "quorate", &mut io::stdout());
    Exit::Well
}

pub(super) fn man() -> Result<Exit> {
    clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?;
    Ok(Exit::Well)
}

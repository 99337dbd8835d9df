//! A shell on a node; where lines are wanted, with the lesson above its prompt.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    os::unix::process::CommandExt,
    process::Command,
    sync::Arc,
};

use color_eyre::eyre::{Result, WrapErr};

use super::{
    How, Target,
    find::{Found, find},
    run::vault,
    screen, wrong,
};
use crate::{
    cluster::{Member, MemberName},
    event::Step,
    exit::Exit,
    lab::{
        lesson::{Block, lesson},
        slips,
        tick::tick,
    },
    plain::{ask, lines::Paint},
    run::{
        enter::OverSsh,
        look::{self, Seen},
    },
};

/// In place of a line to type.
const WHOLE_FILE: &str = "# a whole file; quorate plan --as sh has it";

/// Becomes `ssh`: the terminal is all its own.
pub(super) fn shell(how: &How, node: &MemberName, target: &Target) -> Result<Exit> {
    let found = find(target)?;
    let Some(member) = found.cluster.member(node) else {
        let names: Vec<_> = found.cluster.members.iter().map(|m| m.name.as_str()).collect();
        return Err(wrong(format!("{node} is no member; the members are {}", names.join(", "))));
    };
    let person = io::stdin().is_terminal() && !screen::wanted(how) && !how.quiet;
    if how.plain || person {
        let paint = Paint(how.manner().colour);
        let text = above(&found, member, paint).unwrap_or_else(|error| {
            // What is wrong is ssh's to tell, too, and the shell is what was asked for.
            format!("{} The step is not known: {error}\n\n", paint.look("!"))
        });
        io::stderr().write_all(text.as_bytes())?;
    }
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

/// What stands above the prompt: the first step that does not hold there, as page 9 has it.
fn above(found: &Found, member: &Member, paint: Paint) -> Result<String> {
    let connect = OverSsh::new(found.cluster.login.clone(), Arc::new(ask::OnTerminal), false);
    let (name, vault) = (&member.name, vault(&found.cluster)?);
    let material = vault.material(name).ok_or_else(|| wrong("no certificate is named for it"))?;
    let seen = look::first_open(&found.cluster, member, material, &connect)
        .map_err(|finding| wrong(format!("{} {}", finding.says, finding.cause)))?;
    let Some(seen) = seen else {
        let ask = lesson(Step::Verify).by_hand.into_iter().find_map(|block| match block {
            Block::Code(line) => Some(line.replace('\n', "\n    ")),
            Block::Text(_) => None,
        });
        let ask = ask.unwrap_or_default();
        return Ok(format!("{} All steps hold on {name}. Ask it:\n    {ask}\n\n", paint.good("✓")));
    };
    Ok(told(found, member, &seen, paint))
}

fn told(found: &Found, member: &Member, seen: &Seen, paint: Paint) -> String {
    let (step, lesson) = (seen.step, lesson(seen.step));
    let at = Step::LAB.iter().position(|s| *s == step).map_or(0, |at| at + 1);
    let title = format!("Step {at} of {}, {}, on {}", Step::LAB.len(), lesson.title, member.name);
    let mut out = format!("{}\n", paint.strong(&title));
    // Writing to a String cannot fail.
    for block in lesson.why {
        if let Block::Text(why) = block {
            let _ = writeln!(out, "  {}", why.replace('\n', "\n  "));
        }
    }
    let mut type_in = String::new();
    for (task, holds, says) in &seen.tasks {
        let Some(tick) = tick(&task.plan()) else { continue };
        let said = says.first().map_or("", String::as_str);
        let (sign, words) =
            if *holds { (paint.good("✓"), tick.looks) } else { (paint.bad("✗"), said) };
        let _ = writeln!(out, "  {sign} {:24} {words}", tick.so);
        if !holds {
            let line = tick.line.as_deref().unwrap_or(WHOLE_FILE);
            let _ = writeln!(type_in, "    {line}");
        }
    }
    let said: Vec<_> = seen.tasks.iter().flat_map(|(.., says)| says.clone()).collect();
    for wrong in slips::slips(&found.cluster, member, &said, &seen.beside) {
        let _ = writeln!(out, "  {} {} {}", paint.look("!"), wrong.says, wrong.remedy);
    }
    format!("{out}  Type, or your own way:\n{type_in}  exit, and the same again, looks anew.\n\n")
}

//! Certificates: made, and looked at.

use std::{
    fs,
    io::{self, Write},
};

use color_eyre::eyre::{Result, WrapErr};

use super::{Certs, How, find::find, wrong};
use crate::{
    exit::Exit,
    pki::{Pairs, Requirement, Verdict, inspect_files, issue_for},
    plain::lines::Paint,
};

pub(super) fn certs(how: &How, verb: &Certs) -> Result<Exit> {
    match verb {
        Certs::Issue { target, into, days } => {
            let found = find(target)?;
            let pairs =
                if found.cluster.tls.per_member() { Pairs::PerMember } else { Pairs::Shared };
            let now = jiff::Timestamp::now().as_second();
            let set = issue_for(&found.cluster, pairs, now, *days)
                .wrap_err("failed to issue the certificates")?;
            fs::create_dir_all(into)
                .wrap_err_with(|| format!("failed to make {}", into.display()))?;
            let written = set.write_set(into).wrap_err("failed to write the certificates")?;
            for path in written {
                writeln!(io::stdout(), "{}", path.display())?;
            }
            Ok(Exit::Well)
        }
        Certs::Inspect { target } => {
            let found = find(target)?;
            let paint = Paint(how.manner().colour);
            let mut worst = Verdict::Ok;
            let now = jiff::Timestamp::now().as_second();
            for member in &found.cluster.members {
                writeln!(io::stdout(), "{}", member.name)?;
                let looked = inspect_files(&found.cluster.tls, member, now);
                let looked = looked
                    .map_err(|error| wrong(format!("failed to read the certificates: {error}")))?;
                rows(&mut io::stdout(), paint, &looked)?;
                worst = looked.iter().map(|row| row.verdict).fold(worst, Verdict::max);
            }
            Ok(match worst {
                Verdict::Ok => Exit::Well,
                Verdict::Look => Exit::Look,
                Verdict::Wrong => Exit::Incomplete,
            })
        }
        Certs::Sort { folder, target, into } => {
            super::folder::sort(how, folder, target, into.as_deref())
        }
        Certs::Request { target, into } => super::folder::request(target, into.as_deref()),
    }
}

/// Writes the rows of one member; what is not right in words.
pub(super) fn rows(out: &mut dyn Write, paint: Paint, rows: &[Requirement]) -> io::Result<()> {
    for row in rows {
        let sign = match row.verdict {
            Verdict::Ok => paint.good("✓"),
            Verdict::Look => paint.look("!"),
            Verdict::Wrong => paint.bad("✗"),
        };
        writeln!(out, "  {sign} {:30} {}", row.check.title(), row.brief)?;
        if row.verdict != Verdict::Ok {
            let remedy = row.remedy.iter().map(|text| format!("\n      {text}"));
            let remedy = remedy.collect::<String>();
            writeln!(out, "      {}{remedy}", row.says)?;
        }
    }
    Ok(())
}

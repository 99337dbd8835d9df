//! A folder of certificates: sorted, judged, written as the cluster needs them; and what to ask the
//! CA team for.

mod read;

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use color_eyre::eyre::{Result, WrapErr};

pub(super) use self::read::{Folder, for_requests, read, requested, unread};
use super::{
    How, Target,
    certs::rows,
    find::{Found, find},
    refused, wrong,
};
use crate::{
    cluster::{Cluster, Secret},
    exit::Exit,
    pki::{
        Need, Set,
        request::request_for,
        sort::{Column, File, Sorted},
    },
    plain::{ask::OnTerminal, lines::Paint},
    remote::ask::{Ask, Prompter, Reply},
};

/// Passphrases asked for before a file is left locked.
const TRIES: usize = 3;

pub(super) fn sort(how: &How, folder: &Path, target: &Target, into: Option<&Path>) -> Result<Exit> {
    let found = find(target)?;
    let read = read(folder).map_err(wrong)?;
    let mut sorted = opened(&read.files, folder, &OnTerminal, &mut Vec::new());
    let taken = sorted.take_keys(&requested(beside(&found)));
    let serves = sorted.serve(&needs(&found.cluster));
    let now = jiff::Timestamp::now().as_second();
    let columns = sorted.judge(&serves, |_| now);
    let paint = Paint(how.manner().colour);
    let mut out = io::stdout();
    let counts = sorted.counts();
    writeln!(
        out,
        "{}: roots {}, intermediates {}, certificates {}, keys {}",
        folder.display(),
        counts.roots,
        counts.between,
        counts.leaves,
        counts.keys
    )?;
    for column in &columns {
        if column.rows.is_empty() {
            writeln!(out, "{}\n  {} no certificate is for it", column.member, paint.bad("✗"))?;
        } else {
            writeln!(out, "{}  ({})", column.member, column.facts.files.join(", "))?;
            rows(&mut out, paint, &column.rows)?;
        }
    }
    for file in taken {
        writeln!(out, "key found where its request was made: {file}")?;
    }
    for (file, says) in troubles(&sorted, read.left_out) {
        writeln!(out, "{} {file} {says}", paint.look("!"))?;
    }
    if !columns.iter().all(Column::serves) {
        writeln!(io::stderr(), "quorate: `quorate certs request` asks the CA team for what lacks")?;
        return Ok(Exit::Incomplete);
    }
    if let Some(into) = into {
        write(&serves.set().wrap_err("failed to write the certificates as PEM")?, into)?;
        let paths = serves.paths();
        writeln!(io::stderr(), "quorate: for cluster.toml:\n[tls]")?;
        for (key, path) in [("ca", paths.ca), ("cert", paths.cert), ("key", paths.key)] {
            writeln!(io::stderr(), "{key} = \"{}\"", into.join(path).display())?;
        }
    }
    Ok(Exit::Well)
}

pub(super) fn request(target: &Target, into: Option<&Path>) -> Result<Exit> {
    let found = find(target)?;
    let into = match into {
        Some(folder) => folder.to_owned(),
        None => for_requests(beside(&found)).map_err(wrong)?,
    };
    let members: Vec<_> = found.cluster.members.iter().collect();
    let set = request_for(found.cluster.name.as_str(), &members, &[])
        .wrap_err("failed to make the requests")?;
    write(&set, &into)?;
    Ok(Exit::Well)
}

fn beside(found: &Found) -> &Path {
    found.file.parent().unwrap_or(Path::new("."))
}

fn write(set: &Set, into: &Path) -> Result<()> {
    fs::create_dir_all(into).wrap_err_with(|| format!("failed to make {}", into.display()))?;
    let written = set.write_set(into).map_err(|error| refused(error.to_string()))?;
    for path in written {
        writeln!(io::stdout(), "{}", path.display())?;
    }
    Ok(())
}

fn needs(cluster: &Cluster) -> Vec<Need> {
    let members = cluster.members.iter();
    members.map(|member| Need::member(member.name.clone(), member.address.ip())).collect()
}

/// All that should not be so, the same of several files once.
pub(super) fn troubles(sorted: &Sorted, left_out: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut troubles = sorted.troubles.clone();
    let unread = "wants a passphrase, and was left out";
    troubles.extend(sorted.locked.iter().map(|file| (file.clone(), unread.to_owned())));
    troubles.extend(left_out);
    read::grouped(&troubles)
}

/// Sorts the files; asks for the passphrase of what is locked, where somebody can be asked.
///
/// `passphrases` are tried first, and get those that were right.
pub(super) fn opened(
    files: &[File],
    folder: &Path,
    prompter: &dyn Prompter,
    passphrases: &mut Vec<Secret>,
) -> Sorted {
    let mut sorted = Sorted::of(files, passphrases);
    let mut given_up = Vec::new();
    while let Some(file) = sorted.locked.iter().find(|f| !given_up.contains(*f)).cloned() {
        for attempt in 0..TRIES {
            let ask = Ask::Passphrase { file: folder.join(&file), again: attempt > 0 };
            let Some(Reply::Secret(passphrase)) = prompter.ask(&ask) else { return sorted };
            passphrases.push(passphrase);
            sorted = Sorted::of(files, passphrases);
            if !sorted.locked.contains(&file) {
                break;
            }
            passphrases.pop();
        }
        given_up.push(file);
    }
    sorted
}

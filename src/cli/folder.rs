//! A folder of certificates: sorted, judged, written as the cluster needs them; and what to ask the
//! CA team for.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use color_eyre::eyre::{Result, WrapErr};

use super::{How, Target, certs::rows, find::find, refused, wrong};
use crate::{
    cluster::{Cluster, Secret},
    exit::Exit,
    pki::{
        Need,
        request::request_for,
        sort::{Column, File, Sorted},
    },
    plain::{ask::OnTerminal, lines::Paint},
    remote::ask::{Ask, Prompter, Reply},
};

/// No certificate is longer, in bytes.
const LONGEST: u64 = 1 << 20;
/// Folders in folders, and files in all: more is no folder of certificates.
const DEEPEST: usize = 3;
const MOST: usize = 500;
/// Passphrases asked for before a file is left locked.
const TRIES: usize = 3;

pub(super) fn sort(how: &How, folder: &Path, target: &Target, into: Option<&Path>) -> Result<Exit> {
    let found = find(target)?;
    let files = files(folder)
        .map_err(|error| wrong(format!("failed to read {}: {error}", folder.display())))?;
    let sorted = opened(&files, folder, &OnTerminal, &mut Vec::new());
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
    for (file, says) in &sorted.troubles {
        writeln!(out, "{} {file} {says}", paint.look("!"))?;
    }
    for file in &sorted.locked {
        writeln!(out, "{} {file} wants a passphrase, and was left out", paint.look("!"))?;
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

pub(super) fn request(target: &Target, into: &Path) -> Result<Exit> {
    let found = find(target)?;
    let members: Vec<_> = found.cluster.members.iter().collect();
    let set = request_for(found.cluster.name.as_str(), &members, &[])
        .wrap_err("failed to make the requests")?;
    write(&set, into)?;
    Ok(Exit::Well)
}

fn write(set: &crate::pki::Set, into: &Path) -> Result<()> {
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

/// All files of a folder that may be certificates or keys.
pub(super) fn files(folder: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    read(folder, Path::new(""), DEEPEST, &mut files)?;
    Ok(files)
}

fn read(folder: &Path, inside: &Path, deeper: usize, files: &mut Vec<File>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder.join(inside))?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let Some(name) = path.file_name().map(|name| inside.join(name)) else { continue };
        let Ok(what) = fs::metadata(&path) else { continue };
        if what.is_dir() && deeper > 0 {
            // A folder that may not be read holds nothing for us; the others still count.
            drop(read(folder, &name, deeper - 1, files));
        } else if what.is_file() && what.len() <= LONGEST && files.len() < MOST {
            let Ok(bytes) = fs::read(&path) else { continue };
            files.push(File {
                name: name.display().to_string(),
                bytes: Secret::new(bytes),
                open_to_others: what.permissions().mode() & 0o077 != 0,
            });
        }
    }
    Ok(())
}

//! What the wizard reads and writes on this computer: folders of certificates, requests, the cluster
//! file. What is in the way is moved aside, never overwritten.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    app::page::{
        certificates::{Looked, Source, Wanted},
        etcd::{Made, NotSaved},
    },
    cli::{find::FILE, folder, keep::free},
    cluster::{Cluster, Member, MemberName, Secret, TlsPaths, file},
    pki::{Need, Pairs, Set, Verdict, inspect_files, issue_for, request::request_for},
    remote::ssh_config::in_home,
    tui::{Files, ScreenPrompter},
};

/// How long certificates are valid that are made along the way, in days.
const DAYS: u32 = 365;
/// The folder for what goes to the CA team, beside the cluster file.
const REQUESTS: &str = "requests";

/// The files of this computer.
pub(super) struct OnDisk {
    prompter: ScreenPrompter,
    /// What was found in the last folder, as it would be written: keys stay in memory till then.
    found: Mutex<Option<Set>>,
    /// What was asked once is known.
    passphrases: Mutex<Vec<Secret>>,
}

impl OnDisk {
    pub(super) fn new(prompter: ScreenPrompter) -> Self {
        Self { prompter, found: Mutex::default(), passphrases: Mutex::default() }
    }
}

impl Files for OnDisk {
    fn sort(&self, wanted: &Wanted) -> Result<Looked, String> {
        let at = in_home(&wanted.folder);
        let says = |error: &dyn std::fmt::Display| {
            format!("The folder {} cannot be read: {error}.", at.display())
        };
        let files = folder::files(&at).map_err(|error| says(&error))?;
        let mut known = self.passphrases.lock().unwrap_or_else(PoisonError::into_inner);
        let sorted = folder::opened(&files, &at, &self.prompter, &mut known);
        drop(known);
        let needs: Vec<Need> = wanted.needs.iter().map(|(need, _)| need.clone()).collect();
        let serves = sorted.serve(&needs);
        let now = jiff::Timestamp::now().as_second();
        let ahead = |member: &MemberName| {
            let of = wanted.needs.iter().find(|(need, _)| need.name == *member);
            of.map_or(0, |(_, ahead)| *ahead)
        };
        let set = serves.set().map_err(|error| says(&error))?;
        let unread = "wants a passphrase, and was left out".to_owned();
        let looked = Looked {
            counts: sorted.counts(),
            columns: sorted.judge(&serves, |member| now + ahead(member)),
            troubles: sorted
                .troubles
                .iter()
                .cloned()
                .chain(sorted.locked.iter().map(|file| (file.clone(), unread.clone())))
                .collect(),
            in_place: sorted.in_place(&serves, &at),
            beside: serves.paths(),
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(set);
        Ok(looked)
    }

    fn request(
        &self,
        cluster: &Cluster,
        folder: &str,
        members: &[MemberName],
        troubles: &[String],
    ) -> Result<PathBuf, String> {
        let says = |error: &dyn std::fmt::Display| format!("No requests are written: {error}.");
        // What was asked for before stays: its keys may still get their answer.
        let into = free(|end| in_home(folder).join(format!("{REQUESTS}{end}")))
            .ok_or_else(|| says(&"there are a hundred already"))?;
        let wanted = |member: &&Member| members.is_empty() || members.contains(&member.name);
        let members: Vec<_> = cluster.members.iter().filter(wanted).collect();
        let set = request_for(cluster.name.as_str(), &members, troubles);
        let set = set.map_err(|error| says(&error))?;
        fs::create_dir_all(&into).map_err(|error| says(&error))?;
        set.write_set(&into).map_err(|error| says(&error))?;
        Ok(into)
    }

    fn save(&self, made: &Made, aside: bool) -> Result<PathBuf, NotSaved> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        save(made, found.as_ref(), aside)
    }
}

/// Writes the cluster and what belongs to it; whatever is there already stays.
fn save(made: &Made, found: Option<&Set>, aside: bool) -> Result<PathBuf, NotSaved> {
    let says = |what: &Path, error: &dyn std::fmt::Display| {
        NotSaved::Says(format!("Not saved: {}: {error}.", what.display()))
    };
    let folder = in_home(&made.folder);
    fs::create_dir_all(&folder).map_err(|error| says(&folder, &error))?;
    let folder = fs::canonicalize(&folder).map_err(|error| says(&folder, &error))?;
    let mut cluster = made.cluster.clone();
    if let Source::InPlace(_) = made.source {
        cluster.tls = cluster.tls.under(&env::current_dir().unwrap_or_default());
    }
    let (path, text) = (folder.join(FILE), file::write(&cluster));
    match fs::read_to_string(&path) {
        Ok(there) if there == text => return certificates(made, found, &folder).map(|()| path),
        Ok(_) if !aside => {
            return Err(NotSaved::Exists { file: path.display().to_string() });
        }
        Ok(_) => move_aside(&path).map_err(|error| says(&path, &error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(says(&path, &error)),
    }
    certificates(made, found, &folder)?;
    let beside = folder.join(format!(".{FILE}.new"));
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, &path))
        .map_err(|error| says(&path, &error))?;
    Ok(path)
}

/// Puts the certificates beside the cluster file, if they do not lie elsewhere or are there.
fn certificates(made: &Made, found: Option<&Set>, folder: &Path) -> Result<(), NotSaved> {
    let says = |error: &dyn std::fmt::Display| NotSaved::Says(format!("No certificates: {error}."));
    let issued;
    let set = match &made.source {
        Source::InPlace(_) => return Ok(()),
        Source::Written(_) => {
            found.ok_or_else(|| says(&"the folder with them has to be read again"))?
        }
        Source::Made => {
            let now = jiff::Timestamp::now().as_second();
            issued = issue_for(&made.cluster, Pairs::Shared, now, DAYS).map_err(|e| says(&e))?;
            &issued
        }
    };
    // They are of an earlier answer: are they right for this one?
    let there: Vec<_> = set.names().map(|name| folder.join(name)).filter(|f| f.exists()).collect();
    let ours = made.source == Source::Made;
    let tls = made.cluster.tls.under(folder);
    if ours && !there.is_empty() && made.cluster.members.iter().all(|m| serves(&tls, m)) {
        return Ok(());
    }
    if !ours && set.is_in(folder) {
        return Ok(());
    }
    for file in there {
        move_aside(&file).map_err(|error| says(&error))?;
    }
    set.write_set(folder).map(drop).map_err(|error| says(&error))
}

/// Whether what lies there would serve that member.
fn serves(tls: &TlsPaths, member: &Member) -> bool {
    let now = jiff::Timestamp::now().as_second();
    inspect_files(tls, member, now)
        .is_ok_and(|rows| rows.iter().all(|row| row.verdict != Verdict::Wrong))
}

/// Gives a file a dated name beside its old one.
fn move_aside(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let date = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
    free(|end| path.with_file_name(format!("{name}.{date}{end}")))
        .ok_or_else(|| io::Error::other("too many files of that name and second"))
        .and_then(|aside| fs::rename(path, aside))
}

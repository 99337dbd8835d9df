//! What the wizard reads and writes on this computer: folders of certificates, requests, the cluster
//! file. What is in the way is moved aside, never overwritten.

use std::{
    env, fs, io,
    path::{self, Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use super::complete;
use crate::{
    app::{
        form::Completion,
        page::{
            certificates::{Looked, Source, Wanted},
            etcd::{Made, NotSaved},
        },
    },
    cli::{
        find::FILE,
        folder::{self, Folder},
        keep::free,
    },
    cluster::{Cluster, Member, MemberName, Secret, TlsPaths, file},
    pki::{Need, Pairs, Set, Verdict, inspect_files, issue_for, request::request_for},
    remote::ssh_config::in_home,
    tui::{Files, ScreenPrompter},
};

/// How long certificates are valid that are made along the way, in days.
const DAYS: u32 = 365;

/// The files of this computer.
pub(super) struct OnDisk {
    prompter: ScreenPrompter,
    /// What was found in the last folder, as it would be written: keys stay in memory till then.
    found: Mutex<Option<Set>>,
    /// What was asked once is known.
    passphrases: Mutex<Vec<Secret>>,
    /// How many times a folder was to be read: only the last one counts.
    asked: AtomicU64,
}

impl OnDisk {
    pub(super) fn new(prompter: ScreenPrompter) -> Self {
        Self {
            prompter,
            found: Mutex::default(),
            passphrases: Mutex::default(),
            asked: AtomicU64::new(0),
        }
    }
}

impl Files for OnDisk {
    fn sort(&self, wanted: &Wanted) -> Option<Result<Looked, String>> {
        let asked = self.asked.fetch_add(1, SeqCst) + 1;
        let read = folder::read(&in_home(&wanted.folder));
        // It may have hung for minutes, and another folder was named meanwhile.
        let in_time = || self.asked.load(SeqCst) == asked;
        if !in_time() {
            return None;
        }
        let sorted = read.and_then(|read| self.sorted(wanted, read));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        in_time().then(|| {
            sorted.map(|(looked, set)| {
                *found = Some(set);
                looked
            })
        })
    }

    fn request(
        &self,
        cluster: &Cluster,
        beside: &str,
        members: &[MemberName],
        troubles: &[String],
    ) -> Result<PathBuf, String> {
        let says = |error: &dyn std::fmt::Display| format!("No requests are written: {error}.");
        let into = folder::for_requests(&in_home(beside)).map_err(|error| says(&error))?;
        let wanted = |member: &&Member| members.is_empty() || members.contains(&member.name);
        let members: Vec<_> = cluster.members.iter().filter(wanted).collect();
        let set = request_for(cluster.name.as_str(), &members, troubles);
        let set = set.map_err(|error| says(&error))?;
        fs::create_dir_all(&into).map_err(|error| says(&error))?;
        set.write_set(&into).map_err(|error| says(&error))?;
        Ok(into)
    }

    fn complete(&self, so_far: &str) -> Completion {
        complete::complete(so_far)
    }

    fn save(&self, made: &Made, aside: bool) -> Result<PathBuf, NotSaved> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        save(made, found.as_ref(), aside)
    }
}

impl OnDisk {
    fn sorted(&self, wanted: &Wanted, read: Folder) -> Result<(Looked, Set), String> {
        let at = in_home(&wanted.folder);
        let mut known = self.passphrases.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted = folder::opened(&read.files, &at, &self.prompter, &mut known);
        drop(known);
        // The answer to a request: its key is where the request was made.
        let beside = in_home(&wanted.beside);
        let taken = sorted.take_keys(&folder::requested(&beside));
        let beside = path::absolute(&beside).unwrap_or(beside);
        let shown = |file: &String| match Path::new(file).strip_prefix(&beside) {
            Ok(rest) => Path::new(&wanted.beside).join(rest),
            Err(_) => file.into(),
        };
        let needs: Vec<Need> = wanted.needs.iter().map(|(need, _)| need.clone()).collect();
        let serves = sorted.serve(&needs);
        let now = jiff::Timestamp::now().as_second();
        let ahead = |member: &MemberName| {
            let of = wanted.needs.iter().find(|(need, _)| need.name == *member);
            of.map_or(0, |(_, ahead)| *ahead)
        };
        let set = serves
            .set()
            .map_err(|error| format!("What is in {} cannot be used: {error}.", at.display()))?;
        let looked = Looked {
            counts: sorted.counts(),
            columns: sorted.judge(&serves, |member| now + ahead(member)),
            requested: taken.iter().map(shown).collect(),
            troubles: folder::troubles(&sorted, read.left_out),
            in_place: sorted.in_place(&serves, &at),
            beside: serves.paths(),
        };
        Ok((looked, set))
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

//! A folder read from disk: every file that may hold certificates or keys, and what was left out and
//! why. Links are followed, each file and folder is read once, and none is read without an end.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet, VecDeque},
    fs,
    io::{self, Read as _},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::{
    cli::keep::numbered,
    cluster::Secret,
    pki::{holds::may_hold, sort::File},
};

/// No certificate is longer, in bytes.
const LONGEST: u64 = 1 << 20;
/// Within so many bytes it begins, whatever stands before it.
const HEAD: u64 = 1 << 16;
/// Folders in folders, and files in all: more is no folder of certificates.
const DEEPEST: usize = 3;
const MOST: usize = 10_000;
/// Files of which the same is said by name.
const NAMED: usize = 3;

/// What a folder holds.
#[derive(Default)]
pub(in crate::cli) struct Folder {
    /// What may be certificates or keys, named by their paths in the folder.
    pub files: Vec<File>,
    /// What could not be looked at: file and clause.
    pub left_out: Vec<(String, String)>,
}

/// Reads a folder, and those in it.
///
/// # Errors
/// A sentence: why it cannot be read.
pub(in crate::cli) fn read(folder: &Path) -> Result<Folder, String> {
    read_some(folder, MOST)
}

fn read_some(folder: &Path, most: usize) -> Result<Folder, String> {
    let mut found = Folder::default();
    let itself = fs::metadata(folder).map_err(|error| unread(folder, &error))?;
    let (mut seen, mut looked) = (HashSet::from([(itself.dev(), itself.ino())]), 0);
    // What lies on top comes first: of one file under two names that is the one to name.
    let mut folders = VecDeque::from([(PathBuf::new(), 0)]);
    while let Some((inside, depth)) = folders.pop_front() {
        let listed = fs::read_dir(folder.join(&inside)).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
        });
        let mut entries = match listed {
            Ok(entries) => entries,
            Err(error) if inside.as_os_str().is_empty() => return Err(unread(folder, &error)),
            Err(error) => {
                found.leave_out(&inside, &error);
                continue;
            }
        };
        entries.sort();
        for path in entries {
            let Some(name) = path.file_name().map(|name| inside.join(name)) else { continue };
            let what = match fs::metadata(&path) {
                Ok(what) => what,
                Err(error) => {
                    found.leave_out(&name, &error);
                    continue;
                }
            };
            if !seen.insert((what.dev(), what.ino())) {
                continue;
            }
            if what.is_dir() && depth < DEEPEST {
                folders.push_back((name, depth + 1));
            } else if what.is_dir() {
                found.say(&name, "lies too deep, and was not read");
            } else if what.is_file() {
                looked += 1;
                if looked > most {
                    let says = format!("was left out: there are more than {most} files");
                    found.say(&name, &says);
                    return Ok(found);
                }
                found.file(&path, &name, &what);
            }
        }
    }
    Ok(found)
}

impl Folder {
    fn file(&mut self, path: &Path, name: &Path, what: &fs::Metadata) {
        match content(path) {
            Ok(Content::Other) => {}
            Ok(Content::TooLong) => self.say(name, "is longer than any certificate"),
            Ok(Content::MayHold(bytes)) => self.files.push(File {
                name: name.display().to_string(),
                bytes,
                open_to_others: what.permissions().mode() & 0o077 != 0,
            }),
            Err(error) => self.leave_out(name, &error),
        }
    }

    fn leave_out(&mut self, name: &Path, error: &io::Error) {
        match error.kind() {
            io::ErrorKind::NotFound => self.say(name, "is a link that leads nowhere"),
            // Of all these the one that is a key, most likely: it is told first.
            io::ErrorKind::PermissionDenied => {
                let says = "may not be read by you".to_owned();
                self.left_out.insert(0, (name.display().to_string(), says));
            }
            _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                self.say(name, "is a link that leads to itself");
            }
            _ => self.say(name, &format!("cannot be read: {error}")),
        }
    }

    fn say(&mut self, name: &Path, says: &str) {
        self.left_out.push((name.display().to_string(), says.to_owned()));
    }
}

enum Content {
    MayHold(Secret),
    TooLong,
    Other,
}

/// What a file holds; of what cannot be a certificate or key no more than its head is read.
fn content(path: &Path) -> io::Result<Content> {
    let mut file = fs::File::open(path)?;
    // Room for all at once: a key must leave no half copy behind in freed memory.
    let room = usize::try_from(file.metadata()?.len().min(LONGEST)).unwrap_or_default() + 2;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    (&mut file).take(HEAD).read_to_end(&mut bytes)?;
    if !may_hold(&bytes) {
        return Ok(Content::Other);
    }
    let rest = LONGEST + 1 - u64::try_from(bytes.len()).unwrap_or(LONGEST);
    file.take(rest).read_to_end(&mut bytes)?;
    let longer = bytes.len() > usize::try_from(LONGEST).unwrap_or(usize::MAX);
    Ok(if longer {
        Content::TooLong
    } else {
        Content::MayHold(Secret::new(std::mem::take(&mut *bytes)))
    })
}

/// The folders for what goes to the CA team, beside the cluster file.
fn requests(beside: &Path) -> impl Iterator<Item = PathBuf> {
    numbered(move |end| beside.join(format!("requests{end}")))
}

/// The folder for the next requests. What was asked for before stays: its keys may still get their
/// answer.
///
/// # Errors
/// A clause.
pub(in crate::cli) fn for_requests(beside: &Path) -> Result<PathBuf, &'static str> {
    let mut free = requests(beside).filter(|folder| folder.symlink_metadata().is_err());
    free.next().ok_or("there are a hundred folders of requests already")
}

/// The keys that were made with requests for the CA team, beside that cluster file; each is named by
/// its whole path.
pub(in crate::cli) fn requested(beside: &Path) -> Vec<File> {
    let Ok(beside) = std::path::absolute(beside) else { return Vec::new() };
    let read = requests(&beside).filter_map(|folder| Some((read(&folder).ok()?.files, folder)));
    read.flat_map(|(files, folder)| {
        files.into_iter().map(move |file| {
            let name = folder.join(&file.name).display().to_string();
            File { name, ..file }
        })
    })
    .collect()
}

/// Why a folder cannot be read, as a sentence.
pub(in crate::cli) fn unread(folder: &Path, error: &io::Error) -> String {
    let folder = folder.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("There is no folder {folder}."),
        io::ErrorKind::NotADirectory => format!("{folder} is no folder; name the one it is in."),
        io::ErrorKind::PermissionDenied => format!("The folder {folder} may not be read by you."),
        _ => format!("The folder {folder} cannot be read: {error}."),
    }
}

/// What is said of more than [`NAMED`] files is said of the first ones, with how many others there are.
pub(in crate::cli) fn grouped(troubles: &[(String, String)]) -> Vec<(String, String)> {
    let mut alike: HashMap<&str, usize> = HashMap::new();
    for (_, says) in troubles {
        *alike.entry(says).or_default() += 1;
    }
    let mut named: HashMap<&str, usize> = HashMap::new();
    let told = troubles.iter().filter_map(|(file, says)| {
        let at = named.entry(says).or_default();
        *at += 1;
        let others = alike.get(says.as_str()).copied().unwrap_or_default().saturating_sub(NAMED);
        match (*at).cmp(&NAMED) {
            Ordering::Equal if others > 0 => {
                Some((format!("{file}, like {others} more,"), says.clone()))
            }
            Ordering::Less | Ordering::Equal => Some((file.clone(), says.clone())),
            Ordering::Greater => None,
        }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Folder) -> Vec<&str> {
        folder.files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn what_may_hold_a_certificate_is_read_once_and_the_rest_is_told() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        let pem = "Bag Attributes\n-----BEGIN CERTIFICATE-----\n";
        fs::create_dir_all(path("a/b/c/d/e")).unwrap();
        for name in ["z.pem", "a/b/deep.pem", "a/b/c/d/deeper.pem"] {
            fs::write(path(name), pem).unwrap();
        }
        fs::write(path("b.der"), [0x30, 0x82]).unwrap();
        fs::write(path("readme"), "ask Jo").unwrap();
        fs::write(path("long.pem"), format!("{pem}{}", "x".repeat(1 << 20))).unwrap();
        fs::File::create(path("disk.img")).unwrap().set_len(1 << 40).unwrap();
        symlink("z.pem", path("again.pem")).unwrap();
        symlink(".", path("a/self")).unwrap();
        symlink(place.path(), path("up")).unwrap();
        symlink("loop", path("loop")).unwrap();
        symlink("nowhere", path("gone.key")).unwrap();
        let found = read(place.path()).unwrap();
        assert_eq!(names(&found), ["again.pem", "b.der", "a/b/deep.pem"]);
        let told: Vec<_> = found.left_out.iter().map(|(f, s)| format!("{f} {s}")).collect();
        assert_eq!(
            told,
            [
                "gone.key is a link that leads nowhere",
                "long.pem is longer than any certificate",
                "loop is a link that leads to itself",
                "a/b/c/d lies too deep, and was not read",
            ]
        );
    }

    #[test]
    fn where_there_is_no_end_of_files_it_stops_and_says_so() {
        let place = tempfile::tempdir().unwrap();
        for n in 0..=5 {
            fs::write(place.path().join(n.to_string()), [0x30]).unwrap();
        }
        let found = read_some(place.path(), 4).unwrap();
        assert_eq!(names(&found), ["0", "1", "2", "3"]);
        let says = "was left out: there are more than 4 files".to_owned();
        assert_eq!(found.left_out, [("4".to_owned(), says)]);
    }

    #[test]
    fn the_keys_of_all_requests_are_found() {
        let place = tempfile::tempdir().unwrap();
        for folder in ["requests", "requests-3", "others"] {
            fs::create_dir(place.path().join(folder)).unwrap();
            let key = place.path().join(folder).join("n1-key.pem");
            fs::write(key, "-----BEGIN PRIVATE KEY-----\n").unwrap();
        }
        let found = requested(place.path());
        let want = ["requests", "requests-3"]
            .map(|folder| place.path().join(folder).join("n1-key.pem").display().to_string());
        assert_eq!(found.iter().map(|file| file.name.clone()).collect::<Vec<_>>(), want);
        assert!(requested(&place.path().join("nowhere")).is_empty());
    }

    #[test]
    fn a_folder_that_is_none_is_told_in_words() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        let says = read(&file).err().unwrap();
        assert!(says.ends_with("is no folder; name the one it is in."), "{says}");
        let says = read(&place.path().join("x")).err().unwrap();
        assert!(says.starts_with("There is no folder /"), "{says}");
    }

    #[test]
    fn the_same_of_many_files_is_said_of_a_few() {
        let same = |n: usize| (format!("{n}.key"), "may not be read by you".to_owned());
        let other = ("x".to_owned(), "is odd".to_owned());
        let few: Vec<_> = (1..=3).map(same).chain([other.clone()]).collect();
        assert_eq!(grouped(&few), few);
        let many: Vec<_> = (1..=2).map(same).chain([other]).chain((3..=9).map(same)).collect();
        let files: Vec<_> = grouped(&many).into_iter().map(|(file, _)| file).collect();
        assert_eq!(files, ["1.key", "2.key", "x", "3.key, like 6 more,"]);
    }
}

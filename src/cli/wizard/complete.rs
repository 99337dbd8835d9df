//! How a path that a person types could go on: the folders that are there.

use std::fs;

use crate::{app::form::Completion, cli::folder::unread, remote::ssh_config::in_home};

/// What row 23 has room for, in characters.
const ROOM: usize = 76;

/// What the path could go on with. Hidden folders count once a dot was typed.
pub(super) fn complete(so_far: &str) -> Completion {
    let text = so_far.trim_start();
    let (folder, begun) = text.rfind('/').map_or(("", text), |slash| text.split_at(slash + 1));
    if matches!(begun, "~" | "..") && (folder.is_empty() || begun == "..") {
        return Completion { more: "/".to_owned(), says: None };
    }
    let at = if folder.is_empty() { ".".into() } else { in_home(folder) };
    let says = |says| Completion { says: Some(says), ..Completion::default() };
    let entries = match fs::read_dir(&at) {
        Ok(entries) => entries.flatten(),
        Err(error) => return says(unread(&at, &error)),
    };
    let mut folders = Vec::new();
    let mut files = 0;
    for entry in entries {
        // A name that is no text cannot be typed either.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let hidden = name.starts_with('.') && !begun.starts_with('.');
        if hidden || !name.starts_with(begun) || name.contains(char::is_control) {
            continue;
        }
        let is_folder = entry
            .file_type()
            .is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir());
        if is_folder { folders.push(name) } else { files += 1 }
    }
    folders.sort();
    let rest = |name: &str| name.get(begun.len()..).unwrap_or_default().to_owned();
    match folders.as_slice() {
        [] => says(none(text, files)),
        [only] => Completion { more: format!("{}/", rest(only)), says: None },
        [first, more @ ..] => {
            let shared = more.iter().fold(first.as_str(), |shared, name| common(shared, name));
            Completion { more: rest(shared), says: Some(listed(&folders)) }
        }
    }
}

/// What is said where no folder goes on: of files, that they are there.
fn none(text: &str, files: usize) -> String {
    let within = match text {
        "" => "this folder",
        text if text.ends_with('/') => text,
        begun => {
            return match files {
                0 => format!("No folder begins with {begun}."),
                1 => format!("No folder begins with {begun}; a file does."),
                n => format!("No folder begins with {begun}; {n} files do."),
            };
        }
    };
    match files {
        0 => format!("There is nothing in {within}."),
        1 => format!("There is no further folder in {within}, and 1 file."),
        n => format!("There is no further folder in {within}, and {n} files."),
    }
}

/// What both begin with.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let alike = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    one.get(..alike.map(|(a, _)| a.len_utf8()).sum()).unwrap_or_default()
}

/// As many of the names as fit into a line, and how many more there are.
fn listed(names: &[String]) -> String {
    let end = |left: usize| match left {
        0 => ".".to_owned(),
        n => format!(" and {n} more."),
    };
    let mut says = String::new();
    for (at, name) in names.iter().enumerate() {
        let left = names.len() - at;
        let next = if at == 0 { name.clone() } else { format!(", {name}") };
        let room = ROOM.saturating_sub(end(left - 1).len());
        if at > 0 && says.chars().count() + next.chars().count() > room {
            return says + &end(left);
        }
        says += &next;
    }
    says + &end(0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_go_on_and_files_are_told() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        for folder in ["icc-certs", "icc-lab/deep", ".hidden", "Ürümqi/a", "ünder"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        for file in ["icc.txt", "icc-certs/a.crt", "icc-certs/b.crt", "zebra"] {
            fs::write(path(file), "x").unwrap();
        }
        symlink(path("icc-lab"), path("linked")).unwrap();
        symlink(path("loop"), path("loop")).unwrap();
        let base = place.path().display();
        let no_folder = format!("No folder begins with {base}/z; a file does.");
        let nobody = format!("There is no folder {base}/nobody/.");
        let files = format!("There is no further folder in {base}/icc-certs/, and 2 files.");
        for (typed, more, says) in [
            ("/icc", "-", Some("icc-certs, icc-lab.")),
            ("/icc-c", "erts/", None),
            ("/icc-certs", "/", None),
            ("/icc-lab/", "deep/", None),
            ("/icc-certs/", "", Some(files.as_str())),
            ("/l", "inked/", None),
            ("/.", "hidden/", None),
            ("/..", "/", None),
            ("/Ü", "rümqi/", None),
            ("/z", "", Some(no_folder.as_str())),
            ("/nobody/", "", Some(nobody.as_str())),
            ("/", "", Some("icc-certs, icc-lab, linked, Ürümqi, ünder.")),
        ] {
            let want = Completion { more: more.to_owned(), says: says.map(str::to_owned) };
            assert_eq!(complete(&format!("{base}{typed}")), want, "{typed}");
        }
        assert_eq!(complete("~").more, "/");
    }

    #[test]
    fn as_many_are_named_as_a_line_holds() {
        let names: Vec<_> = (0..500).map(|n| format!("folder-{n:03}")).collect();
        let says = listed(&names);
        assert!(says.ends_with("folder-004 and 495 more."), "{says}");
        assert!(says.len() <= ROOM, "{says}");
        assert_eq!(listed(&names[..2]), "folder-000, folder-001.");
    }
}

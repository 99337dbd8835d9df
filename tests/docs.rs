//! What the documents promise a reader is there: commands, files, cluster files.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which clippy does not see as tests"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use clap::Parser;
use quorate::{cli::Cli, cluster::file};

const DOCUMENTS: [&str; 4] = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The blocks of a document that are fenced as `language`.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut inside: Option<(bool, String)> = None;
    for line in text(document).lines() {
        inside = match (line.strip_prefix("```"), inside) {
            (Some(info), None) => Some((info == language, String::new())),
            (Some(_), Some((wanted, block))) => {
                blocks.extend(wanted.then_some(block));
                None
            }
            (None, Some((wanted, block))) => Some((wanted, block + line + "\n")),
            (None, None) => None,
        };
    }
    assert!(inside.is_none(), "{document} ends inside of a block");
    blocks
}

/// The command lines of all documents, as words.
fn commands() -> Vec<Vec<String>> {
    let blocks = DOCUMENTS.iter().flat_map(|document| blocks(document, "sh"));
    let lines: Vec<_> =
        blocks.flat_map(|b| b.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let words =
        |line: &String| shlex::split(line).unwrap_or_else(|| panic!("unclosed quote: {line}"));
    lines.iter().map(words).filter(|words| !words.is_empty()).collect()
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let mut understood = 0;
    for words in commands() {
        let words = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["cargo", "run", rest @ ..] => {
                let ours = rest.iter().skip_while(|w| **w != "--").skip(1);
                ["quorate"].iter().chain(ours).map(ToString::to_string).collect()
            }
            ["sudo", "quorate", ..] => words.get(1..).unwrap().to_vec(),
            ["quorate", ..] => words,
            [script, ..] if script.starts_with(".ci/") => {
                assert!(root().join(script).is_file(), "{script} is not there");
                continue;
            }
            _ => continue,
        };
        if let Err(error) = Cli::try_parse_from(&words) {
            panic!("{}: {error}", words.join(" "));
        }
        understood += 1;
    }
    assert!(understood > 10, "only {understood} commands of ours were found");
}

#[test]
fn every_command_of_the_readme_table_is_understood() {
    let readme = text("README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `quorate "));
    let mut seen = 0;
    for row in rows {
        let first = row.split('`').nth(1).unwrap();
        let words: Vec<_> = first
            .split(' ')
            .map(|word| match word {
                "[CLUSTER]" => "practice",
                "NODE" => "icc-etcd-1",
                "[FINDING]" => "clock-drift",
                "SHELL" => "fish",
                other => other,
            })
            .collect();
        if let Err(error) = Cli::try_parse_from(&words) {
            panic!("{first}: {error}");
        }
        seen += 1;
    }
    assert!(seen > 8, "only {seen} rows were found");
}

#[test]
fn every_cluster_file_in_the_documents_is_read() {
    let found = blocks("README.md", "toml");
    assert!(!found.is_empty());
    let sample = text("assets/cluster.toml");
    for text in found.iter().chain([&sample]) {
        if let Err(error) = file::read(text, Path::new("/here"), Some(Path::new("/home/me"))) {
            panic!("{error} in\n{text}");
        }
    }
}

#[test]
fn every_linked_file_is_there() {
    for document in DOCUMENTS {
        for link in text(document).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(root().join(target).exists(), "{document} links to {target}");
            }
        }
    }
}

/// A path of somebody's computer helps nobody else.
#[test]
fn no_file_names_the_place_where_it_was_written() {
    // The tests may run as root in somebody's clone.
    let args = ["-c", "safe.directory=*", "ls-files", "-z"];
    let listed = Command::new("git").args(args).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let places = [root().to_str().unwrap(), concat!("/wo", "rk/")];
    let mut looked_at = 0;
    for name in listed.split_terminator('\0') {
        // A file that was just deleted is listed still; one that is no text names nothing.
        let Ok(text) = fs::read_to_string(root().join(name)) else { continue };
        for (number, line) in text.lines().enumerate() {
            // The middle of a longer path is another place.
            let named = places.iter().any(|place| {
                line.match_indices(place).any(|(at, _)| {
                    line.get(..at).is_none_or(|b| !b.ends_with(|c: char| c.is_alphanumeric()))
                })
            });
            assert!(!named, "{name}:{}: {line}", number + 1);
        }
        looked_at += 1;
    }
    assert!(looked_at > 50, "only {looked_at} files were found");
}

/// The modules at the top of the library, each with the text of all its files but comments.
fn modules() -> Vec<(String, String)> {
    let src = root().join("src");
    let names = fs::read_dir(&src).unwrap().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        name.strip_suffix(".rs").map(str::to_owned)
    });
    let names = names.filter(|name| !matches!(name.as_str(), "lib" | "main"));
    names
        .map(|name| (name.clone(), code(&src.join(&name).with_extension("rs"), &src.join(&name))))
        .collect()
}

fn code(file: &Path, folder: &Path) -> String {
    let mut all = fs::read_to_string(file).unwrap_or_default();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &code(Path::new(""), &path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all += &fs::read_to_string(&path).unwrap();
        }
    }
    all.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// `crate::lab::Task` and `use crate::{lab::Task, event}` both know `lab`.
fn known(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut known = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            known.insert(word(after));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && c.is_alphanumeric() => {
                    known.insert(word(list.get(at..).unwrap()));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    known
}

#[test]
fn no_module_knows_another_than_the_map_says() {
    let map = text("ARCHITECTURE.md");
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, module, knows, ..] = cells.as_slice() else { return None };
        let name = module.strip_prefix('`')?.strip_suffix('`')?;
        let knows: BTreeSet<_> = knows.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((name.to_owned(), knows))
    };
    let rows: BTreeMap<_, _> = map.lines().filter_map(row).collect();
    let modules = modules();
    assert!(modules.len() > 8);
    for (module, code) in &modules {
        let allowed = rows.get(module).unwrap_or_else(|| panic!("{module} has no row in the map"));
        if module == "cli" {
            continue;
        }
        for other in known(code) {
            let is_module = modules.iter().any(|(name, _)| *name == other);
            let fine = other == *module || allowed.contains(&other);
            assert!(!is_module || fine, "{module} knows {other}, which the map does not say");
        }
    }
}

#[test]
fn every_place_on_the_map_is_there() {
    let map = text("ARCHITECTURE.md");
    let is_place = |word: &&str| {
        ["src/", "tests/", "assets/", ".ci/"].iter().any(|folder| word.starts_with(folder))
    };
    let mut seen = BTreeSet::new();
    for line in map.lines() {
        for place in line.split_whitespace().take_while(is_place) {
            assert!(root().join(place).exists(), "{place} is not there");
            seen.insert(place.to_owned());
        }
    }
    for (module, _) in modules() {
        let shown = seen.iter().any(|p| p.starts_with(&format!("src/{module}")));
        assert!(shown, "src/{module}.rs is not on the map");
    }
}

/// A promise is what a test shows; nothing else is one.
#[test]
fn every_promise_has_a_test_named_after_it() {
    let map = text("ARCHITECTURE.md");
    let promises = map.split("\n## ").find_map(|part| part.strip_prefix("Promises\n")).unwrap();
    let numbers: Vec<&str> = promises
        .lines()
        .filter_map(|line| line.split_once(". **").map(|(number, _)| number))
        .collect();
    assert_eq!(numbers.len(), 10, "{numbers:?}");
    let tests =
        code(Path::new(""), &root().join("tests")) + &code(Path::new(""), &root().join("src"));
    for number in numbers {
        let shown = tests.contains(&format!("fn promise_{number}_"));
        assert!(shown, "no test is named after promise {number}");
    }
}

/// A person reads a file whole: one that has grown longer has more than one subject.
#[test]
fn no_file_is_longer_than_a_reader_bears() {
    for folder in ["src", "tests", "benches"] {
        let mut folders = vec![root().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let lines = fs::read_to_string(&path).unwrap().lines().count();
                    assert!(lines <= 400, "{} has {lines} lines", path.display());
                }
            }
        }
    }
}

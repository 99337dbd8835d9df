//! A run as a file: played by other people's players, opened in a browser, and searched.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

#[path = "export/browser.rs"]
mod browser;
#[path = "export/players.rs"]
mod players;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use assert_cmd::cargo::cargo_bin;
use quorate::{
    event::Stamped,
    export::film::{Take, film, still},
};
use ratatui::buffer::Buffer;

const HEALTHY: &str = "tests/screens/healthy.ndjson";
const NO_PACKAGES: &str = "tests/screens/no-packages.ndjson";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs quorate; gives its exit code and all that it said.
fn quorate(args: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(cargo_bin("quorate")).args(args).current_dir(root()).output();
    let done = done.expect("quorate starts");
    let said = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// A run as that file, in a folder that goes away.
fn exported(log: &str, name: &str, more: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join(name);
    let args = [&["export", log, out.to_str().expect("a name")], more].concat();
    let (code, said) = quorate(&args);
    assert_eq!(code, Some(0), "{said}");
    (dir, out)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a text")
}

fn events(log: &str) -> Vec<Stamped> {
    let lines = read(&root().join(log));
    lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

/// A picture's rows as text, without the spaces at their ends.
fn rows(picture: &Buffer) -> Vec<String> {
    let width = usize::from(picture.area.width);
    let row = |cells: &[ratatui::buffer::Cell]| {
        let row: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned()
    };
    picture.content.chunks(width).map(row).collect()
}

/// The screen at the end of a run.
fn last_screen(log: &str) -> Vec<String> {
    rows(&still(&events(log), u64::MAX, &Take::default()))
}

#[test]
fn the_same_log_gives_the_same_bytes() {
    for (name, more) in [
        ("a.cast", &["--size", "100x30"][..]),
        ("a.html", &[]),
        ("a.svg", &["--at", "0:03"]),
        ("a.svg", &["--animate"]),
        ("a.md", &["--anonymous"]),
    ] {
        let (_one, first) = exported(HEALTHY, name, more);
        let (_two, second) = exported(HEALTHY, name, more);
        assert_eq!(read(&first), read(&second), "{name} {more:?}");
    }
}

#[test]
fn nothing_that_is_there_is_replaced() {
    let (_dir, out) = exported(HEALTHY, "a.svg", &[]);
    std::fs::write(&out, "mine").expect("written");
    let name = out.to_str().expect("a name");
    let (code, said) = quorate(&["export", HEALTHY, name]);
    assert_eq!((code, read(&out).as_str()), (Some(2), "mine"), "{said}");
    assert!(said.contains("is there already"), "{said}");
    let (code, said) = quorate(&["report", HEALTHY, "-o", name]);
    assert_eq!((code, read(&out).as_str()), (Some(2), "mine"), "{said}");
    let (code, _) = quorate(&["export", HEALTHY, name, "--force"]);
    assert_eq!(code, Some(0));
    assert!(read(&out).starts_with("<svg"));
    let left: Vec<_> = std::fs::read_dir(out.parent().expect("a folder")).expect("read").collect();
    assert_eq!(left.len(), 1, "nothing half written stays: {left:?}");
}

#[test]
fn what_cannot_be_asked_for_is_said_in_a_sentence() {
    for (args, want) in [
        (&["export", HEALTHY, "a.gif"][..], "ends in .cast, .html, .svg or .md"),
        (&["export", HEALTHY, "/nowhere/a.cast"], "there is no folder /nowhere"),
        (&["export", HEALTHY, "/proc/a.cast"], "failed to write /proc/a.cast"),
        (&["export", HEALTHY, "src", "--force"], "nothing is known of the ending of src"),
        (&["export", HEALTHY, "a.cast/"], "a.cast/ is a folder"),
        (&["report", HEALTHY, "-o", "src", "--force"], "src is a folder"),
        (&["export", "no/such.ndjson", "a.cast"], "there is no file no/such.ndjson"),
        (&["export", "Cargo.toml", "a.cast"], "is no run log"),
        (&["export", HEALTHY, "a.cast", "--at", "0:01"], "are for .svg"),
        (&["export", HEALTHY, "a.svg", "--at", "9:00"], "the run is over at 0:08"),
        (&["export", HEALTHY, "a.cast", "--size", "10x10"], "60x16"),
        (&["report", "--verify", "Cargo.toml"], "no row that begins with \"token\""),
    ] {
        let (code, said) = quorate(args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains(want), "{args:?}: {said}");
        assert!(!root().join("a.cast").exists());
    }
}

/// `head` has read enough: that is nobody's failure.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for words in [
        &["report", HEALTHY][..],
        &["replay", HEALTHY, "-v"],
        &["replay", "demo", "--json"],
        &["completions", "bash"],
        &["man"],
    ] {
        let mut child = Command::new(cargo_bin("quorate"))
            .args(words)
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("quorate starts");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!((done.status.code(), said.as_ref()), (Some(0), ""), "{words:?}");
    }
}

/// Names, addresses, the cluster's name, the IDs: nothing of them is left, in any form.
#[test]
fn nothing_is_left_of_names_that_are_left_out() {
    let mut names = ["icc-etcd", "198.18.30.", "198.18.28."].map(str::to_owned).to_vec();
    for log in [HEALTHY, "assets/demo/run.ndjson"] {
        if let quorate::event::RunEvent::RunStarted(started) = &events(log)[0].event {
            names.push(started.cluster_id.to_string());
            names.extend(started.members.iter().map(|m| m.id.to_string()));
        }
    }
    assert_eq!(names.len(), 15);
    for (log, name, more) in [
        (HEALTHY, "a.md", &[][..]),
        (HEALTHY, "a.html", &[]),
        (HEALTHY, "a.svg", &["--animate"]),
        (NO_PACKAGES, "a.md", &[]),
        (NO_PACKAGES, "a.html", &[]),
        ("demo", "a.md", &[]),
        ("demo", "a.svg", &["--animate"]),
    ] {
        let (_dir, out) = exported(log, name, &[more, &["--anonymous"]].concat());
        let text = read(&out).to_lowercase();
        let found: Vec<_> = names.iter().filter(|old| text.contains(old.as_str())).collect();
        assert!(found.is_empty(), "{log} {name}: {found:?}");
    }
    for log in [HEALTHY, "demo"] {
        let (_dir, cast) = exported(log, "a.cast", &["--anonymous"]);
        for screen in players::screens(&read(&cast)) {
            let text = screen.join("\n").to_lowercase();
            let found: Vec<_> = names.iter().filter(|old| text.contains(old.as_str())).collect();
            assert!(found.is_empty(), "{found:?} in\n{text}");
        }
    }
    let (_, report) = quorate(&["report", HEALTHY, "--anonymous"]);
    assert!(names.iter().all(|old| !report.contains(old.as_str())), "{report}");
}

/// A log of many events is no reason to wait.
#[test]
fn a_hundred_thousand_events_are_filmed_in_seconds() {
    let mut events = events(HEALTHY);
    let end = events.pop().expect("an end");
    let said = events.iter().find(|s| matches!(s.event, quorate::event::RunEvent::Output { .. }));
    let mut said = said.expect("output").clone();
    let from = end.ms;
    for nth in 0..100_000 {
        said.ms = from + nth / 10;
        events.push(said.clone());
    }
    events.push(Stamped { ms: from + 20_000, ..end });
    let began = std::time::Instant::now();
    let mut pictures = 0;
    let Ok(()) = film(&events, &[], &Take::default(), |_| {
        pictures += 1;
        Ok::<(), std::convert::Infallible>(())
    });
    assert!(pictures > 60, "{pictures}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

/// The picture in the README is what its command makes of the recorded run; CONTRIBUTING.md has it.
#[test]
fn the_readmes_picture_is_that_of_the_recorded_run() {
    let (_dir, made) = exported("demo", "quorate.svg", &["--animate"]);
    let kept = read(&root().join("assets/demo/quorate.svg"));
    assert!(kept == read(&made), "make it anew: CONTRIBUTING.md says how");
    assert!(read(&root().join("README.md")).contains("](assets/demo/quorate.svg)"));
}

/// Another program than a browser draws it, and it is no empty picture.
#[test]
fn the_picture_is_drawn_by_librsvg() {
    for more in [&[][..], &["--animate"], &["--size", "120x40"]] {
        let (_dir, svg) = exported(HEALTHY, "a.svg", more);
        let png = svg.with_extension("png");
        let done = Command::new("rsvg-convert").arg(&svg).arg("-o").arg(&png).output();
        let done = done.expect("rsvg-convert (librsvg2-bin) starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let bytes = std::fs::read(&png).expect("a picture");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000, "{} bytes", bytes.len());
    }
}

#[test]
fn a_picture_has_its_text_as_text() {
    let (_dir, svg) = exported(HEALTHY, "a.svg", &[]);
    let text = read(&svg);
    for words in ["Your cluster stands.", "e8acf7e7279fec40", "198.18.30.36", "healthy 12:03:08"] {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn a_report_tells_the_hints_and_the_drill() {
    let (_, report) = quorate(&["report", "tests/screens/by-hand.ndjson"]);
    for words in [
        "These hints were taken:",
        "- icc-etcd-1: a hint for \"",
        "- icc-etcd-1: the whole line for \"",
    ] {
        assert!(report.contains(words), "{words} in\n{report}");
    }
    assert!(!report.contains("## Drill"), "{report}");
    let (_, report) = quorate(&["report", "tests/screens/drill.ndjson"]);
    for words in [
        "## Drill (0:08)",
        "| 0:10.0 | icc-etcd-4, the leader, was stopped |",
        "| 0:11.4 | writes count again, after 1.4 s; 13 waited |",
        "| 1:11.5 | icc-etcd-4 is back, by its timer |",
        "78 plain reads were answered by one member alone.",
        "All 1478 acknowledged writes were looked for at the end: 0 lost.",
    ] {
        assert!(report.contains(words), "{words} in\n{report}");
    }
}

#[test]
fn a_report_says_what_was_done_by_whom_and_what_went_wrong() {
    let (code, report) = quorate(&["report", NO_PACKAGES]);
    assert_eq!(code, Some(0), "{report}");
    for words in
        ["| icc-etcd-4 |", "by quorate, failed", "## What was found", "What to do:", "Answer:"]
    {
        assert!(report.contains(words), "{words} in\n{report}");
    }
    // Who does a step by hand is looked at anew; what was there before is told.
    let (_, report) = quorate(&["report", "demo"]);
    assert!(report.contains("| icc-etcd-1 | Debian 12 | not offered |"), "{report}");
    let (_, report) = quorate(&["report", HEALTHY]);
    assert!(report.contains("Nothing was wrong."), "{report}");
    assert!(report.contains("systemctl mask etcd"), "{report}");
}

/// A log that names its token gives a report that can be verified, also after it was written in.
#[test]
fn a_report_is_verified_by_its_token() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = dir.path().join("run.ndjson");
    let token = "\"cluster_id\":\"2adff5e6143d7266\",\"token\":\"etcd-cluster-0\"";
    let text = read(&root().join(HEALTHY)).replace("\"cluster_id\":\"2adff5e6143d7266\"", token);
    std::fs::write(&log, text).expect("written");
    let file = dir.path().join("report.md");
    let (log, file) = (log.to_str().expect("a name"), file.to_str().expect("a name"));
    let (code, said) = quorate(&["report", log, "-o", file]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = quorate(&["report", "--verify", file]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("etcd-cluster-0"), "{said}");
    let report = read(Path::new(file));
    let answered = report.replace("Answer:", "Answer: | because | of *it* |");
    std::fs::write(file, &answered).expect("written");
    assert_eq!(quorate(&["report", "--verify", file]).0, Some(0));
    std::fs::write(file, answered.replace("`etcd-cluster-0`", "`bob`")).expect("written");
    let (code, said) = quorate(&["report", "--verify", file]);
    assert_eq!(code, Some(1), "{said}");
    let (_, nameless) = quorate(&["report", log, "--anonymous"]);
    std::fs::write(file, nameless).expect("written");
    let (code, said) = quorate(&["report", "--verify", file]);
    assert_eq!(code, Some(0), "without names it still belongs together: {said}");
}

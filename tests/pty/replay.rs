//! A run again on a real terminal: the shipped one, a log, and one that is still being written.

use std::{fs, io::Write, path::Path};

use super::session::Session;

const HEALTHY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/screens/healthy.ndjson");

fn quorate(arguments: &[&str]) -> Session {
    Session::start(Path::new(env!("CARGO_BIN_EXE_quorate")), arguments, (80, 24))
}

#[test]
fn the_demo_needs_nothing_and_goes_where_the_presenter_wants() {
    let mut session = quorate(&["demo"]);
    session.wait_for("REPLAY of");
    session.wait_for("Space pause");
    session.press(" ");
    session.wait_for("paused");
    session.press("\x1b[F");
    session.wait_for("Your cluster stands.");
    session.wait_for("No write is lost.");
    session.press("\x1b[H");
    session.wait_for("Five bare Debian machines");
    // To the next chapters, and back.
    session.press("\x1b[6~\x1b[6~");
    session.wait_for("icc-etcd-1 by hand");
    session.press("\x1b[5~");
    session.wait_for("computed before anything starts");
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

#[test]
fn a_paused_replay_writes_nothing() {
    let mut session = quorate(&["replay", HEALTHY]);
    session.wait_for("REPLAY of");
    session.press(" ");
    session.wait_for("paused");
    session.falls_silent();
    session.press("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn it_plays_to_its_end_and_stops_at_chapters_if_asked() {
    let mut session = quorate(&["replay", HEALTHY, "--speed", "16"]);
    session.wait_for("Your cluster stands.");
    session.wait_for("Its end.");
    session.press("q");
    assert_eq!(session.end().0, 0);
    let mut session = quorate(&["replay", HEALTHY, "--speed", "16", "--stops"]);
    session.wait_for("paused");
    assert!(!session.shows().contains("Its end."), "{}", session.shows());
    session.press("q");
    assert_eq!(session.end().0, 0);
}

/// A verdict is not the end: whoever does the run may lose a member on purpose after it. At the end
/// it is a replay as any other.
#[test]
fn one_under_way_is_followed_beyond_its_verdict_to_its_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("run.ndjson");
    let log = include_str!("../../assets/demo/run.ndjson");
    let lines: Vec<_> = log.split_inclusive('\n').collect();
    let judged = lines.iter().position(|line| line.contains(r#""is":"judged""#));
    let (before, after) = lines.split_at(judged.expect("a verdict"));
    let (first, more) = before.split_at(before.len() / 2);
    let (verdict, rest) = after.split_at(1);
    fs::write(&path, first.concat()).expect("a file");
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("a file");
    let mut append = |lines: &[&str]| file.write_all(lines.concat().as_bytes()).expect("a disk");
    let mut session = quorate(&["replay", "--follow", path.to_str().expect("a name")]);
    session.wait_for("as it happens");
    session.wait_for("READ-ONLY · changing · ");
    assert!(!session.shows().contains("Space"), "{}", session.shows());
    append(more);
    append(verdict);
    session.wait_for("READ-ONLY · healthy");
    session.wait_for("Your cluster stands.");
    session.wait_for("as it happens");
    append(rest);
    session.wait_for("Space play");
    session.wait_for("REPLAY of");
    session.press("\x1b[H");
    session.wait_for("Paused in Preflight");
    session.press("\x1b[F");
    session.wait_for("Your cluster stands.");
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

/// A long log is shown while the rest of it is read; its end is its end all the same.
#[test]
fn the_end_of_a_long_log_is_its_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("run.ndjson");
    let log = fs::read_to_string(HEALTHY).expect("a log");
    let lines: Vec<_> = log.split_inclusive('\n').collect();
    let said = lines.iter().position(|line| line.contains(r#""is":"output""#)).expect("output");
    let (before, after) = lines.split_at(said);
    let more = after[0].repeat(60_000);
    fs::write(&path, [&before.concat(), &more, &after.concat(), "cut o"].concat()).expect("a file");
    let mut session = quorate(&["replay", path.to_str().expect("a name")]);
    session.wait_for("Space pause");
    session.press("\x1b[F");
    session.wait_for("Your cluster stands.");
    session.wait_for("The last line is cut off");
    session.press("\x1b[H");
    session.wait_for("in Preflight");
    session.press("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn following_a_run_that_has_ended_is_a_replay_of_it() {
    let mut session = quorate(&["replay", "--follow", HEALTHY]);
    session.wait_for("REPLAY of");
    session.wait_for("Space");
    session.press("\x1b[F");
    session.wait_for("Your cluster stands.");
    session.press("q");
    assert_eq!(session.end().0, 0);
}

#[test]
fn what_is_no_log_is_refused_in_words() {
    let mut session = quorate(&["replay", "/etc/passwd"]);
    let (code, screen) = session.end();
    assert_eq!(code, 2);
    assert!(screen.contains("no run log"), "{screen}");
}

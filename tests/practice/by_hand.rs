//! The screen on real machines, in a pty, as a new user would: with one node done by hand, helped and
//! taken back; in a small window, and in lines.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use quorate::{
    cluster::file,
    event::Step,
    lab::{Facts, tasks, tick::tick},
    run::Vault,
};
use tempfile::TempDir;

use super::{
    lab::Lab,
    run::{choose, log},
};
use crate::session::{LONG, Session};

/// Longer than any step takes on a busy computer, as often as a page.
pub(super) const STEP: u32 = 12;
pub(super) const F2: &str = "\x1bOQ";
const DOWN: &str = "\x1b[B";

/// The screen, its logs in that folder.
pub(super) fn screen(lab: &Lab, state: &Path, size: (u16, u16)) -> Session {
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    let state = state.display().to_string();
    let words = ["up", &lab.file()];
    let mut session = Session::begin(program, &words, size, &[("QUORATE_STATE", &state)]);
    session.wait_longer("Enter guided", STEP);
    session.press("\r");
    session
}

/// Enter, until that step is proved on all and the next one's lesson is shown.
pub(super) fn by_enter(session: &mut Session, next: &str) {
    session.wait_longer("Enter do", STEP);
    session.press("\r");
    session.wait_longer(&format!("Enter on to {next}"), STEP);
    session.press("\r");
}

/// The last step, the table, and out.
pub(super) fn to_the_table(mut session: Session) {
    session.wait_longer("Enter do", STEP);
    session.press("\r");
    session.wait_longer("Your cluster stands.", STEP);
    assert!(session.shows().contains("PRACTICE · healthy"), "{}", session.shows());
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("healthy, 5 of 5, proved"), "{screen}");
    session.assert_sane();
}

/// Takes the shell pane, from the guided page.
pub(super) fn type_it_myself(session: &mut Session) {
    session.wait_longer("I type it myself", STEP);
    choose(session, DOWN, "Enter type it myself");
    session.press("\r");
    session.wait_longer("root@icc-etcd-1:~#", STEP);
}

/// Waits until the shell reads lines again: what is typed ahead may be thrown away before.
pub(super) fn at_the_prompt(session: &mut Session) {
    let end = Instant::now() + LONG;
    while !session.shows().contains("at-prompt") {
        assert!(Instant::now() < end, "no prompt on\n{}", session.shows());
        // What is typed is not what is waited for.
        session.press("clear; echo at-pro''mpt\r");
        let soon = Instant::now() + Duration::from_secs(1);
        while !session.shows().contains("at-prompt") && Instant::now() < soon {
            session.read(Duration::from_millis(50));
        }
    }
}

pub(super) fn back_to_the_lesson(session: &mut Session) {
    session.press(F2);
    session.wait_for("Enter go on");
    session.press("\r");
}

/// The line that page 9 would help with, for each of these tasks, as one.
pub(super) fn lines(lab: &Lab, step: Step, names: &[&str]) -> String {
    let text = fs::read_to_string(lab.file()).expect("the cluster file");
    let cluster = file::read(&text, lab.dir(), None).expect("a cluster").cluster;
    let vault = Vault::open(&cluster).expect("its certificates");
    let member = cluster.members.first().expect("a member");
    let material = vault.material(&member.name).expect("its own");
    // As on a fresh disk: apt has no lists yet.
    let facts = Facts { has_lists: false, ..Facts::assumed(lab.release()) };
    let all = tasks(step, &cluster, member, material, &facts);
    let line = |name: &&str| {
        let task = all.iter().find(|task| task.id.name == *name).expect("a task of that name");
        tick(&task.plan()).and_then(|tick| tick.line).expect("a line")
    };
    names.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// What `cat` is told to write: the plan's own file, as `x` shows it.
fn file(lab: &Lab, path: &str) -> String {
    let ran = lab.quorate(&["plan", &lab.file(), "--as", "sh"]);
    let text = ran.exits(0).out.clone();
    let name = Path::new(path).file_name().expect("a name").to_string_lossy().into_owned();
    let at = text.find(&format!(".{name}.new")).expect("the file is written");
    let doc = text.get(at..).and_then(|t| t.split_once("<<'EOF'\n")).expect("a here-document").1;
    doc.split_once("\nEOF\n").expect("its end").0.to_owned()
}

/// Pasted, as a terminal does it.
fn paste(session: &mut Session, path: &str, content: &str) {
    session.press(&format!("\x1b[200~cat >{path} <<'EOF'\n{content}\nEOF\x1b[201~\r"));
}

pub(crate) fn icc_etcd_1_by_hand_through_all_steps_and_the_rest_by_enter(lab: &Lab) {
    lab.fresh();
    let state = TempDir::new().expect("a folder");
    let mut session = screen(lab, state.path(), (80, 24));
    type_it_myself(&mut session);
    session.wait_longer("✗ key in place, private", STEP);
    helped_and_taken_back(&mut session);
    // What is typed where a password is asked for is nobody's.
    session.press("stty -echo; echo go''on; read secret; stty echo\r");
    session.wait_for("goon");
    session.press("hunter2-is-typed\r");
    at_the_prompt(&mut session);
    let certificates = |names: &[&str]| lines(lab, Step::Certificates, names) + "\r";
    session.press(&certificates(&["directory", "ca", "certificate"]));
    session.wait_longer("✓ kubernetes.pem in place", STEP);
    session.press(&certificates(&["key"]));
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    session.wait_for("icc-etcd-1 ✓ by you");
    assert!(session.shows().contains("as you did on icc-etcd-1"), "{}", session.shows());
    by_enter(&mut session, "Install");

    let install = |names: &[&str]| format!("clear; {}\r", lines(lab, Step::Install, names));
    type_it_myself(&mut session);
    session.wait_longer("✗ etcd is installed", STEP);
    session.press(&install(&["lists", "hold-back"]));
    session.wait_longer("✓ apt knows its packages", STEP);
    session.press(&install(&["packages"]));
    session.wait_longer("✓ etcd is installed", STEP);
    session.press(&install(&["release"]));
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Configure");

    type_it_myself(&mut session);
    session.wait_longer("✗ settings as planned", STEP);
    configured(lab, &mut session);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Start");

    type_it_myself(&mut session);
    session.wait_longer("· leader seen", STEP);
    session.press(&(lines(lab, Step::Start, &["loaded", "enabled", "ready"]) + "\r"));
    session.wait_longer("Not hung: it waits for company", STEP);
    session.press(F2);
    session.wait_longer("Enter start the other four", STEP);
    session.press("\r");
    session.wait_longer("All of it holds.", STEP);
    session.wait_for("Enter go on");
    session.press("\r");
    session.wait_longer("Enter on to Verify", STEP);
    assert!(session.shows().contains("icc-etcd-1 ✓ by you"), "{}", session.shows());
    session.press("\r");
    to_the_table(session);
    let log = log(state.path());
    let node = "icc-etcd-1";
    for step in ["certificates", "install", "configure", "start"] {
        let by = |line: &&str| {
            line.contains(&format!(r#""step":"{step}""#))
                && line.contains(r#""is":"step_ended""#)
                && line.contains(node)
                && line.contains(r#""by":"person""#)
        };
        assert_eq!(log.lines().filter(by).count(), 1, "{step}");
    }
    assert_eq!(log.matches(r#""is":"hinted""#).count(), 3);
    assert_eq!(log.matches(r#""is":"step_undone""#).count(), 1);
    assert!(!log.contains("hunter2"), "what was typed is in the log");
    if let Ok(keep) = std::env::var("QUORATE_KEEP_LOG") {
        fs::write(keep, &log).expect("the log is kept");
    }
}

/// A hint, the line, done by the program: once each. Then it is taken back, once, and the ticks go
/// back; what was looked at is there to be read.
fn helped_and_taken_back(session: &mut Session) {
    session.press(F2);
    for (offered, told) in [
        ("h a hint", "Hint: A directory"),
        ("h the whole line", "Line: mkdir -p /etc/etcd"),
        ("h do it for me", "✓ key in place, private"),
    ] {
        session.wait_for(offered);
        session.press("h");
        session.wait_longer(told, STEP);
    }
    session.wait_for("All of it holds.");
    session.press("v");
    session.wait_for("exit 0: it is so");
    session.press("\x1b");
    session.wait_for("Enter go on");
    session.press("u");
    session.wait_for("Take this step back?");
    session.press(&format!("{DOWN}\r"));
    session.wait_longer("✗ key in place, private", STEP);
    session.press("v");
    session.wait_for("exit 1: it is not so");
    session.wait_for("| [ -f /etc/etcd/ca.pem ]");
    session.press("\x1b");
    session.wait_for("h a hint");
    session.press(F2);
    at_the_prompt(session);
}

/// The settings by hand, with the two files as `x` shows them.
pub(super) fn configured(lab: &Lab, session: &mut Session) {
    session.press(&format!("clear; {}\r", lines(lab, Step::Configure, &["key", "data-dir"])));
    session.wait_longer("2 of 4 done", STEP);
    for path in ["/etc/profile.d/etcdctl.sh", "/etc/default/etcd"] {
        let content = file(lab, path);
        paste(session, path, &content);
    }
    session.wait_longer("All of it holds.", STEP);
}

/// Which row shows that.
#[track_caller]
fn row(session: &Session, words: &str) -> usize {
    let shows = session.shows();
    shows
        .lines()
        .position(|line| line.contains(words))
        .unwrap_or_else(|| panic!("{words}:\n{shows}"))
}

pub(crate) fn in_a_small_window_and_in_lines_the_lesson_is_above_the_prompt(lab: &Lab) {
    lab.fresh();
    let state = TempDir::new().expect("a folder");
    let line = "mkdir -p /etc/etcd; cp *.pem /etc/etcd/";
    let mut session = screen(lab, state.path(), (60, 16));
    type_it_myself(&mut session);
    session.wait_longer("✗ /etc/etcd is there", STEP);
    assert!(row(&session, line) < row(&session, "root@icc-etcd-1:~#"));
    session.press(&format!("{line}\r"));
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    session.wait_for("icc-etcd-1 ✓ by you");

    // The same in lines: on the next machine, then where that is done.
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    for (node, title, tick) in [
        ("icc-etcd-2", "Step 2 of 6, Certificates, on icc-etcd-2", "✗ key in place, private"),
        ("icc-etcd-1", "Step 3 of 6, Install, on icc-etcd-1", "✗ etcd is installed"),
    ] {
        let words = ["shell", node, &lab.file(), "--plain"];
        let mut shell = Session::start(program, &words, (80, 24));
        shell.wait_longer(&format!("root@{node}:~#"), STEP);
        assert!(row(&shell, title) < row(&shell, tick));
        assert!(row(&shell, tick) < row(&shell, &format!("root@{node}:~#")));
        shell.press("exit\r");
        assert_eq!(shell.end().0, 0, "{}", shell.shows());
    }
}

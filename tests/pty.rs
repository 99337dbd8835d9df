//! Every way out leaves a sane terminal: the real screen in a real pty, read by an emulator.

#![expect(clippy::expect_used, reason = "helpers of tests, which clippy does not see as tests")]

mod pty {
    pub(crate) mod quickest;
    mod replay;
    pub(crate) mod session;
    mod wizard;
}

use std::{
    path::PathBuf,
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant},
};

use pty::{
    quickest::quickest,
    session::{LONG, Session},
};
use rustix::process::Signal;

/// Built once, as cargo would for examples.
fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--examples"]).status();
        assert!(built.expect("cargo starts").success(), "the examples must build");
    });
    let test = std::env::current_exe().expect("a path");
    let target = test.ancestors().nth(2).expect("target/debug/deps/pty");
    target.join("examples").join(name)
}

fn open(log: &str, then: &str) -> Session {
    let log = format!("{}/tests/screens/{log}", env!("CARGO_MANIFEST_DIR"));
    Session::start(&program("screen"), &[&log, then], (80, 24))
}

#[test]
fn at_its_end_the_result_stays_in_the_terminal() {
    let mut session = open("agrees.ndjson", "");
    session.wait_for("They agree");
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0);
    assert!(screen.contains("icc-etcd: agrees, 5 of 5"), "{screen}");
    assert!(screen.contains("e8acf7e7279fec40  icc-etcd-1"), "{screen}");
    session.assert_sane();
}

#[test]
fn q_asks_stops_and_then_leaves() {
    let mut session = open("healthy.ndjson", "hold");
    session.wait_for("Enter log");
    session.press("q");
    session.wait_for("Stop the run?");
    session.press("\x1b[B\r");
    session.wait_for("You stopped the run");
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0);
    assert!(screen.contains("icc-etcd: stopped after"), "{screen}");
    session.assert_sane();
}

#[test]
fn ctrl_c_twice_stops() {
    let mut session = open("healthy.ndjson", "hold");
    session.wait_for("Enter log");
    session.press("\x03");
    session.wait_for("Stop the run?");
    session.press("\x03");
    session.wait_for("You stopped the run");
    session.press("\x03");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

#[test]
fn promise_10_a_panic_while_drawing_gives_the_terminal_back_and_is_reported() {
    let mut session = open("foreign-data.ndjson", "draw");
    let (code, screen) = session.end();
    assert_eq!(code, 101);
    assert!(screen.contains("as the test asked: draw"), "{screen}");
    session.assert_sane();
}

#[test]
fn promise_10_a_panic_in_a_worker_leaves_the_screen_alone() {
    let mut session = open("foreign-data.ndjson", "worker");
    session.wait_for("icc-etcd-2 holds the data of another cluster");
    assert!(!session.raw_text().contains("as the test asked"), "{}", session.raw_text());
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

#[test]
fn promise_10_sigterm_and_sighup_end_it_at_once() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut session = open("healthy.ndjson", "hold");
        session.wait_for("Enter log");
        session.signal(signal);
        assert_eq!(session.end().0, 1);
        session.assert_sane();
    }
}

#[test]
fn promise_10_a_closed_terminal_ends_it_within_half_a_second() {
    quickest(Duration::from_millis(500), || {
        let mut session = open("healthy.ndjson", "hold");
        session.wait_for("Enter log");
        session.close()
    });
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let mut session = open("healthy.ndjson", "hold");
    session.wait_for("Enter log");
    session.press("\x1a");
    session.wait_for_raw("?1049l", 1);
    let stat = format!("/proc/{}/stat", session.pid.as_raw_nonzero());
    let until = Instant::now() + LONG;
    // The state stands behind the name: T is stopped.
    while !std::fs::read_to_string(&stat).expect("it lives").contains(") T ") {
        assert!(Instant::now() < until, "it does not stop");
        session.read(Duration::from_millis(10));
    }
    session.assert_sane();
    session.signal(Signal::CONT);
    session.wait_for_raw("?1049h", 2);
    session.wait_for("Enter log");
    session.press("\x03\x03");
    session.wait_for("You stopped the run");
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

/// Nothing moves on the result page, so nothing is written.
#[test]
fn an_idle_screen_writes_nothing() {
    let mut session = open("agrees.ndjson", "");
    session.wait_for("They agree");
    session.falls_silent();
}

/// Own servers: the lab's list pasted, its typo mended by Enter, rows tried live, a field undone.
#[test]
fn the_wizard_makes_a_cluster_file() {
    let mut session = Session::start(&program("wizard"), &[], (80, 24));
    session.wait_for("Practise on this computer: what it takes");
    session.press("\x1b[B\r");
    session.wait_for("1  icc-etcd-1");
    let list = "a=https://198.18.30.32:2380,b=https://198.18.30.33:2380,c=https://198.18.30.342380";
    session.press(&format!("\x1b[200~{list}\x1b[201~"));
    session.wait_for("Enter correct");
    session.wait_for("✗ no answer within 10 s");
    session.press("\r");
    session.wait_for("c            198.18.30.34");
    session.press("\x1b[B\r");
    session.wait_for("Without a folder I make");
    session.press("\r");
    session.wait_for("It will be cluster");
    session.wait_for("Debian 12  3.4.23");
    session.press("\x1b[B\x1b[B\rxyz");
    session.wait_for("etcd-cluster-0xyz");
    // Alone: with bytes behind it an escape is Alt and a key.
    session.press("\x1b");
    session.wait_for("Token            etcd-cluster-0 ");
    session.press("\x1b[B\x1b[B\x1b[B\r");
    let (code, screen) = session.end();
    assert_eq!(code, 0);
    assert!(screen.contains("address = \"198.18.30.34\""), "{screen}");
    session.assert_sane();
}

/// A paste, or a key that is held: what comes in one piece is longer than what is read at a time.
#[test]
fn of_a_burst_of_keys_none_is_left_lying() {
    let mut session = open("healthy.ndjson", "hold");
    session.wait_for("Enter log");
    session.press(&("\x1b[B".repeat(700) + "q"));
    session.wait_for("Stop the run?");
    session.press("\x03");
    session.wait_for("You stopped the run");
    session.press("q");
    assert_eq!(session.end().0, 0);
}

/// No root, no network, no machines: any Unix. It plays, pauses without a byte, and ends on the proof.
#[test]
fn the_recorded_run_plays_to_its_proof() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_quorate"));
    let mut session = Session::start(program, &["demo", "--speed", "16"], (80, 24));
    session.wait_for("REPLAY of");
    session.wait_for("Your cluster stands");
    session.wait_for("paused");
    session.falls_silent();
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

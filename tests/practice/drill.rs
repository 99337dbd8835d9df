//! Members lost on purpose, on real machines: how long no write counts, that none is lost, and that
//! everybody comes back, also if the program dies meanwhile.

use std::path::Path;

use quorate::event::{RunEvent, drill::Drilled};
use rustix::process::Signal;
use tempfile::TempDir;

use super::{
    lab::{Lab, NODES, until},
    run::{choose, log, stamped},
};
use crate::session::Session;

/// Longer than an election, a start or a timer takes on a busy computer, as often as a page.
const STEP: u32 = 12;
const RIGHT: &str = "\x1b[C";
const ACTIVE: &str = "systemctl is-active etcd || :\n";
const TIMER: &str = "systemctl is-active quorate-drill.timer || :\n";

/// The result page of a cluster that stands, its logs in that folder.
fn stands(lab: &Lab, state: &Path) -> Session {
    lab.healthy();
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    let words = ["up", &lab.file()];
    let state = state.display().to_string();
    let mut session = Session::begin(program, &words, (80, 24), &[("QUORATE_STATE", &state)]);
    session.wait_longer("Enter guided", STEP);
    choose(&mut session, "\x1b[D", "Enter go");
    session.press("\r");
    session.wait_longer("Your cluster stands.", STEP);
    session
}

/// The drill's page, and its first stop.
fn first_stop(session: &mut Session) {
    session.wait_for("Enter drill");
    session.press("\r");
    session.wait_for("Enter stop it");
    session.press("\r");
    session.wait_longer("1 stopped by you", STEP);
    session.wait_longer("without a leader:", STEP);
}

/// All that happened in the drill, from the one run log there.
fn happened(state: &Path) -> Vec<(u64, Drilled)> {
    let drilled = stamped(&log(state)).into_iter().filter_map(|stamped| match stamped.event {
        RunEvent::Drill { what } => Some((stamped.ms, what)),
        _ => None,
    });
    drilled.collect()
}

/// How many writes were acknowledged, if all of them were found at the end.
#[track_caller]
fn none_lost(happened: &[(u64, Drilled)]) -> u64 {
    let checked = happened.iter().find_map(|(_, what)| match what {
        Drilled::Checked { written, lost, cleaned, .. } => Some((*written, *lost, *cleaned)),
        _ => None,
    });
    let (written, lost, cleaned) = checked.expect("the writes are read back");
    assert_eq!((lost, cleaned), (0, true));
    written
}

fn everybody_is_there(lab: &Lab) {
    for node in NODES {
        assert_eq!(lab.on(node, ACTIVE), "active", "{node}");
        assert_eq!(lab.on(node, TIMER), "inactive", "{node}");
    }
    lab.quorate(&["check", &lab.file(), "--plain"]).says("agrees");
}

/// The scene of every talk: a gap with its seconds, no write lost, and everybody as before.
pub(crate) fn the_leader_dies_the_gap_is_measured_and_no_write_is_lost(lab: &Lab) {
    let state = TempDir::new().expect("a folder");
    let mut session = stands(lab, state.path());
    first_stop(&mut session);
    let stopped = |node: &&&str| lab.on(node, ACTIVE) != "active";
    let gone: Vec<_> = NODES.iter().filter(stopped).collect();
    let [gone] = gone.as_slice() else { panic!("one is stopped: {gone:?}") };
    assert_eq!(lab.on(gone, TIMER), "active");
    choose(&mut session, "\x1b[D", "Enter bring back");
    session.press("\r");
    session.wait_longer("back, caught up", STEP);
    choose(&mut session, RIGHT, "Enter end the drill");
    session.press("\r");
    session.wait_longer("none was lost", STEP);
    session.press("q");
    session.wait_for("Your cluster stands.");
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0, "{screen}");

    let happened = happened(state.path());
    let stop = happened.iter().find_map(|(ms, what)| match what {
        Drilled::Stopping { led: true, .. } => Some(*ms),
        _ => None,
    });
    let stop = stop.expect("the leader was stopped");
    let gap = happened.iter().filter_map(|(ms, what)| match what {
        Drilled::Gap { ms: took, waited } if *ms > stop => Some((*took, *waited)),
        _ => None,
    });
    let (took, waited) = gap.max().expect("a gap");
    // An election timeout is 1 to 2 s; a busy computer takes longer, but nobody elects at once.
    assert!(took >= 500, "{took} ms");
    assert!(waited >= took / 100 / 2, "{waited} waited in {took} ms");
    let written = none_lost(&happened);
    let counts = |what: &Drilled| match what {
        Drilled::Pulse(pulse) => pulse.written,
        _ => 0,
    };
    assert!(written >= happened.iter().map(|(_, what)| counts(what)).sum::<u64>());
    everybody_is_there(lab);
    let keys = "etcdctl get --prefix quorate/drill/ --keys-only --limit 1\n";
    let keys = lab.on("icc-etcd-1", &format!(". /etc/profile.d/etcdctl.sh; ETCDCTL_API=3 {keys}"));
    assert_eq!(keys, "", "the keys are taken away");
}

/// The program dies in the middle: the timer on the node does it.
pub(crate) fn killed_in_a_drill_the_timer_brings_the_member_back(lab: &Lab) {
    let state = TempDir::new().expect("a folder");
    let mut session = stands(lab, state.path());
    first_stop(&mut session);
    session.signal(Signal::KILL);
    let gone = NODES.iter().find(|node| lab.on(node, ACTIVE) != "active").expect("one is stopped");
    until("its timer starts it", || lab.on(gone, ACTIVE) == "active");
    everybody_is_there(lab);
}

/// On practice machines more than a quorum allows may go, once the name is typed; then no write
/// counts and plain reads go on, until they are brought back.
pub(crate) fn a_third_stop_wants_a_name_and_then_writes_stop(lab: &Lab) {
    let state = TempDir::new().expect("a folder");
    let mut session = stands(lab, state.path());
    choose(&mut session, RIGHT, "Enter break it");
    session.press("\r");
    session.wait_for("Enter stop it");
    session.press("\r");
    for (gone, nth) in [(1, "second"), (2, "third")] {
        session.wait_longer(&format!("{gone} stopped by you"), STEP);
        session.wait_longer(&format!("Stop a {nth} one too"), STEP);
        session.wait_longer("without a leader:", STEP);
        choose(&mut session, RIGHT, "Enter stop another");
        session.press("\r");
    }
    session.wait_for("Stop more than a quorum allows?");
    let screen = session.shows();
    let name = NODES.iter().find(|node| screen.contains(&format!("Type {node} to stop it")));
    let name = name.unwrap_or_else(|| panic!("a name on\n{screen}"));
    session.press("icc-etcd\r");
    session.wait_for(&format!("That is not {name}."));
    assert_eq!(lab.on(name, ACTIVE), "active");
    session.press(&format!("{}\r", name.trim_start_matches("icc-etcd")));
    session.wait_longer("3 stopped by you", STEP);
    session.wait_until("ten plain reads, and no write that counts", STEP, |shows| {
        let said = shows.split_once("none counts. Plain reads go on: ").map(|(_, said)| said);
        said.and_then(|s| s.split(' ').next()?.parse::<u32>().ok()).is_some_and(|n| n >= 10)
    });
    session.wait_longer("asks for votes", STEP);
    choose(&mut session, "\x1b[D", "Enter bring back");
    session.press("\r");
    // With a quorum, or without one that asked: everybody is there again.
    session.wait_longer("Enter end the drill", STEP);
    session.press("\r");
    session.wait_longer("none was lost", STEP);
    session.press("q");
    session.wait_for("Your cluster stands.");
    session.press("q");
    assert_eq!(session.end().0, 0);

    let happened = happened(state.path());
    let told = |ask: fn(&Drilled) -> bool| {
        happened.iter().filter(move |(_, what)| ask(what)).map(|(ms, _)| *ms)
    };
    let third = told(|what| matches!(what, Drilled::Stopped { .. })).max().expect("stopped");
    let back = |what: &Drilled| matches!(what, Drilled::Starting { .. } | Drilled::Back { .. });
    let back = told(back).find(|ms| *ms > third).expect("brought back");
    let pulses = happened.iter().filter_map(|(ms, what)| match what {
        // What was on its way when the third one stopped may still be told.
        Drilled::Pulse(pulse) if *ms > third + 500 && *ms < back => Some(pulse),
        _ => None,
    });
    // On a slow computer the first one's timer may come before, and with it a quorum.
    let without = pulses.take_while(|pulse| (pulse.written, pulse.read) == (0, 0));
    let (tenths, plain) = without.fold((0, 0), |(n, plain), pulse| {
        assert_eq!(pulse.wrong, 0, "no quorum, no answer");
        (n + 1, plain + pulse.plain)
    });
    assert!(tenths >= 5 && plain >= 5, "{plain} plain reads, {tenths} tenths of a second");
    none_lost(&happened);
    everybody_is_there(lab);
}

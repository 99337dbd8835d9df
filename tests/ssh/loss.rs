//! Links that are slow, break, or fall silent.

use std::time::{Duration, Instant};

use quorate::remote::{Call, Host, HostError};
use rustix::process::{Signal, kill_process};

use super::{
    person::{LONG, Person, connect, run},
    proxy::{self, Link},
    quickest::quickest,
    server::{Server, possible},
};

#[test]
fn twenty_texts_cost_about_one_round_trip() {
    let Some(server) = Server::start() else { return };
    let delay = Duration::from_millis(50);
    let spec = proxy::before(&server, Link { delay, ..Link::default() });
    let mut ssh = connect(&spec, &Person::default()).unwrap();
    let round_trip = delay * 2;
    let call = Call { text: b"true", root: true, limit: LONG };
    quickest(round_trip * 2, || {
        let began = Instant::now();
        let answers = ssh.run(&[call; 20], &mut |_, _, _| {}).unwrap();
        let took = began.elapsed();
        assert_eq!(answers.len(), 20);
        assert!(took >= round_trip, "{took:?} for 20, one is {round_trip:?}");
        took
    });
}

#[test]
fn a_peer_that_vanishes_is_given_up_at_the_deadline() {
    if !possible() {
        return;
    }
    let (limit, leaves) = (Duration::from_secs(1), Duration::from_secs(1));
    // Given up and left: each at its own deadline.
    quickest(limit + leaves, || {
        let server = Server::with("");
        let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
        for pid in server.sessions() {
            kill_process(pid, Signal::STOP).unwrap();
        }
        let began = Instant::now();
        let ended = ssh.run(&[Call { text: b"true", root: true, limit }], &mut |_, _, _| {});
        assert_eq!(ended, Err(HostError::TimedOut { after: limit }));
        drop(ssh);
        began.elapsed()
    });
}

#[test]
fn a_connection_cut_in_mid_output_is_lost_and_not_a_success() {
    let Some(server) = Server::start() else { return };
    let cut_down = Some(200_000);
    let spec = proxy::before(&server, Link { cut_down, ..Link::default() });
    let mut ssh = connect(&spec, &Person::default()).unwrap();
    let mut lines = 0;
    let text = b"yes 0123456789abcde | head -c 1000000; exit 0";
    let calls = [Call { text, root: true, limit: LONG }];
    let ended = ssh.run(&calls, &mut |_, _, _| lines += 1);
    assert!(matches!(ended, Err(HostError::Lost { .. })), "{ended:?}");
    assert!((1..62_500).contains(&lines), "{lines}");
    assert!(matches!(run(&mut ssh, "true"), Err(HostError::Lost { .. })));
}

#[test]
fn a_text_cut_on_its_way_never_half_runs() {
    let Some(server) = Server::start() else { return };
    let place = server.file("half");
    // Longer than one packet, so that some cuts fall between two.
    let text = format!(
        "touch '{}'\n: <<'EOF'\n{}EOF\nrm '{0}'\n",
        place.display(),
        "a line of a file\n".repeat(12_000),
    );
    for cut in [6_000, 40_000, 80_000, 120_000, 160_000, 200_000] {
        let spec = proxy::before(&server, Link { cut_up: Some(cut), ..Link::default() });
        let mut ssh = connect(&spec, &Person::default()).unwrap();
        let ended = run(&mut ssh, &text);
        assert!(matches!(ended, Err(HostError::Lost { .. })), "cut at {cut}: {ended:?}");
        // The shell there has ended once nothing serves the connection any more.
        while !server.sessions().is_empty() {
            std::thread::yield_now();
        }
        assert!(!place.exists(), "cut at {cut} ran a part of the text");
    }
}

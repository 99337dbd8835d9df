//! Texts and their answers over a real connection.

use std::time::{Duration, Instant};

use quorate::remote::{Answer, Call, Cancel, Host, HostError, Stream, keys::Keys, ssh::Ssh};

use super::{
    person::{LONG, Person, connect, run},
    quickest::quickest,
    server::Server,
};

#[test]
fn a_flood_on_stderr_neither_hangs_nor_fills_memory() {
    let Some(server) = Server::start() else { return };
    let mut ssh = connect(&server.spec("bob"), &Person::default()).unwrap();
    let text = b"yes 0123456789abcde | head -c 12000000 >&2; echo done";
    let mut lines = [0_usize; 2];
    let calls = [Call { text, root: true, limit: LONG }];
    let answers = ssh
        .run(&calls, &mut |_, stream, _| lines[usize::from(stream == Stream::Err)] += 1)
        .unwrap();
    assert_eq!(lines, [1, 750_000]);
    assert_eq!(answers[0].stdout, "done\n");
    assert!(answers[0].stderr.len() <= Answer::KEPT);
}

#[test]
fn a_silent_text_ends_at_its_deadline_and_the_next_one_runs() {
    let Some(server) = Server::start() else { return };
    for user in ["root", "bob"] {
        let mut ssh = connect(&server.spec(user), &Person::default()).unwrap();
        let limit = Duration::from_millis(300);
        quickest(Duration::from_secs(2), || {
            let began = Instant::now();
            let ended = ssh.run(&[Call { text: b"sleep 5", root: true, limit }], &mut |_, _, _| {});
            assert_eq!(ended, Err(HostError::TimedOut { after: limit }));
            let took = began.elapsed();
            assert_eq!(run(&mut ssh, "echo again").unwrap().stdout, "again\n");
            took
        });
    }
}

#[test]
fn a_cancel_is_heard_in_the_middle() {
    let Some(server) = Server::start() else { return };
    quickest(Duration::from_secs(2), || {
        let cancel = Cancel::default();
        let (spec, person) = (server.spec("root"), Person::default());
        let mut ssh = Ssh::connect(&spec, &Keys::default(), &person, &cancel).unwrap();
        let began = Instant::now();
        let call = Call { text: b"echo started; sleep 20", root: true, limit: LONG };
        // The first line is the sign that it runs.
        let ended = ssh.run(&[call], &mut |_, _, _| cancel.cancel());
        assert_eq!(ended, Err(HostError::Cancelled));
        began.elapsed()
    });
}

#[test]
fn texts_in_one_batch_do_not_disturb_each_other() {
    let Some(server) = Server::start() else { return };
    let mut ssh = connect(&server.spec("carol"), &Person::default()).unwrap();
    let texts =
        ["cat; exit 4", "X=1; cd /; trap 'exit 9' EXIT", "exit 5", "echo \"${X-unset}\"; printf x"];
    let calls = texts.map(|text| Call { text: text.as_bytes(), root: true, limit: LONG });
    let mut seen = Vec::new();
    let answers = ssh.run(&calls, &mut |i, _, line| seen.push((i, line.to_owned()))).unwrap();
    assert_eq!(answers.iter().map(|a| a.status).collect::<Vec<_>>(), [4, 9, 5, 0]);
    assert_eq!(answers[3].stdout, "unset\nx");
    assert_eq!(seen, [(3, "unset".to_owned()), (3, "x".to_owned())]);
}

#[test]
fn a_text_that_is_no_shell_text_says_why_and_the_next_one_runs() {
    let Some(server) = Server::start() else { return };
    let mut ssh = connect(&server.spec("root"), &Person::default()).unwrap();
    match run(&mut ssh, "if true; then") {
        Err(HostError::Lost { reason }) => assert!(reason.contains("yntax error"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(run(&mut ssh, "echo again").unwrap().stdout, "again\n");
}

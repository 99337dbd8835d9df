//! The screen on real machines, in a pty, as a new user would: with Enter alone, with one node done
//! by hand, and with the lab's own lines, word for word.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::lab::Lab;
use crate::session::{LONG, Session};

/// Longer than any step takes on a busy computer, as often as a page.
const STEP: u32 = 12;
/// Within that a slip is told in words.
const TOLD: Duration = Duration::from_secs(3);
const F2: &str = "\x1bOQ";
const DOWN: &str = "\x1b[B";

/// The screen, its logs in that folder.
fn screen(lab: &Lab, state: &Path) -> Session {
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    let state = state.display().to_string();
    let words = ["up", &lab.file()];
    let mut session = Session::begin(program, &words, (80, 24), &[("QUORATE_STATE", &state)]);
    session.wait_longer("Enter guided", STEP);
    session.press("\r");
    session
}

/// Enter, until that step is proved on all and the next one's lesson is shown.
fn by_enter(session: &mut Session, next: &str) {
    session.wait_longer("Enter do", STEP);
    session.press("\r");
    session.wait_longer(&format!("Enter on to {next}"), STEP);
    session.press("\r");
}

/// The last step, the table, and out.
fn to_the_table(mut session: Session) {
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

/// The one run log there.
fn log(state: &Path) -> String {
    let runs = fs::read_dir(state.join("runs")).expect("runs").flatten().map(|e| e.path());
    let logs: Vec<_> = runs.filter(|p| p.extension().is_some_and(|e| e == "ndjson")).collect();
    let [log] = logs.as_slice() else { panic!("one log: {logs:?}") };
    fs::read_to_string(log).expect("a log")
}

/// Takes the shell pane, from the guided page.
fn type_it_myself(session: &mut Session) {
    session.wait_longer("I type it myself", STEP);
    for _ in 0..3 {
        if session.shows().contains("Enter type it myself") {
            break;
        }
        session.press(DOWN);
        let before = session.shows();
        let end = Instant::now() + LONG;
        while session.shows() == before && Instant::now() < end {
            session.read(Duration::from_millis(50));
        }
    }
    session.wait_for("Enter type it myself");
    session.press("\r");
    session.wait_longer("root@icc-etcd-1:~#", STEP);
}

fn back_to_the_lesson(session: &mut Session) {
    session.press(F2);
    session.wait_for("Enter go on");
    session.press("\r");
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
    let mut session = screen(lab, state.path());
    type_it_myself(&mut session);
    session.wait_longer("✗ key in place, private", STEP);
    // What is typed where a password is asked for is nobody's.
    session.press("read -s secret\r");
    session.press("hunter2-is-typed\r");
    session.press("mkdir -p /etc/etcd; install -m 0644 ca.pem kubernetes.pem /etc/etcd/\r");
    session.wait_longer("✓ kubernetes.pem in place", STEP);
    session.press("install -m 0600 kubernetes-key.pem /etc/etcd/\r");
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    session.wait_for("icc-etcd-1 ✓ by you");
    assert!(session.shows().contains("as you did on icc-etcd-1"), "{}", session.shows());
    by_enter(&mut session, "Install");

    type_it_myself(&mut session);
    session.wait_longer("✗ etcd is installed", STEP);
    session.press(F2);
    session.wait_for("h a hint");
    session.press("h");
    session.wait_for("Hint: What is masked");
    session.press("h");
    session.wait_for("Line: systemctl mask etcd");
    session.press(F2);
    session.press("clear; apt-get update; systemctl mask etcd\r");
    session.wait_longer("✓ apt knows its packages", STEP);
    session.press("apt-get install -y etcd-server etcd-client\r");
    session.wait_longer("✓ etcd is installed", STEP);
    session.press("systemctl unmask etcd\r");
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Configure");

    type_it_myself(&mut session);
    session.wait_longer("✗ settings as planned", STEP);
    session.press("clear; chown root:etcd /etc/etcd/*key.pem; chmod 0640 /etc/etcd/*key.pem\r");
    session.press("install -d -o etcd -g etcd -m 0700 /var/lib/etcd\r");
    session.wait_longer("2 of 4 done", STEP);
    let node = "icc-etcd-1";
    for path in ["/etc/profile.d/etcdctl.sh", "/etc/default/etcd"] {
        let content = file(lab, path);
        paste(&mut session, path, &content);
    }
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Start");

    type_it_myself(&mut session);
    session.wait_longer("· leader seen", STEP);
    session.press("systemctl daemon-reload; systemctl enable etcd; systemctl start etcd\r");
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
    for step in ["certificates", "install", "configure", "start"] {
        let by = |line: &&str| {
            line.contains(&format!(r#""step":"{step}""#))
                && line.contains(r#""is":"step_ended""#)
                && line.contains(node)
                && line.contains(r#""by":"person""#)
        };
        assert_eq!(log.lines().filter(by).count(), 1, "{step}");
    }
    assert_eq!(log.matches(r#""is":"hinted""#).count(), 2);
    assert!(!log.contains("hunter2"), "what was typed is in the log");
    if let Ok(keep) = std::env::var("QUORATE_KEEP_LOG") {
        fs::write(keep, &log).expect("the log is kept");
    }
}

/// Makes a slip, and waits until it is told; a computer that was busy gets two more chances.
#[track_caller]
fn told(session: &mut Session, slip: &str, mend: &str, words: &str) {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        if session.shows().contains(words) {
            session.press(&format!("clear; {mend}\r"));
            let end = Instant::now() + LONG;
            while session.shows().contains(words) && Instant::now() < end {
                session.read(Duration::from_millis(50));
            }
        }
        session.press(slip);
        let made = Instant::now();
        session.wait_longer(words, STEP);
        best = best.min(made.elapsed());
        if best <= TOLD {
            return;
        }
    }
    panic!("{words:?} took {best:?}");
}

/// The lab's own file, its tags and its typo as they stand there.
const TEMPLATE: &str = r#"cat > etcd.default <<EOF
ETCD_NAME="$(hostname -s)"
ETCD_DATA_DIR="/var/lib/etcd"
ETCD_LISTEN_PEER_URLS="https://<%= $internal_ip %>:2380"
ETCD_LISTEN_CLIENT_URLS="https://<%= $internal_ip %>:2379,https://localhost:2379"
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://<%= $internal_ip %>:2380"
ETCD_INITIAL_CLUSTER="icc-etcd-1=https://141.22.30.32:2380,icc-etcd-4=https://141.22.30.352380"
EOF
sudo mv etcd.default /etc/default/etcd
"#;

pub(crate) fn the_labs_own_lines_are_each_told_in_words_within_3_s(lab: &Lab) {
    lab.fresh();
    let state = TempDir::new().expect("a folder");
    let mut session = screen(lab, state.path());
    by_enter(&mut session, "Install");
    type_it_myself(&mut session);
    session.wait_longer("✗ etcd is installed", STEP);
    session.press("clear; apt-get update\r");
    session.wait_longer("✓ apt knows its packages", STEP);
    let made = Instant::now();
    session.press("apt-get install etcd\r");
    session.wait_longer("offers no package etcd", STEP);
    assert!(made.elapsed() < TOLD, "{:?}", made.elapsed());
    session.press("systemctl mask etcd; apt-get install -y etcd-server etcd-client\r");
    session.wait_longer("✓ etcd is installed", STEP);
    session.press("systemctl unmask etcd\r");
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Configure");

    type_it_myself(&mut session);
    session.wait_longer("✗ etcd can read its key", STEP);
    let lines = TEMPLATE.replace('\n', "\r");
    told(&mut session, &lines, "rm -f /etc/default/etcd", "was not filled in");
    session.wait_for("has no colon before");
    let key = "/etc/etcd/kubernetes-key.pem";
    told(
        &mut session,
        &format!("chown root:root {key}; chmod 0600 {key}\r"),
        &format!("chown root:etcd {key}; chmod 0640 {key}"),
        &format!("may not read {key}"),
    );
    // The rest of it is right, so that the start alone is what is wrong then.
    for path in ["/etc/profile.d/etcdctl.sh", "/etc/default/etcd"] {
        let content = file(lab, path);
        paste(&mut session, path, &content);
    }
    session.press(&format!("chown root:etcd {key}; chmod 0640 {key}\r"));
    session.press("install -d -o etcd -g etcd -m 0700 /var/lib/etcd\r");
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Start");

    type_it_myself(&mut session);
    session.wait_longer("· leader seen", STEP);
    let start =
        "sudo systemctl daemon-reload; sudo systemctl enable etcd; sudo systemctl start etcd\r";
    session.press(start);
    let made = Instant::now();
    session.wait_longer("Not hung: it waits for company", STEP);
    assert!(made.elapsed() < TOLD, "{:?}", made.elapsed());
    // Ctrl-C leaves the start to systemd.
    session.press("\x03");
    let verify = "sudo etcdctl --ca-file=/etc/etcd/ca.pem --cert-file=/etc/etcd/etcd.pem \
                  --key-file=/etc/etcd/etcd-key.pem --insecure-transport=false \
                  --endpoints=198.18.40.36:2379 -w table member list\r";
    let made = Instant::now();
    session.press(verify);
    session.wait_longer("does not know --ca-file", STEP);
    assert!(made.elapsed() < TOLD, "{:?}", made.elapsed());
    session.press(F2);
    session.wait_longer("Enter start the other four", STEP);
    session.press("\r");
    session.wait_longer("All of it holds.", STEP);
    session.press("\r");
    session.wait_longer("Enter on to Verify", STEP);
    session.press("\r");
    to_the_table(session);
}

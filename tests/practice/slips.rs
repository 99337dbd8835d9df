//! The lab's own lines, typed word for word on a real machine: what is wrong with each is told in words.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use quorate::{
    event::Step,
    lab::lesson::{Block, lesson},
};
use tempfile::TempDir;

use super::{
    by_hand::{
        F2, STEP, at_the_prompt, back_to_the_lesson, by_enter, configured, lines, screen,
        to_the_table, type_it_myself,
    },
    lab::{Lab, until},
};
use crate::session::Session;

/// Within that a slip is told in words, from the end of its command on.
const TOLD: Duration = Duration::from_secs(3);
/// Where a node notes when a command has ended.
const ENDED: &str = "/run/has-ended";

/// The lab's own lines, word for word.
fn labs_own(step: Step) -> String {
    let code = lesson(step).lab.into_iter().find_map(|block| match block {
        Block::Code(lines) => Some(lines),
        Block::Text(_) => None,
    });
    code.expect("what the lab says").replace('\n', "\r")
}

/// A slip, and what a person does so that it is told no more, so that it can be made again.
struct Slip<'a> {
    /// Typed, and ended by Enter.
    typed: &'a str,
    /// It ends; a start that waits for company does not, and is told while it waits.
    ends: bool,
    /// Typed after it, each with what is shown then.
    mend: &'a [(&'a str, &'a str)],
    /// What it is told with.
    words: &'a str,
}

/// Makes a slip, and waits until it is told: from the end of the command on the node, by the clock
/// that it shares with us, to the words on the screen. It is made three times at most, since what a
/// busy computer takes is not what the program takes.
#[track_caller]
fn told(lab: &Lab, session: &mut Session, slip: &Slip<'_>) {
    let node = "icc-etcd-1";
    let mut best = Duration::MAX;
    for again in [false, true, true] {
        if again {
            for (line, shows) in slip.mend {
                session.press(&format!("{line}\r"));
                session.wait_longer(shows, STEP);
            }
            session.wait_until("what was mended", 1, |shows| !shows.contains(slip.words));
        }
        lab.on(node, &format!("rm -f {ENDED}"));
        // On the same line: what is typed ahead of a prompt may be thrown away.
        let then = if slip.ends { format!("; date +%s%3N >{ENDED}") } else { String::new() };
        session.press(&format!("{}{then}\r", slip.typed));
        let mut from = now();
        session.wait_longer(slip.words, STEP);
        let seen = now();
        if slip.ends {
            until("the end of the command", || {
                let noted = lab.tries(node, &format!("cat {ENDED}")).stdout;
                let ms = String::from_utf8_lossy(&noted).trim().parse().ok();
                ms.inspect(|ms| from = Duration::from_millis(*ms)).is_some()
            });
        }
        best = best.min(seen.saturating_sub(from));
        if best <= TOLD {
            return;
        }
    }
    panic!("{:?} took {best:?}", slip.words);
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970")
}

pub(crate) fn the_labs_own_lines_are_each_told_in_words_within_3_s(lab: &Lab) {
    lab.fresh();
    let state = TempDir::new().expect("a folder");
    let mut session = screen(lab, state.path(), (80, 24));
    by_enter(&mut session, "Install");
    type_it_myself(&mut session);
    session.wait_longer("✗ etcd is installed", STEP);
    let install = |names: &[&str]| lines(lab, Step::Install, names) + "\r";
    session.press(&install(&["lists", "hold-back"]));
    session.wait_longer("✓ apt knows its packages", STEP);
    session.wait_longer("✓ held back", STEP);
    let (hold, release) = (install(&["hold-back"]), install(&["release"]));
    let no_package = Slip {
        typed: &labs_own(Step::Install),
        ends: true,
        mend: &[(release.trim(), "✗ held back"), (hold.trim(), "✓ held back")],
        words: "offers no package etcd",
    };
    told(lab, &mut session, &no_package);
    session.press(&install(&["packages"]));
    session.wait_longer("✓ etcd is installed", STEP);
    session.press(&release);
    session.wait_longer("All of it holds.", STEP);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Configure");

    type_it_myself(&mut session);
    session.wait_longer("✗ etcd can read its key", STEP);
    let template = Slip {
        typed: &labs_own(Step::Configure),
        ends: true,
        mend: &[("clear; rm -f /etc/default/etcd", "✗ settings as planned")],
        words: "was not filled in",
    };
    told(lab, &mut session, &template);
    session.wait_for("has no colon before");
    let key = "/etc/etcd/kubernetes-key.pem";
    let right = lines(lab, Step::Configure, &["key"]);
    let closed = Slip {
        typed: &format!("chown root:root {key}; chmod 0600 {key}"),
        ends: true,
        mend: &[(&right, "✓ etcd can read its key")],
        words: &format!("may not read {key}"),
    };
    told(lab, &mut session, &closed);
    // The rest of it is right, so that the start alone is what is wrong then.
    configured(lab, &mut session);
    back_to_the_lesson(&mut session);
    by_enter(&mut session, "Start");

    type_it_myself(&mut session);
    session.wait_longer("· leader seen", STEP);
    let alone = Slip {
        // As one line: sudo reads what is typed ahead, and gives it to its command.
        typed: &labs_own(Step::Start).replace('\r', "; "),
        ends: false,
        mend: &[("\x03systemctl stop etcd", "✗ running")],
        words: "Not hung: it waits for company",
    };
    told(lab, &mut session, &alone);
    // Ctrl-C leaves the start to systemd.
    session.press("\x03");
    at_the_prompt(&mut session);
    let verification = Slip {
        typed: &labs_own(Step::Verify),
        ends: true,
        mend: &[
            ("systemctl disable etcd", "✗ starts at boot"),
            ("systemctl enable etcd", "✓ starts at boot"),
        ],
        words: "does not know --ca-file",
    };
    told(lab, &mut session, &verification);
    session.press(F2);
    session.wait_longer("Enter start the other four", STEP);
    session.press("\r");
    session.wait_longer("All of it holds.", STEP);
    session.press("\r");
    session.wait_longer("Enter on to Verify", STEP);
    session.press("\r");
    to_the_table(session);
}

//! The wizard on real machines, as a new user meets it.

use std::path::Path;

use super::lab::Lab;
use crate::session::Session;

/// Longer than it takes to build an image on a slow computer.
const BUILDING: u32 = 30;

/// From nothing at all to the member table, with Enter alone.
pub(crate) fn enter_alone_leads_from_nothing_to_the_member_table(lab: &Lab) {
    lab.nothing();
    let (dir, release) = (lab.dir().display().to_string(), lab.release().to_string());
    let subnet = lab.subnet();
    let words = ["practice", "--dir", &dir, "--release", &release, "--subnet", &subnet];
    let mut session = Session::start(Path::new(env!("CARGO_BIN_EXE_quorate")), &words, (80, 24));
    session.wait_for("Enter practise");
    session.press("\r");
    session.wait_for("Building the machines");
    session.wait_longer("Enter go on", BUILDING);
    session.press("\r");
    session.wait_longer("Enter guided", 3);
    assert!(session.shows().contains("PRACTICE · nothing changed yet"), "{}", session.shows());
    session.press("\r");
    for (step, next) in [(2, "Install"), (3, "Configure"), (4, "Start"), (5, "Verify")] {
        session.wait_for("Enter do it on all");
        session.press("\r");
        session.wait_longer(&format!("Step {step} of 6 is done and proved on all 5."), 6);
        session.wait_for(&format!("Enter on to {next}"));
        session.press("\r");
    }
    session.wait_for("Enter do it on all");
    session.press("\r");
    session.wait_longer("Your cluster stands.", 3);
    assert!(session.shows().contains("PRACTICE · healthy"), "{}", session.shows());
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0);
    assert!(screen.contains("healthy, 5 of 5, proved"), "{screen}");
    session.assert_sane();
}

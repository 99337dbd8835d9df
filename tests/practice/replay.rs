//! Replay and film equal life: the last screen of a real run, cell by cell, is the last one of its
//! replay, and the last picture of its film.

use std::{path::Path, time::Duration};

use quorate::export::film::{Take, still};
use tempfile::TempDir;

use super::{
    lab::Lab,
    run::{log, stamped},
};
use crate::session::Session;

/// As often as a page may take: longer than a whole run does on a busy computer.
const RUN: u32 = 12;
/// Nothing more comes if nothing came for so long.
const SETTLED: Duration = Duration::from_secs(1);
/// From this row on the page is as wide as the window.
const BODY: usize = 21;

/// The cells of the page, each with its character and its look, row by row: not the header with its
/// clock; not the line with the bar, what is said and the hints, which are of the replay. Nor the
/// side of a wide window, where a replay has its chapters.
fn page(session: &mut Session, (columns, rows): (usize, usize)) -> Vec<Vec<String>> {
    // A frame is there when nothing more comes: neither of the two writes anything by itself now.
    while session.read(SETTLED) {}
    let cell = |cell: &avt::Cell| format!("{:?} {:?}", cell.char(), cell.pen());
    let beside_side = |row: usize| columns > 107 && row < BODY;
    let row = |(row, line): (usize, &avt::Line)| {
        let width = if beside_side(row) { columns - 40 } else { columns };
        line.cells().iter().take(width).map(cell).collect()
    };
    let lines = session.screen.screen().visible_lines().enumerate();
    lines.take(rows - 3).skip(1).map(row).collect()
}

/// The characters of the whole window, but for the header with its clock.
fn text(session: &Session) -> Vec<String> {
    let lines = session.screen.screen().visible_lines();
    lines.skip(1).map(|line| line.cells().iter().map(avt::Cell::char).collect()).collect()
}

/// The same of the last picture that a film of the one log there has.
fn filmed(state: &Path, (columns, rows): (u16, u16)) -> Vec<String> {
    let events = stamped(&log(state));
    let picture = still(&events, u64::MAX, &Take { columns, rows, ..Take::default() });
    let rows = picture.content.chunks(columns.into()).skip(1);
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
}

fn open(words: &[&str], state: &Path, (columns, rows): (u16, u16)) -> Session {
    let program = Path::new(env!("CARGO_BIN_EXE_quorate"));
    let state = state.display().to_string();
    Session::begin(program, words, (columns, rows), &[("QUORATE_STATE", &state), ("TZ", "UTC")])
}

/// A run that makes a cluster, and one that only asks it; in a small window and in a large one.
pub(crate) fn replay_equals_life_in_every_cell(lab: &Lab) {
    lab.up();
    for size @ (columns, rows) in [(80, 24), (120, 40)] {
        lab.taken_back(false);
        let cells = (usize::from(columns), usize::from(rows));
        let state = TempDir::new().expect("a folder");
        let mut life = open(&["up", &lab.file()], state.path(), size);
        life.wait_longer("▸ Guided", RUN);
        life.press("\x1b[D");
        life.wait_for("Enter go");
        life.press("\r");
        life.wait_longer("Your cluster stands.", RUN);
        life.wait_for("Enter ");
        let (lived, seen) = (page(&mut life, cells), text(&life));
        life.press("q");
        assert_eq!(life.end().0, 0);
        assert_eq!(filmed(state.path(), size), seen);

        let mut replay = open(&["replay", "last"], state.path(), size);
        replay.wait_for("Space pause");
        replay.press("\x1b[F");
        replay.wait_for("Your cluster stands.");
        replay.wait_for("Its end.");
        let again = page(&mut replay, cells);
        for (row, (live, again)) in lived.iter().zip(&again).enumerate() {
            let differs = live.iter().zip(again).position(|(live, again)| live != again);
            let at = differs.map(|at| (at, &live[at], &again[at]));
            assert_eq!(at, None, "row {}: {}\n{}", row + 1, life.shows(), replay.shows());
        }
        assert_eq!(lived.len(), again.len());
        replay.press("q");
        assert_eq!(replay.end().0, 0);
    }
}

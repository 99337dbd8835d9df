//! Every page at every size.

use crossterm::event::KeyCode;
use quorate::{
    app::{Model, Msg, update},
    event::Stamped,
    ui,
};

use super::{
    AGREES, FOREIGN_DATA, HEALTHY, NO_PACKAGES,
    access::{access, password},
    at, certificates, draw,
    drill::{DRILL, drill},
    failure::failure,
    key, play,
    review::review_diffs,
    wizard::{nodes, welcome},
};

/// Every page at every size people have, and at those they do not have.
#[test]
fn no_size_breaks_a_page() {
    use KeyCode::Char;
    let mut models = Vec::new();
    for (log, ms) in [
        ("", 0),
        (HEALTHY, 100),
        (HEALTHY, 500),
        (HEALTHY, 3000),
        (HEALTHY, u64::MAX),
        (NO_PACKAGES, u64::MAX),
        (FOREIGN_DATA, u64::MAX),
    ] {
        models.push(at(log, ms));
        for ch in ['?', 'w', 'l', 'q', 't'] {
            let mut model = at(log, ms);
            key(&mut model, Char(ch));
            models.push(model);
        }
    }
    models.extend([welcome(), nodes(), access(), password()]);
    models.extend([certificates::page(), certificates::wrong()]);
    models.extend([8_000, 10_900, 12_000, 40_000, 157_000].map(drill));
    models.push(play(HEALTHY, &[(800, &[KeyCode::Enter])], 1110));
    models.extend([failure(), review_diffs()]);
    // Each size once, with the pages taking turns; the sizes where something changes, all pages.
    let mut turns = models.iter().cycle();
    for (width, height) in (0..=130).flat_map(|w| (0..=45).map(move |h| (w, h))) {
        draw(turns.next().expect("models go round"), width, height);
    }
    for model in &models {
        for width in [0, 1, 59, 60, 61, 79, 80, 107, 108, 130] {
            for height in [0, 1, 2, 3, 15, 16, 24, 31, 32, 45] {
                draw(model, width, height);
            }
        }
    }
}

/// The whole run, drawn after every event, to the farewell.
#[test]
fn every_moment_of_a_run_can_be_drawn() {
    for log in [HEALTHY, NO_PACKAGES, FOREIGN_DATA, AGREES, DRILL] {
        let mut model = Model::default();
        for line in log.lines() {
            let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
            update(&mut model, Msg::Run(Box::new(stamped)));
            draw(&model, 80, 24);
        }
        assert!(!ui::farewell::lines(&model, 80).is_empty());
    }
}

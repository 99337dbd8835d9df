//! Every page at every size.

use std::thread;

use crossterm::event::KeyCode;
use quorate::{
    app::{Effect, Model, Msg, Overlay, Page, page::guided, update},
    event::{RunEvent, Stamped},
    ui,
};

use super::{
    AGREES, FOREIGN_DATA, HEALTHY, NO_PACKAGES,
    access::{access, password},
    at, certificates, draw,
    drill::{DRILL, drill},
    failure::failure,
    key, play,
    replay::{BY_HAND, replayed},
    review::review_diffs,
    wizard::{building, etcd, nodes, welcome},
};

/// The page after that one: whoever adds a page is told here that it must be drawn as well.
fn next(page: Page) -> Option<Page> {
    match page {
        Page::Welcome => Some(Page::Building),
        Page::Building => Some(Page::Nodes),
        Page::Nodes => Some(Page::Access),
        Page::Access => Some(Page::Certificates),
        Page::Certificates => Some(Page::Etcd),
        Page::Etcd => Some(Page::Review),
        Page::Review => Some(Page::Run),
        Page::Run => Some(Page::Guided),
        Page::Guided => Some(Page::ByHand),
        Page::ByHand => Some(Page::Failure),
        Page::Failure => Some(Page::Result),
        Page::Result => Some(Page::Drill),
        Page::Drill => None,
    }
}

/// How that page can look, the fullest first.
fn looks(page: Page) -> Vec<Model> {
    let end = u64::MAX;
    let enter: &[(u64, &[KeyCode])] = &[(800, &[KeyCode::Enter])];
    match page {
        Page::Welcome => vec![welcome()],
        Page::Building => building().into(),
        Page::Nodes => vec![nodes()],
        Page::Access => vec![access(), password()],
        Page::Certificates => {
            vec![certificates::wrong(), certificates::page(), certificates::answered()]
        }
        Page::Etcd => vec![etcd()],
        Page::Review => {
            vec![review_diffs(), at(HEALTHY, 500), at(NO_PACKAGES, 500), replayed(HEALTHY, 500)]
        }
        Page::Run => {
            vec![at(HEALTHY, 3000), replayed(HEALTHY, 7140), at("", 0), at(HEALTHY, 100)]
        }
        Page::Guided => vec![play(HEALTHY, enter, 1110), play(HEALTHY, enter, 500)],
        Page::ByHand => vec![by_hand(true), by_hand(false)],
        Page::Failure => vec![failure(), at(NO_PACKAGES, end), at(FOREIGN_DATA, end)],
        Page::Result => {
            vec![at(DRILL, 8_000), replayed(DRILL, end), at(HEALTHY, end), at(AGREES, end)]
        }
        Page::Drill => [10_900, 8_000, 12_000, 40_000, 157_000].map(drill).into(),
    }
}

/// A step under way in a person's hands, with the keys in the shell or at the lesson.
fn by_hand(in_shell: bool) -> Model {
    let watched = BY_HAND.lines().find_map(|line| {
        let stamped: Stamped = serde_json::from_str(line).expect("an event of a run");
        matches!(stamped.event, RunEvent::Watched { .. }).then_some(stamped.ms)
    });
    let mut model = at(BY_HAND, watched.expect("a look"));
    (model.can.by_hand, model.page) = (true, Page::Guided);
    let watch = model.run.nodes.iter().find_map(|n| n.watch.as_ref());
    model.guided.step = watch.map(|watch| watch.step);
    let ways = guided::ways(&model);
    let hand = ways.iter().position(|w| matches!(w, guided::Way::ByHand(_))).expect("a way");
    (0..hand).for_each(|_| key(&mut model, KeyCode::Down));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::TakeOver { .. })));
    update(&mut model, Msg::Shell(b"root@icc-etcd-1:~# ls /etc/etcd\r\nca.pem\r\n".to_vec()));
    if !in_shell {
        key(&mut model, KeyCode::F(2));
    }
    model
}

/// At every size that people have and that they do not have: each page, and at the sizes where
/// something changes also its other looks and what can lie over it.
#[test]
fn no_size_breaks_a_page() {
    let pages = std::iter::successors(Some(Page::Welcome), |page| next(*page));
    thread::scope(|scope| {
        for page in pages {
            scope.spawn(move || at_all_sizes(page));
        }
    });
}

fn at_all_sizes(page: Page) {
    let mut looks = looks(page);
    for model in &looks {
        assert_eq!(model.page, page, "{}", draw(model, 80, 24).backend());
    }
    let mut fullest = looks.remove(0);
    for (width, height) in (0..=130).flat_map(|w| (0..=45).map(move |h| (w, h))) {
        fit(&mut fullest, width, height);
    }
    let over = [
        Overlay::Help,
        Overlay::Why,
        Overlay::Log,
        Overlay::Table,
        Overlay::Script,
        Overlay::Looked,
    ];
    for overlay in over.map(Some).into_iter().chain([None]) {
        for model in looks.iter_mut().chain([&mut fullest]) {
            model.overlay = overlay;
            for width in [0, 1, 59, 60, 80, 107, 108, 130] {
                for height in [0, 1, 3, 15, 16, 24, 32, 45] {
                    fit(model, width, height);
                }
            }
        }
    }
    key(&mut fullest, KeyCode::Char('q'));
    for (width, height) in [(0, 0), (1, 1), (20, 5), (60, 16), (80, 24)] {
        fit(&mut fullest, width, height);
    }
}

/// As the terminal does it: first it says how large it is.
fn fit(model: &mut Model, width: u16, height: u16) {
    update(model, Msg::Resized(width, height));
    draw(model, width, height);
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

//! A run as it is lived, shown again and filmed: one view of one state.

use std::time::Duration;

use crossterm::event::KeyCode::{self, Char, Down, Enter, Esc, F};
use quorate::{
    app::{
        Can, Effect, Model, Msg, Order, Page, Setting,
        page::replay::{State, open},
        update,
    },
    event::{RunEvent, RunState, Stamped},
    export::film::{Take, still},
    ui,
};
use ratatui::{Terminal, backend::TestBackend};

use super::{AGREES, FOREIGN_DATA, HEALTHY, NO_PACKAGES, drill::DRILL, replay::BY_HAND};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A window's rows, each cell with its looks.
fn rows(model: &Model, (columns, rows): (u16, u16)) -> Vec<String> {
    let mut screen = Terminal::new(TestBackend::new(columns, rows)).expect("test backend");
    screen.draw(|frame| ui::view(model, frame)).expect("test backend");
    cells(screen.backend().buffer())
}

fn cells(buffer: &ratatui::buffer::Buffer) -> Vec<String> {
    let row = |cells: &[ratatui::buffer::Cell]| {
        let looks = |c: &ratatui::buffer::Cell| format!("{}{:?}{:?}", c.symbol(), c.fg, c.modifier);
        cells.iter().map(looks).collect()
    };
    buffer.content.chunks(buffer.area.width.into()).map(row).collect()
}

/// Somebody at the screen of a run, and what is written down of it.
struct Life {
    model: Model,
    written: Vec<Stamped>,
}

impl Life {
    fn new(window: (u16, u16)) -> Self {
        let mut model = Model::default();
        update(&mut model, Msg::Resized(window.0, window.1));
        Self { model, written: Vec::new() }
    }

    fn happens(&mut self, stamped: Stamped) {
        if let RunEvent::RunStarted(started) = &stamped.event {
            self.model.can = Can::of(started.intent);
            let practice = started.practice;
            self.model.setting = if practice { Setting::Practice } else { Setting::Live };
        }
        update(&mut self.model, Msg::Tick(Duration::from_millis(stamped.ms)));
        self.written.push(stamped.clone());
        update(&mut self.model, Msg::Run(Box::new(stamped)));
    }

    /// What the engine makes of the orders that are for the log alone.
    fn presses(&mut self, code: KeyCode, ms: u64) {
        for effect in update(&mut self.model, Msg::Key(code.into())) {
            let event = match effect {
                Effect::Order(Order::Looked(looked)) => RunEvent::Looked(looked),
                Effect::Order(Order::Hinted { node, task, hint }) => {
                    RunEvent::Hinted { node, task, hint }
                }
                _ => continue,
            };
            self.happens(Stamped { ms, event });
        }
    }
}

/// Lives that run with those keys, and compares the whole picture with the film's, and its page
/// with that of the replay, after every so many events. Gives the pages that were compared.
fn compare(log: &str, keys: &[(u64, &[KeyCode])], every: usize, window: (u16, u16)) -> Vec<Page> {
    let mut life = Life::new(window);
    let mut keys = keys.iter().peekable();
    let mut pages = Vec::new();
    let events: Vec<Stamped> =
        log.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    for (at, stamped) in events.iter().enumerate() {
        while let Some((ms, pressed)) = keys.next_if(|(ms, _)| *ms < stamped.ms) {
            pressed.iter().for_each(|code| life.presses(*code, *ms));
        }
        life.happens(stamped.clone());
        let last = events.get(at + 1).is_none_or(|next| next.ms > stamped.ms);
        let last_of_all = at + 1 == events.len();
        if !last || (!at.is_multiple_of(every) && !last_of_all) {
            continue;
        }
        let ms = stamped.ms;
        let page = life.model.page;
        // Which page lies open before a drill begins is nobody's to tell.
        let begun = life.model.run.drill.as_ref().is_some_and(|drill| !drill.ended);
        if page == Page::Drill && !begun {
            continue;
        }
        // Of a shell nothing is written down.
        let most = if page == Page::ByHand { 10 } else { usize::from(window.1) };
        let lived = rows(&life.model, window);
        let take = Take { columns: window.0, rows: window.1, ..Take::default() };
        let filmed = cells(&still(&life.written, ms, &take));
        let mut run = RunState::default();
        life.written.iter().for_each(|s| run.apply(s.ms, &s.event));
        let mut again = Model::default();
        update(&mut again, Msg::Resized(window.0, window.1));
        let again = rows(&open(again, State::default(), run, false), window);
        for (row, cells) in lived.iter().enumerate().take(most) {
            assert!(filmed.get(row) == Some(cells), "film, {ms} ms, row {row}: {page:?}");
            // A replay has its own header, side, and last rows.
            let body = (1..usize::from(window.1) - 3).contains(&row) && window.0 < 108;
            assert!(!body || again.get(row) == Some(cells), "replay, {ms} ms, row {row}: {page:?}");
        }
        pages.push(page);
    }
    pages
}

#[test]
fn a_run_at_once_is_shown_again_and_filmed_as_it_was() {
    for window in SIZES {
        for (log, ends) in [
            (HEALTHY, Page::Result),
            (NO_PACKAGES, Page::Failure),
            (FOREIGN_DATA, Page::Failure),
            (AGREES, Page::Result),
        ] {
            let pages = compare(log, &[], 7, window);
            assert_eq!(pages.last(), Some(&ends));
            assert!(pages.len() > 3, "{pages:?}");
        }
    }
}

/// The lesson with the ways on from it, a step in the person's own hands with a hint, the verdict.
#[test]
fn a_run_step_by_step_is_shown_again_and_filmed_as_it_was() {
    // By hand: the third way; F2 leads to the lesson.
    let by_hand: &[KeyCode] = &[Down, Down, Enter, F(2)];
    let keys: &[(u64, &[KeyCode])] = &[
        (800, &[Enter]),
        (820, by_hand),
        (2200, &[Enter]),
        (2301, &[Enter]),
        (2500, &[Enter]),
        (2520, by_hand),
        (3000, &[Char('h')]),
        (29_430, &[Enter]),
    ];
    for window in SIZES {
        let pages = compare(BY_HAND, keys, 3, window);
        for page in [Page::Review, Page::Guided, Page::ByHand, Page::Result] {
            assert!(pages.contains(&page), "{page:?}: {pages:?}");
        }
    }
}

#[test]
fn a_drill_is_shown_again_and_filmed_as_it_was() {
    let keys: &[(u64, &[KeyCode])] = &[(8_000, &[Enter]), (200_000, &[Esc])];
    for window in SIZES {
        let pages = compare(DRILL, keys, 40, window);
        assert!(pages.iter().filter(|page| **page == Page::Drill).count() > 10, "{pages:?}");
        assert!(pages.contains(&Page::Result), "{pages:?}");
    }
}

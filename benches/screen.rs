//! How long the screen takes: a full window of 200×60 is to be drawn within a millisecond, and a
//! million lines must neither slow it down nor be kept.

use divan::{Bencher, black_box};
use quorate::{
    app::{Model, Msg, update},
    event::{RunEvent, Stamped, TaskId},
    ui,
};
use ratatui::{Terminal, backend::TestBackend};

const LOG: &str = include_str!("../tests/screens/healthy.ndjson");

fn main() {
    divan::main();
}

fn at(ms: u64) -> Model {
    let mut model = Model::default();
    for stamped in LOG.lines().filter_map(|line| serde_json::from_str::<Stamped>(line).ok()) {
        if stamped.ms <= ms {
            update(&mut model, Msg::Run(Box::new(stamped)));
        }
    }
    model
}

/// A flood of output: one event as the engine batches it.
fn flood(ms: u64) -> Option<Stamped> {
    let node = "icc-etcd-1".parse().ok()?;
    let task: TaskId = "install.packages".parse().ok()?;
    let lines =
        vec!["Unpacking etcd-server (3.4.23-4+b4) over a line that is long".to_owned(); 500];
    Some(Stamped { ms, event: RunEvent::Output { node, task, lines, left_out: 0 } })
}

#[divan::bench(args = [(80, 24), (120, 40), (200, 60)])]
fn draw_the_run(bencher: Bencher<'_, '_>, (width, height): (u16, u16)) {
    let model = at(3000);
    let screen = Terminal::new(TestBackend::new(width, height));
    let Ok(mut screen) = screen;
    bencher.bench_local(move || screen.draw(|frame| ui::view(&model, frame)).map(|_| ()));
}

#[divan::bench]
fn draw_the_result(bencher: Bencher<'_, '_>) {
    let model = at(u64::MAX);
    let Ok(mut screen) = Terminal::new(TestBackend::new(200, 60));
    bencher.bench_local(move || screen.draw(|frame| ui::view(&model, frame)).map(|_| ()));
}

/// A million lines in batches of 500, with a frame for each batch.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn take_a_million_lines(bencher: Bencher<'_, '_>) {
    let mut model = at(3000);
    let Ok(mut screen) = Terminal::new(TestBackend::new(80, 24));
    bencher.bench_local(move || {
        for ms in 3000..5000 {
            if let Some(stamped) = flood(ms) {
                black_box(update(&mut model, Msg::Run(Box::new(stamped))).len());
            }
            let _ = screen.draw(|frame| ui::view(&model, frame));
        }
    });
}

//! The run screen, fed from a run log in its own time: `screen LOG [draw|worker|hold]`.
//!
//! For looking at, and for the pty tests: `draw` panics on the drawing thread, `worker` on the one
//! that feeds, once the log is at its end; `hold` keeps the run from ending.

use std::{
    io,
    process::ExitCode,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use quorate::{
    app::{Exit, Model, Order, Setting},
    event::{Ended, RunEvent, Stamped},
    tui, ui,
};

fn main() -> io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let log = arguments.next().unwrap_or_else(|| "tests/screens/healthy.ndjson".to_owned());
    let then = arguments.next().unwrap_or_default();
    let log = std::fs::read_to_string(log)?;
    let log: Vec<Stamped> = log.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let practice =
        log.iter().any(|s| matches!(&s.event, RunEvent::RunStarted(started) if started.practice));
    let setting = if practice { Setting::Practice } else { Setting::Live };
    let (events, arriving) = channel();
    let (orders, ordered) = channel();
    let (_prompter, questions) = tui::prompter();
    let play = then.clone();
    thread::Builder::new()
        .name("player".to_owned())
        .spawn(move || feed(log, &events, &ordered, &play))?;
    let look = tui::look(|name| std::env::var(name).ok());
    let model = Model { setting, look, ..Model::default() };
    let link =
        tui::Link { events: arriving, orders, questions, keep: None, hands: None, archive: None };
    let outcome = tui::run_screen_with(model, link, |model, frame| {
        assert!(then != "draw" || model.run.ended.is_none(), "as the test asked: draw");
        ui::view(model, frame);
    })?;
    Ok(ExitCode::from(u8::from(outcome.exit == Exit::Terminated)))
}

/// Sends each event when its time has come; an order to stop ends the run.
fn feed(log: Vec<Stamped>, events: &Sender<Stamped>, orders: &Receiver<Order>, then: &str) {
    let began = Instant::now();
    for stamped in log {
        let last = matches!(stamped.event, RunEvent::RunEnded { .. });
        let wait = Duration::from_millis(stamped.ms).saturating_sub(began.elapsed());
        let ended = stopped(orders, wait)
            || last && then == "hold" && stopped(orders, Duration::from_hours(1));
        if ended {
            let event = RunEvent::RunEnded { ended: Ended::Stopped };
            drop(events.send(Stamped { ms: stamped.ms, event }));
            return;
        }
        assert!(!last || then != "worker", "as the test asked: worker");
        if events.send(stamped).is_err() {
            return;
        }
    }
}

fn stopped(orders: &Receiver<Order>, wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        match orders.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Order::Stop { .. }) | Err(RecvTimeoutError::Disconnected) => return true,
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}

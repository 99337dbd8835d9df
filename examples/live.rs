//! The run screen on a real cluster: `live CLUSTER.TOML`. What the command line does for `up`.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::{Arc, mpsc::channel},
    thread,
};

use quorate::{
    app::{Model, Setting},
    cluster::file,
    event::Intent,
    practice,
    run::{self, Plan, Vault, enter::OverSsh},
    tui,
};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which cluster.toml?")?;
    let path = Path::new(&path);
    let dir = path.parent().unwrap_or(Path::new("."));
    let read = file::read(&std::fs::read_to_string(path)?, dir, std::env::home_dir().as_deref())?;
    let cluster = Arc::new(read.cluster);
    let practice = practice::owns(dir);
    let now = jiff::Timestamp::now();
    let plan = Plan {
        vault: Arc::new(Vault::open(&cluster)?),
        cluster: Arc::clone(&cluster),
        intent: Intent::Up,
        practice,
        go: false,
        aside: std::collections::BTreeSet::new(),
        remove_packages: false,
        nonce: format!("{:x}", now.as_nanosecond()),
        soon_days: 30,
        at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        at_unix: now.as_second(),
    };
    let (prompter, questions) = tui::prompter();
    let connect = OverSsh::new(Arc::clone(&cluster), Arc::new(prompter), false);
    let run = run::start(plan, Arc::new(connect))?;
    let (events, arriving) = channel();
    let orders = run.orders.clone();
    // The log gets everything, also what happens after the screen is left.
    let keeper = thread::spawn(move || -> io::Result<()> {
        let mut log = std::env::var_os("QUORATE_LOG").map(std::fs::File::create).transpose()?;
        for stamped in &run.events {
            if let Some(log) = &mut log {
                serde_json::to_writer(&mut *log, &stamped)?;
                log.write_all(b"\n")?;
            }
            drop(events.send(stamped));
        }
        run.join();
        Ok(())
    });
    let model = Model {
        setting: if practice { Setting::Practice } else { Setting::Live },
        look: tui::look(|name| std::env::var(name).ok()),
        ..Model::default()
    };
    let outcome = tui::run_screen(model, tui::Link { events: arriving, orders, questions })?;
    if let Err(error) = keeper.join().unwrap_or(Ok(())) {
        return Err(error.into());
    }
    Ok(ExitCode::from(u8::from(outcome.ended.is_none())))
}

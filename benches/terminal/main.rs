//! How fast the screen is for the person before it, in a real pty, against its limits.
//!
//! `cargo bench --bench terminal` prints a table; with `-- --assert` it fails where a limit is
//! missed. The first frame is the program's own; the flood goes through the real engine and the
//! real loop, and only the node that floods is pretended. `QUORATE` names another program.
#![expect(clippy::print_stdout, reason = "a table is what a bench is for")]
#![expect(clippy::print_stderr, reason = "what is going on, meanwhile")]

mod flooded;
mod pty;
mod table;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use quorate::{
    app::{Model, Msg, update},
    event::Stamped,
    ui,
};
use ratatui::{Terminal, backend::TestBackend};
use rustix::time::{ClockId, clock_gettime};

use self::{pty::Pty, table::Row};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    if let Some(cluster) = env::var_os(flooded::CLUSTER) {
        return flooded::screen(Path::new(&cluster));
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal");
    fs::create_dir_all(&place)?;
    let mut rows = vec![first_frame(&place)?, draw()];
    rows.extend(idle(&place)?);
    rows.extend(flood(&place)?);
    table::print(rows)
}

fn quorate() -> PathBuf {
    env::var_os("QUORATE").map_or_else(|| env!("CARGO_BIN_EXE_quorate").into(), PathBuf::from)
}

/// The processor time of this thread.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Of 100, how many are at most that long; the last one for 100.
fn of_hundred(mut times: Vec<f64>, n: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len() * n).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or(f64::INFINITY)
}

/// From exec to the end of the first frame: the middle one of 21.
fn first_frame(place: &Path) -> Result<Row> {
    eprintln!("first frame");
    let mut times = Vec::new();
    for _ in 0..21 {
        let began = Instant::now();
        let mut pty = Pty::start(&quorate(), &[], &[("QUORATE_STATE", &place.join("empty"))])?;
        pty.wait_for("the first frame", |pty| pty.wrote("\u{1b}[?2026l"))?;
        times.push(ms(pty.last_read - began));
    }
    Ok(Row("first frame after exec".to_owned(), of_hundred(times, 50), 60.0, "ms"))
}

/// A full window, with another model each time. In the thread's own time: whatever else the computer
/// does meanwhile is not drawing.
fn draw() -> Row {
    eprintln!("drawing");
    let mut model = Model::default();
    let log = include_str!("../../tests/screens/healthy.ndjson").lines();
    let log: Vec<Stamped> = log.filter_map(|line| serde_json::from_str(line).ok()).collect();
    let Ok(mut screen) = Terminal::new(TestBackend::new(200, 60));
    let mut times = Vec::new();
    for _ in 0..20 {
        for stamped in &log {
            update(&mut model, Msg::Run(Box::new(stamped.clone())));
            let began = cpu_time();
            let _ = screen.draw(|frame| ui::view(&model, frame));
            times.push(ms(cpu_time().saturating_sub(began)));
        }
    }
    Row("drawing 200×60, 99 of 100".to_owned(), of_hundred(times, 99), 1.0, "ms")
}

/// The first page, left alone.
fn idle(place: &Path) -> Result<[Row; 2]> {
    eprintln!("idle");
    let mut pty = Pty::start(&quorate(), &[], &[("QUORATE_STATE", &place.join("empty"))])?;
    pty.wait_for("the first frame", |pty| pty.wrote("\u{1b}[?2026l"))?;
    // Until what it looks at on this computer has been looked at.
    while pty.read(Duration::from_secs(3))? {}
    let (cpu, bytes) = (pty.cpu()?, pty.raw.len());
    let began = Instant::now();
    while let Some(left) = IDLE.checked_sub(began.elapsed()) {
        pty.read(left)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "few bytes")]
    let written = (pty.raw.len() - bytes) as f64;
    let share = (pty.cpu()? - cpu) / began.elapsed().as_secs_f64() * 100.0;
    Ok([
        Row("CPU while nothing happens".to_owned(), share, 0.2, "%"),
        Row("written meanwhile".to_owned(), written, 0.0, "bytes"),
    ])
}

/// Help is opened and closed again and again while a node says a million lines.
fn flood(place: &Path) -> Result<[Row; 2]> {
    eprintln!("a flood");
    let dir = place.join("cluster");
    fs::create_dir_all(&dir)?;
    let file = dir.join("cluster.toml");
    fs::write(&file, flooded::cluster_file())?;
    if !dir.join("ca.pem").exists() {
        let mut certs = Command::new(quorate());
        certs.args(["certs", "issue"]).arg(&file).arg("--into").arg(&dir);
        if !certs.output()?.status.success() {
            return Err(format!("{certs:?} failed").into());
        }
    }
    let said = dir.join("said");
    fs::write(&said, "0")?;
    let vars = [(flooded::CLUSTER, file.as_path()), (flooded::SAID, said.as_path())];
    let mut pty = Pty::start(&env::current_exe()?, &[], &vars)?;
    let lines = || fs::read_to_string(&said).ok().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    pty.wait_for("the flood", |_| lines() > 0)?;
    let mut times = Vec::new();
    while times.len() < 300 || lines() < flooded::LINES {
        let open = times.len() % 2 == 0;
        let began = Instant::now();
        pty.press(if open { "?" } else { "\u{1b}" })?;
        pty.wait_for("the help", |pty| pty.shows("Keys on this page") == open)?;
        times.push(ms(pty.last_read - began));
        // No two keys in the same frame.
        thread::sleep(Duration::from_millis(7 * (times.len() as u64 % 10)));
    }
    let memory = pty.peak_memory()?;
    eprintln!("{} lines while {} keys were pressed", lines(), times.len());
    Ok([
        Row("key to frame in a flood, 99 of 100".to_owned(), of_hundred(times, 99), 20.0, "ms"),
        Row("memory after a million lines".to_owned(), memory, 40.0, "MB"),
    ])
}

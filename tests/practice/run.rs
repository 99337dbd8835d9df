//! A run of the program: its end, or while it is under way.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, Output},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use quorate::event::{RunEvent, Stamped, Step, TaskOutcome};

use crate::session::{LONG, Session};

/// Longer than any run takes on a busy computer.
const LIMIT: Duration = Duration::from_mins(4);

/// A run that has ended.
pub(crate) struct Ran {
    /// The exit code; 128 and the signal, if it was killed.
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Ran {
    pub(crate) fn new(output: &Output, took: Duration) -> Self {
        let signal = || 128 + output.status.signal().unwrap_or_default();
        Self {
            code: output.status.code().unwrap_or_else(signal),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            took,
        }
    }

    /// It must have ended so.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// It must have said this.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.out.contains(words) || self.err.contains(words), "{words}: {}", self.all());
        self
    }

    /// All it said.
    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }

    /// Its events, if it was asked for them.
    pub(crate) fn events(&self) -> Vec<RunEvent> {
        events(&self.out)
    }
}

/// The events of a log.
pub(crate) fn stamped(log: &str) -> Vec<Stamped> {
    log.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

/// What happened, without the times.
pub(crate) fn events(log: &str) -> Vec<RunEvent> {
    stamped(log).into_iter().map(|stamped| stamped.event).collect()
}

/// The one run log in that folder.
#[track_caller]
pub(crate) fn log(state: &Path) -> String {
    let runs = fs::read_dir(state.join("runs/practice")).expect("runs").flatten().map(|e| e.path());
    let logs: Vec<_> = runs.filter(|p| p.extension().is_some_and(|e| e == "ndjson")).collect();
    let [log] = logs.as_slice() else { panic!("one log: {logs:?}") };
    fs::read_to_string(log).expect("a log")
}

/// Presses that arrow until the page shows these words.
#[track_caller]
pub(crate) fn choose(session: &mut Session, arrow: &str, words: &str) {
    let end = Instant::now() + LONG;
    while !session.shows().contains(words) {
        assert!(Instant::now() < end, "no {words:?} on\n{}", session.shows());
        session.press(arrow);
        let before = session.shows();
        let soon = Instant::now() + Duration::from_secs(2);
        while session.shows() == before && Instant::now() < soon {
            session.read(Duration::from_millis(50));
        }
    }
}

/// How the tasks of a run ended, by node, step and task.
pub(crate) fn tasks(events: &[RunEvent]) -> Vec<(String, TaskOutcome)> {
    let ended = |event: &RunEvent| match event {
        RunEvent::TaskEnded { node, task, outcome, .. } => {
            Some((format!("{node} {task}"), outcome.clone()))
        }
        _ => None,
    };
    events.iter().filter_map(ended).collect()
}

/// Whether that task has ended on some node.
pub(crate) fn ended(event: &RunEvent, step: Step, name: &str) -> bool {
    matches!(event, RunEvent::TaskEnded { task, .. } if task.step == step && task.name == name)
}

/// An `up` that is under way. Killed when dropped.
pub(crate) struct Going {
    child: Child,
    events: Receiver<String>,
    pub(crate) seen: Vec<RunEvent>,
}

impl Drop for Going {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Going {
    pub(crate) fn new(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (tx, events) = mpsc::channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| tx.send(l)));
        Self { child, events, seen: Vec::new() }
    }

    /// Reads on until an event like that happens; the run must not end before.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&RunEvent) -> bool) {
        loop {
            let line = self.events.recv_timeout(LIMIT);
            let Ok(line) = line else { panic!("{what}: {line:?}, after {:?}", self.seen.last()) };
            let stamped: Stamped = serde_json::from_str(&line).expect("an event");
            let found = holds(&stamped.event);
            self.seen.push(stamped.event);
            if found {
                return;
            }
        }
    }

    /// Kills it as nothing can prevent.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("its end");
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().is_ok_and(|s| s.success()));
    }

    /// Reads on to its end: the exit code.
    pub(crate) fn end(&mut self) -> i32 {
        self.until("its end", |event| matches!(event, RunEvent::RunEnded { .. }));
        let status = self.child.wait().expect("its end");
        status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
    }
}

//! A program in a pty, with an emulator that reads what it writes.

use std::{
    io::{Read, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use portable_pty::{
    ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a machine that is busy with other things.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// The program, with a terminal around it.
pub(crate) struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    reader: Option<JoinHandle<()>>,
    closing: Arc<AtomicBool>,
    exit: Receiver<ExitStatus>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    pub(crate) pid: Pid,
    pub(crate) screen: avt::Terminal,
    /// Everything the program wrote.
    raw: Vec<u8>,
    /// Where the program keeps its logs.
    _state: tempfile::TempDir,
    /// How much of that the screen shows.
    shown: usize,
}

impl Session {
    /// The program with these words, in a window of that many columns and rows.
    pub(crate) fn start(program: &Path, arguments: &[&str], size: (u16, u16)) -> Self {
        Self::begin(program, arguments, size, &[])
    }

    /// The same with changes to its environment; with `cd`, in that folder.
    pub(crate) fn begin(
        program: &Path,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env_remove("LC_ALL");
        command.env_remove("NO_COLOR");
        command.env_remove("RUST_BACKTRACE");
        let state = tempfile::tempdir().expect("a directory");
        command.env("QUORATE_STATE", state.path());
        for (name, value) in environment {
            match *name {
                "cd" => command.cwd(value),
                name => command.env(name, value),
            }
        }
        let mut child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let killer = child.clone_killer();
        let pid = child.process_id().and_then(|pid| i32::try_from(pid).ok());
        let pid = pid.and_then(Pid::from_raw).expect("a process id");
        let (exited, exit) = channel();
        thread::spawn(move || drop(child.wait().map(|status| exited.send(status))));
        let closing = Arc::new(AtomicBool::new(false));
        let (bytes, output) = channel();
        let mut tty = pair.master.try_clone_reader().expect("a reader");
        let closed = Arc::clone(&closing);
        let reader = thread::spawn(move || {
            let mut buf = [0; 4096];
            while let Ok(n @ 1..) = tty.read(&mut buf) {
                let gone = bytes.send(buf.get(..n).unwrap_or_default().to_vec()).is_err();
                if gone || closed.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().expect("a writer");
        let screen = avt::Terminal::new(columns.into(), rows.into()).expect("a screen");
        Self {
            master: Some(pair.master),
            keys: Some(keys),
            output,
            reader: Some(reader),
            closing,
            exit,
            killer,
            pid,
            screen,
            raw: Vec::new(),
            _state: state,
            shown: 0,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let tty = self.keys.as_mut().expect("open");
        tty.write_all(keys.as_bytes()).and_then(|()| tty.flush()).expect("the pty takes keys");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the program is there");
    }

    /// Reads what came; false if nothing did for that time.
    pub(crate) fn read(&mut self, wait: Duration) -> bool {
        match self.output.recv_timeout(wait) {
            Ok(bytes) => {
                self.raw.extend(bytes);
                let fresh = self.raw.get(self.shown..).unwrap_or_default();
                // A character may be cut between two reads; its rest comes with the next.
                let whole = std::str::from_utf8(fresh).map_or_else(|e| e.valid_up_to(), str::len);
                let fresh = String::from_utf8_lossy(fresh.get(..whole).unwrap_or_default());
                self.screen.feed(fresh.chars());
                self.shown += whole;
                true
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    pub(crate) fn shows(&self) -> String {
        self.screen.screen().visible_lines().map(|l| l.text() + "\n").collect()
    }

    pub(crate) fn wait_for(&mut self, words: &str) {
        self.wait_longer(words, 1);
    }

    /// Waits that many times as long.
    pub(crate) fn wait_longer(&mut self, words: &str, times: u32) {
        self.wait_until(words, times, |shows| shows.contains(words));
    }

    /// Waits until it shows what is wanted.
    pub(crate) fn wait_until(&mut self, what: &str, times: u32, wanted: impl Fn(&str) -> bool) {
        let until = Instant::now() + LONG * times;
        while !wanted(&self.shows()) {
            let unread = String::from_utf8_lossy(self.raw.get(self.shown..).unwrap_or_default());
            assert!(Instant::now() < until, "no {what:?} on\n{}{unread:?}", self.shows());
            self.read(Duration::from_millis(50));
        }
    }

    /// Nothing is written for longer than any clock or spinner of it stands still, however late what
    /// was on its way arrives.
    pub(crate) fn falls_silent(&mut self) {
        let until = Instant::now() + LONG;
        while self.read(Duration::from_millis(1500)) {
            assert!(Instant::now() < until, "it writes and writes: {:?}", self.raw_text());
        }
    }

    pub(crate) fn wait_for_raw(&mut self, words: &str, times: usize) {
        let until = Instant::now() + LONG;
        while String::from_utf8_lossy(&self.raw).matches(words).count() < times {
            assert!(Instant::now() < until, "no {words:?} in {:?}", self.raw_text());
            self.read(Duration::from_millis(50));
        }
    }

    pub(crate) fn raw_text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Waits for the end; gives the exit code, and what is on the screen then.
    pub(crate) fn end(&mut self) -> (u32, String) {
        let status = self.exit.recv_timeout(LONG).expect("the program ends");
        while self.read(Duration::from_millis(200)) {}
        (status.exit_code(), self.shows())
    }

    /// The terminal is as it was: cooked, on its main screen, with a cursor, without our modes.
    pub(crate) fn assert_sane(&self) {
        let raw = self.raw_text();
        for (on, off) in
            [("?1049h", "?1049l"), ("?2004h", "?2004l"), ("?25l", "?25h"), ("?2026h", "?2026l")]
        {
            let (on_at, off_at) = (raw.rfind(on), raw.rfind(off));
            assert!(on_at.is_some() && off_at > on_at, "{on} is not undone: {raw:?}");
        }
        let master = self.master.as_ref().expect("open");
        let modes = format!("{:?}", master.get_termios().expect("termios").local_flags);
        assert!(modes.contains("ICANON") && modes.contains("ECHO"), "still raw: {modes}");
    }

    /// Closes the terminal as a window manager does; gives how long the program lived on.
    pub(crate) fn close(&mut self) -> Duration {
        self.closing.store(true, Ordering::SeqCst);
        // Something to read, so that the reader sees that it shall end.
        self.press("?");
        drop((self.keys.take(), self.master.take()));
        self.reader.take().expect("once").join().expect("the reader ends");
        let closed = Instant::now();
        self.exit.recv_timeout(LONG).expect("the program ends");
        closed.elapsed()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Fails if it has ended, which is what we want.
        drop(self.killer.kill());
    }
}

//! A program in a terminal of its own, read by an emulator.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::Result;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// The program; ended when it is dropped.
pub(super) struct Pty {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: avt::Terminal,
    shown: usize,
    /// Everything it wrote.
    pub(super) raw: Vec<u8>,
    /// When the last of that arrived.
    pub(super) last_read: Instant,
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Fails if it has ended, which is what we want.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Pty {
    pub(super) fn start(program: &Path, words: &[&str], vars: &[(&str, &Path)]) -> Result<Self> {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(words);
        for (name, value) in [("LANG", "C.UTF-8"), ("TERM", "xterm-256color")] {
            command.env(name, value);
        }
        for (name, value) in vars {
            command.env(name, value);
        }
        let mut tty = pair.master.try_clone_reader()?;
        let keys = pair.master.take_writer()?;
        let child = pair.slave.spawn_command(command)?;
        let (bytes, output) = channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(n @ 1..) = tty.read(&mut buffer) {
                let read = buffer.get(..n).unwrap_or_default().to_vec();
                if bytes.send((Instant::now(), read)).is_err() {
                    return;
                }
            }
        });
        let screen = avt::Terminal::new(120, 40).map_err(|_| "no emulator of that size")?;
        let last_read = Instant::now();
        let (raw, shown, master) = (Vec::new(), 0, pair.master);
        Ok(Self { child, _master: master, keys, output, screen, shown, raw, last_read })
    }

    pub(super) fn press(&mut self, keys: &str) -> Result<()> {
        self.keys.write_all(keys.as_bytes())?;
        Ok(self.keys.flush()?)
    }

    /// Reads what came; false if nothing did for that time.
    pub(super) fn read(&mut self, wait: Duration) -> Result<bool> {
        match self.output.recv_timeout(wait) {
            Ok((at, bytes)) => {
                self.last_read = at;
                self.raw.extend(bytes);
                let fresh = self.raw.get(self.shown..).unwrap_or_default();
                // A character may be cut between two reads; its rest comes with the next.
                let whole = std::str::from_utf8(fresh).map_or_else(|e| e.valid_up_to(), str::len);
                let text = String::from_utf8_lossy(fresh.get(..whole).unwrap_or_default());
                self.screen.feed(text.chars());
                self.shown += whole;
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(format!("it ended: {}", self.text()).into()),
        }
    }

    pub(super) fn wait_for(&mut self, what: &str, seen: impl Fn(&Self) -> bool) -> Result<()> {
        let until = Instant::now() + LONG;
        while !seen(self) {
            if Instant::now() > until {
                return Err(format!("no {what} on\n{}", self.text()).into());
            }
            self.read(Duration::from_millis(20))?;
        }
        Ok(())
    }

    pub(super) fn wrote(&self, part: &str) -> bool {
        self.raw.windows(part.len()).any(|window| window == part.as_bytes())
    }

    pub(super) fn shows(&self, words: &str) -> bool {
        self.screen.screen().visible_lines().any(|line| line.text().contains(words))
    }

    fn text(&self) -> String {
        self.screen.screen().visible_lines().map(|line| line.text() + "\n").collect()
    }

    fn proc(&self, file: &str) -> Result<String> {
        let pid = self.child.process_id().ok_or("it has no process id")?;
        Ok(fs::read_to_string(format!("/proc/{pid}/{file}"))?)
    }

    /// What it has used, in seconds; the kernel counts hundredths (proc(5), `stat`).
    pub(super) fn cpu(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after_name.split_whitespace().skip(11).take(2);
        Ok(ticks.filter_map(|n| n.parse::<f64>().ok()).sum::<f64>() / 100.0)
    }

    /// In MB.
    pub(super) fn peak_memory(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = mark.and_then(|m| m.split_whitespace().next()).ok_or("no VmHWM")?.parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}

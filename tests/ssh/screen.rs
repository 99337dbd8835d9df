//! The program on a terminal of 80×24, with an emulator that reads what it writes.

use std::{
    io::{Read, Write},
    path::Path,
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use assert_cmd::cargo::cargo_bin;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use super::person::LONG;

/// The program on a terminal.
pub(crate) struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Screen {
    /// The program with these words and this environment, in that folder.
    pub(crate) fn open(args: &[&str], cd: &Path, environment: &[(&str, &Path)]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(cargo_bin("quorate"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env_remove("SSH_AUTH_SOCK");
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(cd);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut tty = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (bytes, output) = channel();
        thread::spawn(move || {
            // The terminal stays open as long as it is read.
            let _master = pair.master;
            let mut buf = [0; 4096];
            while let Ok(n @ 1..) = tty.read(&mut buf) {
                if bytes.send(buf[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keys, output, bytes: Vec::new() }
    }

    pub(crate) fn shows(&self) -> String {
        let mut screen = avt::Terminal::new(80, 24).unwrap();
        screen.feed(String::from_utf8_lossy(&self.bytes).as_ref());
        screen.screen().visible_lines().map(|line| line.text() + "\n").collect()
    }

    /// Waits until one of these words is on the screen; gives which.
    pub(crate) fn wait_for<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let began = Instant::now();
        loop {
            let shows = self.shows();
            if let Some(word) = words.iter().find(|word| shows.contains(**word)) {
                return word;
            }
            assert!(began.elapsed() < LONG, "none of {words:?} on\n{shows}");
            self.read();
        }
    }

    /// Waits until this is no more on the screen.
    pub(crate) fn wait_gone(&mut self, word: &str) {
        self.wait_until(|shows| !shows.contains(word));
    }

    fn read(&mut self) {
        if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
            self.bytes.extend(bytes);
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types a secret where it is asked for; it is never shown.
    pub(crate) fn type_secret(&mut self, title: &str, secret: &str) {
        self.wait_for(&[title]);
        self.press(secret);
        self.wait_for(&["•••"]);
        assert!(!self.shows().contains(secret), "{}", self.shows());
        self.press("\r");
        self.wait_gone("•••");
    }

    /// Waits until the screen is so.
    pub(crate) fn wait_until(&mut self, so: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !so(&self.shows()) {
            assert!(began.elapsed() < LONG, "it does not come to that:\n{}", self.shows());
            self.read();
        }
    }

    /// Waits for the end of the program.
    pub(crate) fn end(&mut self) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < LONG, "it does not end:\n{}", self.shows());
            self.read();
        }
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.bytes.extend(bytes);
        }
    }

    /// All that the program wrote.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Every picture that was on the screen: text that is drawn cell by cell is in no line of the bytes.
    pub(crate) fn pictures(&self) -> Vec<String> {
        let mut screen = avt::Terminal::new(80, 24).unwrap();
        let frames = self.text();
        let frames = frames.split_inclusive("\x1b[?2026l");
        frames
            .map(|frame| {
                screen.feed(frame);
                screen.screen().visible_lines().map(|line| line.text() + "\n").collect()
            })
            .collect()
    }
}

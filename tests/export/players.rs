//! Casts in other people's players: asciinema's own emulator, and Debian's asciinema in a pty.

use std::{io::Read, path::Path};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use quorate::export::film::{Take, film};

use super::{HEALTHY, NO_PACKAGES, events, exported, last_screen, read, rows};

fn lines(screen: &avt::Terminal) -> Vec<String> {
    let lines = screen.screen().visible_lines();
    lines.map(|line| line.text().trim_end().to_owned()).collect()
}

/// The screen after each event of a cast that writes.
pub(crate) fn screens(cast: &str) -> Vec<Vec<String>> {
    let mut screen = avt::Terminal::new(80, 24).expect("a screen");
    let mut all = Vec::new();
    for line in cast.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event");
        if event[1] == "o" {
            screen.feed(event[2].as_str().expect("a text"));
            all.push(lines(&screen));
        }
    }
    all
}

/// What another emulator shows is, picture by picture, what we drew.
#[test]
fn every_picture_of_a_cast_is_ours() {
    for log in [HEALTHY, NO_PACKAGES] {
        let (_dir, cast) = exported(log, "a.cast", &[]);
        let mut ours = Vec::new();
        let Ok(()) = film(&events(log), &[], &Take::default(), |shot| {
            ours.push(rows(shot.picture));
            Ok::<(), std::convert::Infallible>(())
        });
        // A chapter at which nothing moves writes nothing.
        ours.dedup();
        let mut theirs = screens(&read(&cast));
        theirs.dedup();
        assert!(ours.len() > 30, "{}", ours.len());
        assert_eq!(ours, theirs, "{log}");
    }
}

#[test]
fn a_cast_is_what_the_format_says() {
    let (_dir, cast) = exported(HEALTHY, "a.cast", &["--idle", "0.5"]);
    let cast = read(&cast);
    let header: serde_json::Value =
        serde_json::from_str(cast.lines().next().expect("a header")).expect("a header");
    assert_eq!(
        (&header["version"], &header["width"], &header["height"]),
        (&2.into(), &80.into(), &24.into())
    );
    assert_eq!(header["timestamp"], 1_795_348_980);
    let (mut last, mut marks) = (0.0, Vec::new());
    for line in cast.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event");
        let at = event[0].as_f64().expect("a time");
        assert!(at >= last && at - last <= 0.5 + 1e-9, "{line}");
        last = at;
        if event[1] == "m" {
            marks.push(event[2].as_str().expect("a title").to_owned());
        }
    }
    assert_eq!(marks.first().map(String::as_str), Some("Preflight"));
    assert_eq!(marks.last().map(String::as_str), Some("Result"));
    assert!(marks.iter().any(|m| m == "Start"), "{marks:?}");
}

/// All that a program writes on a terminal of 80×24.
fn in_a_terminal(words: &[&str]) -> Vec<u8> {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(words[0]);
    command.args(&words[1..]);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    command.env("ASCIINEMA_CONFIG_HOME", "/nonexistent");
    let mut child = pair.slave.spawn_command(command).expect("it starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut all = Vec::new();
    // A terminal whose other side is gone ends with an error (EIO).
    let _ = reader.read_to_end(&mut all);
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{words:?}: {status:?}\n{}", String::from_utf8_lossy(&all));
    all
}

/// The last screen that it shows is the run's; the cursor's place is the shell's affair.
#[test]
fn debians_asciinema_plays_it_to_the_end() {
    let (_dir, cast) = exported(HEALTHY, "a.cast", &[]);
    let name = cast.to_str().expect("a name");
    assert!(Path::new("/usr/bin/asciinema").exists(), "install asciinema");
    let written = in_a_terminal(&["/usr/bin/asciinema", "play", "-s", "1000", name]);
    let mut screen = avt::Terminal::new(80, 24).expect("a screen");
    screen.feed(String::from_utf8_lossy(&written).as_ref());
    assert_eq!(lines(&screen), last_screen(HEALTHY));
}

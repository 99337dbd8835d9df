//! A person's shell: a real terminal on a real sshd.

use std::{
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use quorate::remote::shell::{self, Exit, ShellEnd, ShellEvent, ShellHandle, ShellInput, Size};
use rustix::process::{Signal, kill_process};

use super::{
    person::{LONG, Person, connect, secret},
    proxy::{self, Link},
    quickest::quickest,
    server::{PASSWORD, Server},
};
use quorate::remote::connect::HostSpec;

const SIZE: Size = Size { cols: 80, rows: 24 };

struct Screen {
    handle: ShellHandle,
    events: Receiver<ShellEvent>,
    seen: String,
}

impl Screen {
    /// A shell there; so many chunks may wait for us.
    fn open(spec: HostSpec, person: Person, waiting: usize) -> Self {
        let (tx, events) = mpsc::sync_channel(waiting);
        let open = move |_: &_| {
            let ssh = connect(&spec, &person).map_err(|e| e.to_string())?;
            ssh.open_shell(SIZE).map_err(|e| e.to_string())
        };
        let handle = shell::spawn("n1", open, move |event| tx.send(event).is_ok()).unwrap();
        let screen = Self { handle, events, seen: String::new() };
        assert_eq!(screen.event(), ShellEvent::Opened);
        screen
    }

    #[track_caller]
    fn event(&self) -> ShellEvent {
        let event = self.events.recv_timeout(LONG);
        event.unwrap_or_else(|error| panic!("{error} after {:?}", self.seen))
    }

    fn types(&self, keys: &str) {
        self.handle.send(ShellInput::Keys(keys.as_bytes().to_vec()));
    }

    /// Reads on until that has been written.
    #[track_caller]
    fn until(&mut self, words: &str) {
        while !self.seen.contains(words) {
            match self.event() {
                ShellEvent::Output(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                other => panic!("{words}: {other:?} after {:?}", self.seen),
            }
        }
    }

    fn end(&mut self) -> ShellEnd {
        loop {
            match self.event() {
                ShellEvent::Output(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                ShellEvent::Ended(end) => return end,
                ShellEvent::Opened => panic!("opened twice"),
            }
        }
    }
}

#[test]
fn keys_go_in_and_the_echo_comes_back_and_a_new_size_is_seen() {
    let Some(server) = Server::start() else { return };
    let mut screen = Screen::open(server.spec("root"), Person::default(), 16);
    screen.types("echo $((6*7))-$TERM-$(id -un); stty size\r");
    screen.until("42-xterm-256color-root");
    screen.until("24 80");
    screen.handle.send(ShellInput::Resize(Size { cols: 101, rows: 37 }));
    screen.types("stty size\r");
    screen.until("37 101");
    screen.types("exit 7\r");
    assert_eq!(screen.end(), ShellEnd::Exit(Exit::Status(7)));
}

#[test]
fn another_user_becomes_root_through_sudo_and_the_password_is_not_seen() {
    let Some(server) = Server::start() else { return };
    for (user, person) in [("bob", Person::default()), ("alice", Person::with([secret(PASSWORD)]))]
    {
        let mut screen = Screen::open(server.spec(user), person, 16);
        screen.types("echo $((6*7))-$(id -un)-$HOME; exit 0\r");
        screen.until("42-root-/root");
        assert_eq!(screen.end(), ShellEnd::Exit(Exit::Status(0)));
        assert!(!screen.seen.contains(PASSWORD) && !screen.seen.contains("[[password"));
    }
}

#[test]
fn ctrl_c_reaches_the_program_there() {
    let Some(server) = Server::start() else { return };
    quickest(Duration::from_secs(2), || stopped_and_closed(&server).0);
    quickest(Duration::from_secs(1), || stopped_and_closed(&server).1);
}

/// How long Ctrl-C takes to end what runs in a shell, and how long the shell to be closed.
fn stopped_and_closed(server: &Server) -> (Duration, Duration) {
    let mut screen = Screen::open(server.spec("root"), Person::default(), 16);
    // It speaks for itself: Ctrl-C before it runs would be bash's own, and the list would go on.
    let sleeps = "sh -c 'echo a$((1))b; exec sleep 60'; echo \"ended with $?\"";
    screen.types(&format!("PS1=\"ready$((1))>\"; {sleeps}\r"));
    screen.until("a1b");
    let began = Instant::now();
    screen.types("\x03");
    // An interactive bash drops the rest of the line. What is typed before it asks anew may be lost.
    screen.until("ready1>");
    screen.types("echo \"ended $((100+30))\"\r");
    screen.until("ended 130");
    let stopped = began.elapsed();
    let (closing, handle) = (Instant::now(), screen.handle);
    handle.join();
    let closed = closing.elapsed();
    let mut ended = screen.events.iter().filter(|e| matches!(e, ShellEvent::Ended(_)));
    assert_eq!(ended.next(), Some(ShellEvent::Ended(ShellEnd::Closed)));
    (stopped, closed)
}

#[test]
fn a_flood_waits_for_us_and_nothing_is_lost_at_the_end() {
    let Some(server) = Server::start() else { return };
    let mut screen = Screen::open(server.spec("root"), Person::default(), 2);
    let done = server.file("all-written");
    let then = format!("touch {}; exit 3", done.display());
    screen.types(&format!("stty -opost; PS1=; yes 0123456789abcde | head -c 50000000; {then}\r"));
    screen.until("0123456789abcde\n");
    let mut bytes = screen.seen.len();
    let end = loop {
        match screen.event() {
            ShellEvent::Output(chunk) => bytes += chunk.len(),
            ShellEvent::Ended(end) => break end,
            ShellEvent::Opened => panic!("opened twice"),
        }
        // What is under way is a window of SSH and the buffers of the network.
        assert!(bytes > 25_000_000 || !done.exists(), "all was written, {bytes} bytes were read");
    };
    assert_eq!(end, ShellEnd::Exit(Exit::Status(3)));
    assert!((50_000_000..50_001_000).contains(&bytes), "{bytes}");
}

#[test]
fn a_connection_that_is_cut_is_told_and_a_shell_that_is_killed_too() {
    let Some(server) = Server::start() else { return };
    let cut_down = Some(200_000);
    let spec = proxy::before(&server, Link { cut_down, ..Link::default() });
    let mut screen = Screen::open(spec, Person::default(), 16);
    screen.types("yes\r");
    assert!(matches!(screen.end(), ShellEnd::Lost(_)));

    let mut screen = Screen::open(server.spec("root"), Person::default(), 16);
    screen.types("echo p''id-$$-${#TMPDIR}-ends\r");
    screen.until("pid-");
    screen.until("-0-ends\r\n");
    let at = screen.seen.rfind("pid-").unwrap();
    let pid: i32 = screen.seen[at + 4..].split('-').next().unwrap().parse().unwrap();
    kill_process(rustix::process::Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    assert_eq!(screen.end(), ShellEnd::Exit(Exit::Signal("KILL".to_owned())));
}

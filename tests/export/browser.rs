//! The page in a real browser: headless Chromium, told what to do over its debugging pipe.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use quorate::export::film::{Take, film};

use super::{HEALTHY, events, exported, last_screen, read, rows};

/// Longer than anything here takes on a machine that is busy with other things.
const LONG: Duration = Duration::from_mins(1);

struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: String,
    number: u64,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Opens a page; the browser can reach no network at all.
    fn open(page: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let browser = "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
             --disable-background-networking --disable-component-update --no-first-run \
             --host-resolver-rules='MAP * ~NOTFOUND' --window-size=1000,1000 \
             --user-data-dir=\"$1\" --remote-debugging-pipe 3<&0 4>&1 </dev/null >/dev/null 2>&1";
        let mut command = Command::new("sh");
        command.args(["-c", browser, "sh"]).arg(profile.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("chromium starts");
        let to = child.stdin.take().expect("a pipe");
        let from = BufReader::new(child.stdout.take().expect("a pipe"));
        let session = String::new();
        let mut browser = Self { child, to, from, session, number: 0, _profile: profile };
        let url = format!("file://{}", page.display());
        let target = browser.tell("Target.createTarget", &json!({ "url": url }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.tell("Target.attachToTarget", &attach);
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        browser.until("document.readyState === 'complete'");
        browser
    }

    /// A command of the debugging protocol, and its answer.
    fn tell(&mut self, method: &str, params: &Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("chromium listens");
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).expect("chromium answers");
            assert_eq!(bytes.pop(), Some(0), "chromium has ended (package chromium)");
            let answer: Value = serde_json::from_slice(&bytes).expect("an answer");
            if answer["id"] == self.number {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// What that expression is, in the page.
    fn ask(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let answer = self.tell("Runtime.evaluate", &params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until that holds.
    fn until(&mut self, expression: &str) {
        let began = Instant::now();
        while self.ask(expression) != true {
            let state = "typeof film === 'object' && JSON.stringify([film.getState().status, \
                         film.getCurrentTime()])";
            assert!(began.elapsed() < LONG, "{expression}: {}", self.ask(state));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A click of the mouse in the middle of that element.
    fn click(&mut self, selector: &str) {
        let middle = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView(); \
             const r = e.getBoundingClientRect(); \
             return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let at = self.ask(&middle);
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({
                "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1
            });
            self.tell("Input.dispatchMouseEvent", &params);
        }
    }

    /// The rows that the player shows.
    fn screen(&mut self) -> Vec<String> {
        let text = self
            .ask("film.getState().terminal.rows.map(r => r.map(c => c.text).join('')).join('\\n')");
        text.as_str().expect("a screen").lines().map(|l| l.trim_end().to_owned()).collect()
    }
}

/// Poster, play, stops at chapters, seek, the end, the text: as a person would, without a network.
#[test]
fn the_page_plays_offline_in_a_real_browser() {
    let (_dir, page) = exported(HEALTHY, "a.html", &[]);
    let mut browser = Browser::open(&page);
    browser.until("typeof film === 'object'");
    // The player is there before what it draws into.
    browser.until("document.querySelector('#player pre') !== null");
    let player = browser.ask("getComputedStyle(document.querySelector('#player pre')).border");
    assert!(
        player.as_str().expect("a style").starts_with("0px"),
        "the page leaves it alone: {player}"
    );
    let poster = "document.getElementById('poster')";
    assert_eq!(browser.ask(&format!("{poster}.hidden")), false);
    let words = browser.ask(&format!("{poster}.textContent"));
    assert!(words.as_str().expect("text").contains("Your cluster stands."), "{words}");
    let times = "[...document.querySelectorAll('#chapters button')].map(b => Number(b.dataset.at))";
    let times: Vec<f64> = serde_json::from_value(browser.ask(times)).expect("times");
    assert!(times.len() >= 7, "{times:?}");

    // Play: the picture of the end goes away, and the film stops where the next chapter begins.
    browser.click("#poster");
    browser.until("film.getState().status === 'paused' && film.getCurrentTime() > 0");
    assert_eq!(browser.ask(&format!("{poster}.hidden")), true);
    let first = times.iter().copied().find(|t| *t > 0.1).expect("a chapter");
    let now = browser.ask("film.getCurrentTime()").as_f64().expect("a time");
    assert!((now - first).abs() < 0.002, "stopped at {now}, not at {first}");

    // A chapter by its button.
    browser.click("#chapters li:nth-child(5) button");
    let now = browser.ask("film.getCurrentTime()").as_f64().expect("a time");
    assert!((now - times[4]).abs() < 0.002, "{now}");
    let here = browser.ask("document.querySelector('#chapters [aria-current]').textContent");
    assert!(here.as_str().expect("text").contains("Configure"), "{here}");
    let screen = browser.screen().join("\n");
    assert!(screen.contains("▸ Configure"), "{screen}");

    // Seeking back.
    browser.ask("film.seek(3)");
    let screen = browser.screen().join("\n");
    assert!(screen.contains("▸ Install"), "{screen}");

    // To the end without stops: the run's own last screen.
    browser.click("#stops");
    browser.ask("film.setSpeed(4), film.play()");
    browser.until("film.getState().status === 'ended'");
    assert_eq!(browser.screen(), last_screen(HEALTHY));

    // Nothing was fetched, and all of it is there as text.
    assert_eq!(browser.ask("performance.getEntriesByType('resource').length"), 0);
    let text = browser.ask("document.getElementById('transcript').innerText");
    for words in ["systemctl mask etcd", "Fetched 13.1 MB", "IS LEARNER"] {
        assert!(text.as_str().expect("text").contains(words), "{words}");
    }
    let fetched = ["src=\"http", "href=\"http", "url(http", "@import"];
    let page = read(&page);
    assert!(fetched.iter().all(|word| !page.contains(word)));
}

/// The words of a row: rules and bars are drawn, and spaces are no words.
fn words(row: &str) -> String {
    let drawn = |c: char| ('\u{2500}'..='\u{259f}').contains(&c) || c.is_whitespace();
    row.chars().filter(|c| !drawn(*c)).collect()
}

/// At each moment, a picture that moves shows what the film shows.
#[test]
fn a_moving_picture_moves_as_the_film_does() {
    let (_dir, svg) = exported(HEALTHY, "a.svg", &["--animate"]);
    let mut browser = Browser::open(&svg);
    browser.until("document.getAnimations().length > 5");
    let mut shots = Vec::new();
    let take = Take { every_ms: 400, ..Take::default() };
    let Ok(()) = film(&events(HEALTHY), &[], &take, |shot| {
        shots.push((shot.at_ms, rows(shot.picture)));
        Ok::<(), std::convert::Infallible>(())
    });
    assert!(shots.len() > 10);
    for (nth, (at, picture)) in shots.iter().enumerate() {
        let next = shots.get(nth + 1).map_or(at + 2000, |(next, _)| *next);
        let now = u64::midpoint(*at, next);
        // Each row's strip is moved so that one of its looks is in the window.
        let shown = browser.ask(&format!(
            "document.getAnimations().forEach(a => {{ a.pause(); a.currentTime = {now}; }}); \
             Array.from({{ length: 24 }}, (_, y) => {{ \
             const strip = document.getElementById('q' + y); if (!strip) return ''; \
             const up = -new DOMMatrix(getComputedStyle(strip).transform).f; \
             const look = [...strip.children].find(g => g.transform.baseVal[0].matrix.f === up); \
             return look ? look.textContent : ''; }})"
        ));
        let shown: Vec<String> = serde_json::from_value(shown).expect("rows");
        let [shown, ours] =
            [&shown, picture].map(|rows| rows.iter().map(|row| words(row)).collect::<Vec<_>>());
        assert_eq!(shown, ours, "at {now}");
    }
}

//! The screen of a run on five nodes of which one says a million lines: the real engine and the
//! real loop in this very program, started once more. Only the nodes are pretended.

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::channel},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use quorate::{
    app::Model,
    cluster::{Member, file},
    event::Intent,
    remote::{Answer, Call, Cancel, Host, HostError, Stream, Wire, connect::With},
    run::{self, Connect, Entry, NoEntry, Plan, vault::Vault},
    tui,
};

use super::Result;

/// The variable that names the cluster file, and makes the bench this screen.
pub(super) const CLUSTER: &str = "QUORATE_BENCH_CLUSTER";
/// The variable that names the file where it says how many lines there were.
pub(super) const SAID: &str = "QUORATE_BENCH_SAID";
/// At least so many: with 70 bytes each, 70 MB.
pub(super) const LINES: u64 = 1_000_000;

pub(super) fn cluster_file() -> String {
    let mut text = "version = 1\nname = \"flooded\"\ntoken = \"flooded\"\n[tls]\nca = \"ca.pem\"\n\
                    cert = \"kubernetes.pem\"\nkey = \"kubernetes-key.pem\"\n"
        .to_owned();
    for n in 1..=5 {
        let _ = write!(text, "[[members]]\nname = \"n{n}\"\naddress = \"192.0.2.{n}\"\n");
    }
    text
}

pub(super) fn screen(cluster: &Path) -> Result<()> {
    let dir = cluster.parent().unwrap_or(Path::new("/"));
    let cluster = Arc::new(file::read(&fs::read_to_string(cluster)?, dir, None)?.cluster);
    let plan = Plan {
        vault: Arc::new(Vault::open(&cluster)?),
        cluster,
        intent: Intent::Up,
        practice: true,
        go: true,
        aside: BTreeSet::new(),
        remove_packages: false,
        stays: false,
        nonce: "flood".to_owned(),
        soon_days: 30,
        at: "2026-01-01T00:00:00Z".to_owned(),
        at_unix: i64::try_from(now().as_secs())?,
    };
    let said = env::var_os(SAID).map(PathBuf::from).unwrap_or_default();
    let run = run::start(plan, Arc::new(Pretended { said }))?;
    let (_prompter, questions) = tui::prompter();
    let (events, arriving) = channel();
    let orders = run.orders.clone();
    thread::spawn(move || {
        // A screen that was left hears nothing any more.
        run.events
            .iter()
            .map(|stamped| events.send(stamped).is_ok())
            .take_while(|sent| *sent)
            .count()
    });
    let link =
        tui::Link { events: arriving, orders, questions, keep: None, hands: None, archive: None };
    let model = Model { look: tui::look(|name| env::var(name).ok()), ..Model::default() };
    tui::run_screen(model, link)?;
    Ok(())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

struct Pretended {
    said: PathBuf,
}

impl Connect for Pretended {
    fn connect(&self, member: &Member, _: &Cancel) -> std::result::Result<Entry, Box<NoEntry>> {
        let floods = (member.name.as_str() == "n1").then(|| self.said.clone());
        let (user, root) = ("root".into(), "root".into());
        Ok(Entry { host: Box::new(Node { floods }), user, with: With::Nothing, root })
    }
}

/// Nothing holds until it was changed; one of them floods while it installs.
struct Node {
    floods: Option<PathBuf>,
}

impl Host for Node {
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> std::result::Result<Vec<Answer>, HostError> {
        let text = |call: &Call<'_>| String::from_utf8_lossy(call.text).into_owned();
        let answer = |status, stdout| Answer {
            status,
            stdout,
            stderr: String::new(),
            took: Duration::from_millis(1),
        };
        let first = calls.first().map(text).unwrap_or_default();
        if first.contains("survey ends") {
            let clock = now().as_secs();
            let stdout = format!(
                "survey 1\nclock {clock}.0\nos debian 12 bookworm\nlists there\n\
                 offer etcd-server 3.4.23-4\nunit ActiveState=inactive\nsurvey ends\n"
            );
            stdout.lines().for_each(|line| sink(0, Stream::Out, line));
            return Ok(vec![answer(0, stdout)]);
        }
        // A change and its probe travel as two.
        let changes = calls.len() == 2;
        if let Some(said) = self.floods.as_ref().filter(|_| changes && first.contains("apt-get")) {
            for n in 0_u64.. {
                sink(
                    0,
                    Stream::Out,
                    &format!("{n:>9} Unpacking etcd-server (3.4.23-4+b4) over a line that is long"),
                );
                if n % 10_000 == 0 && fs::write(said, n.to_string()).is_err() {
                    break;
                }
            }
        }
        Ok(calls.iter().map(|_| answer(i32::from(!changes), String::new())).collect())
    }

    fn dial(
        &mut self,
        to: SocketAddr,
        _: Duration,
    ) -> std::result::Result<Box<dyn Wire + '_>, HostError> {
        Err(HostError::Unreachable { to, reason: "pretended".to_owned() })
    }
}

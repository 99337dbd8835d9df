//! The clients of a drill: one writes, one reads, one looks who leads; each on a connection of its
//! own, and none through the member alone that is stopped.

mod looker;
mod reader;
mod writer;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc::SyncSender,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

use super::{entry::Connect, meter, plan::Plan, worker::Report};
use crate::{
    cluster::{Address, CLIENT_PORT, EtcdVersion, Member, MemberName},
    event::{
        RunEvent,
        drill::{Drilled, Pulse},
    },
    lab::{drill, verify::Ask},
    remote::{
        Cancel, Host, HostError, Wire,
        https::{Connection, Request, TlsClient},
    },
};

/// Between two writes, and between two reads.
const EVERY: Duration = Duration::from_millis(100);
/// How long an answer may take: a request that went to a leader that is no more never gets one.
const LIMIT: Duration = Duration::from_millis(400);

/// What a client does with its connection, until it is lost or the drill is over.
type Act = fn(&Shared, &Member, &mut dyn Host, &TlsClient) -> Result<(), HostError>;

/// What the clients share.
struct Shared {
    plan: Plan,
    version: EtcdVersion,
    prefix: String,
    connect: Arc<dyn Connect>,
    reports: SyncSender<Report>,
    cancel: Cancel,
    /// Set when no more is to be written; then through whom all is read back.
    finish: Mutex<Option<MemberName>>,
    /// The first write that is not acknowledged yet: all before are.
    acked: AtomicU64,
    due: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
    plain: AtomicU64,
    wrong: AtomicU64,
}

/// The threads of a drill.
pub(super) struct Clients {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    /// Starts them; `avoid` is the member whose node they do not begin from.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub(super) fn start(
        plan: &Plan,
        version: EtcdVersion,
        avoid: &MemberName,
        connect: Arc<dyn Connect>,
        reports: SyncSender<Report>,
    ) -> std::io::Result<Self> {
        let prefix = format!("{}{}/", drill::PREFIX, plan.nonce);
        let shared = Arc::new(Shared {
            plan: plan.clone(),
            version,
            prefix: prefix.clone(),
            connect,
            reports,
            cancel: Cancel::default(),
            finish: Mutex::default(),
            acked: AtomicU64::new(0),
            due: AtomicU64::new(0),
            written: AtomicU64::new(0),
            read: AtomicU64::new(0),
            plain: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
        });
        let others: Vec<_> =
            plan.cluster.members.iter().filter(|m| m.name != *avoid).cloned().collect();
        let nth = |n: usize| others.get(n % others.len().max(1)).cloned();
        let (Some(writer), Some(reader), Some(looker)) = (nth(0), nth(1), nth(2)) else {
            return Err(std::io::Error::other("there is no other member"));
        };
        shared.tell(Drilled::Began {
            writer: writer.name.clone(),
            reader: reader.name.clone(),
            prefix,
            back_s: drill::BACK_S,
        });
        let acts: [(&str, Member, Act); 3] = [
            ("writer", writer, writer::write),
            ("reader", reader, reader::read),
            ("looker", looker, looker::look),
        ];
        let mut threads = Vec::new();
        for (name, member, act) in acts {
            let shared = Arc::clone(&shared);
            let run = move || shared.connected(name, &member, act);
            threads.push(thread::Builder::new().name(format!("drill-{name}")).spawn(run)?);
        }
        let pulse = Arc::clone(&shared);
        let run = move || pulse.pulse();
        threads.push(thread::Builder::new().name("drill-pulse".to_owned()).spawn(run)?);
        Ok(Self { shared, threads })
    }

    /// Writes no more, reads all back through that member, and takes the keys away.
    pub(super) fn finish(&self, through: MemberName) {
        *self.shared.finish.lock().unwrap_or_else(PoisonError::into_inner) = Some(through);
    }

    /// Ends all threads.
    pub(super) fn end(self) {
        self.shared.cancel.cancel();
        for thread in self.threads {
            // A panic there was told by the hook.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn tell(&self, what: Drilled) {
        // Nobody is left to tell: the program is leaving.
        let _ = self.reports.send(Report::Event(RunEvent::Drill { what }));
    }

    fn finishing(&self) -> Option<MemberName> {
        self.finish.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does that over a connection of its own, which is made anew when it is lost.
    fn connected(
        &self,
        name: &str,
        member: &Member,
        act: impl Fn(&Self, &Member, &mut dyn Host, &TlsClient) -> Result<(), HostError>,
    ) {
        let Some(tls) = meter::client(&self.plan, member) else { return };
        while !self.cancel.is_cancelled() {
            match self.connect.connect(member, &self.cancel) {
                Ok(mut entry) => {
                    if act(self, member, entry.host.as_mut(), &tls).is_ok() {
                        return;
                    }
                }
                // Later a client that is away is seen in the pulses.
                Err(no) if self.due.load(SeqCst) == 0 && !self.cancel.is_cancelled() => {
                    let (node, reason) = (&member.name, &no.reason);
                    let says = format!("The {name} is not let in to {node} yet: {reason}.");
                    self.tell(Drilled::Failed { says });
                }
                Err(_) => {}
            }
            if self.cancel.sleep(Duration::from_secs(1)) {
                return;
            }
        }
    }

    fn pulse(&self) {
        while !self.cancel.sleep(EVERY) {
            if self.due.load(SeqCst) == 0 {
                continue;
            }
            let waiting = self.due.load(SeqCst).saturating_sub(self.acked.load(SeqCst));
            self.tell(Drilled::Pulse(Pulse {
                written: self.written.swap(0, SeqCst),
                waiting,
                read: self.read.swap(0, SeqCst),
                plain: self.plain.swap(0, SeqCst),
                wrong: self.wrong.swap(0, SeqCst),
            }));
        }
    }

    /// Whom a client asks, its own node's member first.
    fn endpoints(&self, member: &Member) -> Vec<Address> {
        let others = self.plan.cluster.members.iter().filter(|m| m.name != member.name);
        std::iter::once(member).chain(others).map(|m| m.address).collect()
    }
}

/// A connection to that member's client port.
fn open<'a>(
    host: &'a mut dyn Host,
    tls: &TlsClient,
    to: Address,
) -> Result<Option<Connection<Box<dyn Wire + 'a>>>, HostError> {
    match host.dial(SocketAddr::new(to.ip(), CLIENT_PORT), LIMIT) {
        Ok(wire) => Ok(tls.open(wire, to.ip()).ok()),
        Err(error @ (HostError::Lost { .. } | HostError::Cancelled)) => Err(error),
        Err(_) => Ok(None),
    }
}

fn ask(line: &mut Connection<Box<dyn Wire + '_>>, (path, body): Ask) -> Option<Value> {
    let answer = line.send(&Request { method: "POST", path, body: Some(body) }).ok()?;
    (answer.status == 200).then(|| serde_json::from_slice(&answer.body).ok()).flatten()
}

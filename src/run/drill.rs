//! The clients of a drill: one writes, one reads, one looks who leads; each on a connection of its
//! own, and none through the member alone that is stopped.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
        mpsc::SyncSender,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    meter,
    plan::Plan,
    worker::{Connect, Report},
};
use crate::{
    cluster::{Address, CLIENT_PORT, EtcdVersion, Member, MemberId, MemberName},
    event::{
        RunEvent,
        drill::{Drilled, Pulse},
    },
    lab::{
        drill,
        verify::{self, Ask},
    },
    remote::{
        Cancel, Host, HostError, Wire,
        https::{Connection, Request, TlsClient},
    },
};

/// Between two writes, and between two reads.
const EVERY: Duration = Duration::from_millis(100);
/// How long an answer may take: a request that went to a leader that is no more never gets one.
const LIMIT: Duration = Duration::from_millis(400);
/// From here on a time without an acknowledged write is told.
const GAP: Duration = Duration::from_millis(200);
/// How long the last look may take.
const PROOF: Duration = Duration::from_secs(20);

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
        let acts: [(&str, Member, Act); 3] =
            [("writer", writer, write), ("reader", reader, read), ("looker", looker, look)];
        let mut threads = Vec::new();
        for (name, member, act) in acts {
            let shared = Arc::clone(&shared);
            let run = move || shared.connected(&member, act);
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
        member: &Member,
        act: impl Fn(&Self, &Member, &mut dyn Host, &TlsClient) -> Result<(), HostError>,
    ) {
        let Some(tls) = meter::client(&self.plan, member) else { return };
        while !self.cancel.is_cancelled() {
            let entry = self.connect.connect(member, &self.cancel);
            if let Ok(mut entry) = entry
                && act(self, member, entry.host.as_mut(), &tls).is_ok()
            {
                return;
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

/// Writes ten times a second, each until it is acknowledged; a write that is due meanwhile waits.
fn write(
    shared: &Shared,
    member: &Member,
    host: &mut dyn Host,
    tls: &TlsClient,
) -> Result<(), HostError> {
    let endpoints = shared.endpoints(member);
    let (began, before) = (Instant::now(), shared.acked.load(SeqCst));
    let (mut last, mut told) = (Instant::now(), 0);
    for to in endpoints.iter().cycle() {
        let mut line = open(host, tls, *to)?;
        while let Some(open) = &mut line {
            if shared.cancel.is_cancelled() {
                return Ok(());
            }
            if shared.finishing().is_some() {
                break;
            }
            let passed = began.elapsed().as_millis() / EVERY.as_millis();
            let due = before + u64::try_from(passed).unwrap_or(u64::MAX) + 1;
            shared.due.store(due, SeqCst);
            let n = shared.acked.load(SeqCst);
            if n >= due {
                if shared.cancel.sleep(Duration::from_millis(10)) {
                    return Ok(());
                }
                continue;
            }
            if ask(open, drill::write(shared.version, &shared.prefix, n)).is_none() {
                line = None;
                continue;
            }
            let took = last.elapsed();
            (last, told) = (Instant::now(), told + 1);
            shared.acked.store(n + 1, SeqCst);
            shared.written.fetch_add(1, SeqCst);
            if took > GAP && told > 1 {
                let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                let due = before
                    + u64::try_from(began.elapsed().as_millis() / EVERY.as_millis())
                        .unwrap_or(u64::MAX);
                shared.tell(Drilled::Gap { ms, waited: due.saturating_sub(n) });
            }
        }
        drop(line);
        if let Some(through) = shared.finishing() {
            prove(shared, &through, host, tls);
            return Ok(());
        }
        let passed = began.elapsed().as_millis() / EVERY.as_millis();
        shared.due.store(before + u64::try_from(passed).unwrap_or(u64::MAX), SeqCst);
        if shared.cancel.sleep(Duration::from_millis(20)) {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads all acknowledged writes back, and takes them away.
fn prove(shared: &Shared, through: &MemberName, host: &mut dyn Host, tls: &TlsClient) {
    let written = shared.acked.load(SeqCst);
    let until = Instant::now() + PROOF;
    let Some(member) = shared.plan.cluster.member(through) else { return };
    while Instant::now() < until && !shared.cancel.is_cancelled() {
        let Ok(Some(mut line)) = open(host, tls, member.address) else {
            if shared.cancel.sleep(EVERY) {
                return;
            }
            continue;
        };
        let mut found = 0;
        let mut from = 0;
        let mut whole = true;
        while from < written && whole {
            match ask(&mut line, drill::page(shared.version, &shared.prefix, from)) {
                Some(answer) => {
                    let held = drill::held(&answer, &shared.prefix);
                    found += held.iter().filter(|n| **n < written).count();
                }
                None => whole = false,
            }
            from += drill::PAGE;
        }
        if whole {
            let lost = written.saturating_sub(u64::try_from(found).unwrap_or(u64::MAX));
            let cleaned =
                ask(&mut line, drill::take_away(shared.version, &shared.prefix)).is_some();
            let by = through.clone();
            shared.tell(Drilled::Checked { by, written, lost, cleaned });
            return;
        }
    }
    let says = format!(
        "The {written} acknowledged writes could not be read back through {through} within 20 s."
    );
    shared.tell(Drilled::Failed { says });
}

/// Reads the newest acknowledged write ten times a second, by a quorum; while that does not answer,
/// plainly too.
fn read(
    shared: &Shared,
    member: &Member,
    host: &mut dyn Host,
    tls: &TlsClient,
) -> Result<(), HostError> {
    let endpoints = shared.endpoints(member);
    for to in endpoints.iter().cycle() {
        let mut line = open(host, tls, *to)?;
        while let Some(open) = &mut line {
            if shared.cancel.sleep(EVERY) {
                return Ok(());
            }
            let Some(n) = shared.acked.load(SeqCst).checked_sub(1) else { continue };
            if shared.finishing().is_some() {
                continue;
            }
            match ask(open, drill::read(shared.version, &shared.prefix, n, false)) {
                Some(answer) if drill::held(&answer, &shared.prefix) == [n] => {
                    shared.read.fetch_add(1, SeqCst);
                }
                // Taken away meanwhile: the drill is at its end.
                Some(_) if shared.finishing().is_some() => {}
                Some(_) => drop(shared.wrong.fetch_add(1, SeqCst)),
                None => line = None,
            }
        }
        drop(line);
        plainly(shared, host, tls, *to)?;
        if shared.cancel.sleep(Duration::from_millis(20)) {
            return Ok(());
        }
    }
    Ok(())
}

/// A plain read: what one member has, whatever the others say.
fn plainly(
    shared: &Shared,
    host: &mut dyn Host,
    tls: &TlsClient,
    to: Address,
) -> Result<(), HostError> {
    let plain = drill::read(shared.version, &shared.prefix, 0, true);
    if let Some(mut line) = open(host, tls, to)?
        && ask(&mut line, plain).is_some_and(|a| drill::held(&a, &shared.prefix) == [0])
    {
        shared.plain.fetch_add(1, SeqCst);
    }
    Ok(())
}

/// What a member said: who leads, its term, and how far its log is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Said {
    leader: Option<MemberId>,
    term: u64,
    index: u64,
}

/// Asks every member who leads, again and again.
fn look(
    shared: &Shared,
    _: &Member,
    host: &mut dyn Host,
    tls: &TlsClient,
) -> Result<(), HostError> {
    let members = &shared.plan.cluster.members;
    let ids = crate::cluster::Identity::predict(&shared.plan.cluster).members;
    let mut known: BTreeMap<MemberName, Option<(Option<MemberId>, u64)>> = BTreeMap::new();
    let mut led: Option<(MemberId, u64)> = None;
    let mut behind: Vec<MemberName> = Vec::new();
    loop {
        let mut now: BTreeMap<&MemberName, Said> = BTreeMap::new();
        for member in members {
            let said = match open(host, tls, member.address)? {
                Some(mut line) => ask(&mut line, verify::status(shared.version)).map(|a| said(&a)),
                None => None,
            };
            if shared.cancel.is_cancelled() {
                return Ok(());
            }
            let brief = said.map(|s| (s.leader, s.term));
            if known.insert(member.name.clone(), brief) != Some(brief) {
                let (leader, term) = brief.unwrap_or_default();
                let (node, up) = (member.name.clone(), said.is_some());
                if !up && !behind.contains(&node) {
                    behind.push(node.clone());
                }
                shared.tell(Drilled::Member { node, up, leader, term });
            }
            if let Some(said) = said {
                now.insert(&member.name, said);
            }
        }
        for (id, term) in now.values().filter_map(|s| Some((s.leader?, s.term))) {
            let follow = |s: &&Said| (s.leader, s.term) == (Some(id), term);
            let quorum = now.values().filter(follow).count() > members.len() / 2;
            let leader = ids.iter().find(|(_, of)| **of == id).map(|(name, _)| name);
            let itself = leader.and_then(|name| now.get(name)).is_some_and(|s| follow(&s));
            if let (true, true, Some(node)) = (quorum && led != Some((id, term)), itself, leader) {
                led = Some((id, term));
                let followers = now.iter().filter(|(name, s)| follow(s) && **name != node);
                let followers = followers.map(|(name, _)| (*name).clone()).collect();
                shared.tell(Drilled::Leads { node: node.clone(), term, followers });
            }
        }
        // Whoever was away has caught up when its log is as long as all others' were in this round.
        let furthest = now.values().map(|s| s.index).max().unwrap_or_default();
        behind.retain(|name| {
            let there = now.get(name).filter(|s| s.leader.is_some() && s.index + 20 >= furthest);
            if let Some(said) = there {
                shared.tell(Drilled::CaughtUp { node: name.clone(), index: said.index });
            }
            there.is_none()
        });
        if shared.cancel.sleep(EVERY) {
            return Ok(());
        }
    }
}

fn said(status: &Value) -> Said {
    let number = |at: &str| {
        let value = status.pointer(at);
        value.and_then(Value::as_str).and_then(|s| s.parse::<u64>().ok()).unwrap_or_default()
    };
    let leader = number("/leader");
    Said {
        leader: (leader != 0).then_some(MemberId(leader)),
        term: number("/header/raft_term"),
        index: number("/raftIndex"),
    }
}

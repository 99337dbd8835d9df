//! The quorum meter: who is up, seen before any client can ask.
//!
//! Until a quorum stands, etcd answers no client; but its peer port answers with mutual TLS from
//! the first moment (`GET /version`). The meter has a connection of its own: the workers wait.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, mpsc::SyncSender},
    thread,
    time::Duration,
};

use super::{entry::Connect, plan::Plan, worker::Report};
use crate::{
    cluster::{Member, MemberName, PEER_PORT},
    event::{Observation, RunEvent},
    remote::{
        Cancel, Host,
        https::{Request, TlsClient},
    },
};

/// How long to wait between two looks.
const EVERY: Duration = Duration::from_millis(200);
/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Looks until `stop` is cancelled, and reports what changed. Whatever keeps it from looking is no
/// failure: the start is proved otherwise.
///
/// # Errors
/// If the system has no thread to give.
pub fn watch(
    plan: Plan,
    connect: Arc<dyn Connect>,
    stop: Cancel,
    reports: SyncSender<Report>,
) -> std::io::Result<()> {
    thread::Builder::new().name("quorum-meter".to_owned()).spawn(move || {
        for member in &plan.cluster.members {
            if let Some(tls) = client(&plan, member)
                && let Ok(mut entry) = connect.connect(member, &stop)
            {
                look(&plan, entry.host.as_mut(), &tls, &stop, &reports);
                return;
            }
            if stop.is_cancelled() {
                return;
            }
        }
    })?;
    Ok(())
}

pub(super) fn client(plan: &Plan, member: &Member) -> Option<TlsClient> {
    let (files, key) = plan.vault.tls(&member.name)?;
    TlsClient::new(files.ca.as_bytes(), files.cert.as_bytes(), key).ok()
}

fn look(
    plan: &Plan,
    host: &mut dyn Host,
    tls: &TlsClient,
    stop: &Cancel,
    reports: &SyncSender<Report>,
) {
    let mut known: BTreeMap<MemberName, (bool, bool)> = BTreeMap::new();
    loop {
        for member in &plan.cluster.members {
            let seen = asked(host, tls, member);
            if stop.is_cancelled() {
                return;
            }
            if known.insert(member.name.clone(), seen) == Some(seen) {
                continue;
            }
            let (answers, decided) = seen;
            let what = Observation::Quorum { node: member.name.clone(), answers, decided };
            if reports.send(Report::Event(RunEvent::Seen { what })).is_err() {
                return;
            }
        }
        if known.values().all(|seen| *seen == (true, true)) || stop.sleep(EVERY) {
            return;
        }
    }
}

/// Whether it answers on its peer port, and whether it has seen a leader: only then does it know
/// the cluster's version.
fn asked(host: &mut dyn Host, tls: &TlsClient, member: &Member) -> (bool, bool) {
    let ip = member.address.ip();
    let Ok(wire) = host.dial(SocketAddr::new(ip, PEER_PORT), LIMIT) else { return (false, false) };
    let request = Request { method: "GET", path: "/version".to_owned(), body: None };
    match tls.send(wire, ip, &request) {
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer.body);
            (true, answer.status == 200 && !text.contains("not_decided"))
        }
        Err(_) => (false, false),
    }
}

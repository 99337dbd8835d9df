//! The one who writes, and at the end reads all back.

use std::{
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use super::{EVERY, Shared, ask, open};
use crate::{
    cluster::{Member, MemberName},
    event::drill::Drilled,
    lab::drill,
    remote::{Host, HostError, https::TlsClient},
};

/// From here on a time without an acknowledged write is told.
const GAP: Duration = Duration::from_millis(200);
/// How long the last look may take.
const PROOF: Duration = Duration::from_secs(20);

/// Writes ten times a second, each until it is acknowledged; a write that is due meanwhile waits.
pub(super) fn write(
    shared: &Shared,
    member: &Member,
    host: &mut dyn Host,
    tls: &TlsClient,
) -> Result<(), HostError> {
    let endpoints = shared.endpoints(member);
    let (began, before) = (Instant::now(), shared.acked.load(SeqCst));
    // How many are due by now.
    let due_now = || {
        let passed = began.elapsed().as_millis() / EVERY.as_millis();
        before + u64::try_from(passed).unwrap_or(u64::MAX)
    };
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
            let due = due_now() + 1;
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
                shared.tell(Drilled::Gap { ms, waited: due_now().saturating_sub(n) });
            }
        }
        drop(line);
        if let Some(through) = shared.finishing() {
            prove(shared, &through, host, tls);
            return Ok(());
        }
        shared.due.store(due_now(), SeqCst);
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

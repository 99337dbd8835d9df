//! The one who reads.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use super::{EVERY, Shared, ask, open};
use crate::{
    cluster::{Address, Member},
    lab::drill,
    remote::{Host, HostError, https::TlsClient},
};

/// Reads the newest acknowledged write ten times a second, by a quorum; while that does not answer,
/// plainly too.
pub(super) fn read(
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

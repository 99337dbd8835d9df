//! The proofs of a member, made through its node's SSH connection with the cluster's certificate.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    findings,
    job::{Done, Proof},
    plan::Plan,
};
use crate::{
    cluster::{Address, CLIENT_PORT, EtcdVersion, Member, MemberName, PEER_PORT},
    event::{
        Finding, Observation, RunEvent,
        observation::{MemberSeen, PathSeen},
    },
    lab::verify,
    remote::{
        Call, Cancel, Host, HostError, Wire,
        https::{Connection, PathError, Request, TlsClient},
    },
};

/// How long one connection or answer may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a member may take to know all the others after it said that it is ready.
const SETTLE: Duration = Duration::from_secs(5);
/// How long to wait before asking such a member again.
const AGAIN: Duration = Duration::from_millis(50);

/// Which etcd runs, since when: two answers alike mean it was not restarted in between.
const UNIT: &str = "systemctl show etcd -p ActiveState,MainPID,NRestarts\n";

/// Makes the proofs of one member.
pub struct Prover {
    member: Member,
    others: Vec<(MemberName, Address)>,
    tls: TlsClient,
}

type Tell<'a> = dyn FnMut(RunEvent) + 'a;

impl Prover {
    /// With the member's own certificate and key.
    ///
    /// # Errors
    /// A finding, if they cannot be used.
    pub fn new(plan: &Plan, member: &Member) -> Result<Self, Box<Finding>> {
        let unusable = |reason: &str| Box::new(findings::unusable(&member.name, reason));
        let Some((files, key)) = plan.vault.tls(&member.name) else {
            return Err(unusable("it is missing"));
        };
        let tls = TlsClient::new(files.ca.as_bytes(), files.cert.as_bytes(), key)
            .map_err(|error| unusable(&error.to_string()))?;
        let members = plan.cluster.members.iter().filter(|m| m.name != member.name);
        let others = members.map(|m| (m.name.clone(), m.address)).collect();
        Ok(Self { member: member.clone(), others, tls })
    }

    /// Makes that proof; what was seen goes to `tell`.
    ///
    /// # Errors
    /// If the connection to the node is gone. A member that does not answer is no error: it is
    /// what was found out.
    pub fn prove(
        &self,
        proof: &Proof,
        version: EtcdVersion,
        host: &mut dyn Host,
        cancel: &Cancel,
        tell: &mut Tell<'_>,
    ) -> Result<Done, HostError> {
        match proof {
            Proof::Member => {
                let before = unit(host)?;
                self.member(version, host, cancel, tell)?;
                for (name, address) in &self.others {
                    self.path(host, name, *address, tell)?;
                }
                let after = unit(host)?;
                if before != after && before.contains("ActiveState=active") {
                    let finding = findings::restarted(&self.member.name, &before, &after);
                    tell(RunEvent::Found { finding });
                }
                Ok(Done::Proved)
            }
            Proof::Write(value) => {
                let began = Instant::now();
                let answer = self.ask(host, &verify::write(version, value));
                self.outcome(answer.map(|_| Done::Written), tell, |by| Observation::Written {
                    by,
                    took_us: micros(began),
                })
            }
            Proof::Read(value) => {
                let began = Instant::now();
                let answer = self.ask(host, &verify::read(version));
                let same = answer.as_ref().is_ok_and(|a| verify::holds_value(a, value));
                let done = if same { Done::ReadBack } else { Done::Failed };
                self.outcome(answer.map(|_| done), tell, |by| Observation::Read {
                    by,
                    same,
                    took_us: micros(began),
                })
            }
        }
    }

    /// Asks the member by name: who it is, whom it knows, and a read that needs a quorum. Asked
    /// again while it has not heard yet of members that are just starting.
    fn member(
        &self,
        version: EtcdVersion,
        host: &mut dyn Host,
        cancel: &Cancel,
        tell: &mut Tell<'_>,
    ) -> Result<(), HostError> {
        let began = Instant::now();
        loop {
            let asked = Instant::now();
            match self.asked_once(version, host, asked) {
                Ok((seen, disk)) => {
                    let knows_all = seen.knows.len() == self.others.len() + 1
                        && seen.knows.iter().all(|k| !k.client_urls.is_empty());
                    let settled = seen.leader.is_some() && seen.reads && knows_all;
                    if settled || began.elapsed() > SETTLE {
                        tell(RunEvent::Seen { what: Observation::Member(seen) });
                        if let Some((p99_us, of)) = disk {
                            let node = self.member.name.clone();
                            let what = Observation::Fsync { node, p99_us, of };
                            tell(RunEvent::Seen { what });
                        }
                        return Ok(());
                    }
                }
                Err(PathFault::Host(error)) if fatal(&error) => return Err(error),
                // A member that is down says so at once: waiting would not help.
                Err(fault) => {
                    tell(self.silent(&fault));
                    return Ok(());
                }
            }
            if cancel.sleep(AGAIN) {
                return Err(HostError::Cancelled);
            }
        }
    }

    fn asked_once(
        &self,
        version: EtcdVersion,
        host: &mut dyn Host,
        asked: Instant,
    ) -> Result<(MemberSeen, Option<(u64, u64)>), PathFault> {
        let mut line = self.open(host, self.member.address, CLIENT_PORT)?;
        let mut ask = |(path, body): verify::Ask| -> Result<Value, PathFault> {
            let answer = line.send(&post(path, body))?;
            json(answer.status, &answer.body)
        };
        let status = ask(verify::status(version))?;
        let took_us = micros(asked);
        let list = ask(verify::member_list(version))?;
        let reads = ask(verify::read(version)).is_ok();
        let metrics = line.send(&get("/metrics"))?;
        let disk = verify::fsync(&String::from_utf8_lossy(&metrics.body));
        let seen = verify::member(&self.member.name, &status, &list)
            .ok_or_else(|| PathFault::Says("its answer is none of etcd's".to_owned()))?;
        Ok((MemberSeen { reads, took_us, ..seen }, disk))
    }

    /// Calls another member's peer port with this member's certificate, as its etcd does.
    fn path(
        &self,
        host: &mut dyn Host,
        to: &MemberName,
        address: Address,
        tell: &mut Tell<'_>,
    ) -> Result<(), HostError> {
        let began = Instant::now();
        let fault = match self.version_of(host, address) {
            Ok(()) => None,
            Err(PathFault::Host(error)) if fatal(&error) => return Err(error),
            Err(fault) => Some(fault.to_string()),
        };
        let (from, to, took_us) = (self.member.name.clone(), to.clone(), micros(began));
        let what = Observation::Path(PathSeen { from, to, address, fault, took_us });
        tell(RunEvent::Seen { what });
        Ok(())
    }

    fn version_of(&self, host: &mut dyn Host, address: Address) -> Result<(), PathFault> {
        let answer = self.open(host, address, PEER_PORT)?.send(&get("/version"))?;
        json(answer.status, &answer.body).map(drop)
    }

    fn ask(&self, host: &mut dyn Host, (path, body): &verify::Ask) -> Result<Value, PathFault> {
        let mut line = self.open(host, self.member.address, CLIENT_PORT)?;
        let answer = line.send(&post(path.clone(), body.clone()))?;
        json(answer.status, &answer.body)
    }

    /// A connection from the node to that port, with this member's certificate.
    fn open<'h>(
        &self,
        host: &'h mut dyn Host,
        address: Address,
        port: u16,
    ) -> Result<Connection<Box<dyn Wire + 'h>>, PathFault> {
        let wire = host.dial(SocketAddr::new(address.ip(), port), LIMIT)?;
        Ok(self.tls.open(wire, address.ip())?)
    }

    fn outcome(
        &self,
        done: Result<Done, PathFault>,
        tell: &mut Tell<'_>,
        seen: impl FnOnce(MemberName) -> Observation,
    ) -> Result<Done, HostError> {
        match done {
            Ok(done) => {
                tell(RunEvent::Seen { what: seen(self.member.name.clone()) });
                Ok(done)
            }
            Err(PathFault::Host(error)) if fatal(&error) => Err(error),
            Err(fault) => {
                tell(self.silent(&fault));
                Ok(Done::Failed)
            }
        }
    }

    fn silent(&self, fault: &PathFault) -> RunEvent {
        let finding = findings::no_answer(&self.member.name, &fault.to_string());
        RunEvent::Found { finding }
    }
}

/// Why a member gave no usable answer, as a clause.
#[derive(Debug, thiserror::Error)]
enum PathFault {
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Path(#[from] PathError),
    #[error("{0}")]
    Says(String),
}

/// The connection to the node itself is of no more use.
fn fatal(error: &HostError) -> bool {
    matches!(error, HostError::Lost { .. } | HostError::Cancelled)
}

fn json(status: u16, body: &[u8]) -> Result<Value, PathFault> {
    let said = || String::from_utf8_lossy(body).chars().take(200).collect::<String>();
    if status != 200 {
        return Err(PathFault::Says(format!("HTTP {status}: {}", said().trim())));
    }
    serde_json::from_slice(body).map_err(|_| PathFault::Says(format!("no JSON: {}", said().trim())))
}

fn unit(host: &mut dyn Host) -> Result<String, HostError> {
    let call = Call { text: UNIT.as_bytes(), root: true, limit: LIMIT };
    let mut answers = host.run(&[call], &mut |_, _, _| {})?;
    Ok(answers.pop().map(|answer| answer.stdout).unwrap_or_default())
}

fn get(path: &str) -> Request {
    Request { method: "GET", path: path.to_owned(), body: None }
}

fn post(path: String, body: String) -> Request {
    Request { method: "POST", path, body: Some(body) }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

//! The real [`Host`]: a node over SSH, logged in, its key checked, with a way to be root.
//!
//! One thread owns it. How texts are framed, keys checked and logins made is in the modules
//! beside; here they are put together.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    Answer, Call, Cancel, Host, HostError, Stream, Wire,
    ask::{Nobody, Prompter},
    connect::{ConnectError, Connected, HostSpec, RootBy},
    entry, host_keys,
    keys::Keys,
    line::{Line, OPENING},
    link::{Link, Stop},
    socket::Proxy,
    sudo::{self, SudoError},
    tunnel::{self, Tunnel},
};
use crate::cluster::Secret;

/// A node we are logged in to.
pub struct Ssh {
    // In this order they are dropped: lines, their session, what carries it.
    root_line: Option<Line>,
    own_line: Option<Line>,
    pub(super) link: Link,
    /// A tunnel that was given up while the node was still trying; libssh2 wants it ended first.
    unsettled: Option<SocketAddr>,
    _proxy: Option<Proxy>,
    spec: HostSpec,
    pub(super) sudo_password: Option<Secret>,
    /// What came about.
    pub connected: Connected,
}

impl Ssh {
    /// Connects, checks the host key, logs in and becomes root. Asks the person for what is
    /// missing; if that takes longer than the server waits, connects again with the answer.
    ///
    /// # Errors
    /// [`ConnectError`] says which of these failed, and what would be right.
    pub fn connect(
        spec: &HostSpec,
        keys: &Keys,
        prompter: &dyn Prompter,
        cancel: &Cancel,
    ) -> Result<Self, ConnectError> {
        let began = Instant::now();
        let entry = entry::enter(spec, keys, prompter, cancel)?;
        let mut ssh = Self {
            root_line: None,
            own_line: None,
            link: entry.link,
            unsettled: None,
            _proxy: entry.proxy,
            spec: spec.clone(),
            sudo_password: None,
            connected: Connected {
                user: entry.user,
                with: entry.with,
                address: entry.address,
                key_type: entry.key.algorithm().to_string(),
                fingerprint: host_keys::fingerprint(&entry.key),
                root: RootBy::Login,
                took: Duration::ZERO,
            },
        };
        if ssh.connected.user != "root" {
            ssh.root_line = Some(ssh.root(prompter)?);
            let asked = ssh.sudo_password.is_some();
            ssh.connected.root = if asked { RootBy::SudoPassword } else { RootBy::Sudo };
        }
        ssh.probe()?;
        ssh.connected.took = began.elapsed();
        Ok(ssh)
    }

    /// Proves that texts run there, and as root.
    fn probe(&mut self) -> Result<(), ConnectError> {
        let call = Call { text: b"id -u", root: true, limit: OPENING };
        let answers = self.run(&[call], &mut |_, _, _| {}).map_err(|e| match e {
            HostError::Cancelled => ConnectError::Cancelled,
            other => ConnectError::NoShell(other),
        })?;
        if answers.first().is_some_and(|a| a.stdout.trim() == "0") {
            return Ok(());
        }
        let said = answers.first().map(|a| a.stdout.trim().to_owned()).unwrap_or_default();
        let user = self.connected.user.clone();
        Err(SudoError::Refused { user, said: format!("the user ID there is {said:?}, not 0") }
            .into())
    }

    fn root(&mut self, prompter: &dyn Prompter) -> Result<Line, SudoError> {
        let (user, host) = (&self.connected.user, &self.spec.host);
        sudo::open(&self.link, user, host, &mut self.sudo_password, prompter)
    }

    /// Another line as root. Nobody is asked in the middle of a run: the password is known.
    fn root_again(&mut self) -> Result<Line, HostError> {
        self.settle(OPENING)?;
        self.root(&Nobody).map_err(|error| match error {
            SudoError::Host(error) => error,
            other => HostError::NoRoot(other.to_string()),
        })
    }

    /// Ends a tunnel that is still being opened, so that a new channel can be.
    pub(super) fn settle(&mut self, limit: Duration) -> Result<(), HostError> {
        if let Some(to) = self.unsettled {
            match tunnel::open(&self.link, &to.ip().to_string(), to.port(), limit) {
                Ok(mut channel) => drop(channel.close()),
                Err(Stop::Failed(_)) => {}
                Err(Stop::TimedOut(_)) => {
                    let reason = "the node is still trying an earlier connection".to_owned();
                    return Err(HostError::Unreachable { to, reason });
                }
                Err(stop) => return Err(stop.into()),
            }
            self.unsettled = None;
        }
        Ok(())
    }

    /// Runs calls of one privilege.
    fn run_all(
        &mut self,
        calls: &[Call<'_>],
        first: usize,
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let by_sudo = calls.iter().any(|call| call.root) && self.connected.user != "root";
        let kept = if by_sudo { self.root_line.take() } else { self.own_line.take() };
        let mut line = match kept {
            Some(line) => line,
            None if by_sudo => self.root_again()?,
            None => {
                self.settle(OPENING)?;
                Line::open(&self.link)?
            }
        };
        match line.run(&self.link, calls, first, sink) {
            Ok(answers) => {
                let place = if by_sudo { &mut self.root_line } else { &mut self.own_line };
                *place = Some(line);
                Ok(answers)
            }
            Err(error) => {
                line.close();
                Err(error)
            }
        }
    }
}

impl Host for Ssh {
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let root = self.connected.user == "root";
        let mut answers = Vec::with_capacity(calls.len());
        for group in calls.chunk_by(|a, b| a.root == b.root || root) {
            answers.extend(self.run_all(group, answers.len(), sink)?);
        }
        Ok(answers)
    }

    fn keep_alive(&mut self) -> Result<(), HostError> {
        Ok(self.link.patiently(OPENING, ssh2::Session::keepalive_send).map(drop)?)
    }

    fn dial(&mut self, to: SocketAddr, limit: Duration) -> Result<Box<dyn Wire + '_>, HostError> {
        self.settle(limit)?;
        match tunnel::open(&self.link, &to.ip().to_string(), to.port(), limit) {
            Ok(channel) => Ok(Box::new(Tunnel::new(&self.link, channel, limit))),
            Err(Stop::TimedOut(after)) => {
                self.unsettled = Some(to);
                let reason = format!("no answer within {} ms", after.as_millis());
                Err(HostError::Unreachable { to, reason })
            }
            Err(stop) => Err(tunnel::refused(stop, to)),
        }
    }
}

//! The real [`Host`]: a node over SSH, logged in, its key checked, with a way to be root.
//!
//! One thread owns it. How texts are framed, keys checked and logins made is in the modules
//! beside; here they are put together.

use std::{
    net::SocketAddr,
    os::fd::OwnedFd,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use ssh_key::PublicKey;
use ssh2::{MethodType, Session};

use super::{
    Answer, Call, Cancel, Host, HostError, Stream, Wire,
    ask::{Ask, Prompter, Reply},
    auth::Login,
    clean,
    connect::{ConnectError, Connected, HostSpec, RootBy},
    host_keys::{self, KnownHosts, Verdict},
    keys::Keys,
    line::{Line, OPENING},
    link::{Link, Stop, reason},
    socket::{self, Proxy},
    ssh_config::Settings,
    sudo::{self, SudoError},
    tunnel::{self, Tunnel},
};
use crate::cluster::Secret;

/// How long the two sides may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Jump hosts behind jump hosts; more is a circle.
const HOPS: usize = 8;
/// New connections after one was lost while the person was answering.
const RECONNECTS: usize = 4;

/// A node we are logged in to.
pub struct Ssh {
    // In this order they are dropped: lines, their session, what carries it.
    root_line: Option<Line>,
    own_line: Option<Line>,
    link: Link,
    /// A tunnel that was given up while the node was still trying; libssh2 wants it ended first.
    unsettled: Option<(SocketAddr, Duration)>,
    _proxy: Option<Proxy>,
    spec: HostSpec,
    sudo_password: Option<Secret>,
    /// What came about.
    pub connected: Connected,
}

/// A session that is logged in.
struct Entry {
    link: Link,
    proxy: Option<Proxy>,
    user: String,
    address: Option<SocketAddr>,
    key: PublicKey,
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
        let mut settings = settings_of(spec)?;
        settings.identities_only &= spec.identity.is_none() || settings.identities.is_empty();
        let way = Way { keys, prompter, cancel, accept_new: spec.accept_new_host_keys };
        let entry = way.enter(&settings, spec.identity.as_deref(), 0)?;
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
                address: entry.address,
                key_type: entry.key.algorithm().to_string(),
                fingerprint: host_keys::fingerprint(&entry.key),
                root: RootBy::Login,
                took: Duration::ZERO,
            },
        };
        if ssh.connected.user != "root" {
            ssh.open_root(prompter)?;
            let asked = ssh.sudo_password.is_some();
            ssh.connected.root = if asked { RootBy::SudoPassword } else { RootBy::Sudo };
        }
        ssh.probe()?;
        ssh.connected.took = began.elapsed();
        Ok(ssh)
    }

    /// The node this is.
    #[must_use]
    pub fn spec(&self) -> &HostSpec {
        &self.spec
    }

    /// The SSH session lives on although nothing runs: says a word to the server.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn keep_alive(&mut self) -> Result<(), HostError> {
        self.link.patiently(OPENING, ssh2::Session::keepalive_send).map(drop).map_err(Into::into)
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

    fn open_root(&mut self, prompter: &dyn Prompter) -> Result<(), SudoError> {
        let (user, host) = (&self.connected.user, &self.spec.host);
        let line = sudo::open(&self.link, user, host, &mut self.sudo_password, prompter)?;
        self.root_line = Some(line);
        Ok(())
    }

    /// Ends a tunnel that is still being opened, so that a new channel can be.
    fn settle(&mut self, limit: Duration) -> Result<(), HostError> {
        if let Some((to, _)) = self.unsettled {
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
            None => {
                self.settle(OPENING)?;
                if by_sudo {
                    // Nobody is asked in the middle of a run; the password that worked is known.
                    self.open_root(&super::ask::Nobody).map_err(|error| match error {
                        SudoError::Host(error) => error,
                        other => HostError::NoRoot(other.to_string()),
                    })?;
                    self.root_line.take().ok_or(HostError::Cancelled)?
                } else {
                    Line::open(&self.link)?
                }
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
        let mut answers = Vec::with_capacity(calls.len());
        for group in calls.chunk_by(|a, b| a.root == b.root || self.connected.user == "root") {
            answers.push((group, answers.len()));
        }
        let mut all = Vec::with_capacity(calls.len());
        for (group, _) in answers {
            let first = all.len();
            all.extend(self.run_all(group, first, sink)?);
        }
        Ok(all)
    }

    fn dial(&mut self, to: SocketAddr, limit: Duration) -> Result<Box<dyn Wire + '_>, HostError> {
        self.settle(limit)?;
        match tunnel::open(&self.link, &to.ip().to_string(), to.port(), limit) {
            Ok(channel) => Ok(Box::new(Tunnel::new(&self.link, channel, limit))),
            Err(Stop::TimedOut(after)) => {
                self.unsettled = Some((to, after));
                let reason = format!("no answer within {} ms", after.as_millis());
                Err(HostError::Unreachable { to, reason })
            }
            Err(stop) => Err(tunnel::refused(stop, to)),
        }
    }
}

/// What the cluster file says, and `~/.ssh/config` where it is silent.
fn settings_of(spec: &HostSpec) -> Result<Settings, ConnectError> {
    let complete = spec.port.is_some()
        && spec.user.is_some()
        && spec.identity.is_some()
        && spec.known_hosts.is_some();
    let mut settings = if complete {
        Settings::defaults(&spec.host)
    } else {
        Settings::of(&spec.host, spec.user.as_deref(), spec.port)?
    };
    if let Some(user) = &spec.user {
        settings.user.clone_from(user);
    }
    settings.port = spec.port.unwrap_or(settings.port);
    if let Some(file) = &spec.known_hosts {
        settings.known_hosts = vec![file.clone()];
    }
    Ok(settings)
}

/// What all connections on the way to a node share.
struct Way<'a> {
    keys: &'a Keys,
    prompter: &'a dyn Prompter,
    cancel: &'a Cancel,
    accept_new: bool,
}

/// Notices that the person was asked: then a lost connection may be the wait's fault.
struct Noticing<'a> {
    prompter: &'a dyn Prompter,
    asked: AtomicBool,
}

impl Prompter for Noticing<'_> {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        self.asked.store(true, Ordering::Relaxed);
        self.prompter.ask(ask)
    }
}

impl Way<'_> {
    /// Logs in, and again if the server did not wait for the person.
    fn enter(
        &self,
        settings: &Settings,
        identity: Option<&std::path::Path>,
        depth: usize,
    ) -> Result<Entry, ConnectError> {
        let mut password = None;
        let mut reconnects = 0;
        loop {
            let noticing = Noticing { prompter: self.prompter, asked: AtomicBool::new(false) };
            let way = Way { prompter: &noticing, ..*self };
            match way.attempt(settings, identity, &mut password, depth) {
                Err(ConnectError::Lost { .. })
                    if noticing.asked.load(Ordering::Relaxed) && reconnects < RECONNECTS =>
                {
                    reconnects += 1;
                }
                other => return other,
            }
        }
    }

    fn attempt(
        &self,
        settings: &Settings,
        identity: Option<&std::path::Path>,
        password: &mut Option<Secret>,
        depth: usize,
    ) -> Result<Entry, ConnectError> {
        let (socket, address, proxy) = self.reach(settings, depth)?;
        let name = settings.alias.clone().map_or_else(
            || host_keys::name(&settings.host, settings.port),
            |alias| alias.to_ascii_lowercase(),
        );
        let unreadable = |e: host_keys::Unreadable| ConnectError::KnownHosts {
            host: name.clone(),
            reason: e.to_string(),
        };
        let files: Vec<PathBuf> =
            settings.known_hosts.iter().chain(&settings.global_known_hosts).cloned().collect();
        let known = KnownHosts::read(&files).map_err(unreadable)?;
        let at = address.map_or_else(|| settings.host.clone(), |a| a.to_string());
        let link = self.handshake(socket, &known.preference(&name), &at)?;
        let key = link.session.host_key().and_then(|(blob, _)| PublicKey::from_bytes(blob).ok());
        let key = key.ok_or_else(|| ConnectError::Handshake {
            at,
            reason: "its host key cannot be read".to_owned(),
        })?;
        self.check(&known, &name, address, &key, settings.known_hosts.first())?;
        let login = Login {
            link: &link,
            settings,
            configured: identity,
            keys: self.keys,
            prompter: self.prompter,
            password,
            tried: Vec::new(),
        };
        login.run()?;
        Ok(Entry { link, proxy, user: settings.user.clone(), address, key })
    }

    /// The bytes below: straight, by a proxy command, or through a jump host.
    fn reach(
        &self,
        settings: &Settings,
        depth: usize,
    ) -> Result<(OwnedFd, Option<SocketAddr>, Option<Proxy>), ConnectError> {
        if let Some(hop) = settings.jump.last() {
            let trouble = |error| ConnectError::Jump { hop: hop.clone(), error: Box::new(error) };
            let before = settings.jump.get(..settings.jump.len() - 1).unwrap_or_default();
            return self.jump(settings, hop, before, depth).map_err(trouble);
        }
        if let Some(command) = &settings.proxy_command {
            let (socket, proxy) = socket::proxy(command)?;
            return Ok((socket, None, Some(proxy)));
        }
        let (socket, address) = socket::call(&settings.host, settings.port, self.cancel)?;
        Ok((socket, Some(address), None))
    }

    fn jump(
        &self,
        settings: &Settings,
        hop: &str,
        before: &[String],
        depth: usize,
    ) -> Result<(OwnedFd, Option<SocketAddr>, Option<Proxy>), ConnectError> {
        if depth >= HOPS {
            return Err(ConnectError::Local(format!("go through more than {HOPS} jump hosts")));
        }
        let (user, host, port) = hop_parts(hop);
        let mut through = Settings::of(host, user, port)?;
        if !before.is_empty() {
            before.clone_into(&mut through.jump);
        }
        // What the cluster file says of known hosts holds for the whole way.
        through.known_hosts.clone_from(&settings.known_hosts);
        let entry = self.enter(&through, None, depth + 1)?;
        let to = (settings.host.as_str(), settings.port);
        let channel =
            tunnel::open(&entry.link, to.0, to.1, OPENING).map_err(|stop| match stop {
                Stop::Cancelled => ConnectError::Cancelled,
                Stop::TimedOut(after) => ConnectError::TimedOut { at: to.0.to_owned(), after },
                Stop::Failed(e) => {
                    ConnectError::Lost { reason: format!("no way to {}: {}", to.0, reason(&e)) }
                }
            })?;
        let local = |e: std::io::Error| ConnectError::Local(e.to_string());
        Ok((tunnel::relay(entry.link, channel).map_err(local)?, None, entry.proxy))
    }

    fn handshake(&self, socket: OwnedFd, prefer: &str, at: &str) -> Result<Link, ConnectError> {
        let failed =
            |e: &ssh2::Error| ConnectError::Handshake { at: at.to_owned(), reason: reason(e) };
        let mut session = Session::new().map_err(|e| failed(&e))?;
        session.method_pref(MethodType::HostKey, prefer).map_err(|e| failed(&e))?;
        let local = |e: std::io::Error| ConnectError::Local(e.to_string());
        let ours = socket.try_clone().map_err(local)?;
        session.set_tcp_stream(socket);
        let link = Link::new(session.clone(), ours, self.cancel.clone());
        let mut first = Vec::new();
        let shaken = link.patiently(HANDSHAKE, |_| {
            if first.is_empty() {
                let mut buffer = [0; 256];
                let n = link.peek(&mut buffer);
                first.extend_from_slice(buffer.get(..n).unwrap_or_default());
            }
            session.handshake()
        });
        shaken.map_err(|stop| match stop {
            Stop::Cancelled => ConnectError::Cancelled,
            _ if !first.is_empty() && !first.starts_with(b"SSH-") => {
                let line = first.split(|&b| b == b'\n').next().unwrap_or_default();
                ConnectError::NotSsh { at: at.to_owned(), said: clean::line(line) }
            }
            Stop::TimedOut(after) => ConnectError::TimedOut { at: at.to_owned(), after },
            Stop::Failed(e) => failed(&e),
        })?;
        Ok(link)
    }

    /// Checks the host key; asks about one nothing is known of, and remembers it.
    fn check(
        &self,
        known: &KnownHosts,
        name: &str,
        address: Option<SocketAddr>,
        key: &PublicKey,
        file: Option<&PathBuf>,
    ) -> Result<(), ConnectError> {
        let (host, key_type) = (name.to_owned(), key.algorithm().to_string());
        let fingerprint = host_keys::fingerprint(key);
        let other_types_known = match known.verdict(name, key) {
            Verdict::Known => return Ok(()),
            Verdict::Changed(at) => {
                return Err(ConnectError::HostKeyChanged { host, at, key_type, fingerprint });
            }
            Verdict::Revoked(at) => return Err(ConnectError::HostKeyRevoked { host, at }),
            Verdict::Unknown => Vec::new(),
            Verdict::OtherTypes(types) => types,
        };
        if !self.accept_new || !other_types_known.is_empty() {
            let ask = Ask::HostKey {
                host: host.clone(),
                address: address.map(|a| a.ip()),
                key_type: key_type.clone(),
                fingerprint: fingerprint.clone(),
                other_types_known,
            };
            if !matches!(self.prompter.ask(&ask), Some(Reply::Yes)) {
                return Err(ConnectError::HostKeyUnknown { host, key_type, fingerprint });
            }
        }
        let Some(file) = file else { return Ok(()) };
        host_keys::add(file, name, key).map_err(|e| ConnectError::KnownHosts {
            host,
            reason: format!("{} cannot be written: {e}", file.display()),
        })
    }
}

/// `[user@]host[:port]`, as `ProxyJump` writes a hop; an IPv6 address with a port is in brackets.
fn hop_parts(hop: &str) -> (Option<&str>, &str, Option<u16>) {
    let hop = hop.strip_prefix("ssh://").unwrap_or(hop);
    let (user, rest) = hop.rsplit_once('@').map_or((None, hop), |(user, rest)| (Some(user), rest));
    let with_port = rest.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match with_port {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (user, host.trim_matches(['[', ']']), Some(port))
        }
        _ => (user, rest.trim_matches(['[', ']']), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_is_taken_apart() {
        for (hop, want) in [
            ("j1", (None, "j1", None)),
            ("me@j1:2201", (Some("me"), "j1", Some(2201))),
            ("ssh://me@j1:22", (Some("me"), "j1", Some(22))),
            ("[fe80::1]:22", (None, "fe80::1", Some(22))),
            ("fe80::1", (None, "fe80::1", None)),
        ] {
            assert_eq!(hop_parts(hop), want, "{hop}");
        }
    }
}

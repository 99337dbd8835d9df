//! The way in: the bytes below, the handshake, the host key, the login; through jump hosts, where
//! each has its own key checked. What is done on the session afterwards is not known here.

use std::{
    net::SocketAddr,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use ssh_key::PublicKey;
use ssh2::{MethodType, Session};

use super::{
    Cancel,
    ask::{Ask, Prompter, Reply, Seen, Standing},
    auth::Login,
    clean,
    connect::{ConnectError, HostSpec, With},
    host_keys::{self, KnownHosts, Verdict},
    keys::Keys,
    line::OPENING,
    link::{Link, Stop, reason},
    socket::{self, Proxy},
    ssh_config::{Settings, UserBy},
    tunnel,
};
use crate::cluster::Secret;

/// How long the two sides may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Jump hosts behind jump hosts; more is a circle.
const HOPS: usize = 8;
/// New connections after one was lost while the person was answering.
const RECONNECTS: usize = 4;

/// A session that is logged in.
pub(super) struct Entry {
    pub(super) link: Link,
    pub(super) proxy: Option<Proxy>,
    pub(super) user: String,
    pub(super) with: With,
    pub(super) address: Option<SocketAddr>,
    pub(super) key: PublicKey,
}

/// Logs in to a node.
pub(super) fn enter(
    spec: &HostSpec,
    keys: &Keys,
    prompter: &dyn Prompter,
    cancel: &Cancel,
) -> Result<Entry, ConnectError> {
    let way = Way { keys, prompter, cancel, accept_new: spec.accept_new_host_keys };
    way.enter(&settings_of(spec)?, spec.identity.as_deref(), 0)
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
        settings.user_by = UserBy::Cluster;
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

    fn saw(&self, seen: &Seen) {
        self.prompter.saw(seen);
    }
}

impl Way<'_> {
    /// Logs in, and again if the server did not wait for the person.
    fn enter(
        &self,
        settings: &Settings,
        identity: Option<&Path>,
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
        identity: Option<&Path>,
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
        self.check(&known, &name, address, &key, settings)?;
        let login = Login {
            link: &link,
            settings,
            hop: depth > 0,
            configured: identity,
            keys: self.keys,
            prompter: self.prompter,
            password,
            tried: Vec::new(),
            with: With::Nothing,
        };
        let with = login.run()?;
        Ok(Entry { link, proxy, user: settings.user.clone(), with, address, key })
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
                let said = first.split(|&b| b == b'\n').next().unwrap_or_default();
                ConnectError::NotSsh { at: at.to_owned(), said: clean::line(said) }
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
        settings: &Settings,
    ) -> Result<(), ConnectError> {
        let (host, key_type) = (name.to_owned(), key.algorithm().to_string());
        let fingerprint = host_keys::fingerprint(key);
        let address = address.map(|a| a.ip());
        let saw = |standing| {
            let (key_type, fingerprint) = (key_type.clone(), fingerprint.clone());
            let host = host.clone();
            let user = Some((settings.user.clone(), settings.user_by.clone()));
            self.prompter.saw(&Seen { host, address, key_type, fingerprint, standing, user });
        };
        let other_types_known = match known.verdict(name, key) {
            Verdict::Known(at) => {
                saw(Standing::Known(at));
                return Ok(());
            }
            Verdict::Changed(at, known) => {
                saw(Standing::Changed { at: at.clone(), known: known.clone() });
                return Err(ConnectError::HostKeyChanged {
                    host,
                    at,
                    known: known.into(),
                    key_type,
                    fingerprint,
                });
            }
            Verdict::Revoked(at) => {
                saw(Standing::Revoked(at.clone()));
                return Err(ConnectError::HostKeyRevoked { host, at });
            }
            Verdict::Unknown => Vec::new(),
            Verdict::OtherTypes(types) => types,
        };
        saw(Standing::New);
        if !self.accept_new || !other_types_known.is_empty() {
            let ask = Ask::HostKey {
                host: host.clone(),
                address,
                key_type: key_type.clone(),
                fingerprint: fingerprint.clone(),
                other_types_known,
            };
            if !matches!(self.prompter.ask(&ask), Some(Reply::Yes)) {
                return Err(ConnectError::HostKeyUnknown { host, key_type, fingerprint });
            }
        }
        let Some(file) = settings.known_hosts.first() else { return Ok(()) };
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

//! Logging in: the configured key, the agent's, the default ones, then by asking.
//!
//! Every wrong key counts against the server's patience (`MaxAuthTries`, 6), so the likeliest goes
//! first. What the person answered is kept for the other hosts ([`super::keys`]).

mod answers;

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use ssh2::{Agent, ErrorCode};
use zeroize::Zeroizing;

use self::answers::{Answers, Ended, Wanted};
use super::{
    ask::{Ask, Prompter, Reply},
    clean,
    connect::{ConnectError, With},
    keys::{KeyFile, Keys},
    line::OPENING,
    link::{Link, Stop, reason},
    ssh_config::Settings,
};
use crate::cluster::Secret;

/// Passwords asked for before giving up.
const TRIES: usize = 3;
/// How long an agent may take to say which keys it has.
const AGENT: Duration = Duration::from_secs(4);

/// One login on one session.
pub(super) struct Login<'a> {
    pub(super) link: &'a Link,
    pub(super) settings: &'a Settings,
    /// The host is only passed through, on the way to another.
    pub(super) hop: bool,
    /// The key the person named, if any; it must be usable.
    pub(super) configured: Option<&'a Path>,
    pub(super) keys: &'a Keys,
    pub(super) prompter: &'a dyn Prompter,
    /// The password that was given on a connection that was lost meanwhile, or worked before.
    pub(super) password: &'a mut Option<Secret>,
    pub(super) tried: Vec<String>,
    /// What let us in so far.
    pub(super) with: With,
}

/// A key to offer.
enum Offer {
    File(KeyFile),
    /// Held by the agent; its file, if it is one of ours.
    Agent(ssh2::PublicKey, Option<PathBuf>),
}

impl Offer {
    fn with(&self) -> With {
        match self {
            Self::File(key) => With::Key { file: key.path.clone(), passphrase: key.encrypted },
            Self::Agent(key, file) => {
                let comment = clean::line(key.comment().as_bytes());
                With::Agent { file: file.clone(), comment }
            }
        }
    }
}

/// What came of one attempt.
enum Came {
    In,
    /// Right, and the server wants something more.
    Further,
    Refused,
}

impl Login<'_> {
    /// Logs in; says with what.
    pub(super) fn run(mut self) -> Result<With, ConnectError> {
        let Some(mut methods) = self.methods()? else { return Ok(self.with) };
        if methods.contains("publickey") {
            let agent = self.agent();
            for offer in self.offers(agent.as_ref())? {
                match self.offer(agent.as_ref(), &offer)? {
                    Came::In => return Ok(offer.with()),
                    Came::Refused => {}
                    Came::Further => {
                        self.with = offer.with();
                        let Some(rest) = self.methods()? else { return Ok(self.with) };
                        methods = rest;
                        if !methods.contains("publickey") {
                            break;
                        }
                    }
                }
            }
        }
        loop {
            let (came, with) = self.by_asking(&methods)?;
            if self.with == With::Nothing && !matches!(came, Came::Refused) {
                self.with = with;
            }
            match came {
                Came::In => return Ok(self.with),
                Came::Refused => return Err(self.refused(&methods)),
                Came::Further => match self.methods()? {
                    None => return Ok(self.with),
                    Some(same) if same == methods => return Err(self.refused(&methods)),
                    Some(rest) => methods = rest,
                },
            }
        }
    }

    fn refused(&self, wants: &str) -> ConnectError {
        let tried =
            if self.tried.is_empty() { "nothing".to_owned() } else { self.tried.join(", ") };
        let (user, host) = (self.settings.user.clone(), self.settings.host.clone());
        ConnectError::LoginRefused { user, host, tried, wants: clean::line(wants.as_bytes()) }
    }

    /// The methods the server would take now; `None` if we are in already.
    fn methods(&self) -> Result<Option<String>, ConnectError> {
        let user = &self.settings.user;
        let asked = self.link.patiently(OPENING, |s| {
            let methods = s.auth_methods(user).map(str::to_owned);
            if s.authenticated() { Ok(None) } else { methods.map(Some) }
        });
        asked.map_err(|stop| self.stopped(stop))
    }

    /// Keys in the order they are offered. A file whose key the agent holds is left to the agent.
    fn offers(&self, agent: Option<&Agent>) -> Result<Vec<Offer>, ConnectError> {
        let mut held: Vec<_> = agent.and_then(|a| a.identities().ok()).unwrap_or_default();
        let mut take = |file: &KeyFile| {
            let blob = file.public.as_deref()?;
            Some(held.swap_remove(held.iter().position(|key| key.blob() == blob)?))
        };
        let mut first = Vec::new();
        if let Some(path) = self.configured {
            let unusable = |reason| ConnectError::Key { file: path.to_owned(), reason };
            let file = KeyFile::read(path).map_err(|e| unusable(e.to_string()))?;
            first.push(match take(&file) {
                Some(key) => Offer::Agent(key, Some(file.path)),
                None => Offer::File(file),
            });
        }
        let others =
            self.settings.identities.iter().filter(|path| Some(path.as_path()) != self.configured);
        let (mut plain, mut locked) = (Vec::new(), Vec::new());
        for file in others.filter_map(|path| KeyFile::read(path).ok()) {
            match take(&file) {
                Some(key) => first.push(Offer::Agent(key, Some(file.path))),
                // A key that needs a passphrase is asked for last.
                None if file.encrypted => locked.push(Offer::File(file)),
                None => plain.push(Offer::File(file)),
            }
        }
        if !self.settings.identities_only {
            first.extend(held.into_iter().map(|key| Offer::Agent(key, None)));
        }
        Ok(first.into_iter().chain(plain).chain(locked).collect())
    }

    /// The agent, if there is one that answers.
    fn agent(&mut self) -> Option<Agent> {
        let socket = self.settings.agent.as_ref()?;
        if answers(socket).is_err() {
            self.tried.push(format!("the agent at {} (does not answer)", socket.display()));
            return None;
        }
        let mut agent = self.link.session.agent().ok()?;
        agent.set_identity_path(socket).ok()?;
        let listed = self
            .link
            .patiently(OPENING, |_| agent.connect())
            .and_then(|()| self.link.patiently(OPENING, |_| agent.list_identities()));
        if listed.is_err() {
            self.tried.push(format!("the agent at {} (does not answer)", socket.display()));
            return None;
        }
        Some(agent)
    }

    fn offer(&mut self, agent: Option<&Agent>, offer: &Offer) -> Result<Came, ConnectError> {
        let user = &self.settings.user;
        let (name, result) = match (offer, agent) {
            (Offer::Agent(key, _), Some(agent)) => (
                format!("the agent's key {}", clean::line(key.comment().as_bytes())),
                self.link.patiently(OPENING, |_| agent.userauth(user, key)),
            ),
            (Offer::Agent(..), None) => return Ok(Came::Refused),
            (Offer::File(file), _) => {
                let name = format!("the key {}", file.path.display());
                let Some(pem) = self.keys.open(file, self.prompter) else {
                    self.tried.push(format!("{name} (its passphrase was not given)"));
                    return Ok(Came::Refused);
                };
                let Ok(pem) = std::str::from_utf8(pem.reveal()) else {
                    self.tried.push(format!("{name} (not a key)"));
                    return Ok(Came::Refused);
                };
                let result = self
                    .link
                    .patiently(OPENING, |s| s.userauth_pubkey_memory(user, None, pem, None));
                (name, result)
            }
        };
        self.judge(name, result)
    }

    /// What was right lets us in, or leads on to what the server wants beside it.
    fn came(&self) -> Came {
        if self.link.session.authenticated() { Came::In } else { Came::Further }
    }

    /// libssh2 asks first whether the key would do, so a signature that "fails" was right, and the
    /// server wants more.
    fn judge(&mut self, name: String, result: Result<(), Stop>) -> Result<Came, ConnectError> {
        let further = ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED);
        match result {
            Ok(()) => return Ok(self.came()),
            Err(Stop::Failed(e)) if e.code() == further => {
                self.tried.push(name);
                return Ok(Came::Further);
            }
            Err(Stop::Failed(e)) if !is_gone(&e) => self.tried.push(name),
            Err(stop) => {
                self.tried.push(name);
                return Err(self.stopped(stop));
            }
        }
        Ok(Came::Refused)
    }

    /// The server's own questions first, as ssh does: behind both there may be PAM, and a password
    /// alone cannot answer a second question of it.
    fn by_asking(&mut self, methods: &str) -> Result<(Came, With), ConnectError> {
        let takes = |method: &str| methods.split(',').any(|m| m == method);
        if takes("keyboard-interactive") {
            let (came, wanted) = self.by_questions()?;
            let with = if wanted == Wanted::Password { With::Password } else { With::Answers };
            // Where nothing was asked that way, a plain password may still do.
            if wanted != Wanted::Nothing || !matches!(came, Came::Refused) {
                return Ok((came, with));
            }
        }
        if takes("password") {
            return Ok((self.by_password()?, With::Password));
        }
        Ok((Came::Refused, With::Nothing))
    }

    fn by_password(&mut self) -> Result<Came, ConnectError> {
        let (user, host) = (self.settings.user.clone(), self.settings.host.clone());
        for attempt in 0..TRIES {
            let secret = if let Some(secret) = self.password.take() {
                secret
            } else {
                let (user, host) = (user.clone(), host.clone());
                let ask = Ask::Password { user, host, hop: self.hop, again: attempt > 0 };
                match self.prompter.ask(&ask) {
                    Some(Reply::Secret(secret)) => secret,
                    Some(_) => return Err(ConnectError::Declined),
                    None => return Ok(Came::Refused),
                }
            };
            let text = Zeroizing::new(String::from_utf8_lossy(secret.reveal()).into_owned());
            if self.link.is_over() {
                *self.password = Some(secret);
                return Err(too_late());
            }
            let result = self.link.patiently(OPENING, |s| s.userauth_password(&user, &text));
            match result {
                Ok(()) => *self.password = Some(secret),
                Err(Stop::Failed(e)) if !is_gone(&e) => continue,
                Err(stop) => {
                    self.tried.push("a password".to_owned());
                    return Err(self.stopped(stop));
                }
            }
            return Ok(self.came());
        }
        self.tried.push("a password".to_owned());
        Ok(Came::Refused)
    }

    fn by_questions(&mut self) -> Result<(Came, Wanted), ConnectError> {
        let user = self.settings.user.clone();
        let mut wanted = Wanted::Nothing;
        for attempt in 0..TRIES {
            let mut answers = Answers {
                settings: self.settings,
                hop: self.hop,
                prompter: self.prompter,
                password: self.password.take(),
                repeated: false,
                wanted,
                again: attempt > 0,
                link: self.link,
                ended: None,
            };
            let result = self
                .link
                .patiently(OPENING, |s| s.userauth_keyboard_interactive(&user, &mut answers));
            let (ended, given) = (answers.ended, answers.password);
            wanted = answers.wanted;
            match (result, ended) {
                (_, Some(Ended::Declined)) => return Err(ConnectError::Declined),
                (_, Some(Ended::Nobody)) => return Ok((Came::Refused, wanted)),
                (_, Some(Ended::TooLate)) => {
                    *self.password = given;
                    return Err(too_late());
                }
                (Ok(()), None) => {
                    *self.password = given;
                    return Ok((self.came(), wanted));
                }
                // It asks nothing this way.
                (Err(Stop::Failed(e)), None) if !is_gone(&e) && wanted == Wanted::Nothing => {
                    return Ok((Came::Refused, wanted));
                }
                // libssh2 calls it a refusal, too, when no answer came.
                (Err(Stop::Failed(e)), None) if e.message().starts_with("Waiting") => {
                    self.tried.push("the server's questions".to_owned());
                    self.methods()?;
                    return Ok((Came::Refused, wanted));
                }
                (Err(Stop::Failed(e)), None) if !is_gone(&e) => {}
                (Err(stop), None) => return Err(self.stopped(stop)),
            }
        }
        self.tried.push("the server's questions".to_owned());
        Ok((Came::Refused, wanted))
    }

    /// A session that ended while logging in. A server whose patience is at its end says so (RFC
    /// 4253, 11.1) before it hangs up; one whose time is over (`LoginGraceTime`) just hangs up.
    fn stopped(&self, stop: Stop) -> ConnectError {
        match stop {
            Stop::Cancelled => ConnectError::Cancelled,
            Stop::TimedOut(after) => {
                ConnectError::TimedOut { at: self.settings.host.clone(), after }
            }
            Stop::Failed(e) if e.code() == SAID_GOODBYE && !self.tried.is_empty() => {
                self.refused("no more attempts (MaxAuthTries); name the right key as identity")
            }
            Stop::Failed(e) => ConnectError::Lost { reason: reason(&e) },
        }
    }
}

/// The server did not wait for the person: the answer is for the next connection.
fn too_late() -> ConnectError {
    ConnectError::Lost { reason: "the server hung up before there was an answer".to_owned() }
}

/// Asks an agent for its keys, to see whether it answers: libssh2 would wait for a frozen one for
/// ever. `SSH_AGENTC_REQUEST_IDENTITIES` is 11 (draft-miller-ssh-agent, 6.1).
fn answers(socket: &Path) -> io::Result<()> {
    let mut agent = UnixStream::connect(socket)?;
    agent.set_read_timeout(Some(AGENT))?;
    agent.set_write_timeout(Some(AGENT))?;
    agent.write_all(&[0, 0, 0, 1, 11])?;
    agent.read_exact(&mut [0; 5])
}

/// The server sent `SSH_MSG_DISCONNECT`.
const SAID_GOODBYE: ErrorCode = ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_SOCKET_DISCONNECT);

/// The session is dead, whatever else is tried.
fn is_gone(error: &ssh2::Error) -> bool {
    use libssh2_sys::{LIBSSH2_ERROR_SOCKET_RECV as RECV, LIBSSH2_ERROR_SOCKET_SEND as SEND};
    error.code() == SAID_GOODBYE || matches!(error.code(), ErrorCode::Session(RECV | SEND))
}

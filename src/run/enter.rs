//! How nodes are logged in to in a real run: over SSH, with one store of keys for all of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

use super::{
    entry::{Connect, Entry, NoEntry},
    findings,
};
use crate::{
    cluster::{Login, Member, Secret},
    remote::{
        Cancel,
        ask::{Ask, Prompter, Reply, Seen},
        connect::{HostSpec, RootBy},
        keys::Keys,
        shell::{Shell, Size},
        ssh::Ssh,
    },
};

/// Logs in over SSH.
pub struct OverSsh {
    login: Login,
    keys: Keys,
    prompter: Arc<AskedOnce>,
    accept_new_host_keys: bool,
}

impl OverSsh {
    /// As that login says where a member says nothing else; what is missing is asked of `prompter`.
    #[must_use]
    pub fn new(login: Login, prompter: Arc<dyn Prompter>, accept_new: bool) -> Self {
        let prompter = Arc::new(AskedOnce::new(prompter));
        Self { login, keys: Keys::default(), prompter, accept_new_host_keys: accept_new }
    }

    /// The same with another login: what was asked once stays known.
    #[must_use]
    pub fn by(&self, login: Login) -> Self {
        Self { login, keys: self.keys.clone(), prompter: Arc::clone(&self.prompter), ..*self }
    }

    /// Opens a shell for the person on that member's node, on a session of its own.
    ///
    /// # Errors
    /// Why not, as a clause.
    pub fn shell(&self, member: &Member, size: Size, cancel: &Cancel) -> Result<Shell, String> {
        let ssh = self.log_in(member, cancel).map_err(|no| no.reason)?;
        ssh.open_shell(size).map_err(|error| error.to_string())
    }

    fn log_in(&self, member: &Member, cancel: &Cancel) -> Result<Ssh, Box<NoEntry>> {
        let mut spec = HostSpec::of(&self.login, member);
        spec.accept_new_host_keys = self.accept_new_host_keys;
        let ssh = Ssh::connect(&spec, &self.keys, self.prompter.as_ref(), cancel);
        self.prompter.settle(ssh.is_ok());
        ssh.map_err(|error| Box::new(findings::no_entry(&member.name, &error)))
    }
}

impl Connect for OverSsh {
    fn connect(&self, member: &Member, cancel: &Cancel) -> Result<Entry, Box<NoEntry>> {
        let ssh = self.log_in(member, cancel)?;
        let (user, with) = (ssh.connected.user.clone(), ssh.connected.with.clone());
        let root = match ssh.connected.root {
            RootBy::Login => "root",
            RootBy::Sudo => "sudo",
            RootBy::SudoPassword => "sudo with a password",
        };
        Ok(Entry { host: Box::new(ssh), user, with, root: root.to_owned() })
    }
}

/// A password is asked for once and tried on one machine; only then the others use it. Five wrong
/// ones at the same moment would lock the account (`pam_faillock`).
struct AskedOnce {
    person: Arc<dyn Prompter>,
    passwords: Mutex<BTreeMap<Whose, Password>>,
    settled: Condvar,
}

/// Whose password it is. The nodes share theirs; a host on the way has its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Login(String),
    Sudo(String),
    Hop { host: String, user: String },
}

enum Password {
    OnTrial(ThreadId, Option<Secret>),
    Right(Secret),
}

impl AskedOnce {
    fn new(person: Arc<dyn Prompter>) -> Self {
        Self { person, passwords: Mutex::default(), settled: Condvar::new() }
    }

    fn passwords(&self) -> MutexGuard<'_, BTreeMap<Whose, Password>> {
        self.passwords.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This thread's login came to its end: what it tried is right, or is forgotten.
    fn settle(&self, right: bool) {
        let me = thread::current().id();
        let mut passwords = self.passwords();
        for (whose, password) in std::mem::take(&mut *passwords) {
            let password = match password {
                Password::OnTrial(who, secret) if who == me => match secret.filter(|_| right) {
                    Some(secret) => Password::Right(secret),
                    None => continue,
                },
                other => other,
            };
            passwords.insert(whose, password);
        }
        self.settled.notify_all();
    }
}

impl Prompter for AskedOnce {
    fn ask(&self, ask: &Ask) -> Option<Reply> {
        let (whose, again) = match ask {
            Ask::Password { user, host, hop: true, again } => {
                (Whose::Hop { host: host.clone(), user: user.clone() }, *again)
            }
            Ask::Password { user, again, .. } => (Whose::Login(user.clone()), *again),
            Ask::SudoPassword { user, again, .. } => (Whose::Sudo(user.clone()), *again),
            // Each waits for its own answer.
            Ask::HostKey { .. } | Ask::Passphrase { .. } | Ask::Interactive { .. } => {
                return self.person.ask(ask);
            }
        };
        let me = thread::current().id();
        let mut passwords = self.passwords();
        loop {
            match passwords.get(&whose) {
                Some(Password::Right(secret)) if !again => {
                    return Some(Reply::Secret(secret.clone()));
                }
                Some(Password::OnTrial(who, _)) if *who != me => {
                    passwords =
                        self.settled.wait(passwords).unwrap_or_else(PoisonError::into_inner);
                }
                // Right elsewhere and wrong here: this machine has one of its own.
                Some(Password::Right(_)) => {
                    drop(passwords);
                    return self.person.ask(ask);
                }
                _ => break,
            }
        }
        passwords.insert(whose.clone(), Password::OnTrial(me, None));
        drop(passwords);
        let reply = self.person.ask(ask);
        if let Some(Reply::Secret(secret)) = &reply {
            self.passwords().insert(whose, Password::OnTrial(me, Some(secret.clone())));
        }
        reply
    }

    fn saw(&self, seen: &Seen) {
        self.person.saw(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every host has another password, and each question is counted.
    #[derive(Default)]
    struct ByHost(Mutex<Vec<String>>);

    impl Prompter for ByHost {
        fn ask(&self, ask: &Ask) -> Option<Reply> {
            let Ask::Password { host, .. } = ask else { return None };
            self.0.lock().unwrap().push(host.clone());
            Some(Reply::Secret(Secret::new(host.clone().into_bytes())))
        }
    }

    #[test]
    fn a_host_on_the_way_has_a_password_of_its_own() {
        let person = Arc::new(ByHost::default());
        let once = AskedOnce::new(Arc::clone(&person) as Arc<_>);
        let given = |host: &str, hop| {
            let (user, host) = ("ops".to_owned(), host.to_owned());
            match once.ask(&Ask::Password { user, host, hop, again: false }) {
                Some(Reply::Secret(secret)) => secret.reveal().to_vec(),
                _ => Vec::new(),
            }
        };
        assert_eq!(given("bastion", true), b"bastion");
        assert_eq!(given("n1", false), b"n1", "not what was typed for the bastion");
        once.settle(true);
        assert_eq!(given("bastion", true), b"bastion");
        assert_eq!(given("n2", false), b"n1", "the nodes share theirs");
        assert_eq!(*person.0.lock().unwrap(), ["bastion", "n1"]);
    }
}

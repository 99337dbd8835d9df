//! What `~/.ssh/config` says of a host: read by `ssh -G` itself, so that `Match`, `Include` and
//! wildcards mean what they mean to ssh. Only what we honour is looked at.
//!
//! `StrictHostKeyChecking` is not: a host key is always checked, and never accepted silently.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How to reach a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What is called: a name or an IP address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// Who says so.
    pub user_by: UserBy,
    /// Private key files, some of which may not exist.
    pub identities: Vec<PathBuf>,
    /// Use only the agent's keys that are also in `identities`.
    pub identities_only: bool,
    /// The agent's socket; `None` is no agent.
    pub agent: Option<PathBuf>,
    /// The name in `known_hosts`, if it is not the host's.
    pub alias: Option<String>,
    /// The person's own `known_hosts` files; new keys go to the first.
    pub known_hosts: Vec<PathBuf>,
    /// The machine's `known_hosts` files.
    pub global_known_hosts: Vec<PathBuf>,
    /// Hosts to go through, nearest first, as `ProxyJump` writes them.
    pub jump: Vec<String>,
    /// A command whose standard input and output are the connection.
    pub proxy_command: Option<String>,
}

/// Where the name comes from that logs in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserBy {
    /// The person's name on this computer.
    Computer,
    /// That file of ssh's configuration.
    Config(PathBuf),
    /// The cluster, as its file says or as was typed in the wizard.
    Cluster,
}

/// What `ssh -G` could not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`ssh -G {host}` fails, so ~/.ssh/config cannot be followed: {said}")]
pub struct BadConfig {
    host: String,
    said: String,
}

/// Our own keywords in ssh's configuration files: only if one of them is used need ssh be asked.
const KEYWORDS: [&str; 13] = [
    "hostname",
    "port",
    "user",
    "identityfile",
    "identityagent",
    "identitiesonly",
    "hostkeyalias",
    "proxyjump",
    "proxycommand",
    "userknownhostsfile",
    "globalknownhostsfile",
    "canonicalizehostname",
    "match",
];

impl Settings {
    /// ssh's defaults for that host, without any configuration file.
    #[must_use]
    pub fn defaults(host: &str) -> Self {
        let ssh = home().join(".ssh");
        Self {
            host: host.to_owned(),
            port: 22,
            user: local_user(),
            user_by: UserBy::Computer,
            identities: ["id_rsa", "id_ecdsa", "id_ed25519"].iter().map(|f| ssh.join(f)).collect(),
            identities_only: false,
            agent: agent_of_environment(),
            alias: None,
            known_hosts: vec![ssh.join("known_hosts"), ssh.join("known_hosts2")],
            global_known_hosts: vec![
                "/etc/ssh/ssh_known_hosts".into(),
                "/etc/ssh/ssh_known_hosts2".into(),
            ],
            jump: Vec::new(),
            proxy_command: None,
        }
    }

    /// What ssh would do, asked for that host, user and port.
    ///
    /// # Errors
    /// If ssh cannot read its own configuration.
    pub fn of(host: &str, user: Option<&str>, port: Option<u16>) -> Result<Self, BadConfig> {
        let [own, global] = [home().join(".ssh/config"), "/etc/ssh/ssh_config".into()];
        let mut settings = if says(&own, &KEYWORDS) || says(&global, &KEYWORDS) {
            asked(host, user, port)?
        } else {
            Self::defaults(host)
        };
        // ssh does not tell which file it was; it takes the first word, and reads the person's first.
        if settings.user != local_user() {
            let by_global = !says(&own, &["user"]) && says(&global, &["user"]);
            settings.user_by = UserBy::Config(if by_global { global } else { own });
        }
        settings.user = user.map_or(settings.user, str::to_owned);
        settings.port = port.unwrap_or(settings.port);
        Ok(settings)
    }

    /// Whether ssh's configuration says something of that very host: a name of its own, or a way
    /// that others do not go.
    ///
    /// # Errors
    /// If ssh cannot read its own configuration.
    pub fn named(host: &str) -> Result<Option<Self>, BadConfig> {
        let settings = Self::of(host, None, None)?;
        if settings.host != host {
            return Ok(Some(settings));
        }
        // What `Host *` says is said of a name nobody has too (RFC 2606).
        let others = Self::of("nobody.invalid", None, None)?;
        let own = settings.jump != others.jump || settings.proxy_command != others.proxy_command;
        Ok(own.then_some(settings))
    }
}

/// Runs `ssh -G` (12 ms). Without ssh there is nobody the file is for.
fn asked(host: &str, user: Option<&str>, port: Option<u16>) -> Result<Settings, BadConfig> {
    let mut ssh = Command::new("ssh");
    ssh.arg("-G").stdin(Stdio::null());
    if let Some(user) = user {
        ssh.args(["-l", user]);
    }
    if let Some(port) = port {
        ssh.arg("-p").arg(port.to_string());
    }
    let Ok(output) = ssh.arg("--").arg(host).output() else { return Ok(Settings::defaults(host)) };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().replace("\r\n", "; ");
        return Err(BadConfig { host: host.to_owned(), said });
    }
    Ok(read(host, &String::from_utf8_lossy(&output.stdout)))
}

/// Reads what `ssh -G` prints: a keyword and its value per line.
fn read(asked: &str, output: &str) -> Settings {
    let mut settings = Settings { identities: Vec::new(), ..Settings::defaults(asked) };
    let lines = || output.lines().filter_map(|line| line.split_once(' '));
    // These three first: the tokens of the others stand for them.
    for (keyword, value) in lines() {
        match keyword {
            "hostname" => value.clone_into(&mut settings.host),
            "user" => value.clone_into(&mut settings.user),
            "port" => settings.port = value.parse().unwrap_or(22),
            _ => {}
        }
    }
    let tokens = Tokens::of(asked, &settings);
    for (keyword, value) in lines() {
        let path = || tokens.path(value);
        let paths = || value.split_whitespace().map(|v| tokens.path(v)).collect();
        match keyword {
            "identityfile" => settings.identities.push(path()),
            "identitiesonly" => settings.identities_only = value == "yes",
            "identityagent" => {
                settings.agent = match value {
                    "none" => None,
                    "SSH_AUTH_SOCK" => agent_of_environment(),
                    _ => match value.strip_prefix('$') {
                        Some(name) => {
                            std::env::var_os(name.trim_matches(['{', '}'])).map(Into::into)
                        }
                        None => Some(path()),
                    },
                }
            }
            "hostkeyalias" => settings.alias = Some(value.to_owned()),
            "userknownhostsfile" => settings.known_hosts = paths(),
            "globalknownhostsfile" => settings.global_known_hosts = paths(),
            "proxyjump" if value != "none" => {
                settings.jump = value.split(',').map(|hop| hop.trim().to_owned()).collect();
            }
            "proxycommand" if value != "none" => {
                settings.proxy_command = Some(tokens.expand(value));
            }
            _ => {}
        }
    }
    settings
}

/// What `%h` and its like stand for (`ssh_config(5)`, TOKENS).
struct Tokens<'a> {
    asked: &'a str,
    host: String,
    port: u16,
    user: String,
}

impl<'a> Tokens<'a> {
    fn of(asked: &'a str, settings: &Settings) -> Self {
        Self {
            asked,
            host: settings.host.clone(),
            port: settings.port,
            user: settings.user.clone(),
        }
    }

    fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                expanded.push(c);
                continue;
            }
            match chars.next() {
                Some('h') => expanded.push_str(&self.host),
                Some('n') => expanded.push_str(self.asked),
                Some('p') => expanded.push_str(&self.port.to_string()),
                Some('r') => expanded.push_str(&self.user),
                Some('u') => expanded.push_str(&local_user()),
                Some('d') => expanded.push_str(&home().to_string_lossy()),
                Some('%') | None => expanded.push('%'),
                Some(other) => expanded.extend(['%', other]),
            }
        }
        expanded
    }

    fn path(&self, text: &str) -> PathBuf {
        in_home(&self.expand(text))
    }
}

/// A path whose `~` is the person's home.
#[must_use]
pub fn in_home(path: &str) -> PathBuf {
    let path = if path == "~" { "~/" } else { path };
    path.strip_prefix("~/").map_or_else(|| path.into(), |rest| home().join(rest))
}

/// Whether a configuration file says anything of these, or includes others that may.
fn says(file: &Path, keywords: &[&str]) -> bool {
    let Ok(text) = std::fs::read(file) else { return false };
    String::from_utf8_lossy(&text).lines().any(|line| {
        let mut words = line.trim().splitn(2, |c: char| c.is_whitespace() || c == '=');
        let keyword = words.next().unwrap_or_default().to_ascii_lowercase();
        let value = words.next().unwrap_or_default().trim();
        keywords.contains(&keyword.as_str()) || keyword == "include" && !includes_nothing(value)
    })
}

/// An include of `FOLDER/*.conf` where no such file is, as a fresh Debian has it.
fn includes_nothing(pattern: &str) -> bool {
    let Some(folder) = pattern.strip_suffix("/*.conf").filter(|f| f.starts_with('/')) else {
        return false;
    };
    let Ok(files) = std::fs::read_dir(folder) else { return true };
    !files.flatten().any(|file| file.path().extension() == Some(OsStr::new("conf")))
}

/// The person's home.
#[must_use]
pub fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| "/".into())
}

fn agent_of_environment() -> Option<PathBuf> {
    std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()).map(Into::into)
}

fn local_user() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| "root".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_ssh_is_read_with_its_tokens() {
        let settings = read(
            "n1",
            "user etcd\nhostname n1.lab\nport 2201\nidentityfile ~/.ssh/%r@%h\nidentityfile /k%%1\n\
             identitiesonly yes\nidentityagent none\nhostkeyalias lab\nproxyjump a@j1:22,j2\n\
             proxycommand none\nuserknownhostsfile /kh1 ~/kh2\nglobalknownhostsfile /g\n\
             stricthostkeychecking no\nnonsense\n",
        );
        let want = Settings {
            host: "n1.lab".to_owned(),
            port: 2201,
            user: "etcd".to_owned(),
            user_by: UserBy::Computer,
            identities: vec![home().join(".ssh/etcd@n1.lab"), "/k%1".into()],
            identities_only: true,
            agent: None,
            alias: Some("lab".to_owned()),
            known_hosts: vec!["/kh1".into(), home().join("kh2")],
            global_known_hosts: vec!["/g".into()],
            jump: vec!["a@j1:22".to_owned(), "j2".to_owned()],
            proxy_command: None,
        };
        assert_eq!(settings, want);
    }

    #[test]
    fn a_proxy_command_names_the_host_as_asked_and_as_called() {
        let settings = read("n1", "hostname 10.0.0.1\nport 22\nproxycommand nc %h %p # %n %x\n");
        assert_eq!(settings.proxy_command.as_deref(), Some("nc 10.0.0.1 22 # n1 %x"));
    }

    #[test]
    fn ssh_is_asked_only_if_a_file_says_something() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().display();
        let file = place.path().join("config");
        let conf = format!("Include {folder}/*.conf");
        for (text, want) in [
            ("Host *\n  SendEnv LANG\n  HashKnownHosts yes\n", false),
            ("# ProxyJump x\n", false),
            (conf.as_str(), false),
            ("Host n1\n\tProxyJump x\n", true),
            ("port=22\n", true),
            ("Match all\n", true),
            ("Include other\n", true),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(says(&file, &KEYWORDS), want, "{text}");
        }
        std::fs::write(&file, &conf).unwrap();
        std::fs::write(place.path().join("a.conf"), "").unwrap();
        assert!(says(&file, &KEYWORDS));
        assert!(!says(&place.path().join("none"), &KEYWORDS));
    }
}

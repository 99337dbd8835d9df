//! A node in the person's own hands: their `ssh` in a pty for the shell, and a connection of our own
//! that looks every two seconds at what holds.

use std::{
    io::{self, Read, Write},
    sync::{Arc, mpsc::SyncSender},
    thread,
    time::Duration,
};

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{
    app::{Msg, page::by_hand::Tick},
    cluster::{Cluster, Member, MemberName},
    event::Step,
    lab,
    remote::{Call, Cancel, Host},
    run::{Connect, Vault, look},
};

/// How often the node is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What is needed to put a node into the person's hands.
#[derive(Clone)]
pub struct Hands {
    /// The cluster as it shall be.
    pub cluster: Arc<Cluster>,
    /// The TLS files, by which the tasks are made.
    pub vault: Arc<Vault>,
    /// How nodes are logged in to.
    pub connect: Arc<dyn Connect>,
}

/// A shell on a node, and the thread that looks at it; both end when this is dropped.
pub(crate) struct Open {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    cancel: Cancel,
}

impl Open {
    /// Opens the shell and begins to look.
    pub(crate) fn start(
        hands: &Hands,
        node: &MemberName,
        step: Step,
        (rows, cols): (u16, u16),
        messages: &SyncSender<Msg>,
    ) -> io::Result<Self> {
        let member = hands.cluster.member(node).ok_or(io::ErrorKind::NotFound)?;
        let size = PtySize { rows, cols, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).map_err(io::Error::other)?;
        let command = ssh(&hands.cluster, member);
        let mut child = pair.slave.spawn_command(command).map_err(io::Error::other)?;
        drop(pair.slave);
        let killer = child.clone_killer();
        let mut output = pair.master.try_clone_reader().map_err(io::Error::other)?;
        let keys = pair.master.take_writer().map_err(io::Error::other)?;
        let telling = messages.clone();
        thread::Builder::new().name("shell".to_owned()).spawn(move || {
            let mut buf = [0; 8192];
            while let Ok(n @ 1..) = output.read(&mut buf) {
                let bytes = buf.get(..n).unwrap_or_default().to_vec();
                if telling.send(Msg::Shell(bytes)).is_err() {
                    break;
                }
            }
            drop(child.wait());
            drop(telling.send(Msg::ShellEnded));
        })?;
        let cancel = Cancel::default();
        let (hands, member) = (hands.clone(), member.clone());
        let (telling, left) = (messages.clone(), cancel.clone());
        thread::Builder::new()
            .name("look".to_owned())
            .spawn(move || keep_looking(&hands, &member, step, &telling, &left))?;
        Ok(Self { master: pair.master, keys, killer, cancel })
    }

    /// What was typed goes to the node.
    pub(crate) fn type_in(&mut self, bytes: &[u8]) {
        // A shell that has ended says so by itself.
        drop(self.keys.write_all(bytes).and_then(|()| self.keys.flush()));
    }

    /// The pane has another size.
    pub(crate) fn fit(&self, rows: u16, cols: u16) {
        let size = PtySize { rows, cols, ..PtySize::default() };
        drop(self.master.resize(size));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.cancel.cancel();
        // It may have ended already.
        drop(self.killer.kill());
    }
}

/// The person's own ssh, with what the cluster file says.
fn ssh(cluster: &Cluster, member: &Member) -> CommandBuilder {
    let login = member.login.or(&cluster.login);
    let mut ssh = CommandBuilder::new("ssh");
    ssh.env("TERM", "xterm-256color");
    if let Some(file) = &login.known_hosts {
        ssh.args(["-o", &format!("UserKnownHostsFile={}", file.display())]);
    }
    if let Some(file) = &login.identity {
        ssh.arg("-i");
        ssh.arg(file);
    }
    if let Some(port) = login.port {
        ssh.args(["-p", &port.to_string()]);
    }
    if let Some(user) = &login.user {
        ssh.args(["-l", user]);
    }
    ssh.args(["-t", "--", &member.host()]);
    ssh
}

/// Looks until the page is left; a connection that breaks is made anew.
fn keep_looking(
    hands: &Hands,
    member: &Member,
    step: Step,
    messages: &SyncSender<Msg>,
    left: &Cancel,
) {
    let mut host: Option<Box<dyn Host>> = None;
    while !left.is_cancelled() {
        let ticks = match &mut host {
            Some(open) => ticks(hands, member, step, open.as_mut()),
            None => match hands.connect.connect(member, left) {
                Ok(entry) => ticks(hands, member, step, host.insert(entry.host).as_mut()),
                Err(no) => Err(no.reason),
            },
        };
        if ticks.is_err() {
            host = None;
        }
        if messages.send(Msg::HandLooked(ticks)).is_err() || left.sleep(EVERY) {
            return;
        }
    }
}

/// What the step consists of there now, and what of it holds.
fn ticks(
    hands: &Hands,
    member: &Member,
    step: Step,
    host: &mut dyn Host,
) -> Result<Vec<Tick>, String> {
    let words = |error: crate::remote::HostError| error.to_string();
    let facts = look::survey(host, &hands.cluster, member).map_err(words)?;
    let facts = facts.map_err(|error| format!("the survey {error}"))?;
    let material = hands.vault.material(&member.name).ok_or("it has no certificate")?;
    let tasks = lab::tasks(step, &hands.cluster, member, material, &facts);
    let texts: Vec<_> = tasks.iter().map(|task| task.holds.text.as_bytes()).collect();
    let calls: Vec<_> = tasks
        .iter()
        .zip(&texts)
        .map(|(task, text)| Call { text, root: true, limit: task.holds.limit() })
        .collect();
    let answers = host.run(&calls, &mut |_, _, _| {}).map_err(words)?;
    let ticks = tasks.iter().zip(answers).map(|(task, answer)| Tick {
        title: task.title.clone(),
        holds: answer.status == 0,
        says: answer.stdout.lines().chain(answer.stderr.lines()).map(str::to_owned).collect(),
        change: task.change.text.clone(),
    });
    Ok(ticks.collect())
}

//! Who plays, how each is started, and the check that it did what it was timed for.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    Result, figures,
    lab::{Lab, beside, ended_well},
};

/// One way to the cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Player {
    Quorate,
    ByHand,
    Ansible,
}

impl Player {
    pub(super) const ALL: [Self; 3] = [Self::ByHand, Self::Quorate, Self::Ansible];
    pub(super) const UP: &str = "up";
    pub(super) const AGAIN: &str = "up again";
    pub(super) const BY_HAND: &str = "by hand";
    pub(super) const ANSIBLE: &str = "ansible";
}

/// One run that was timed.
pub(super) struct Finish {
    pub(super) name: &'static str,
    pub(super) took: Duration,
    pub(super) first_output: Duration,
    /// By the run log, if it is quorate's.
    pub(super) steps: Vec<(String, Duration)>,
}

/// Everything the players need.
pub(super) struct Contest<'a> {
    lab: &'a Lab,
    quorate: PathBuf,
    venv: PathBuf,
    /// Inventory, run logs and sockets.
    place: PathBuf,
}

impl<'a> Contest<'a> {
    pub(super) fn new(lab: &'a Lab) -> Result<Self> {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bootstrap");
        let venv = place.join("venv");
        fs::create_dir_all(&place)?;
        if !venv.join("bin/ansible-playbook").exists() {
            ended_well(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
            let mut pip = Command::new(venv.join("bin/pip"));
            ended_well(pip.args(["install", "-q", "ansible-core"]))?;
        }
        let line = |(name, ip): &(String, String)| format!("{name} ansible_host={ip}\n");
        let members: String = lab.members.iter().map(line).collect();
        let dir = lab.dir().display();
        fs::write(
            place.join("inventory"),
            format!(
                "[members]\n{members}[members:vars]\ndir={dir}\nansible_user=root\n\
                 ansible_python_interpreter=/usr/bin/python3\n\
                 ansible_ssh_private_key_file={dir}/id_ed25519\n\
                 ansible_ssh_common_args=-F none -o UserKnownHostsFile={dir}/known_hosts\n"
            ),
        )?;
        let quorate = env::var_os("QUORATE").unwrap_or(env!("CARGO_BIN_EXE_quorate").into());
        Ok(Self { lab, quorate: quorate.into(), venv, place })
    }

    /// From machines as new to a cluster, which is checked.
    pub(super) fn play(&self, player: Player) -> Result<Vec<Finish>> {
        self.lab.as_new()?;
        let finishes = match player {
            Player::Quorate => {
                vec![self.up(Player::UP)?, self.up(Player::AGAIN)?]
            }
            Player::ByHand => {
                let mut script = beside("by_hand.sh");
                script.arg(self.lab.dir());
                script.args(self.lab.members.iter().map(|(name, ip)| format!("{name}={ip}")));
                vec![timed(Player::BY_HAND, &mut script)?]
            }
            Player::Ansible => vec![timed(Player::ANSIBLE, &mut self.ansible())?],
        };
        self.check()?;
        Ok(finishes)
    }

    fn quorate(&self, verb: &[&str]) -> Command {
        let mut command = Command::new(&self.quorate);
        command.args(verb).arg(self.lab.cluster()).env("QUORATE_STATE", self.place.join("state"));
        command
    }

    fn up(&self, name: &'static str) -> Result<Finish> {
        let logs = self.place.join("state/runs");
        if logs.exists() {
            fs::remove_dir_all(&logs)?;
        }
        let finish = timed(name, &mut self.quorate(&["up", "--yes", "--plain"]))?;
        // The lock of the run lies beside its log.
        let is_log = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "ndjson");
        let mut files = fs::read_dir(logs.join("practice"))?.flatten().map(|entry| entry.path());
        let log = files.find(is_log).ok_or("there is no run log")?;
        Ok(Finish { steps: figures::steps(&log)?, ..finish })
    }

    fn ansible(&self) -> Command {
        let mut command = Command::new(self.venv.join("bin/ansible-playbook"));
        command.arg("-i").arg(self.place.join("inventory"));
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/playbook.yml"));
        command.envs([("ANSIBLE_PIPELINING", "1"), ("ANSIBLE_FORKS", "10")]);
        // Connections are shared within a run, and gone before the next.
        command.env("ANSIBLE_SSH_ARGS", "-o ControlMaster=auto -o ControlPersist=10s");
        command.env("ANSIBLE_SSH_CONTROL_PATH_DIR", format!("/tmp/qb-{:x}", nanos()));
        command
    }

    /// Nothing differs from what `up` would have made, and the members agree.
    fn check(&self) -> Result<()> {
        let output = self.quorate(&["check", "--json"]).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let differs = said.lines().find(|line| line.contains(r#""kind":"differs""#));
        // 4: they agree, and a disk is slow, perhaps.
        match (output.status.code(), differs) {
            (Some(0 | 4), None) => Ok(()),
            (status, differs) => Err(format!("no good cluster: {status:?} {differs:?}").into()),
        }
    }

    /// The most memory `up` had, in KiB, by a run that is not timed. The kernel's high-water mark
    /// goes with the process, so it is read again and again until then.
    pub(super) fn peak_memory(&self) -> Result<(u64, Duration)> {
        self.lab.as_new()?;
        let began = Instant::now();
        let mut up = self.quorate(&["up", "--yes", "--plain"]);
        let mut child = up.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        let ended = loop {
            if let Some(ended) = child.try_wait()? {
                break ended;
            }
            let now = fs::read_to_string(&status).unwrap_or_default();
            let mark = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = mark.and_then(|mark| mark.split_whitespace().next()?.parse().ok());
            peak = kib.unwrap_or(0).max(peak);
            thread::sleep(Duration::from_millis(5));
        };
        if !ended.success() {
            return Err(format!("{up:?} ended with {ended}").into());
        }
        Ok((peak, began.elapsed()))
    }
}

/// Runs it to its end; it must go well.
fn timed(name: &'static str, command: &mut Command) -> Result<Finish> {
    let began = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut out = child.stdout.take().ok_or("no output")?;
    let mut said = vec![0];
    let n = out.read(&mut said)?;
    let first_output = began.elapsed();
    said.truncate(n);
    out.read_to_end(&mut said)?;
    let status = child.wait()?;
    let took = began.elapsed();
    if !status.success() {
        let said = String::from_utf8_lossy(&said);
        return Err(format!("{command:?} ended with {status}: {said}").into());
    }
    Ok(Finish { name, took, first_output, steps: Vec::new() })
}

fn nanos() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_nanos()
}

//! Keys that an agent holds.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    inside,
    person::{LONG, Person, connect, run},
    server::Server,
};

/// An agent of our own; ended when dropped.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_agents_key_is_used_and_no_passphrase_asked_and_a_frozen_agent_is_passed_by() {
    let Some(server) = Server::start() else { return };
    let socket = server.file("agent");
    let mut child = Command::new("ssh-agent")
        .args(["-D", "-a"])
        .arg(&socket)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let agent = Agent(child);
    // Its first line is the sign that it listens.
    BufReader::new(stdout).read_line(&mut String::new()).unwrap();
    // The key that needs a passphrase, given to the agent without.
    let plain = server.file("plain");
    fs::copy(server.file("locked"), &plain).unwrap();
    let opened = Command::new("ssh-keygen")
        .args(["-q", "-p", "-P", "open sesame", "-N", "", "-f"])
        .arg(&plain)
        .stdout(Stdio::null())
        .status();
    assert!(opened.unwrap().success());
    let added =
        Command::new("ssh-add").arg("-q").arg(&plain).env("SSH_AUTH_SOCK", &socket).status();
    assert!(added.unwrap().success());
    let locked = fs::read_to_string(server.file("locked.pub")).unwrap();
    fs::write(server.file("authorized"), locked).unwrap();
    let config = format!("Host *\nIdentityAgent {}\nIdentitiesOnly no\n", socket.display());
    inside::with_config("ssh::agent::with_an_agent", &server, &config);
    let only = format!("{config}IdentityFile {}\n", server.file("locked").display());
    inside::with_config("ssh::agent::with_an_agent", &server, &only.replace("Only no", "Only yes"));
    // The key is also in a file: an agent that is asked and says nothing must not keep us from it.
    let pid = i32::try_from(agent.0.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let file = format!("{config}IdentityFile {}\n", plain.display());
    let began = Instant::now();
    inside::with_config("ssh::agent::with_an_agent", &server, &file);
    assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
}

#[test]
#[ignore = "run by the test above, with a configuration of its own"]
fn with_an_agent() {
    let person = Person::default();
    let mut ssh = connect(&inside::spec("bob"), &person).unwrap();
    assert_eq!(run(&mut ssh, "id -un").unwrap().stdout, "root\n");
    assert!(person.asked().is_empty());
}

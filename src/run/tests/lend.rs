//! A node fails, a sister has what it lacks, and the person takes it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{
    cluster::{Digest, Member},
    event::{Remedy, Severity},
    lab::lend::{self, Lack, Loan},
    remote::{Answer, Call, Cancel, Host, Stream, Wire, transfer},
};

const DEB: &[u8] = b"!<arch>\nof that very node\0\xff";

/// What a sister says that she has.
fn lines() -> String {
    let line = |p| format!("deb {p} 3.4.23 amd64 {} {}\n", DEB.len(), Digest::of(DEB));
    format!("{}{}whole", line("etcd-server"), line("etcd-client"))
}

/// A sister that has packages; the one that fails says what apt says.
struct Sister {
    node: MemberName,
    inner: Box<dyn Host>,
    bad: Arc<AtomicBool>,
    installed: bool,
}

impl Host for Sister {
    fn run(
        &mut self,
        calls: &[Call<'_>],
        sink: &mut dyn FnMut(usize, Stream, &str),
    ) -> Result<Vec<Answer>, HostError> {
        let text = String::from_utf8_lossy(calls[0].text).into_owned();
        if text.contains("survey ends") && self.node.as_str() != "icc-etcd-4" {
            let mut answers = self.inner.run(calls, sink)?;
            let has = |p| format!("package {p} installed 3.4.23\n");
            let packages = format!("{}{}survey ends", has("etcd-server"), has("etcd-client"));
            answers[0].stdout = answers[0].stdout.replace("survey ends", &packages);
            return Ok(answers);
        }
        let stdout = if self.node.as_str() == "icc-etcd-4" && text.contains("--no-download") {
            assert!(!text.contains("apt-get update"), "{text}");
            self.installed = true;
            String::new()
        } else if self.node.as_str() == "icc-etcd-4" && text.contains("apt-get install") {
            "E: Failed to fetch http://mirror/etcd.deb  timed out\n".to_owned()
        } else if text.contains("apt-cache show") {
            lines()
        } else if text.contains("give() {") {
            let other = self.bad.load(Ordering::SeqCst);
            let bytes = if other { b"something else" } else { DEB };
            format!("{0}.\n{0}.\n", transfer::encoded(bytes))
        } else {
            let mut answers = self.inner.run(calls, sink)?;
            for (call, answer) in calls.iter().zip(&mut answers) {
                let asks = call.text.starts_with(b"state=$(dpkg-query -W -f '${Package}");
                answer.status *= i32::from(!(asks && self.installed));
            }
            return Ok(answers);
        };
        stdout.lines().for_each(|line| sink(0, Stream::Out, line));
        let status = i32::from(stdout.starts_with("E:")) * 100;
        let of = |stdout| Answer { status, stdout, stderr: String::new(), took: Duration::ZERO };
        let mut answers = vec![of(stdout)];
        answers.extend(calls.iter().skip(1).map(|_| of(String::new())));
        Ok(answers)
    }

    fn dial(
        &mut self,
        to: std::net::SocketAddr,
        limit: Duration,
    ) -> Result<Box<dyn Wire + '_>, HostError> {
        self.inner.dial(to, limit)
    }
}

struct Sisters(Pretend, Arc<AtomicBool>);

impl Connect for Sisters {
    fn connect(&self, member: &Member, cancel: &Cancel) -> Result<Entry, Box<NoEntry>> {
        let entry = self.0.connect(member, cancel)?;
        let (node, bad) = (member.name.clone(), Arc::clone(&self.1));
        let host = Box::new(Sister { node, inner: entry.host, bad, installed: false });
        Ok(Entry { host, ..entry })
    }
}

/// Runs it; takes what is offered, and gives all events.
fn taken(bad: bool) -> (Vec<RunEvent>, Arc<World>) {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { stays: true, ..plan(dir.path()) };
    let mut world = World::of(&plan);
    let member = &plan.cluster.members[0].name;
    let (loan, _) = lend::read(&Lack::Packages, member, &lines()).unwrap();
    let Loan::Packages { debs, .. } = loan else { panic!() };
    for task in lend::packages(member, &debs).iter().take(2) {
        let (before, after) = task.change.around_file().unwrap();
        let change = format!("{before}{}{after}", transfer::encoded(DEB));
        world.changes.insert(task.holds.text.clone(), change);
    }
    let world = Arc::new(world);
    let sisters = Sisters(Pretend(well(), Arc::clone(&world)), Arc::new(AtomicBool::new(bad)));
    let run = start(plan, Arc::new(sisters)).unwrap();
    let (mut events, mut offers, mut judged) = (Vec::new(), Vec::new(), 0);
    for Stamped { event, ms } in &run.events {
        assert!(ms < 60_000, "it comes to no end");
        match &event {
            RunEvent::Offered { node, remedy } => offers.push((node.clone(), remedy.clone())),
            RunEvent::Judged { .. } => {
                judged += 1;
                let order = match (judged, offers.pop()) {
                    (1, Some((node, remedy))) => Order::Remedy { node, remedy },
                    _ => Order::Leave,
                };
                run.orders.send(order).unwrap();
            }
            _ => {}
        }
        let ended = matches!(event, RunEvent::RunEnded { .. });
        events.push(event);
        if ended {
            run.join();
            return (events, world);
        }
    }
    panic!("the run broke off");
}

#[test]
fn what_a_sister_lends_is_installed_and_the_run_goes_on() {
    let (events, world) = taken(false);
    let offers = events.iter().filter(|e| matches!(e, RunEvent::Offered { .. })).count();
    assert_eq!(offers, 1, "one of four is enough");
    let with = events.iter().find_map(|event| match event {
        RunEvent::Retried { with, .. } => with.clone(),
        _ => None,
    });
    let Some(Remedy::Packages { from, bytes }) = with else { panic!("{with:?}") };
    assert_eq!(bytes, 2 * DEB.len() as u64);
    let changed = |node: &str, name: &str| {
        events.iter().any(|event| {
            matches!(event, RunEvent::TaskEnded { node: n, task, outcome: TaskOutcome::Changed, .. }
                if n.as_str() == node && task.name == name)
        })
    };
    assert!(changed(from.as_str(), "lend"));
    let ran = world.ran.lock().unwrap();
    let sent = ran.iter().filter(|(node, _)| node.as_str() == "icc-etcd-4");
    let whole = transfer::encoded(DEB);
    let carried = sent.filter(|(_, text)| text.contains(&format!("<<'EOF'\n{whole}EOF"))).count();
    assert_eq!(carried, 2, "both came as they were");
    let log = serde_json::to_string(&events).unwrap();
    assert!(!log.contains(whole.trim_end()), "the log has its name alone");
}

#[test]
fn what_is_not_what_apt_names_is_not_taken() {
    let (events, world) = taken(true);
    let wrong = events.iter().find_map(|event| match event {
        RunEvent::Found { finding } if finding.id == "packages-not-lent" => Some(finding),
        _ => None,
    });
    let wrong = wrong.expect("it is told");
    assert_eq!(wrong.severity, Severity::Stop);
    assert!(wrong.says.contains("not what apt's lists there name"), "{}", wrong.says);
    let ran = world.ran.lock().unwrap();
    assert!(!ran.iter().any(|(_, text)| text.contains("base64 -d")), "nothing is carried on");
}

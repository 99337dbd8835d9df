//! The engine's own logic, on hosts that only pretend: who may do what, and when.

mod lend;
mod start;
mod watch;

use std::{
    collections::BTreeSet,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use super::{pretended::*, *};
use crate::{
    cluster::MemberName,
    event::{Ended, RunEvent, RunState, Step, StepOutcome, TaskOutcome},
    lab::outline::{Basis, Outline},
    remote::HostError,
};

#[test]
fn promise_1_the_text_is_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let member = plan.cluster.members[0].name.clone();
    let key = plan.vault.material(&member).unwrap().key.clone();
    let secret = String::from_utf8(plan.vault.tls(&member).unwrap().1.reveal().to_vec()).unwrap();
    let world = Arc::new(World::of(&plan));
    let mut shown = BTreeSet::new();
    run(plan, &world, well(), |event, _| {
        if let RunEvent::Planned { tasks, .. } = event {
            shown.extend(tasks.iter().flat_map(|t| [t.holds.clone(), t.change.clone()]));
        }
    });
    let placeholder = format!("{}\n", key.placeholder());
    let sent: BTreeSet<_> = shown.iter().map(|t| t.replace(&placeholder, &secret)).collect();
    assert!(sent != shown, "a key was copied");
    for (node, text) in world.ran.lock().unwrap().iter() {
        let looks = text.contains("survey ends") || text.contains("MainPID,NRestarts");
        assert!(looks || sent.contains(text), "{node} ran what nobody was shown: {text}");
    }
}

#[test]
fn promise_3_nothing_is_changed_before_go() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let world = Arc::new(World::of(&plan));
    let (state, ended) = run(plan, &world, well(), |event, orders| {
        if *event == RunEvent::Ready {
            orders.send(Order::Stop { at_once: false }).unwrap();
        }
    });
    assert!(state.ready && !state.went);
    assert_eq!((world.changed(), ended), (vec![], Ended::Stopped));
}

#[test]
fn every_task_is_changed_once_and_proved_after() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let (state, ended) = run(plan, &world, well(), |_, _| {});
    // Nobody listens behind a pretended host: the members cannot be proved.
    assert_eq!(ended, Ended::Incomplete);
    for node in &state.nodes {
        let four = [Step::Certificates, Step::Install, Step::Configure, Step::Start];
        let done = outcomes(node).iter().filter(|(_, o)| *o == StepOutcome::Done).count();
        assert_eq!(done, four.len(), "{:?}", outcomes(node));
        let changed = |t: &&crate::event::state::TaskState| {
            matches!(t.outcome, Some((TaskOutcome::Changed, _)))
        };
        assert_eq!(node.tasks.iter().filter(changed).count(), node.tasks.len());
    }
}

#[test]
fn a_failed_node_stops_the_others_at_the_barrier_only() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let behaviour: Behaviour = Arc::new(|node, text| {
        (node.as_str() == "icc-etcd-4" && text.contains("apt-get install")).then_some(Ok(100))
    });
    let (state, ended) = run(plan, &world, behaviour, |_, _| {});
    assert_eq!(ended, Ended::Incomplete);
    for node in &state.nodes {
        let failed = node.plan.name.as_str() == "icc-etcd-4";
        let last = if failed { Step::Install } else { Step::Configure };
        let outcome = if failed { StepOutcome::Failed } else { StepOutcome::Done };
        assert_eq!(outcomes(node).last(), Some(&(last, outcome)), "{}", node.plan.name);
    }
    let started = world.changed().into_iter().any(|(_, text)| text.contains("restart --no-block"));
    assert!(!started, "no member starts before all are ready to");
}

#[test]
fn a_lost_connection_is_connect_survey_and_the_same_step_again() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let cut = Arc::new(Mutex::new(false));
    let behaviour: Behaviour = Arc::new(move |node, text| {
        let here = node.as_str() == "icc-etcd-2" && text.contains("apt-get install");
        let first = here && !std::mem::replace(&mut *cut.lock().unwrap(), true);
        first.then(|| Err(HostError::Lost { reason: "reset by peer".to_owned() }))
    });
    let (state, _) = run(plan, &world, behaviour, |_, _| {});
    let node = state.node(&"icc-etcd-2".parse().unwrap()).unwrap();
    assert_eq!(node.outcome(Step::Install), Some(StepOutcome::Done));
    assert_eq!(world.logins.lock().unwrap().get(&node.plan.name), Some(&2));
}

#[test]
fn a_node_stopped_in_mid_job_ends_as_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let behaviour: Behaviour = Arc::new(|node, text| {
        (node.as_str() == "icc-etcd-5" && text.contains("/etc/etcd"))
            .then_some(Err(HostError::Cancelled))
    });
    let (state, ended) = run(plan, &world, behaviour, |_, _| {});
    let node = state.node(&"icc-etcd-5".parse().unwrap()).unwrap();
    assert_eq!(outcomes(node).last().map(|(_, o)| *o), Some(StepOutcome::Stopped));
    assert_eq!(ended, Ended::Stopped);
}

#[test]
fn a_bug_on_one_node_is_that_nodes_failure() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let behaviour: Behaviour = Arc::new(|node, text| {
        assert!(
            node.as_str() != "icc-etcd-3" || !text.contains("chmod 0640"),
            "a bug, for the test"
        );
        None
    });
    let plan = Plan { intent: Intent::Up, ..plan };
    let mut lost = 0;
    let (state, _) = run(plan, &world, behaviour, |event, orders| {
        if let RunEvent::Lost { reason, .. } = event {
            assert!(reason.contains("internal error"), "{reason}");
            lost += 1;
            // Waiting for it to be given up takes a minute; the person has seen enough.
            orders.send(Order::Stop { at_once: true }).unwrap();
        }
    });
    assert!(lost > 0);
    let others = state.nodes.iter().filter(|n| n.plan.name.as_str() != "icc-etcd-3");
    assert!(others.into_iter().all(|n| n.outcome(Step::Certificates) == Some(StepOutcome::Done)));
}

#[test]
fn a_stop_begins_no_new_change() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    // apt goes on until the order to stop has arrived, however slow this thread is.
    let heard = Arc::new((Mutex::new(false), Condvar::new()));
    let gate = Arc::clone(&heard);
    let behaviour: Behaviour = Arc::new(move |_, text| {
        if text.contains("apt-get") && text.contains("install") {
            let stopped = heard.0.lock().unwrap();
            let end = Duration::from_mins(1);
            drop(heard.1.wait_timeout_while(stopped, end, |stopped| !*stopped).unwrap());
        }
        None
    });
    let (state, ended) = run(plan, &world, behaviour, |event, orders| match event {
        RunEvent::TaskStarted { task, .. } if task.name == "packages" => {
            let _ = orders.send(Order::Stop { at_once: false });
        }
        RunEvent::StopAsked { .. } => {
            *gate.0.lock().unwrap() = true;
            gate.1.notify_all();
        }
        _ => {}
    });
    assert_eq!(ended, Ended::Stopped);
    assert!(state.nodes.iter().all(|n| n.outcome(Step::Start).is_none()));
}

#[test]
fn guided_goes_as_far_as_it_was_aimed() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let names: Vec<_> = plan.cluster.members.iter().map(|m| m.name.clone()).collect();
    let world = Arc::new(World::of(&plan));
    let mut ended_certificates = 0;
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        RunEvent::Ready => {
            let one = names.iter().take(1).cloned().collect();
            orders.send(Order::Aim { nodes: one, step: Step::Certificates }).unwrap();
        }
        RunEvent::StepEnded { step: Step::Certificates, .. } => {
            ended_certificates += 1;
            orders.send(Order::Stop { at_once: false }).unwrap();
        }
        _ => {}
    });
    assert_eq!(ended_certificates, 1);
    let entered = state.nodes.iter().filter(|n| n.tasks.iter().any(|t| t.outcome.is_some()));
    assert_eq!(entered.count(), 1);
}

/// What was reviewed and what is run have the same number.
#[test]
fn the_number_of_the_plan_is_that_of_its_review() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let facts = look::survey_all(&plan.cluster, &Pretend(well(), Arc::clone(&world))).unwrap();
    let (cluster, materials) = (Arc::clone(&plan.cluster), plan.vault.materials().clone());
    let reviewed = Outline::new(&cluster, &materials, &facts, Basis::Asked).number();
    let (state, _) = run(plan, &world, well(), |_, _| ());
    assert_eq!(state.plan, Some(reviewed));
}

#[test]
fn promise_8_a_log_replays_to_the_state_it_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let world = Arc::new(World::of(&plan));
    let mut log = String::new();
    let run = start(plan, Arc::new(Pretend(well(), world))).unwrap();
    let mut live = RunState::default();
    for stamped in &run.events {
        live.apply(stamped.ms, &stamped.event);
        log += &(serde_json::to_string(&stamped).unwrap() + "\n");
        if matches!(stamped.event, RunEvent::RunEnded { .. }) {
            break;
        }
    }
    run.join();
    let mut replayed = RunState::default();
    for line in log.lines() {
        let stamped: Stamped = serde_json::from_str(line).unwrap();
        replayed.apply(stamped.ms, &stamped.event);
    }
    assert_eq!(replayed, live);
    assert!(!log.contains("PRIVATE KEY"), "no secret is in the log");
}

#[test]
fn a_run_that_stays_is_judged_goes_on_when_told_and_ends_when_left() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { stays: true, ..plan(dir.path()) };
    let world = Arc::new(World::of(&plan));
    let broken = Arc::new(Mutex::new(true));
    let mended = Arc::clone(&broken);
    let behaviour: Behaviour = Arc::new(move |node, text| {
        let breaks = node.as_str() == "icc-etcd-4" && text.contains("apt-get install");
        (breaks && *mended.lock().unwrap()).then_some(Ok(100))
    });
    let node: MemberName = "icc-etcd-4".parse().unwrap();
    let (mut judged, mut retried) = (Vec::new(), 0);
    let (state, ended) = run(plan, &world, behaviour, |event, orders| match event {
        RunEvent::Judged { ended } => {
            judged.push(*ended);
            let mut broken = broken.lock().unwrap();
            let order = if *broken { Order::Retry(node.clone()) } else { Order::Leave };
            *broken = false;
            orders.send(order).unwrap();
        }
        RunEvent::Retried { .. } => retried += 1,
        _ => {}
    });
    assert_eq!((judged.len(), retried, ended), (2, 1, Ended::Incomplete));
    // Everybody got as far as the proofs; that nobody answers those here is another matter.
    assert!(state.nodes.iter().all(|n| n.outcome(Step::Start) == Some(StepOutcome::Done)));
}

#[test]
fn only_a_cluster_that_stands_loses_a_member_on_purpose() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { stays: true, ..plan(dir.path()) };
    let world = Arc::new(World::of(&plan));
    let node: MemberName = "icc-etcd-1".parse().unwrap();
    let mut refused = 0;
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        // Nobody answers behind a pretended host, so it does not stand.
        RunEvent::Judged { .. } => {
            let step = DrillStep::Stop { node: node.clone(), typed: None };
            orders.send(Order::Drill(step)).unwrap();
        }
        RunEvent::Drill { what: crate::event::drill::Drilled::Refused { .. } } => {
            refused += 1;
            orders.send(Order::Leave).unwrap();
        }
        _ => {}
    });
    assert_eq!((refused, state.drill), (1, None));
    let cut = |text: &String| text.contains("quorate-drill");
    assert!(!world.ran.lock().unwrap().iter().any(|(_, text)| cut(text)));
}

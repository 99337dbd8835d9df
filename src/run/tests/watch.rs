//! What a person has in hand, as the engine looks at it: in a step, and after its end.

use std::sync::Arc;

use super::{super::pretended::*, *};
use crate::event::By;

/// A person who does a task by hand: from then on its probe holds there.
fn by_hand(world: &World, node: &MemberName, holds: &str) {
    if let Some(change) = world.changes.get(holds) {
        world.ran.lock().unwrap().push((node.clone(), change.clone()));
    }
}

#[test]
fn a_step_done_by_hand_is_looked_at_and_ends_as_the_persons() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let first = plan.cluster.members[0].name.clone();
    let world = Arc::new(World::of(&plan));
    let (hands, mut probes) = (Arc::clone(&world), Vec::new());
    let mut looks = 0;
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        RunEvent::Ready => {
            let nodes = vec![first.clone()];
            orders.send(Order::Watch { nodes, step: Step::Certificates }).unwrap();
        }
        RunEvent::Planned { tasks, .. } => {
            probes = tasks.iter().map(|t| t.holds.clone()).collect();
        }
        RunEvent::Watched { .. } => {
            looks += 1;
            for probe in &probes {
                by_hand(&hands, &first, probe);
            }
        }
        RunEvent::StepEnded { step: Step::Certificates, .. } => {
            orders.send(Order::Stop { at_once: false }).unwrap();
        }
        _ => {}
    });
    assert_eq!(looks, 2, "one that differs, and one that holds");
    let node = state.node(&first).unwrap();
    assert_eq!(node.outcome(Step::Certificates), Some(StepOutcome::Done));
    assert_eq!(node.by_hand, [Step::Certificates]);
    assert!(!state.went && node.watch.is_some(), "what was done is looked at on");
    let others = state.nodes.iter().filter(|n| n.plan.name != first);
    assert!(others.into_iter().all(|n| n.step == Some(Step::Preflight)));
}

/// What a person wrote and read by hand is theirs; that all members agree is proved all the same.
#[test]
fn who_asked_by_hand_is_told_and_every_member_is_asked_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let all: Vec<_> = plan.cluster.members.iter().map(|m| m.name.clone()).collect();
    let first = all[0].clone();
    let world = Arc::new(World::of(&plan));
    let task = crate::lab::verify::by_hand();
    let (written, mut looks) = (Arc::new(std::sync::atomic::AtomicBool::new(false)), 0);
    let (holds, there) = (task.holds.text.clone(), Arc::clone(&written));
    let behaviour: Behaviour = Arc::new(move |_, text| {
        let written = there.load(std::sync::atomic::Ordering::SeqCst);
        (text == holds).then(|| Ok(i32::from(!written)))
    });
    let mut asked = Vec::new();
    let (state, _) = run(plan, &world, behaviour, |event, orders| match event {
        RunEvent::Ready => {
            let nodes = all.clone();
            orders.send(Order::Aim { nodes, step: Step::Start }).unwrap();
        }
        RunEvent::StepEnded { node, step: Step::Start, .. } if *node == first => {
            let nodes = vec![first.clone()];
            orders.send(Order::Watch { nodes, step: Step::Verify }).unwrap();
        }
        RunEvent::Watched { step: Step::Verify, .. } => {
            looks += 1;
            written.store(true, std::sync::atomic::Ordering::SeqCst);
        }
        RunEvent::TaskEnded { task, .. } if task.step == Step::Verify => {
            assert_eq!(looks, 2, "one that differs, and one that holds");
            let (nodes, step) = (all.clone(), Step::Verify);
            orders.send(Order::Unwatch).unwrap();
            orders.send(Order::Aim { nodes, step }).unwrap();
        }
        RunEvent::StepEnded { node, step: Step::Verify, by, .. } => asked.push((node.clone(), *by)),
        RunEvent::Judged { .. } => orders.send(Order::Leave).unwrap(),
        _ => {}
    });
    assert!(world.changed().iter().all(|(_, text)| *text != task.change.text));
    assert_eq!(asked.len(), 5, "{asked:?}");
    for (node, by) in asked {
        assert_eq!(by == By::Person, node == first, "{node}");
    }
    assert_eq!(state.node(&first).unwrap().by_hand, [Step::Verify]);
}

#[test]
fn looking_changes_nothing_and_what_a_person_began_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let first = plan.cluster.members[0].name.clone();
    let world = Arc::new(World::of(&plan));
    let (seen, mut changed_before) = (Arc::clone(&world), None);
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        RunEvent::Ready => {
            let nodes = vec![first.clone()];
            orders.send(Order::Watch { nodes, step: Step::Certificates }).unwrap();
        }
        RunEvent::Watched { .. } => {
            changed_before = Some(seen.changed());
            let nodes = vec![first.clone()];
            orders.send(Order::Unwatch).unwrap();
            orders.send(Order::Aim { nodes, step: Step::Certificates }).unwrap();
        }
        RunEvent::StepEnded { step: Step::Certificates, .. } => {
            orders.send(Order::Stop { at_once: false }).unwrap();
        }
        _ => {}
    });
    assert_eq!(changed_before, Some(vec![]));
    let node = state.node(&first).unwrap();
    assert_eq!(node.outcome(Step::Certificates), Some(StepOutcome::Done));
    assert!(node.by_hand.is_empty(), "the program did it");
}

#[test]
fn a_step_is_taken_back_from_its_end_and_the_node_waits_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let first = plan.cluster.members[0].name.clone();
    let world = Arc::new(World::of(&plan));
    let mut undone = Vec::new();
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        RunEvent::Ready => {
            let nodes = vec![first.clone()];
            orders.send(Order::Aim { nodes, step: Step::Install }).unwrap();
        }
        RunEvent::StepEnded { step: Step::Install, .. } => {
            let node = first.clone();
            orders.send(Order::Undo { node, step: Step::Certificates }).unwrap();
        }
        RunEvent::TaskUndone { task, outcome, .. } => {
            assert_eq!(*outcome, TaskOutcome::Changed);
            undone.push(task.to_string());
        }
        RunEvent::StepUndone { .. } => orders.send(Order::Stop { at_once: false }).unwrap(),
        _ => {}
    });
    let want = ["install.packages", "install.hold-back"];
    let files = ["certificates.key", "certificates.certificate", "certificates.ca"];
    assert_eq!(undone, [&want[..], &files].concat());
    let node = state.node(&first).unwrap();
    assert_eq!(outcomes(node), [(Step::Preflight, StepOutcome::Unchanged)]);
}

/// A person breaks what was done: its probe does not hold there any more.
fn broken(world: &World, node: &MemberName, holds: &str) {
    let change = world.changes.get(holds);
    world.ran.lock().unwrap().retain(|(at, text)| at != node || Some(text) != change);
}

#[test]
fn a_step_that_ended_well_is_looked_at_on_and_how_it_ended_stays() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { go: false, ..plan(dir.path()) };
    let first = plan.cluster.members[0].name.clone();
    let world = Arc::new(World::of(&plan));
    let (hands, mut probe, mut ticks) = (Arc::clone(&world), String::new(), Vec::new());
    let (state, _) = run(plan, &world, well(), |event, orders| match event {
        RunEvent::Ready => {
            let nodes = vec![first.clone()];
            orders.send(Order::Aim { nodes, step: Step::Certificates }).unwrap();
        }
        RunEvent::Planned { tasks, .. } => {
            let key = tasks.iter().find(|task| task.id.name == "key");
            probe = key.map(|task| task.holds.clone()).unwrap_or_default();
        }
        RunEvent::StepEnded { step: Step::Certificates, .. } => {
            broken(&hands, &first, &probe);
            let nodes = vec![first.clone()];
            orders.send(Order::Watch { nodes, step: Step::Certificates }).unwrap();
        }
        RunEvent::Probed { task, holds, .. } if task.name == "key" => ticks.push(*holds),
        RunEvent::Watched { .. } if ticks.last() == Some(&false) => {
            by_hand(&hands, &first, &probe);
            orders.send(Order::LookAgain { soon: false }).unwrap();
        }
        RunEvent::Watched { .. } => orders.send(Order::Stop { at_once: false }).unwrap(),
        _ => {}
    });
    assert_eq!(ticks, [false, false, true], "before it was done, broken, and mended");
    let node = state.node(&first).unwrap();
    assert_eq!(node.outcome(Step::Certificates), Some(StepOutcome::Done));
    assert!(node.by_hand.is_empty() && node.watch.is_some());
}

#[test]
fn a_failed_step_is_looked_at_while_it_is_mended_and_goes_on_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { stays: true, ..plan(dir.path()) };
    let world = Arc::new(World::of(&plan));
    let node: MemberName = "icc-etcd-4".parse().unwrap();
    let there = node.clone();
    let fails: Behaviour = Arc::new(move |node, text| {
        (*node == there && text.contains("apt-get install")).then_some(Ok(100))
    });
    let (hands, mut probe, mut log) = (Arc::clone(&world), String::new(), Vec::new());
    let (state, ended) = run(plan, &world, fails, |event, orders| match event {
        RunEvent::Planned { node: at, tasks, .. } if *at == node => {
            let packages = tasks.iter().find(|task| task.id.name == "packages");
            probe = packages.map_or(std::mem::take(&mut probe), |task| task.holds.clone());
        }
        RunEvent::Judged { .. } if log.is_empty() => {
            log.push("judged");
            let nodes = vec![node.clone()];
            orders.send(Order::Watch { nodes, step: Step::Install }).unwrap();
        }
        RunEvent::Judged { .. } => orders.send(Order::Leave).unwrap(),
        RunEvent::Probed { task, holds, .. } if task.name == "packages" && !log.is_empty() => {
            log.push(if *holds { "holds" } else { "differs" });
        }
        RunEvent::Watched { .. } if log.last() == Some(&"differs") => {
            by_hand(&hands, &node, &probe);
            orders.send(Order::LookAgain { soon: false }).unwrap();
        }
        RunEvent::Watched { .. } if log.last() == Some(&"holds") => {
            log.push("told");
            orders.send(Order::Unwatch).unwrap();
            orders.send(Order::Retry(node.clone())).unwrap();
        }
        RunEvent::StepEnded { node: at, step: Step::Install, .. } if *at == node => {
            assert!(log.is_empty() || log.contains(&"told"), "nothing moves on by itself");
        }
        _ => {}
    });
    assert_eq!(&log[..4], ["judged", "differs", "holds", "told"]);
    assert_eq!(ended, Ended::Incomplete, "nobody answers the proofs here");
    let node = state.node(&node).unwrap();
    assert_eq!(node.outcome(Step::Start), Some(StepOutcome::Done));
}

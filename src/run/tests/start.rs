//! Who starts first, and that nobody waits for one who cannot.

use super::*;

const START: &str = "restart --no-block";

#[test]
fn the_member_that_all_ask_first_answers_before_the_others_start() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let first = plan.cluster.asked_first().unwrap().name.clone();
    let world = Arc::new(World::of(&plan));
    let mut others = Vec::new();
    let mut answers = false;
    run(plan, &world, well(), |event, _| match event {
        RunEvent::TaskStarted { node, task, .. } if task.name == "started" && *node != first => {
            others.push(answers);
        }
        RunEvent::TaskEnded { node, task, .. } if task.name == "started" && *node == first => {
            answers = true;
        }
        _ => {}
    });
    assert_eq!(others, [true; 4]);
    let texts: BTreeSet<_> = world.changed().into_iter().collect();
    let waits = |(node, text): &(MemberName, String)| {
        text.contains(START) && text.contains("member/wal") && *node == first
    };
    assert_eq!(texts.iter().filter(|t| t.1.contains("member/wal")).count(), 1);
    assert!(texts.iter().any(waits), "it waits until it answers, and it alone");
}

#[test]
fn nobody_waits_for_a_first_member_that_cannot_start() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let first = plan.cluster.asked_first().unwrap().name.clone();
    let world = Arc::new(World::of(&plan));
    let fails = first.clone();
    let behaviour: Behaviour =
        Arc::new(move |node, text| (*node == fails && text.contains(START)).then_some(Ok(1)));
    run(plan, &world, behaviour, |_, _| {});
    let starts = world.changed().into_iter().filter(|(_, text)| text.contains(START));
    let started: BTreeSet<_> = starts.map(|(node, _)| node).collect();
    assert_eq!(started.len(), 4, "{started:?}");
    assert!(!started.contains(&first));
}

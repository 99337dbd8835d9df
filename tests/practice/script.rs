//! The plan: at once and without asking anybody, and as a script that plain `ssh` runs.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use quorate::event::{RunEvent, TaskOutcome};
use tempfile::TempDir;

use super::{
    lab::Lab,
    run::{Ran, tasks},
};
use crate::quickest::quickest;

pub(crate) fn a_plan_of_machines_out_of_reach_is_there_at_once(lab: &Lab) {
    lab.up();
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("cluster.toml");
    let text = fs::read_to_string(lab.file()).expect("the cluster file");
    fs::write(&file, text.replace("\"198.18.40.", "\"141.22.30.")).expect("a file");
    let plan = || lab.quorate(&["plan", file.to_str().expect("a path")]);
    let ran = plan();
    // The lab's own table.
    for id in ["f15071bb2bcc0510", "ca225d371e604f6c", "3d9ce7c381e7f003", "3d0fa8ceae1b7a61"] {
        ran.exits(0).says(&format!("| {id} | started | icc-etcd-"));
    }
    ran.says("| f65430d6c44d7a2a | started | icc-etcd-5 | https://141.22.30.36:2380 |");
    quickest(Duration::from_secs(1), || plan().took);
}

pub(crate) fn promise_1_the_text_is_the_command_and_its_script_makes_the_same_cluster(lab: &Lab) {
    lab.fresh();
    let dir = TempDir::new().expect("a directory");
    let script = dir.path().join("cluster.sh");
    let plan = lab.quorate(&["plan", &lab.file(), "--as", "sh"]);
    fs::write(&script, &plan.exits(0).out).expect("the script");
    for line in lab.key_lines() {
        assert!(!plan.out.contains(&line), "the key itself is in the script");
    }
    let run = || {
        let (began, mut sh) = (Instant::now(), Command::new("sh"));
        let output = sh.arg(&script).stdin(Stdio::null()).output().expect("sh");
        Ran::new(&output, began.elapsed())
    };
    run().exits(0).says("| STATUS  |");
    lab.quorate(&["check", &lab.file(), "--plain"]).says("practice agrees");
    let before = lab.everything();
    run().exits(0);
    assert_eq!(lab.everything(), before, "the script again");
    let up = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    for (task, outcome) in tasks(&up.exits(0).events()) {
        assert_eq!(outcome, TaskOutcome::Unchanged, "{task}");
    }

    // What is run on machines like those of the plan is, byte for byte, what the script shows.
    lab.taken_back(true);
    let up = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    let mut compared = 0;
    for event in up.exits(0).events() {
        let RunEvent::Planned { tasks, .. } = event else { continue };
        for task in tasks {
            for text in [task.holds, task.change] {
                // The key's content has its own way into the script.
                let parts = text.split("<kubernetes-key.pem: ");
                let parts =
                    parts.map(|part| part.split_once("…>\n").map_or(part, |(_, rest)| rest));
                for part in parts {
                    assert!(plan.out.contains(part), "{} is not in the script: {part}", task.id);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 5 * 20, "{compared}");
}

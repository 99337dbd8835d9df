//! A plan that was saved for a ticket: `up --plan` goes on the machines that were reviewed, and on
//! no others.

use std::fs;

use super::lab::Lab;

pub(crate) fn a_plan_saved_for_the_ticket_goes_and_only_on_the_same_machines(lab: &Lab) {
    lab.taken_back(false);
    let file = lab.file();
    let ran = lab.quorate(&["plan", &file, "--live", "--save"]);
    ran.exits(0).says("saved as ");
    let number = ran.out.lines().find_map(|line| line.strip_prefix("Plan "));
    let number = number.and_then(|rest| rest.split(' ').next()).expect("the plan's number");
    let said = ran.err.lines().find_map(|line| line.split_once("saved as "));
    let (saved, _) = said.and_then(|(_, rest)| rest.split_once(';')).expect("a path");
    let text = fs::read_to_string(saved).expect("the saved plan");
    for words in [
        number,
        "+ ETCD_NAME=\"icc-etcd-3\"",
        "+ <kubernetes-key.pem: ",
        "What will come out, cluster ",
        "quorate up ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for line in lab.key_lines() {
        assert!(!text.contains(&line), "a line of the key");
    }
    // The same again is as good; nothing is overwritten.
    lab.quorate(&["plan", &file, "--live", "--save"]).exits(0);

    // Somebody was there meanwhile.
    lab.on("icc-etcd-3", "echo 'ETCD_NAME=\"default\"' >/etc/default/etcd");
    let before = lab.everything();
    let up = ["up", &file, "--plain", "--yes", "--plan", number];
    lab.quorate(&up)
        .exits(3)
        .says("nothing was changed")
        .says("now       Deleted: nothing. Moved aside: /etc/default/etcd on icc-etcd-3;")
        .says("now       - ETCD_NAME=default");
    assert_eq!(lab.everything(), before);

    // As reviewed again: it goes.
    lab.on("icc-etcd-3", "rm /etc/default/etcd");
    lab.quorate(&up).exits(0).says("healthy");
    fs::remove_file(saved).expect("the saved plan");
}

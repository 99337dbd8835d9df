//! The side of the wizard's pages, before there is a run.

use crate::app::{
    Model,
    page::{
        certificates::{self, At, CHECKS, Folder},
        etcd::predicted,
        nodes::{self, Gate, Tried, Wrong},
    },
};
use crate::ui::text;

/// Why more members, and why an odd number.
pub(super) fn why_five() -> Vec<String> {
    let mut lines: Vec<String> = vec![
        "etcd keeps the whole state of a Kubernetes cluster. A change counts once more than half of \
         the members have written it down: that half and one is the quorum."
            .to_owned(),
        String::new(),
        "  members  must live  may fail".to_owned(),
    ];
    for n in [1, 3, 4, 5, 7] {
        let (live, lab) = (n / 2 + 1, if n == 5 { "  ◂ lab" } else { "" });
        lines.push(format!("  {n:^7}  {live:^9}  {:^8}{lab}", n - live));
    }
    lines.push(String::new());
    lines.push(
        "Four may lose no more than three may: the even one only adds something that can break."
            .to_owned(),
    );
    lines
}

/// What is known of the marked row, and how to try it by hand.
pub(super) fn this_row(model: &Model) -> Vec<String> {
    let form = &model.nodes.form;
    let mut lines = Vec::new();
    match nodes::member(form, form.row()) {
        _ if form.on_button() => lines.push(
            "Rows that cannot be tried yet keep you here; rows that are not reached do not: the \
             preflight looks at every machine again."
                .to_owned(),
        ),
        Err(Wrong::Empty) => lines.push("This row says nothing yet.".to_owned()),
        Err(Wrong::Says(says)) => lines.push(format!("{}.", text::capital(&says))),
        Err(Wrong::Typo(mended, says)) => lines.extend([
            // Its last word is the question that Enter answers.
            text::capital(&says),
            String::new(),
            "The lab's own text has this typo: the colon between address and port is missing. etcd \
             would stop with"
                .to_owned(),
            "  URL address does not have the form".to_owned(),
            "  \"host:port\"".to_owned(),
            String::new(),
            "In quorate the string is made from this table, so it cannot come back.".to_owned(),
            String::new(),
            format!("Enter puts {mended} here."),
        ]),
        Ok((name, address)) => {
            match model.nodes.tried.get(&address) {
                Some(Tried::Out { at: Gate::NewKey, .. }) => lines.extend([
                    format!("{name} shows a key that is new to this computer. Nothing secret was sent."),
                    String::new(),
                    "You are asked before it is used: compare it with what the machine says on its \
                     console."
                        .to_owned(),
                ]),
                Some(Tried::Out { reason, .. }) => {
                    lines.push(format!("{name} did not let me in: {reason}."));
                }
                Some(Tried::In { user, root, .. }) => {
                    lines.push(format!("I am let in as {user}, and have root: {root}."));
                }
                Some(Tried::Trying) | None => lines.push(format!("{name} is being tried.")),
            }
            let way = model.nodes.ways.get(&name);
            let host = way.and_then(|way| way.host.clone()).unwrap_or_else(|| address.to_string());
            lines.extend([
                String::new(),
                "To try it yourself:".to_owned(),
                format!("  ssh {host}"),
                String::new(),
            ]);
            lines.push(if way.is_some_and(|way| way.host.is_some()) {
                format!("Your ssh config knows {host}: that is how I log in. Peers call {address}.")
            } else {
                format!("Your ssh config says nothing of {name}, so I log in to its address.")
            });
        }
    }
    lines
}

/// How a person finds out whether a key is the machine's.
pub(super) fn how_do_i_know() -> Vec<String> {
    [
        "Ask the machine itself, on its console or from whoever made it:",
        "",
        "  ssh-keygen -lf \\",
        "   /etc/ssh/ssh_host_ed25519_key.pub",
        "",
        "Paste what all machines say, in one go: I compare, and mark each line.",
        "",
        "Accepted keys go to ~/.ssh/known_hosts, as ssh would write them.",
        "",
        "A key that CHANGED is never accepted here: I show both, and the line that ssh wants you to \
         remove.",
    ]
    .map(str::to_owned)
    .into()
}

/// What the token is for, and the IDs that follow from it.
pub(super) fn token(model: &Model) -> Vec<String> {
    let mut lines: Vec<String> = vec![
        "The token is mixed into every member's ID. Two clusters with the same token and addresses \
         would take each other's members for their own."
            .to_owned(),
        String::new(),
    ];
    if let Some(identity) = predicted(model) {
        lines.push("With this token the members will be".to_owned());
        lines.extend(identity.members.iter().map(|(name, id)| format!("  {id}  {name}")));
        lines.push(format!("  {}  the cluster", identity.cluster));
        lines.push(String::new());
    }
    lines.push(
        "Change a letter and watch them change. (A course can give each student a token: the IDs in \
         the report then show whose cluster it was.)"
            .to_owned(),
    );
    lines
}

/// What the side of the certificates is about.
pub(super) fn certificates_title(model: &Model) -> String {
    match (certificates::spoken(model), certificates::at(model)) {
        (Some((column, _)), At::Row(row)) => {
            let check = CHECKS.get(row).map(|check| check.title()).unwrap_or_default();
            format!("{} · {check}", column.member)
        }
        (Some((column, _)), _) => column.member.to_string(),
        (None, _) => "What etcd asks".to_owned(),
    }
}

/// What is in the certificate, beside what etcd needs.
pub(super) fn certificates(model: &Model) -> Vec<String> {
    let why = "A member calls the others (client) and is called by them (server) with the same \
               certificate. Company templates for web servers lack the client part.";
    let Some((column, _)) = certificates::spoken(model) else {
        return vec![
            "Every member shows its certificate to the others, and checks theirs: both sides of each \
             connection, on both ports."
                .to_owned(),
            String::new(),
            "So it has to name the address that the others call, and may act as server and as client."
                .to_owned(),
            String::new(),
            why.to_owned(),
        ];
    };
    let facts = &column.facts;
    let mut lines = vec!["In the file now:".to_owned()];
    if column.rows.is_empty() {
        lines.push("  nothing".to_owned());
    } else {
        lines.push("  X509v3 Subject Alternative Name:".to_owned());
        lines.extend(facts.names.iter().map(|name| format!("    {name}")));
        lines.push("  X509v3 Extended Key Usage:".to_owned());
        lines.extend(facts.usage.iter().map(|usage| format!("    {usage}")));
        lines.push(format!("  until {}", facts.to));
        lines.extend(facts.files.iter().map(|file| format!("  in {file}")));
    }
    let need = match &model.certificates.folder {
        Folder::Read(wanted, _) => wanted.needs.iter().map(|(need, _)| need),
        _ => return lines,
    }
    .clone()
    .find(|need| need.name == column.member);
    if let Some(need) = need {
        lines.extend([
            String::new(),
            "What etcd needs:".to_owned(),
            format!("  IP:{}, IP:127.0.0.1,", need.address),
            format!("  DNS:{}, DNS:localhost,", need.name),
            "  Server AND Client Authentication".to_owned(),
        ]);
    }
    if let Some(looked) = certificates::looked(model).filter(|looked| !looked.troubles.is_empty()) {
        lines.extend([String::new(), "Odd files in the folder:".to_owned()]);
        lines.extend(looked.troubles.iter().map(|(file, says)| format!("{file} {says}.")));
    }
    lines.extend([String::new(), why.to_owned()]);
    lines
}

//! What a run itself finds wrong: the name, words and remedy of each finding. What it means for the
//! cluster is in the catalogue, with the other findings.

use super::entry::NoEntry;
use crate::{
    cluster::MemberName,
    event::Finding,
    pki::{Check, Requirement, Verdict},
    remote::connect::ConnectError,
};

/// What to do about certificate files that cannot be read.
const INSPECT: &str = "quorate certs inspect says what each file is.";
/// What to do about an etcd that does not do as it should.
const JOURNAL: &str = "Look at its log: journalctl -u etcd";

/// Packages that a sister wanted to lend did not come.
pub(super) fn not_lent(node: &MemberName, from: &MemberName, wrong: &str) -> Finding {
    Finding::stop(
        "packages-not-lent",
        Some(node),
        format!("{node} did not get the packages of {from}: {wrong}."),
        "Only what is, byte for byte, what apt's own lists there name is taken.",
        format!("Look at apt on {from}, or give {node} a way to its package mirror."),
    )
}

/// Nobody is let in to the node.
pub(super) fn no_entry(node: &MemberName, error: &ConnectError) -> NoEntry {
    let (id, again) = match error {
        ConnectError::HostKeyUnknown { .. } => ("host-key-unknown", false),
        ConnectError::HostKeyChanged { .. } => ("host-key-changed", false),
        ConnectError::HostKeyRevoked { .. } => ("host-key-revoked", false),
        ConnectError::KnownHosts { .. } => ("known-hosts", false),
        ConnectError::LoginRefused { .. } | ConnectError::Key { .. } => ("login-refused", false),
        ConnectError::Sudo(_) => ("no-root", false),
        ConnectError::Jump { error, .. } => return no_entry(node, error),
        ConnectError::Refused { .. }
        | ConnectError::TimedOut { .. }
        | ConnectError::Unreachable { .. }
        | ConnectError::Handshake { .. }
        | ConnectError::Lost { .. } => ("no-way-in", true),
        _ => ("no-way-in", false),
    };
    let remedy = match id {
        "host-key-unknown" => {
            "Compare the fingerprint on the machine's console (ssh-keygen -lf \
             /etc/ssh/ssh_host_ed25519_key.pub), then log in once with ssh, or use \
             --accept-new-host-keys."
        }
        "host-key-changed" => "Find out why before you do anything else.",
        "no-root" => "Let this user use sudo, or log in as root.",
        "login-refused" => "Name the right user and key under [ssh] in the cluster file.",
        _ => "Try it by hand with ssh; what works there works here.",
    };
    let reason = error.to_string();
    let says = format!("{node} cannot be used: {}.", reason.trim_end_matches('?'));
    let finding = Finding::stop(id, Some(node), says, "Nothing was changed there.", remedy);
    NoEntry { reason, again, finding }
}

/// The node gave no survey; why is a clause.
pub(super) fn no_survey(node: &MemberName, reason: &str) -> Finding {
    Finding::stop(
        "no-way-in",
        Some(node),
        format!("{node} cannot be asked: {reason}."),
        "Nothing was changed there.",
        "Try it by hand with ssh; what works there works here.",
    )
}

/// A proof cannot be made with the member's files; why is a clause.
pub(super) fn unusable(node: &MemberName, reason: &str) -> Finding {
    Finding::stop(
        "certificate-unusable",
        Some(node),
        format!("The certificate of {node} cannot be used: {reason}."),
        "The files on this computer are not what [tls] in the cluster file says.",
        INSPECT,
    )
}

/// What is not right with the member's certificate, if anything is; what it says is a clause.
pub(super) fn certificate(node: &MemberName, row: Requirement) -> Option<Finding> {
    let id = match row.check {
        Check::Chain => "certificate-chain",
        Check::Key => "certificate-key",
        Check::Dates => "certificate-dates",
        Check::Address | Check::Loopback => "certificate-names",
        Check::Server | Check::Client => "certificate-usage",
        Check::Strength => "certificate-weak",
    };
    let finding = of_certificate(id, node, row.says, &row.remedy.unwrap_or_default());
    match row.verdict {
        Verdict::Ok => None,
        Verdict::Look => Some(finding.look()),
        Verdict::Wrong => Some(finding),
    }
}

/// The member's files cannot be read; why is a clause.
pub(super) fn unreadable(node: &MemberName, reason: String) -> Finding {
    of_certificate("certificate-unusable", node, reason, INSPECT)
}

fn of_certificate(id: &str, node: &MemberName, says: String, remedy: &str) -> Finding {
    let cause = "Members prove to each other who they are with it, in both directions.";
    Finding::stop(id, Some(node), says, cause, remedy)
}

/// The member does not answer its clients; why is a clause.
pub(super) fn no_answer(node: &MemberName, fault: &str) -> Finding {
    Finding::stop(
        "no-answer",
        Some(node),
        format!("{node} does not answer its clients: {fault}."),
        "Its etcd is down, or does not take our certificate.",
        JOURNAL,
    )
}

/// The member's etcd was another after the proof than before it: what systemd said.
pub(super) fn restarted(node: &MemberName, before: &str, after: &str) -> Finding {
    let evidence = [before, after].map(|unit| unit.trim().replace('\n', " ")).to_vec();
    let finding = Finding::stop(
        "restarted",
        Some(node),
        format!("etcd on {node} was restarted, or ended, while it was looked at."),
        "etcd can say that it is ready and end a moment later.",
        JOURNAL,
    );
    Finding { evidence, ..finding }
}

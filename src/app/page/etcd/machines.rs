//! What the machines say, in the words of the page: read from their surveys, with what it means for
//! later said now.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    app::{
        Model,
        page::nodes::{self, Tried},
    },
    cluster::{Address, EtcdVersion, Identity, MemberName},
    event::{Severity, observation::room},
    lab::{Facts, across, facts::Data},
    pki::Verdict,
};

use super::cluster;

/// What kubeadm of the current Kubernetes wants at least (its `constants.go`, `MinExternalEtcdVersion`).
const KUBEADM: EtcdVersion = EtcdVersion::new(3, 5, 24);

/// A machine and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine<'a> {
    /// Whose.
    pub name: MemberName,
    /// How far asking is.
    pub standing: Standing<'a>,
}

/// How far asking a machine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It is being asked.
    Asked,
    /// It was not asked, or did not answer: why.
    Unknown(&'a str),
    /// What is there.
    Seen(Box<Seen>),
}

/// What is there on a machine, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `Debian 12`.
    pub system: String,
    /// The etcd that apt offers, or has installed.
    pub offers: String,
    /// `18 GB`.
    pub free: String,
    /// `0.1 s`: how far from the middle of all clocks.
    pub clock: String,
    /// That is more than etcd takes without a warning.
    pub skewed: bool,
    /// What is there already.
    pub there: String,
    /// It is somebody else's.
    pub foreign: bool,
}

/// All machines, in the order of the rows.
#[must_use]
pub fn machines(model: &Model) -> Vec<Machine<'_>> {
    let form = &model.nodes.form;
    let members = (0..nodes::rows(form)).filter_map(|row| nodes::member(form, row).ok());
    let members: Vec<_> = members.collect();
    let tried = |address: Address| model.nodes.tried.get(&address);
    let mut clocks: Vec<_> = members
        .iter()
        .filter_map(|(_, address)| facts(tried(*address)?))
        .map(|f| f.ahead_ms)
        .collect();
    clocks.sort_unstable();
    let middle = clocks.get(clocks.len() / 2).copied().unwrap_or_default();
    let identity = cluster(model).ok().map(|cluster| Identity::predict(&cluster));
    members
        .into_iter()
        .map(|(name, address)| {
            let standing = match tried(address) {
                None | Some(Tried::Trying) => Standing::Asked,
                Some(Tried::Out { reason, .. }) => Standing::Unknown(reason),
                Some(Tried::In { facts: None, .. }) => Standing::Unknown("it gave no answer"),
                Some(Tried::In { facts: Some(facts), .. }) => {
                    Standing::Seen(Box::new(seen(&name, facts, middle, identity.as_ref())))
                }
            };
            Machine { name, standing }
        })
        .collect()
}

fn facts(tried: &Tried) -> Option<&Facts> {
    match tried {
        Tried::In { facts, .. } => facts.as_deref(),
        _ => None,
    }
}

fn seen(name: &MemberName, facts: &Facts, middle: i64, identity: Option<&Identity>) -> Seen {
    let off = facts.ahead_ms - middle;
    let (there, foreign) = already(name, facts, identity);
    Seen {
        system: facts.system(),
        offers: match (facts.installed, facts.offered) {
            (Some(version), _) => format!("{version} here"),
            (None, Some(version)) => version.to_string(),
            (None, None) if !facts.has_lists => "no lists yet".to_owned(),
            (None, None) => "no etcd".to_owned(),
        },
        free: facts.disk.as_ref().map_or_else(|| "?".to_owned(), |(kib, _)| room(kib << 10)),
        clock: format!("{}.{} s", off.abs() / 1000, off.abs() % 1000 / 100),
        skewed: off.abs() > 1000,
        there,
        foreign,
    }
}

/// What of etcd is there, and whether it is somebody else's.
fn already(name: &MemberName, facts: &Facts, identity: Option<&Identity>) -> (String, bool) {
    let runs = facts.etcd_runs();
    match (&facts.data, identity) {
        (Some(Data::Of(member, cluster)), Some(planned)) => {
            let same = *cluster == planned.cluster && planned.members.get(name) == Some(member);
            if same {
                (format!("this member{}", if runs { ", up" } else { "" }), false)
            } else {
                ("another cluster".to_owned(), true)
            }
        }
        (Some(_), _) => ("data".to_owned(), true),
        (None, _) if runs => ("etcd runs".to_owned(), true),
        (None, _) if facts.installed.is_some() => ("the packages".to_owned(), false),
        (None, _) => ("nothing".to_owned(), false),
    }
}

/// What all of it means, the best first.
#[must_use]
pub fn notes(model: &Model) -> Vec<(Verdict, String)> {
    let mut notes = Vec::new();
    let Ok(cluster) = cluster(model) else { return notes };
    let known = cluster.members.iter().filter_map(|member| {
        let facts = facts(model.nodes.tried.get(&member.address)?)?;
        Some((member.name.clone(), facts.clone()))
    });
    let known: BTreeMap<_, _> = known.collect();
    let versions: BTreeSet<_> = known.values().filter_map(|f| f.installed.or(f.offered)).collect();
    let all = cluster.members.len();
    if known.len() == all
        && let [version] = versions.iter().collect::<Vec<_>>().as_slice()
    {
        notes.push((Verdict::Ok, format!("All {all} get the same etcd, {version}.")));
    }
    if versions.iter().any(|version| *version < KUBEADM) {
        let says = format!(
            "Kubernetes: kubeadm wants etcd {KUBEADM} or newer; no Debian release has that. Fine \
             for the lab; a real control plane needs one from elsewhere."
        );
        notes.push((Verdict::Look, says));
    }
    if known.values().any(|facts| !facts.has_lists && facts.installed.is_none()) {
        let says = "apt has no package lists yet on some of them; Install fetches them first.";
        notes.push((Verdict::Look, says.to_owned()));
    }
    for finding in across(&cluster, &known) {
        let remedy = match finding.severity {
            Severity::Stop => "This stops the run.".to_owned(),
            Severity::Look => finding.remedy,
        };
        notes.push((Verdict::Look, format!("{} {remedy}", finding.says)));
    }
    let count = nodes::count(all);
    if all % 2 == 0 || all < 3 {
        notes.push((Verdict::Look, format!("{all} members: {count}.")));
    }
    notes
}

//! The proofs in the form a node can run: etcdctl asks every member by name.

use super::super::{script::quote, verify::KEY};
use crate::cluster::{Cluster, Identity, Member};

const TEXT: &str = include_str!("proof.sh");

/// The lab's own last line: by now it just works.
pub(super) const TABLE: &str =
    "( . /etc/profile.d/etcdctl.sh; etcdctl member list -w table ) </dev/null\n";

/// Proofs, each a name and a text that holds or says why not. They run on one node, whose
/// `etcdctl` is set up by `/etc/profile.d/etcdctl.sh`; flags would conflict with that from 3.4 on,
/// so an endpoint is named by the variable too.
#[must_use]
pub(super) fn proofs(c: &Cluster) -> Vec<(&'static str, String)> {
    let who = Identity::predict(c);
    let mut ids: Vec<_> = who.members.values().map(|id| id.0.to_string()).collect();
    ids.sort_unstable();
    let asked = TEXT
        .replace("@CLUSTER_ID@", &who.cluster.0.to_string())
        .replace("@SORTED_IDS@", &ids.join(" "))
        .replace("@KEY@", KEY);
    let each: String = c
        .members
        .iter()
        .filter_map(|m| Some((m, who.members.get(&m.name)?)))
        .map(|(m, id)| format!("asked {} {} {} || exit 1\n", m.name, url(m), id.0))
        .collect();
    let mut proofs = vec![("verify.agrees", asked + &each)];
    if let (Some(first), Some(last)) = (c.members.first(), c.members.last()) {
        let (first, last) = (url(first), url(last));
        let text = format!(
            ". /etc/profile.d/etcdctl.sh\n\
             value=$(date +%s)-$$\n\
             ETCDCTL_ENDPOINTS={first} etcdctl put {KEY} \"$value\" || exit 1\n\
             read=$(ETCDCTL_ENDPOINTS={last} etcdctl get {KEY} --print-value-only) || exit 1\n\
             [ \"$read\" = \"$value\" ] || {{ echo \"wrote $value, read $read\"; exit 1; }}\n"
        );
        proofs.push(("verify.healthy", text));
    }
    proofs
}

fn url(m: &Member) -> String {
    quote(&m.address.client_url()).into_owned()
}

//! What a run shall do, and what it may.

use std::{collections::BTreeSet, sync::Arc};

use super::vault::Vault;
use crate::{
    cluster::{Cluster, Identity, MemberName},
    event::{FORMAT, Intent, MemberPlan, RunStarted, Step},
};

/// Everything a run needs to know before it begins.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub struct Plan {
    /// What shall exist.
    pub cluster: Arc<Cluster>,
    /// The TLS files.
    pub vault: Arc<Vault>,
    /// What is asked for.
    pub intent: Intent,
    /// Practice machines, rather than somebody's own.
    pub practice: bool,
    /// The person has said go already.
    pub go: bool,
    /// After its verdict the run waits for more orders, until it is told to stop.
    pub stays: bool,
    /// Nodes where the person agreed that what is in the way is moved aside.
    pub aside: BTreeSet<MemberName>,
    /// `reset` shall remove the packages too.
    pub remove_packages: bool,
    /// A value nobody has written before: the proof writes it.
    pub nonce: String,
    /// A certificate that ends within so many days is to be looked at.
    pub soon_days: i32,
    /// When it begins, as RFC 3339 in UTC.
    pub at: String,
    /// The same in seconds of Unix time.
    pub at_unix: i64,
}

impl Plan {
    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &'static [Step] {
        match self.intent {
            Intent::Up | Intent::Check => &Step::LAB,
            Intent::Members => &[Step::Preflight, Step::Verify],
            Intent::Reset => &[Step::Preflight, Step::Reset],
        }
    }

    /// Whether it may change anything, once the person says go.
    #[must_use]
    pub fn changes(&self) -> bool {
        matches!(self.intent, Intent::Up | Intent::Reset)
    }

    /// Its first event.
    #[must_use]
    pub fn started(&self, frame: &str) -> RunStarted {
        let identity = Identity::predict(&self.cluster);
        let members = self.cluster.members.iter().filter_map(|m| {
            let id = *identity.members.get(&m.name)?;
            Some(MemberPlan { name: m.name.clone(), address: m.address, id })
        });
        RunStarted {
            format: FORMAT,
            quorate: env!("CARGO_PKG_VERSION").to_owned(),
            at: self.at.clone(),
            intent: self.intent,
            practice: self.practice,
            cluster: self.cluster.name.clone(),
            cluster_id: identity.cluster,
            token: Some(self.cluster.token.clone()),
            members: members.collect(),
            steps: self.steps().to_vec(),
            frame: frame.to_owned(),
        }
    }
}

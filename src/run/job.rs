//! What a worker is told to do, and how it reports.

use std::time::Duration;

use crate::{
    cluster::MemberName,
    event::{Remedy, Step, TaskId, TaskOutcome},
    lab::{
        Facts, Task,
        lend::{Deb, Lack, Loan},
    },
};

/// One thing to do on one node.
#[derive(Clone, Debug)]
pub enum Job {
    /// Log in, after a while.
    Connect {
        /// How long to wait before.
        after: Duration,
    },
    /// Find out what is there.
    Survey,
    /// Look which of these tasks hold already. Read-only.
    Probe(Vec<Task>),
    /// Change something, and look that it holds then.
    Apply(Box<Task>),
    /// Look how far a person is with these tasks, which are all of that step's. Read-only.
    Look(Step, Vec<Task>),
    /// Take a task back.
    Undo(Box<Task>),
    /// Find out whether this node has what another one lacks. Read-only.
    Ask {
        /// The other.
        to: MemberName,
        /// What it lacks.
        lack: Lack,
    },
    /// Bring this node's packages here, for another one.
    Fetch {
        /// The other.
        to: MemberName,
        /// Which.
        debs: Vec<Deb>,
    },
    /// Make a proof. Read-only but for [`Proof::Write`].
    Prove(Proof),
}

/// A proof: it changes nothing but the one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The member is asked by name, its disk is looked at, it calls all others, and it has not
    /// been restarted meanwhile.
    Member,
    /// That value is written through this member.
    Write(String),
    /// That value is read through this member.
    Read(String),
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum Done {
    /// Logged in.
    Connected,
    /// Not let in: trying again would not help.
    Refused,
    /// The connection is gone.
    Lost {
        /// What was seen.
        reason: String,
    },
    /// What is there.
    Surveyed(Box<Facts>),
    /// These hold already.
    Probed(Vec<TaskId>),
    /// Whether all of it holds, that a person does.
    Watched(bool),
    /// A task was taken back, or was not.
    Undone(TaskOutcome),
    /// A change came to its end.
    Applied(TaskOutcome),
    /// What it lends another one, if it does.
    Lends {
        /// The other.
        to: MemberName,
        /// What that lacks.
        lack: Lack,
        /// What it is lent, and as what that is offered.
        loan: Option<Box<(Loan, Remedy)>>,
    },
    /// Its packages are here for another one, or why they are not, as a clause.
    Fetched {
        /// The other.
        to: MemberName,
        /// What is wrong.
        wrong: Option<String>,
    },
    /// The member's own proofs were made; what they are worth is judged from the events.
    Proved,
    /// The value was written.
    Written,
    /// The value was read back.
    ReadBack,
    /// It did not work, and why was told as an event.
    Failed,
    /// The person stopped it.
    Cancelled,
}

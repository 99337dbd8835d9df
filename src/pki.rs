//! Certificates: made for a cluster, and looked at before etcd has to.
//!
//! It knows X.509 and what etcd asks of it, and nothing of nodes, SSH or the screen. The time
//! comes in as data (seconds since 1970), since the clock that counts is the node's.

pub mod describe;
#[expect(clippy::disallowed_methods, reason = "it reads the files of a member")]
pub mod files;
pub mod holds;
pub mod inspect;
pub mod issue;
pub mod pem;
pub mod request;
#[expect(clippy::disallowed_methods, reason = "it writes the files of a lab")]
pub mod set;
pub mod sort;

pub use self::{
    files::{BadFiles, inspect_files},
    inspect::{BadBundle, Bundle, Check, Need, Requirement, Verdict},
    issue::{Authority, IssueError, Pair, Subject},
    pem::BadPem,
    set::{Pairs, Set, WriteError, issue_for},
};

//! What can go wrong with practice machines. Every text reads on after "failed to …: ".

use std::{io, net::Ipv4Addr, path::PathBuf};

use crate::cluster::{MemberName, address::AddressError, name::NameError};

/// Why something with the practice machines did not work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not root.
    #[error("making machines needs root; run it again through sudo")]
    NeedsRoot,
    /// A folder whose name would have to be quoted.
    #[error(
        "{0:?} cannot hold the machines; one such as /var/lib/mine would do: an absolute path, not \
         right below /, of letters, digits and '._-/'"
    )]
    BadDir(PathBuf),
    /// A folder with something else in it.
    #[error("{0} is not empty and holds no practice machines; another --dir would be right")]
    NotOurs(PathBuf),
    /// Another user's machines.
    #[error(
        "the practice machines in {dir} belong to the user with ID {uid}; \
         another --dir and --subnet give you your own"
    )]
    OthersRun {
        /// Where they are.
        dir: PathBuf,
        /// Whose they are.
        uid: u32,
    },
    /// Two calls at once.
    #[error("another quorate is at work on {dir}{}; wait for it to end, or end it", by(*pid))]
    Busy {
        /// Where it works.
        dir: PathBuf,
        /// Its process, if the kernel tells.
        pid: Option<i32>,
    },
    /// Machines of another kind are there already.
    #[error(
        "{what} of the machines that are there is {there}, not {asked}; \
         `quorate practice delete` first, or another --dir and --subnet"
    )]
    Different {
        /// Which choice.
        what: &'static str,
        /// What the machines have.
        there: String,
        /// What was asked for.
        asked: String,
    },
    /// A number of machines that teaches nothing.
    #[error("{0} machines were asked for; 3, 5 or 7 would be right")]
    Count(usize),
    /// A subnet that is none.
    #[error("{0} is no /24 network; its last number must be 0, as in 198.18.30.0")]
    Subnet(Ipv4Addr),
    /// The subnet is somebody else's.
    #[error(
        "the network {subnet}/24 is in use on {by}; another one would be right, as in \
         --subnet 10.99.30.0"
    )]
    SubnetTaken {
        /// The network.
        subnet: Ipv4Addr,
        /// The interface that has it.
        by: String,
    },
    /// No machine of that name.
    #[error("there is no machine {name}; there are {there}")]
    NoSuchMachine {
        /// As asked.
        name: MemberName,
        /// Those that are.
        there: String,
    },
    /// Nothing has been brought up here.
    #[error("there are no practice machines in {0}; `quorate practice up` makes them")]
    Nothing(PathBuf),
    /// A machine ended, or its sshd never answered.
    #[error("{machine} {what}; the end of its console:\n{tail}")]
    Boot {
        /// Which one.
        machine: MemberName,
        /// What it did, or did not.
        what: &'static str,
        /// The last lines of its console.
        tail: String,
    },
    /// Something of somebody else is mounted inside our folder.
    #[error("{0} is mounted inside the machines' folder; unmount it, then delete again")]
    Mounted(PathBuf),
    /// A process that does not end.
    #[error("process {0} does not end, even when killed; it waits for a disk, most likely")]
    Unkillable(i32),
    /// A command of this computer is missing.
    #[error("{command} is not installed; the package {package} has it")]
    Missing {
        /// The program.
        command: &'static str,
        /// Debian's package of it.
        package: &'static str,
    },
    /// A command of this computer failed.
    #[error("`{command}` ended with {status}: {says}")]
    Command {
        /// What was run.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        says: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// An SSH key could not be made.
    #[error("an SSH key could not be made: {0}")]
    Key(#[from] ssh_key::Error),
    /// Random numbers or certificates.
    #[error("certificates could not be made: {0}")]
    Certificates(String),
    /// A built-in name is wrong; a test keeps this from happening.
    #[error("the name {0}")]
    Name(#[from] NameError),
    /// A built-in address is wrong.
    #[error("the address {0}")]
    Address(#[from] AddressError),
}

impl Error {
    /// What was asked for cannot be: the command line is wrong, and nothing was done.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::BadDir(_)
                | Self::NotOurs(_)
                | Self::Different { .. }
                | Self::Count(_)
                | Self::Subnet(_)
                | Self::NoSuchMachine { .. }
        )
    }
}

fn by(pid: Option<i32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

/// Gives an I/O error the path it is about.
pub(super) trait At<T> {
    /// The same, as [`Error::File`] of that path.
    fn at(self, path: &std::path::Path) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, path: &std::path::Path) -> Result<T, Error> {
        self.map_err(|e| Error::File { path: path.to_owned(), source: e.into() })
    }
}

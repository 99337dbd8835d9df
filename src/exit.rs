//! The exit codes, which scripts and monitors rely on.

use std::process::ExitCode;

use crate::event::Ended;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: as asked.
    Well,
    /// 1: not every node got to its end, or they do not agree. Run again to go on.
    Incomplete,
    /// 2: the command line or the cluster file is wrong. Nothing was done.
    Usage,
    /// 3: refused before anything was changed: preflight, a host key, a login.
    Refused,
    /// 4: the members agree, but something is to be looked at (`check`).
    Look,
    /// 130: stopped by the person, as a shell says of Ctrl-C.
    Stopped,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Incomplete => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Look => 4,
            Self::Stopped => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

impl From<Ended> for Exit {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Well => Self::Well,
            Ended::WithFindings => Self::Look,
            Ended::Incomplete => Self::Incomplete,
            Ended::Refused => Self::Refused,
            Ended::Stopped => Self::Stopped,
        }
    }
}

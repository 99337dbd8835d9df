//! The answers that a dialog offers.

/// An answer that can be chosen, the harmless one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Let the run go on.
    GoOn,
    /// Stop after the running change.
    Stop,
    /// Stop now, in the middle of it.
    StopAtOnce,
    /// Not this machine, or not now.
    NotYet,
    /// Yes, take it back.
    TakeBack,
    /// Yes, change them.
    Go,
    /// Yes, that is the machine.
    Accept,
    /// Yes, install them.
    Install,
    /// Back to the field.
    Other,
    /// It gets a dated name.
    Aside,
    /// Yes, write it.
    Write,
    /// The answer is typed.
    Give,
}

impl Choice {
    /// As it is offered.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::GoOn => "Go on",
            Self::Stop => "Stop after the running change",
            Self::StopAtOnce => "Stop at once",
            Self::NotYet => "Not yet",
            Self::TakeBack => "Take it back",
            Self::Go => "Go",
            Self::Accept => "Accept this key",
            Self::Install => "Install them and go on",
            Self::Other => "Choose another folder",
            Self::Aside => "Move it aside, under a dated name",
            Self::Write => "Write it and try again",
            Self::Give => "Continue",
        }
    }
}

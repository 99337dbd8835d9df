//! The chapters of the lab, and the ids of what is done in them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A chapter of the lab, in the order of the lab; [`Step::Reset`] and [`Step::Drill`] stand
/// apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Look at every machine before any is changed.
    Preflight,
    /// Copy the CA certificate, the certificate and its key.
    Certificates,
    /// Install etcd's packages, held back from starting.
    Install,
    /// Write `/etc/default/etcd`, and give the key to etcd.
    Configure,
    /// Start all members together.
    Start,
    /// Ask every member by name, and prove that they agree.
    Verify,
    /// Take back what the others made.
    Reset,
    /// Lose a member on purpose; after a run.
    Drill,
}

impl Step {
    /// The six steps of the lab.
    pub const LAB: [Self; 6] = [
        Self::Preflight,
        Self::Certificates,
        Self::Install,
        Self::Configure,
        Self::Start,
        Self::Verify,
    ];

    /// `certificates`: in ids and files.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::Certificates => "certificates",
            Self::Install => "install",
            Self::Configure => "configure",
            Self::Start => "start",
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Drill => "drill",
        }
    }

    /// `Certificates`: for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Preflight => "Preflight",
            Self::Certificates => "Certificates",
            Self::Install => "Install",
            Self::Configure => "Configure",
            Self::Start => "Start",
            Self::Verify => "Verify",
            Self::Reset => "Reset",
            Self::Drill => "Drill",
        }
    }

    /// Whether no node enters this step before all have ended the one before.
    #[must_use]
    pub fn behind_barrier(self) -> bool {
        matches!(self, Self::Certificates | Self::Start | Self::Verify)
    }

    /// Whether it consists of tasks; the others look and ask.
    #[must_use]
    pub fn has_tasks(self) -> bool {
        !matches!(self, Self::Preflight | Self::Verify | Self::Drill)
    }

    /// Whether a person can do it by hand: what consists of tasks, and ask themselves.
    #[must_use]
    pub fn has_hands(self) -> bool {
        self.has_tasks() || self == Self::Verify
    }

    /// The step after this one, in the lab.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let at = Self::LAB.iter().position(|s| *s == self)?;
        Self::LAB.get(at + 1).copied()
    }
}

/// Who brought a step to its end on a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The program.
    #[default]
    Quorate,
    /// A person, in a shell.
    Person,
}

impl By {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How far a person was helped with a task that they do by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// In words.
    Hint,
    /// With the whole line to type.
    Line,
    /// The program does it for them.
    Done,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A task's name inside its step: `install.packages`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskId {
    /// Its step.
    pub step: Step,
    /// Its name there.
    pub name: String,
}

impl TaskId {
    /// The task of that name in that step.
    #[must_use]
    pub fn new(step: Step, name: &str) -> Self {
        Self { step, name: name.to_owned() }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.step.id(), self.name))
    }
}

/// A text that is no task id. Reads on from "the task ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none; install.packages would be one")]
pub struct TaskIdError(String);

impl FromStr for TaskId {
    type Err = TaskIdError;

    fn from_str(text: &str) -> Result<Self, TaskIdError> {
        let error = || TaskIdError(text.to_owned());
        let (step, name) = text.split_once('.').ok_or_else(error)?;
        let all = Step::LAB.into_iter().chain([Step::Reset, Step::Drill]);
        let step = all.into_iter().find(|s| s.id() == step).ok_or_else(error)?;
        Ok(Self::new(step, name))
    }
}

impl TryFrom<String> for TaskId {
    type Error = TaskIdError;

    fn try_from(text: String) -> Result<Self, TaskIdError> {
        text.parse()
    }
}

impl From<TaskId> for String {
    fn from(id: TaskId) -> Self {
        id.to_string()
    }
}

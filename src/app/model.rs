//! Everything the screen shows and knows, as plain data.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::tz::Offset;

use super::{Dialog, Page, keymap::Command, offers::offers, page};
use crate::{
    event::{Ended, Intent, RunState, Step, state::NodeState},
    remote::host_keys::Place,
};

/// Whose machines these are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting {
    /// Somebody's own: carefully.
    #[default]
    Live,
    /// Throw-away ones on this computer.
    Practice,
    /// None: a run of that day is shown again.
    Replay(String),
}

/// How the terminal can show things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// In its 16 colours, rather than with bold and reverse alone.
    pub colour: bool,
    /// With ASCII characters only.
    pub ascii: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: true, ascii: false }
    }
}

/// What the outside can do for this screen; what it cannot is not offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is offered or not, alone")]
pub struct Can {
    /// Start the same once more after its end.
    pub again: bool,
    /// Lose a member on purpose.
    pub drill: bool,
    /// Put a node into the person's hands.
    pub by_hand: bool,
    /// Keep the plan, or a bundle, as files.
    pub keep: bool,
    /// Show a recorded run.
    pub watch: bool,
    /// Show this run again, and write its report.
    pub archive: bool,
    /// Go back to the wizard, to this part of it.
    pub back: Option<Behind>,
}

impl Can {
    /// What a run is asked for on its own screen, whether it is lived, shown again or filmed.
    #[must_use]
    pub fn of(intent: Intent) -> Self {
        let drill = intent == Intent::Up;
        Self { again: true, drill, by_hand: true, keep: true, archive: true, ..Self::default() }
    }
}

/// The part of the wizard that led to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// A choice of its first page.
    Welcome,
    /// Its pages, with all answers.
    Pages,
}

/// Something laid over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The keys that mean something here.
    Help,
    /// The side column, where the window has no room for it.
    Why,
    /// The whole log of the marked node.
    Log,
    /// The lab's table.
    Table,
    /// What runs on the marked node, word for word.
    Script,
    /// What was looked at, and what the answer was.
    Looked,
    /// What changes in the files of the marked node.
    Diffs,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Model {
    /// Time since the screen opened.
    pub now: Duration,
    /// The person's home, which is written `~`.
    pub home: Option<PathBuf>,
    /// The local clock against UTC; `None` is UTC itself.
    pub offset: Option<Offset>,
    /// How things can be shown.
    pub look: Look,
    /// Whose machines these are.
    pub setting: Setting,
    /// The folder of practice machines that are not at their usual place.
    pub elsewhere: Option<PathBuf>,
    /// What the outside can do.
    pub can: Can,
    /// The page in front.
    pub page: Page,
    /// Everything known about the run.
    pub run: RunState,
    /// When the first event arrived: elapsed time goes on between events.
    pub run_began: Option<Duration>,
    /// The run's threads have ended.
    pub run_gone: bool,
    /// The marked node, counted from 0.
    pub node: usize,
    /// The step up to which the person lets the run go, if it was paused.
    pub aim: Option<Step>,
    /// What lies over the page.
    pub overlay: Option<Overlay>,
    /// How many lines the overlay is scrolled: from its end for the log, from its start else.
    pub scrolled: usize,
    /// Questions to the person; the first is shown.
    pub dialogs: VecDeque<Dialog>,
    /// The answer to a key that did nothing, until the next key.
    pub said: Option<String>,
    /// What the person wants done, once they chose.
    pub chosen: Option<page::welcome::Chosen>,
    /// The welcome page.
    pub welcome: page::welcome::State,
    /// The building of machines.
    pub building: page::building::State,
    /// The members.
    pub nodes: page::nodes::State,
    /// Keys and passwords.
    pub access: page::access::State,
    /// The folder of certificates.
    pub certificates: page::certificates::State,
    /// Name, token, data directory.
    pub etcd: page::etcd::State,
    /// The review page.
    pub review: page::review::State,
    /// The guided page.
    pub guided: page::guided::State,
    /// What is done by hand.
    pub by_hand: page::by_hand::State,
    /// Where the replay is, if this is one.
    pub replay: Option<page::replay::State>,
    /// The screen this replay lies on; it goes on meanwhile.
    pub behind: Option<Box<Self>>,
    /// The window, in columns and rows.
    pub window: (u16, u16),
    /// The failure page.
    pub failure: page::failure::State,
    /// The drill.
    pub drill: page::drill::State,
    /// The result page.
    pub result: page::result::State,
}

impl Model {
    /// Whether the machines are throw-away ones, also in a run that is shown again.
    #[must_use]
    pub fn practice(&self) -> bool {
        match self.setting {
            Setting::Live => false,
            Setting::Practice => true,
            Setting::Replay(_) => self.run.started.as_ref().is_some_and(|s| s.practice),
        }
    }

    /// The marked node, if there is any.
    #[must_use]
    pub fn marked(&self) -> Option<&NodeState> {
        self.run.nodes.get(self.node)
    }

    /// Milliseconds since the run began: by the clock while it runs, by its last event after.
    #[must_use]
    pub fn run_ms(&self) -> u64 {
        if let Some(replay) = self.replay.as_ref().filter(|_| self.running()) {
            return self.run.ms.max(replay.run_ms());
        }
        let began = self.run_began.filter(|_| self.running());
        let passed = began.map_or(Duration::ZERO, |began| self.now.saturating_sub(began));
        self.run.ms.max(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether the run is under way.
    #[must_use]
    pub fn running(&self) -> bool {
        self.run.started.is_some() && self.run.ended.is_none() && !self.run_gone
    }

    /// Whether the run still takes orders: also after its verdict, until it is left.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.run.started.is_some() && !self.run.over && !self.run_gone
    }

    /// How long the picture stays as it is if nothing happens; `None`: for ever.
    #[must_use]
    pub fn still_for(&self) -> Option<Duration> {
        if let Some(replay) = &self.replay {
            return replay.still_for();
        }
        if self.page == Page::Access {
            return page::access::still_for(self);
        }
        self.running().then(|| {
            let into_second = self.run_ms() % 1000;
            Duration::from_millis(1000 - into_second)
        })
    }

    /// Whether that command means something now.
    #[must_use]
    pub fn has(&self, command: Command) -> bool {
        offers(self).iter().any(|o| o.commands.contains(&command))
    }

    /// Whether the keyboard is the shell's.
    #[must_use]
    pub fn shell_has_keys(&self) -> bool {
        self.page == Page::ByHand
            && self.by_hand.in_shell
            && self.dialogs.is_empty()
            && self.overlay.is_none()
    }

    /// Whether letters are text now.
    #[must_use]
    pub fn typing(&self) -> bool {
        let form = match self.page {
            Page::Nodes => self.nodes.form.editing(),
            Page::Access => {
                self.dialogs.is_empty()
                    && (self.access.form.editing() || page::access::typing(self))
            }
            Page::Certificates => self.certificates.form.editing(),
            Page::Etcd => self.etcd.form.editing(),
            _ => false,
        };
        self.dialogs.front().map_or(form, Dialog::typing)
    }

    /// A path as the person would write it.
    #[must_use]
    pub fn path(&self, path: &Path) -> String {
        let within = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok());
        within.map_or_else(|| path.display().to_string(), |rest| format!("~/{}", rest.display()))
    }

    /// A line of a file.
    #[must_use]
    pub fn place(&self, at: &Place) -> String {
        format!("{} line {}", self.path(&at.file), at.line)
    }

    /// The step most nodes wait for: the first that not all have ended well.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        let steps = self.run.started.as_ref().map(|s| s.steps.as_slice()).unwrap_or_default();
        steps.iter().copied().find(|step| !self.run.nodes.iter().all(|n| page::run::well(n, *step)))
    }

    /// What the command line calls this cluster.
    #[must_use]
    pub fn called(&self) -> String {
        let name = || self.run.started.as_ref().map(|s| s.cluster.to_string()).unwrap_or_default();
        self.elsewhere.as_ref().map_or_else(name, |dir| dir.display().to_string())
    }

    /// Whether the run ended as asked.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        matches!(self.run.ended, Some(Ended::Well | Ended::WithFindings))
    }

    /// The time of day at that moment of the run, as `12:04:31`.
    #[must_use]
    pub fn clock(&self, ms: u64) -> Option<String> {
        let began: jiff::Timestamp = self.run.started.as_ref()?.at.parse().ok()?;
        let at = began.checked_add(Duration::from_millis(ms)).ok()?;
        Some(self.offset.unwrap_or(Offset::UTC).to_datetime(at).strftime("%H:%M:%S").to_string())
    }

    /// The time of day at which it was found how the run ended.
    #[must_use]
    pub fn judged_at(&self) -> Option<String> {
        self.clock(self.run.judged_ms?)
    }

    /// The day on which the first certificate ends, and how many days that is from the run.
    #[must_use]
    pub fn certificates_end(&self) -> Option<(String, i64)> {
        let end = jiff::Timestamp::from_second(self.run.certificates_end?).ok()?;
        let began: jiff::Timestamp = self.run.started.as_ref()?.at.parse().ok()?;
        let left = end.duration_since(began).as_hours().div_euclid(24);
        let day = self.offset.unwrap_or(Offset::UTC).to_datetime(end).strftime("%-d %b %Y");
        Some((day.to_string(), left))
    }
}

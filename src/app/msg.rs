//! What can happen to the screen, and what it can ask of the outside.

use std::{path::PathBuf, time::Duration};

use crossterm::event::KeyEvent;

use super::{
    Order,
    form::Completion,
    page::{
        certificates::{Looked, Wanted},
        etcd::{Made, NotSaved},
        nodes::{Tried, Way},
        replay::{Reel, inside::Opened},
        welcome::Known,
    },
};
use crate::{
    cluster::{Address, Cluster, MemberName},
    event::{Finding, Stamped, Step},
    practice::Check,
    record::{chapters::Chapter, timeline::Timeline},
    remote::ask::{Ask, Reply, Seen},
};

/// Something that happened.
pub enum Msg {
    /// Time since the screen opened: the first message of every batch.
    Tick(Duration),
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted, as the terminal gave it.
    Paste(String),
    /// The run went on.
    Run(Box<Stamped>),
    /// The log of a replay was read up to a moment.
    Wound(Box<Reel>),
    /// A run is there to be shown again on top of this screen, or why it is not.
    Opened(Result<Box<Opened>, String>),
    /// The report is written to that file, or why it is not.
    Reported(Result<PathBuf, String>),
    /// The log that is followed has grown.
    Grown {
        /// Its timeline now.
        timeline: Timeline,
        /// Its chapters, and what is said in each.
        chapters: Vec<(Chapter, Option<String>)>,
        /// The run has not ended yet.
        goes_on: bool,
        /// What could not be read, in words.
        notes: String,
    },
    /// The run's threads have ended: no event follows.
    RunGone,
    /// A thread of the run waits for the person's answer.
    Asked {
        /// Goes back with the answer.
        id: u64,
        /// The question.
        ask: Ask,
    },
    /// A host has shown its key.
    KeySeen(Seen),
    /// A node was tried.
    Tried {
        /// Which, as it was asked.
        address: Address,
        /// What came of it.
        tried: Tried,
    },
    /// The machines are that far.
    Building {
        /// 0 to 100.
        percent: u8,
        /// With what it is busy.
        doing: String,
    },
    /// The machines are built, or what went wrong, in lines.
    Built(Result<(), String>),
    /// This computer was looked at.
    Checked(Vec<Check>),
    /// How ssh gets to a name.
    Found {
        /// The name.
        name: MemberName,
        /// The way.
        way: Way,
    },
    /// A cluster of an earlier run, and its news.
    Known(Known),
    /// The cluster is written as a file, or is not.
    Saved(Result<PathBuf, NotSaved>),
    /// A folder of certificates was read and sorted, or cannot be read: a sentence.
    Sorted {
        /// What was asked of it.
        wanted: Box<Wanted>,
        /// What it holds.
        how: Result<Box<Looked>, String>,
    },
    /// How the path that was typed so far could go on.
    Completed {
        /// What was typed.
        so_far: String,
        /// The rest of it.
        how: Completion,
    },
    /// The requests are in that folder, or why they are not: a sentence.
    Requested(Result<PathBuf, String>),
    /// Something was kept, and where; or why it was not, as a clause.
    Kept {
        /// What.
        keep: Keep,
        /// The path.
        how: Result<String, String>,
    },
    /// The shell on a node said something.
    Shell(Vec<u8>),
    /// It said something that is known.
    Overheard(Finding),
    /// That shell has ended; how, as a clause.
    ShellEnded(String),
    /// The window has another size, in columns and rows.
    Resized(u16, u16),
    /// The program goes on after a stop: the terminal may show anything.
    Redraw,
    /// Somebody asked the program to step aside (SIGTSTP).
    Suspend,
    /// Somebody pressed Ctrl-C where it arrives as a signal (SIGINT).
    Interrupt,
    /// SIGTERM, SIGHUP or the terminal going away: no one is left to ask.
    Terminate,
}

/// Something to be done outside.
pub enum Effect {
    /// Tell the engine.
    Order(Order),
    /// Give a waiting thread its answer.
    Reply {
        /// From the question.
        id: u64,
        /// What the person said.
        reply: Reply,
    },
    /// Whether the person is there to be asked; if not, whoever waits goes on without an answer.
    BeAsked(bool),
    /// What is being tried is not wanted any more: nothing is told of it.
    StopTrying,
    /// Find the way to a node, then log in and ask what is there. The answers are [`Msg::Found`]
    /// and, if an address is known then, [`Msg::Tried`].
    Try {
        /// Who it shall be.
        name: MemberName,
        /// What ssh's configuration may call it.
        alias: String,
        /// Where, if that is known.
        address: Option<Address>,
        /// The cluster as far as it is known.
        sketch: Box<Cluster>,
    },
    /// Write the cluster as a file; the answer is [`Msg::Saved`].
    Save {
        /// All that was answered.
        made: Box<Made>,
        /// A file that is in the way may be moved aside.
        aside: bool,
    },
    /// Read a folder of certificates; the answer is [`Msg::Sorted`].
    Sort(Box<Wanted>),
    /// Look how a path could go on; the answer is [`Msg::Completed`].
    Complete {
        /// Up to the cursor.
        so_far: String,
    },
    /// Write keys and signing requests for a CA; the answer is [`Msg::Requested`].
    Request {
        /// The cluster as far as it is known.
        cluster: Box<Cluster>,
        /// The folder of its file.
        folder: String,
        /// For whom; empty: all.
        members: Vec<MemberName>,
        /// What is wrong with those that are there, in sentences.
        troubles: Vec<String>,
    },
    /// Keep something as files; the answer is [`Msg::Kept`].
    Keep(Keep),
    /// Open a shell on a node.
    TakeOver {
        /// Where.
        node: MemberName,
        /// The size of the shell.
        rows: u16,
        /// The size of the shell.
        columns: u16,
    },
    /// The shell has another size.
    FitShell {
        /// In rows.
        rows: u16,
        /// In columns.
        columns: u16,
    },
    /// What was typed goes to the shell.
    Type(Vec<u8>),
    /// End the shell.
    LetGo,
    /// Show a run again on top of this screen; the answer is [`Msg::Opened`].
    Watch(Watch),
    /// Write a report of this run as a file; the answer is [`Msg::Reported`].
    Report,
    /// Read the log of a replay up to that moment of the run, in milliseconds.
    Wind {
        /// The moment.
        to_ms: u64,
    },
    /// Give the terminal back until the program is in the foreground again.
    Suspend,
    /// Draw everything afresh: the terminal may show anything now.
    Redraw,
    /// Leave.
    Exit(Exit),
}

/// What a person takes away from a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The plan, for a ticket.
    Ticket {
        /// Its number.
        number: String,
        /// In words.
        text: String,
    },
    /// What whoever helps needs to know of the run.
    Bundle,
}

/// What is shown again on top of the screen of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// This very run, from its start.
    This,
    /// The run that came with the program, from that step on.
    Recorded(Step),
}

/// Why the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The person left.
    Left,
    /// The plan was kept for a ticket: that is all the person wanted now.
    Saved,
    /// The person typed the cluster's name: all that was made is taken back, then reviewed anew.
    TakeBack,
    /// The person wants back to the wizard: nothing is lost there.
    Back,
    /// The person wants the same once more: start it and open the screen again.
    Again,
    /// The person wants all members asked again, read-only, and the screen opened on that.
    Ask,
    /// The person chose what to do next: [`super::Model::chosen`].
    Chosen,
    /// The terminal is gone, or the system asked us to end.
    Terminated,
}

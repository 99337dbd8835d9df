//! The command line: what may be said, and who does it.

mod building;
mod certs;
mod export;
mod find;
mod folder;
mod keep;
mod news;
mod plan;
mod practice;
mod replay;
mod run;
mod screen;
mod shell;
mod small;
mod wizard;

use std::{
    env,
    io::{self, IsTerminal, Write as _},
    net::Ipv4Addr,
    path::PathBuf,
};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use color_eyre::eyre::Result;

use crate::{
    cluster::{ClusterName, MemberName, Release, Token},
    exit::Exit,
    plain::{Manner, Talk},
    practice::{Error as MachinesError, Options},
};

/// Takes bare machines to a highly available, TLS-secured etcd cluster, and shows every step.
#[derive(Debug, Parser)]
#[command(name = "quorate", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) how: How,
    #[command(subcommand)]
    pub(crate) what: Option<What>,
}

const EXAMPLES: &str = "\
Examples:
  quorate                       on a terminal, the wizard: it leads all the way
  quorate practice              five throw-away machines here, and a cluster on them
  quorate plan icc-etcd/        what would be done, without asking any machine
  quorate up icc-etcd/          do it
  quorate check icc-etcd        look whether all of it still holds; changes nothing

Exit codes: 0 as asked, 1 not finished or not agreed, 2 wrong command line or cluster file,
3 refused before anything was changed, 4 agrees but something is to be looked at, 130 stopped.";

const NO_WORD: &str = "\
On a terminal, quorate alone opens the wizard. Here it needs a word; every answer of the wizard can
come from a file: quorate up FILE.";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct How {
    /// Lines instead of a screen
    #[arg(long, global = true)]
    pub plain: bool,
    /// Events and results as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Say go, and install missing tools, without being asked
    #[arg(long, global = true)]
    pub yes: bool,
    /// When to use colour
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub color: When,
    /// Say the result alone
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say each task, and what the machines say
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Bootstrap the cluster; run again, it goes on where it was
    Up(Up),
    /// Show what `up` would do, and the table that will come out
    Plan(Plan),
    /// Look at every step on every machine; changes nothing
    Check(Check),
    /// Ask every member by name, and print the member-list table
    Members(Target),
    /// Take back what `up` made; data is moved aside, not deleted
    Reset(Reset),
    /// Open a shell on a node; with --plain, the lesson of its first open step is above the prompt
    Shell {
        /// The member's name
        node: MemberName,
        #[command(flatten)]
        target: Target,
    },
    /// Throw-away machines on this computer
    Practice(Practice),
    /// Make or look at certificates
    #[command(subcommand)]
    Certs(Certs),
    /// Write a run as a file: a recording, a page, a picture, a transcript
    Export(export::Export),
    /// Show a run again, on its own screen; no machine is asked
    Replay(replay::Replay),
    /// Show a recorded run: no machines, no network, no root
    Demo(replay::Pace),
    /// Write a run as a report, to hand in or for a ticket
    Report(export::Report),
    /// Explain a finding
    Explain {
        /// Its name, as a finding shows it; without one, all names
        finding: Option<String>,
    },
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Target {
    /// A cluster's name, folder or file, or "practice"; else ./cluster.toml, else practice
    pub cluster: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub target: Target,
    /// Go only if this is still the plan, as `quorate plan` numbered it
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// What is in the way on that node may be moved aside
    #[arg(long, value_name = "NODE")]
    pub move_aside: Vec<MemberName>,
    /// Accept the host keys of machines nothing is known of; never a changed one
    #[arg(long)]
    pub accept_new_host_keys: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub target: Target,
    /// As one script that does the same with plain ssh
    #[arg(long = "as", value_name = "FORM")]
    pub form: Option<Form>,
    /// Ask the machines first, instead of assuming fresh ones
    #[arg(long)]
    pub live: bool,
    /// Save it for a ticket, beside the cluster file; `up --plan` is held to it
    #[arg(long, requires = "live", conflicts_with = "form")]
    pub save: bool,
    /// The release to assume
    #[arg(long, default_value = "bookworm")]
    pub release: Release,
    /// Accept the host keys of machines nothing is known of; never a changed one
    #[arg(long)]
    pub accept_new_host_keys: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A POSIX shell script
    Sh,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub target: Target,
    /// A certificate that ends within so many days is something to be looked at
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub warn_days: u32,
    /// Accept the host keys of machines nothing is known of; never a changed one
    #[arg(long)]
    pub accept_new_host_keys: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    pub target: Target,
    /// Remove the packages too
    #[arg(long)]
    pub packages: bool,
    /// The cluster's name, instead of typing it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<ClusterName>,
}

#[derive(Debug, Args)]
pub(crate) struct Practice {
    #[command(flatten)]
    pub options: PracticeOptions,
    #[command(subcommand)]
    pub verb: Option<PracticeVerb>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PracticeOptions {
    /// Where image, disks and cluster file are kept
    #[arg(long, global = true, default_value = "/var/lib/quorate")]
    pub dir: PathBuf,
    /// What the machines run [default: bookworm]
    #[arg(long, global = true)]
    pub release: Option<Release>,
    /// How many: 3, 5 or 7 [default: 5]
    #[arg(long, global = true, value_parser = ["3", "5", "7"])]
    pub machines: Option<String>,
    /// Their /24 network [default: 198.18.30.0]
    #[arg(long, global = true)]
    pub subnet: Option<Ipv4Addr>,
    /// The cluster's token, which makes its IDs
    #[arg(long, global = true)]
    pub token: Option<Token>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PracticeVerb {
    /// Make and boot them
    Up {
        /// End when standard input closes
        #[arg(long, hide = true)]
        with_parent: bool,
    },
    /// Shut them down, and keep their disks
    Stop,
    /// Say which run
    Status,
    /// Give machines fresh disks
    New {
        /// Their names
        #[arg(value_name = "NODE", required = true)]
        nodes: Vec<MemberName>,
    },
    /// End them, and delete all that was made for them
    Delete,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Certs {
    /// Make a CA, and a certificate for the members of a cluster
    Issue {
        #[command(flatten)]
        target: Target,
        /// Where the files go
        #[arg(long, default_value = ".")]
        into: PathBuf,
        /// How long they are valid
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// Look whether a cluster's certificates are right
    Inspect {
        #[command(flatten)]
        target: Target,
    },
    /// Sort a folder of certificates by what is in the files, and judge them for each member
    ///
    /// The key to an answer of the CA team is found where `certs request` wrote it: in the folder
    /// `requests` beside the cluster file.
    Sort {
        /// PEM, DER, PKCS#7 or PKCS#12, under any names
        folder: PathBuf,
        #[command(flatten)]
        target: Target,
        /// Write what the cluster needs there, as PEM; the originals stay as they are
        #[arg(long)]
        into: Option<PathBuf>,
    },
    /// Make a key and a signing request per member, and the letter to the CA team
    Request {
        #[command(flatten)]
        target: Target,
        /// Where the files go, if not into a folder `requests` beside the cluster file
        #[arg(long)]
        into: Option<PathBuf>,
    },
}

impl How {
    /// How the plain front end talks.
    pub(crate) fn manner(&self) -> Manner {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let colour = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
                io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
            }
        };
        let talk = match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Normal,
        };
        Manner { talk, colour, json: self.json }
    }
}

/// Does what was asked.
///
/// # Errors
/// What it could not do, for the person.
pub fn run(cli: Cli) -> Result<Exit> {
    let Cli { how, what } = cli;
    let Some(what) = what else { return bare(&how) };
    match what {
        What::Up(args) => run::up(&how, &args),
        What::Check(args) => run::check(&how, &args),
        What::Members(target) => run::members(&how, &target),
        What::Reset(args) => run::reset(&how, &args),
        What::Plan(args) => told(plan::plan(&how, &args)),
        What::Practice(args) => practice::practice(&how, &args),
        What::Certs(verb) => told(certs::certs(&how, &verb)),
        What::Shell { node, target } => shell::shell(&how, &node, &target),
        What::Replay(args) => told(replay::replay(&how, &args)),
        What::Demo(pace) => told(replay::demo(&how, &pace)),
        What::Export(args) => export::export(&how, &args),
        What::Report(args) => told(export::report(&how, &args)),
        What::Explain { finding } => told(small::explain(finding.as_deref())),
        What::Completions { shell } => told(small::completions(shell)),
        What::Man => told(small::man()),
    }
}

/// Whoever reads no further, as `head` does, has what they wanted: what was to be done is done.
fn told(how: Result<Exit>) -> Result<Exit> {
    let left = |error: &(dyn std::error::Error + 'static)| {
        let error = error.downcast_ref::<io::Error>();
        error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    how.or_else(|error| if error.chain().any(left) { Ok(Exit::Well) } else { Err(error) })
}

/// No word at all: the wizard, where there is somebody to be led.
fn bare(how: &How) -> Result<Exit> {
    if screen::wanted(how) {
        return wizard::open(&Options::default(), false);
    }
    let help = Cli::command().render_help();
    writeln!(io::stderr(), "{NO_WORD}\n\n{help}")?;
    Ok(Exit::Usage)
}

/// A mistake of the person's, with the exit code that tells what it came to.
#[derive(Debug, thiserror::Error)]
#[error("{says}")]
pub struct Wrong {
    says: String,
    /// How the program ends.
    pub exit: Exit,
}

/// How the program ends after that.
#[must_use]
pub fn exit_of(error: &color_eyre::eyre::Report) -> Exit {
    let exit = |error: &(dyn std::error::Error + 'static)| {
        let machines = error.downcast_ref().filter(|error: &&MachinesError| error.is_usage());
        let wrong = error.downcast_ref::<Wrong>().map(|wrong| wrong.exit);
        wrong.or(machines.map(|_| Exit::Usage))
    };
    error.chain().find_map(exit).unwrap_or(Exit::Incomplete)
}

/// The command line or the cluster file is wrong; nothing was done.
fn wrong(says: impl Into<String>) -> color_eyre::eyre::Report {
    Wrong { says: says.into(), exit: Exit::Usage }.into()
}

/// Refused, before anything was changed.
fn refused(says: impl Into<String>) -> color_eyre::eyre::Report {
    Wrong { says: says.into(), exit: Exit::Refused }.into()
}

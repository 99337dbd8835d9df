//! The wizard: asks what is wanted, tries rows while the person types, and ends in a choice.

use std::{
    io,
    net::{IpAddr, ToSocketAddrs},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender},
    },
    thread,
    time::Instant,
};

use super::{
    Question, meanwhile,
    prompter::{self, Pending},
    screen,
};
use crate::{
    app::{
        Effect, Exit, Model, Msg,
        form::Completion,
        page::{
            certificates::{Looked, Wanted},
            etcd::{Made, NotSaved},
            nodes::{Gate, Tried, Way},
        },
    },
    cluster::{Address, Cluster, Member, MemberName},
    remote::{Cancel, ssh_config::Settings},
    run::{Connect, Entry, NoEntry, look},
    ui,
};

/// What the wizard reads and writes on this computer. Each call takes its time, on a thread.
pub trait Files: Send + Sync {
    /// Reads a folder of certificates, and sorts it; or says in a sentence why it cannot be read.
    /// `None` if another was asked for meanwhile: nobody waits for this one.
    fn sort(&self, wanted: &Wanted) -> Option<Result<Looked, String>>;

    /// How a path that is typed could go on.
    fn complete(&self, so_far: &str) -> Completion;

    /// Writes keys and signing requests for these members, or for all; says where.
    ///
    /// # Errors
    /// A sentence: why nothing is written.
    fn request(
        &self,
        cluster: &Cluster,
        folder: &str,
        members: &[MemberName],
        troubles: &[String],
    ) -> Result<PathBuf, String>;

    /// Writes the cluster as a file; the flag says that what is in the way may be moved aside.
    ///
    /// # Errors
    /// What is in the way, or why it cannot be written.
    fn save(&self, made: &Made, aside: bool) -> Result<PathBuf, NotSaved>;
}

/// Looks at this computer and at earlier runs, and tells what it finds; it takes its time, on a
/// thread of its own.
pub type LookAround = dyn FnOnce(&mut dyn FnMut(Msg)) + Send;

/// What the wizard needs from outside.
pub struct Ways {
    /// How nodes are logged in to.
    pub connect: Arc<dyn Connect>,
    /// What that wants to know, from [`super::prompter`].
    pub questions: Receiver<Question>,
    /// Whether the screen wants to be asked; without that there is nobody to ask.
    pub asked: Arc<AtomicBool>,
    /// What there is.
    pub look: Box<LookAround>,
    /// Where the answers go.
    pub files: Arc<dyn Files>,
}

/// Shows the wizard from the model's page on; gives the model back, with what was answered and
/// chosen.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn wizard(mut model: Model, ways: Ways) -> io::Result<(Exit, Model)> {
    let Ways { connect, questions, asked: willing, look, files } = ways;
    let pending = Pending::default();
    let asked = pending.clone();
    let mut cancel = Cancel::default();
    let begin = move |messages: &SyncSender<Msg>| {
        prompter::forward(questions, asked, messages.clone())?;
        let messages = messages.clone();
        thread::Builder::new().name("look".to_owned()).spawn(move || {
            // A screen that was left hears nothing any more.
            look(&mut |msg| drop(messages.send(msg)));
        })?;
        Ok(())
    };
    let exit = screen(&mut model, ui::view, begin, |effect, messages| match effect {
        Effect::Reply { id, reply } => pending.answer(id, reply),
        Effect::BeAsked(wanted) => {
            willing.store(wanted, Ordering::SeqCst);
            if !wanted {
                pending.drop_all();
            }
        }
        Effect::StopTrying => {
            cancel.cancel();
            cancel = Cancel::default();
        }
        Effect::Try { name, alias, address, sketch } => {
            let (connect, cancel, telling) =
                (Arc::clone(&connect), cancel.clone(), messages.clone());
            let row = Row { name, alias, address, sketch };
            meanwhile(&format!("try-{}", row.name), messages, move || {
                try_row(connect.as_ref(), &row, &cancel, &|msg| drop(telling.send(msg)))
            });
        }
        other => on_files(&files, other, messages),
    });
    // Those that still try are not waited for; they see this at their next step.
    cancel.cancel();
    willing.store(false, Ordering::SeqCst);
    pending.drop_all();
    Ok((exit?, model))
}

/// What has to do with files takes its time.
fn on_files(files: &Arc<dyn Files>, effect: Effect, messages: &SyncSender<Msg>) {
    let files = Arc::clone(files);
    match effect {
        Effect::Save { made, aside } => {
            meanwhile("save", messages, move || Some(Msg::Saved(files.save(&made, aside))));
        }
        Effect::Sort(wanted) => meanwhile("sort", messages, move || {
            let how = files.sort(&wanted)?.map(Box::new);
            Some(Msg::Sorted { wanted, how })
        }),
        Effect::Complete { so_far } => meanwhile("complete", messages, move || {
            let how = files.complete(&so_far);
            Some(Msg::Completed { so_far, how })
        }),
        Effect::Request { cluster, folder, members, troubles } => {
            meanwhile("request", messages, move || {
                Some(Msg::Requested(files.request(&cluster, &folder, &members, &troubles)))
            });
        }
        _ => {}
    }
}

/// What is to be tried.
struct Row {
    name: MemberName,
    /// What ssh's configuration may call it.
    alias: String,
    address: Option<Address>,
    /// The cluster as far as it is known.
    sketch: Box<Cluster>,
}

/// Tries a row; gives what came of it, unless nobody wants to know any more.
fn try_row(connect: &dyn Connect, row: &Row, cancel: &Cancel, tell: &dyn Fn(Msg)) -> Option<Msg> {
    // A bug there is that row's failure, not the wizard's.
    let tried = catch_unwind(AssertUnwindSafe(|| try_node(connect, row, cancel, tell)));
    let (address, tried) = tried.unwrap_or_else(|_| {
        let reason = "internal error; please report it".to_owned();
        row.address.map(|address| (address, Tried::Out { at: Gate::Reach, reason }))
    })?;
    Some(Msg::Tried { address, tried })
}

/// Finds the way, logs in, asks what is there, and logs out again; nothing is changed there.
fn try_node(
    connect: &dyn Connect,
    row: &Row,
    cancel: &Cancel,
    tell: &dyn Fn(Msg),
) -> Option<(Address, Tried)> {
    let way = way(&row.alias);
    let address = row.address.or(way.address);
    let ssh_host = way.host.clone();
    tell(Msg::Found { name: row.name.clone(), way });
    let address = address?;
    let member =
        Member { name: row.name.clone(), address, login: row.sketch.login.clone(), ssh_host };
    let began = Instant::now();
    let tried = match connect.connect(&member, cancel) {
        Ok(mut entry) => {
            let took_ms = u64::try_from(began.elapsed().as_millis()).ok();
            let seen = look::survey(entry.host.as_mut(), &row.sketch, &member);
            let facts = seen.ok().and_then(Result::ok).map(Box::new);
            let Entry { user, with, root, .. } = entry;
            Tried::In { user, with, root, took_ms, facts }
        }
        Err(no_entry) => Tried::Out { at: gate(&no_entry), reason: no_entry.reason },
    };
    (!cancel.is_cancelled()).then_some((address, tried))
}

/// How far a login went.
fn gate(no_entry: &NoEntry) -> Gate {
    match no_entry.finding.id.as_str() {
        "host-key-unknown" => Gate::NewKey,
        "host-key-changed" | "host-key-revoked" | "known-hosts" => Gate::WrongKey,
        "login-refused" => Gate::Login,
        "no-root" => Gate::Root,
        _ => Gate::Reach,
    }
}

/// What ssh's configuration, and after it this computer's resolver, know of that name.
fn way(alias: &str) -> Way {
    let named = Settings::named(alias).ok().flatten();
    let host = named.as_ref().map(|_| alias.to_owned());
    let via = named.as_ref().map(|settings| settings.jump.clone()).unwrap_or_default();
    let called = named.map_or_else(|| alias.to_owned(), |settings| settings.host);
    // Names are for logging in; peers call an address.
    let found = called.parse::<IpAddr>().ok().or_else(|| {
        let all = (called.as_str(), 22).to_socket_addrs().ok()?;
        // This computer's own addresses say nothing to others.
        all.map(|address| address.ip()).find(|ip| !ip.is_loopback())
    });
    let address = found.and_then(|ip| ip.to_string().parse().ok());
    Way { host, address, via, called: Some(called) }
}

//! The wizard without machines: every node lets in but the one at .33, which does not answer. What
//! was chosen is printed. For looking at, and for the pty tests.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use quorate::{
    app::{
        Model, Msg, Page,
        form::Completion,
        page::{
            certificates::{Looked, Wanted},
            etcd::{Made, NotSaved},
            welcome::Chosen,
        },
    },
    cluster::{Cluster, Member, MemberName, file},
    event::Finding,
    remote::{Cancel, connect::With, scripted::ScriptedHost},
    run::{Connect, Entry, NoEntry},
    tui,
};

/// What a fresh machine says.
const SURVEY: &str = include_str!("../src/lab/samples/survey-fresh.txt");

struct NoMachines;

impl Connect for NoMachines {
    fn connect(&self, member: &Member, _: &Cancel) -> Result<Entry, Box<NoEntry>> {
        if member.address.to_string().ends_with(".33") {
            let says = format!("{} is not reached.", member.name);
            let finding = Finding::stop("not-reached", Some(&member.name), says, "", "");
            let reason = "no answer within 10 s".to_owned();
            return Err(Box::new(NoEntry { reason, again: true, finding }));
        }
        let host = Box::new(ScriptedHost::default().expect("survey", 0, SURVEY));
        let (user, root) = ("ops".to_owned(), "sudo".to_owned());
        Ok(Entry { host, user, with: With::Nothing, root })
    }
}

/// No folder has a certificate in it, and the cluster file is kept in memory.
#[derive(Default)]
struct InMemory(Mutex<String>);

impl tui::Files for InMemory {
    fn sort(&self, wanted: &Wanted) -> Option<Result<Looked, String>> {
        Some(Err(format!("There is no folder {}.", wanted.folder)))
    }

    fn complete(&self, _: &str) -> Completion {
        Completion::default()
    }

    fn request(
        &self,
        _: &Cluster,
        folder: &str,
        _: &[MemberName],
        _: &[String],
    ) -> Result<PathBuf, String> {
        Ok(folder.into())
    }

    fn save(&self, made: &Made, _: bool) -> Result<PathBuf, NotSaved> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = file::write(&made.cluster);
        Ok(made.folder.clone().into())
    }
}

fn main() -> io::Result<()> {
    let (_prompter, questions) = tui::prompter();
    let look = tui::look(|name| std::env::var(name).ok());
    let model = Model { page: Page::Welcome, look, ..Model::default() };
    let files = Arc::new(InMemory::default());
    let ways = tui::Ways {
        connect: Arc::new(NoMachines),
        questions,
        asked: std::sync::Arc::default(),
        look: Box::new(|tell| {
            tell(Msg::Checked(quorate::practice::check(&quorate::practice::Options::default())));
        }),
        files: Arc::clone(&files) as Arc<_>,
    };
    let (exit, model) = tui::wizard(model, ways)?;
    let text = files.0.lock().unwrap_or_else(PoisonError::into_inner);
    let words = match model.chosen {
        Some(Chosen::Made(_)) => text.clone(),
        other => format!("{exit:?} {other:?}\n"),
    };
    io::stdout().write_all(words.as_bytes())
}

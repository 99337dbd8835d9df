//! The wizard without machines: every node lets in but the one at .33, which does not answer. What
//! was chosen is printed. For looking at, and for the pty tests.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use quorate::{
    app::{Model, Msg, Page, page::welcome::Chosen},
    cluster::{Member, file},
    event::{Finding, Severity},
    remote::{Cancel, scripted::ScriptedHost},
    run::{Connect, Entry, NoEntry},
    tui,
};

/// What a fresh machine says.
const SURVEY: &str = include_str!("../src/lab/samples/survey-fresh.txt");

struct NoMachines;

impl Connect for NoMachines {
    fn connect(&self, member: &Member, _: &Cancel) -> Result<Entry, Box<NoEntry>> {
        if member.address.to_string().ends_with(".33") {
            let finding = Finding {
                id: "not-reached".to_owned(),
                node: Some(member.name.clone()),
                severity: Severity::Stop,
                says: format!("{} is not reached.", member.name),
                cause: String::new(),
                evidence: Vec::new(),
                remedy: String::new(),
            };
            let reason = "no answer within 10 s".to_owned();
            return Err(Box::new(NoEntry { reason, again: true, finding }));
        }
        let host = Box::new(ScriptedHost::default().expect("survey", 0, SURVEY));
        Ok(Entry { host, user: "ops".to_owned(), root: "sudo".to_owned() })
    }
}

fn main() -> io::Result<()> {
    let (_prompter, questions) = tui::prompter();
    let look = tui::look(|name| std::env::var(name).ok());
    let model = Model { page: Page::Welcome, look, ..Model::default() };
    let made = Arc::new(Mutex::new(String::new()));
    let text = Arc::clone(&made);
    let ways = tui::Ways {
        connect: Arc::new(NoMachines),
        questions,
        asked: std::sync::Arc::default(),
        look: Box::new(|tell| {
            tell(Msg::Checked(quorate::practice::check(&quorate::practice::Options::default())));
        }),
        save: Arc::new(move |made, _| {
            *text.lock().unwrap_or_else(PoisonError::into_inner) = file::write(&made.cluster);
            Ok(made.folder.clone().into())
        }),
    };
    let (exit, model) = tui::wizard(model, ways)?;
    let text = made.lock().unwrap_or_else(PoisonError::into_inner);
    let words = match model.chosen {
        Some(Chosen::Made(_)) => text.clone(),
        other => format!("{exit:?} {other:?}\n"),
    };
    io::stdout().write_all(words.as_bytes())
}

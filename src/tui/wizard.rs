//! The wizard: asks what is wanted, tries rows while the person types, and ends in a choice.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender},
    },
    thread,
    time::Instant,
};

use super::{
    Question,
    prompter::{self, Pending},
    screen,
};
use crate::{
    app::{
        Effect, Exit, Model, Msg,
        page::{nodes::Tried, welcome::Chosen},
    },
    cluster::{Address, Login, Member, MemberName},
    practice::Check,
    remote::Cancel,
    run::Connect,
    ui,
};

/// What the wizard needs from outside.
pub struct Ways {
    /// How nodes are logged in to.
    pub connect: Arc<dyn Connect>,
    /// What that wants to know, from [`super::prompter`].
    pub questions: Receiver<Question>,
    /// Looks at this computer; it takes its time, on a thread of its own.
    pub look: Box<dyn FnOnce() -> Vec<Check> + Send>,
}

/// Shows the wizard from the model's page on; gives what the person chose, if they did.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn wizard(mut model: Model, ways: Ways) -> io::Result<(Exit, Option<Chosen>)> {
    let Ways { connect, questions, look } = ways;
    let pending = Pending::default();
    let asked = pending.clone();
    let cancel = Cancel::default();
    let begin = move |messages: &SyncSender<Msg>| {
        prompter::forward(questions, asked, messages.clone())?;
        let messages = messages.clone();
        thread::Builder::new().name("checks".to_owned()).spawn(move || {
            for check in look() {
                if messages.send(Msg::Checked(check)).is_err() {
                    return;
                }
            }
        })?;
        Ok(())
    };
    let exit = screen(&mut model, ui::view, begin, |effect, messages| match effect {
        Effect::Reply { id, reply } => pending.answer(id, reply),
        Effect::Try { name, address } => {
            let (connect, cancel) = (Arc::clone(&connect), cancel.clone());
            let ending = messages.clone();
            let trying = thread::Builder::new().name(format!("try-{name}")).spawn(move || {
                let tried = try_node(connect.as_ref(), name, address, &cancel);
                drop(ending.send(Msg::Tried { address, tried }));
            });
            if let Err(error) = trying {
                tracing::error!("failed to try {address}: {error}");
            }
        }
        _ => {}
    });
    // Those that still try are not waited for; they see this at their next step.
    cancel.cancel();
    Ok((exit?, model.chosen))
}

/// Logs in and out again; nothing is run there.
fn try_node(connect: &dyn Connect, name: MemberName, address: Address, cancel: &Cancel) -> Tried {
    let member = Member { name, address, login: Login::default(), ssh_host: None };
    let began = Instant::now();
    match connect.connect(&member, cancel) {
        Ok(entry) => Tried::In {
            user: entry.user,
            root: entry.root,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        },
        Err(no_entry) => Tried::Out { reason: no_entry.reason },
    }
}

//! The wizard on a terminal: from nothing at all to a cluster, and back to it with all answers.

mod complete;
mod files;

use std::{
    env,
    io::{self, Write},
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use color_eyre::eyre::{Result, WrapErr};

use self::files::OnDisk;
use super::{
    Target, building,
    find::{FILE, Found, find},
    news,
    run::planned,
    screen::{self, After, Entrance},
};
use crate::{
    app::{
        self, Behind, Model, Msg, Page,
        page::welcome::{self, Chosen},
        wizard::draft::Draft,
    },
    cluster::{ClusterName, Login},
    event::Intent,
    exit::Exit,
    practice::{self, Options},
    record::draft,
    remote::ssh_config,
    run::enter::OverSsh,
    tui::{self, Relay},
};

/// Opens the wizard; `practise`: with that choice marked.
pub(super) fn open(options: &Options, practise: bool) -> Result<Exit> {
    let mut model = first(practise);
    // One login for the wizard and for the run that follows: what was asked once is known.
    let relay = Arc::new(Relay::default());
    let connect = OverSsh::new(Login::default(), Arc::clone(&relay) as Arc<_>, false);
    let entrance = Entrance { connect: Arc::new(connect), relay };
    loop {
        // While a person types nobody is asked: the page Access says when it wants to be.
        let (prompter, questions) = tui::prompter();
        let asked = Arc::new(AtomicBool::new(false));
        entrance.relay.to(Some(Arc::new(tui::Willing::new(prompter.clone(), Arc::clone(&asked)))));
        let (look, pretended) = (options.clone(), model.welcome.checks.is_empty());
        let ways = tui::Ways {
            connect: Arc::clone(&entrance.connect) as Arc<_>,
            questions,
            asked,
            look: Box::new(move |tell| look_around(&look, pretended, tell)),
            files: Arc::new(OnDisk::new(prompter)),
        };
        let (exit, back) = tui::wizard(model, ways).wrap_err("failed to use the terminal")?;
        model = back;
        entrance.relay.to(None);
        let chosen = model.chosen.take().filter(|_| exit == app::Exit::Chosen);
        let after = match chosen {
            None => return left(&model, exit),
            Some(Chosen::Practise) => practised(options, &model)?,
            Some(Chosen::Known(name, goes_on)) => {
                let intent = if goes_on { Intent::Up } else { Intent::Check };
                known(&name, intent, &mut model)?
            }
            Some(Chosen::Made(path)) => made(&path, &entrance)?,
            Some(Chosen::Watch) => {
                super::replay::watch()?;
                After::Back { stands: false }
            }
            Some(Chosen::Own | Chosen::GoOn) => After::Back { stands: false },
        };
        match after {
            After::Exit(exit) => return Ok(exit),
            After::Back { stands } => model = again(model, stands),
        }
    }
}

fn first(practise: bool) -> Model {
    let mut model = Model {
        page: Page::Welcome,
        can: app::Can { watch: true, ..app::Can::default() },
        look: tui::look(|name| env::var(name).ok()),
        home: Some(ssh_config::home()),
        ..Model::default()
    };
    let kept = draft::kept().and_then(|text| serde_json::from_str::<Draft>(&text).ok());
    model.welcome.unfinished = kept;
    if !practise {
        welcome::mark(&mut model, &Chosen::GoOn);
    }
    model
}

/// The wizard once more, where it was left; after a cluster stands, at its first page.
fn again(mut model: Model, stands: bool) -> Model {
    if stands {
        model.page = Page::Welcome;
        (model.nodes, model.access, model.certificates, model.etcd) = Default::default();
    }
    (model.run, model.run_gone, model.building) = Default::default();
    model.dialogs.clear();
    model.overlay = None;
    model
}

/// The person left: what was answered is kept for the next time.
fn left(model: &Model, exit: app::Exit) -> Result<Exit> {
    let draft = Draft::of(model).or_else(|| model.welcome.unfinished.clone());
    if let Some(draft) = draft {
        let text = serde_json::to_string_pretty(&draft)?;
        draft::keep(&text).wrap_err("failed to keep your answers")?;
        let says =
            format!("quorate: your answers for {} are kept; call quorate to go on", draft.name());
        if exit != app::Exit::Terminated && Draft::of(model).is_some() {
            writeln!(io::stderr(), "{says}")?;
        }
    }
    Ok(if exit == app::Exit::Terminated { Exit::Stopped } else { Exit::Well })
}

/// What is there: this computer first, since that is read first.
fn look_around(options: &Options, fresh: bool, tell: &mut dyn FnMut(Msg)) {
    if fresh {
        tell(Msg::Checked(practice::check(options)));
    }
    news::tell(&mut |known| tell(Msg::Known(known)));
}

fn practised(options: &Options, model: &Model) -> Result<After> {
    match building::build(options, model)? {
        building::Built::Up => {}
        building::Built::Back => return Ok(After::Back { stands: false }),
        building::Built::Left => return Ok(After::Exit(Exit::Stopped)),
    }
    let cluster = Some(options.dir.join(FILE).to_string_lossy().into_owned());
    let found = find(&Target { cluster })?;
    let plan = planned(&found, Intent::Up)?;
    screen::follow(&found, &plan, false, Some((Behind::Welcome, None)))
}

fn known(name: &ClusterName, intent: Intent, model: &mut Model) -> Result<After> {
    // By its file, as the page shows it: the word practice may mean other machines.
    let known = model.welcome.known.iter().find(|known| known.name == *name);
    let cluster = known.map_or_else(|| name.to_string(), |known| known.file.clone());
    let opened = find(&Target { cluster: Some(cluster) })
        .and_then(|found| planned(&found, intent).map(|plan| (found, plan)));
    match opened {
        Ok((found, plan)) => screen::follow(&found, &plan, false, Some((Behind::Welcome, None))),
        // Said where it was chosen: there is more on that page.
        Err(error) => {
            model.said = Some(format!("{error:#}"));
            Ok(After::Back { stands: false })
        }
    }
}

fn made(path: &Path, entrance: &Entrance) -> Result<After> {
    let cluster = Some(path.to_string_lossy().into_owned());
    let found: Found = find(&Target { cluster })?;
    let plan = planned(&found, Intent::Up)?;
    let after = screen::follow(&found, &plan, false, Some((Behind::Pages, Some(entrance))))?;
    // Its file has all the answers, and Welcome knows it from now on.
    if !matches!(after, After::Back { stands: false }) {
        draft::forget().wrap_err("failed to put your answers away")?;
    }
    Ok(after)
}

//! Page 5: a few fields, all filled in; everything else is fact, read from the machines, and the IDs
//! that follow are shown at once.

mod machines;

use std::path::PathBuf;

pub use self::machines::{Machine, Seen, Standing, machines, notes};
use super::{
    access,
    certificates::{self, Source},
    nodes,
};
use crate::{
    app::{
        Dialog, Effect, Exit, Model,
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        page::welcome::Chosen,
        wizard,
    },
    cluster::{Cluster, Identity, Login, Member, file::DATA_DIR},
};

/// The fields, in their order.
pub const NAME: usize = 0;
/// Where the cluster file goes.
pub const FOLDER: usize = 1;
/// etcd's token.
pub const TOKEN: usize = 2;
/// The data directory on the nodes.
pub const DATA: usize = 3;

/// The fields, and whether the cluster is being written.
#[derive(Clone, Debug)]
pub struct State {
    /// Name, folder, token, data directory.
    pub form: Form,
}

impl Default for State {
    fn default() -> Self {
        let fields = vec![
            Field::new("Name", "icc-etcd"),
            Field::path("Saved in", "./icc-etcd"),
            Field::new("Token", "etcd-cluster-0"),
            Field::new("Data directory", DATA_DIR),
        ];
        Self { form: Form::new(1, fields) }
    }
}

/// All that was answered, to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The cluster; paths of certificates that will lie beside its file are bare file names.
    pub cluster: Cluster,
    /// The folder for its file, as the person wrote it.
    pub folder: String,
    /// Where the certificates come from.
    pub source: Source,
}

/// Why the cluster is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// Another file is there.
    Exists {
        /// Which.
        file: String,
    },
    /// A sentence.
    Says(String),
}

/// The cluster that nodes and fields make.
///
/// # Errors
/// A sentence about what is wrong first.
pub fn cluster(model: &Model) -> Result<Cluster, String> {
    let form = &model.etcd.form;
    let members = nodes::members(&model.nodes.form)?;
    let name = form.text(NAME).parse().map_err(|error| format!("The name {error}."))?;
    let token = form.text(TOKEN).parse().map_err(|error| format!("The token {error}."))?;
    let login = Login::of(access::user(model)).map_err(|why| format!("The user {why}."))?;
    let data_dir = PathBuf::from(form.text(DATA));
    if !data_dir.is_absolute() || data_dir.parent().is_none() {
        let text = form.text(DATA);
        return Err(format!("The data directory {text:?} must be a folder that begins with /."));
    }
    if form.text(FOLDER).is_empty() {
        return Err("The folder for the cluster file has no name yet.".to_owned());
    }
    // A folder that will not do is told on its own page.
    let source = certificates::source(model).unwrap_or(Source::Made);
    Ok(Cluster {
        name,
        token,
        login,
        tls: certificates::paths(&source),
        data_dir,
        members: members
            .into_iter()
            .map(|(name, address)| {
                let ssh_host = model.nodes.ways.get(&name).and_then(|way| way.host.clone());
                Member { name, address, login: Login::default(), ssh_host }
            })
            .collect(),
    })
}

/// What the cluster is called so far.
#[must_use]
pub fn name(model: &Model) -> &str {
    match model.etcd.form.text(NAME) {
        "" => "a cluster",
        name => name,
    }
}

/// Who everybody will be, if the fields are right.
#[must_use]
pub fn predicted(model: &Model) -> Option<Identity> {
    cluster(model).ok().map(|cluster| Identity::predict(&cluster))
}

/// The last answer was given: the cluster is written.
pub(crate) fn made(model: &mut Model) -> Vec<Effect> {
    let folder = model.etcd.form.text(FOLDER).to_owned();
    match cluster(model).and_then(|cluster| Ok((cluster, certificates::source(model)?))) {
        Ok((cluster, source)) => {
            let made = Box::new(Made { cluster, folder, source });
            vec![Effect::Save { made, aside: false }]
        }
        Err(says) => {
            model.said = Some(says);
            Vec::new()
        }
    }
}

/// The same, and the file that is in the way may be moved aside.
pub(crate) fn made_aside(model: &mut Model) -> Vec<Effect> {
    let mut effects = made(model);
    for effect in &mut effects {
        if let Effect::Save { aside, .. } = effect {
            *aside = true;
        }
    }
    effects
}

/// The cluster is written, or is not.
pub(crate) fn saved(model: &mut Model, how: Result<PathBuf, NotSaved>) -> Vec<Effect> {
    match how {
        Ok(file) => {
            model.chosen = Some(Chosen::Made(file));
            return vec![Effect::Exit(Exit::Chosen)];
        }
        Err(NotSaved::Exists { file }) => model.dialogs.push_back(Dialog::aside(file)),
        Err(NotSaved::Says(says)) => model.said = Some(says),
    }
    Vec::new()
}

/// A field says something else than before.
pub(crate) fn edited(model: &mut Model, at: usize, before: &str) -> Vec<Effect> {
    let form = &mut model.etcd.form;
    match at {
        // The folder follows the name as long as nobody gave it another one.
        NAME if form.text(FOLDER) == format!("./{}", before.trim()) => {
            let folder = format!("./{}", form.text(NAME));
            form.set(FOLDER, &folder);
            Vec::new()
        }
        // What is there already depends on it.
        DATA => nodes::try_again(model),
        _ => Vec::new(),
    }
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let form = &model.etcd.form;
    if form.editing() {
        return vec![
            Offer::new(&[Command::Enter], "keep"),
            Offer::new(&[Command::Next], form.next_word()),
            Offer::new(&[Command::Back], "undo"),
        ];
    }
    let word = if form.on_button() { "continue" } else { "edit" };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::new(&[Command::Next], "field"),
        Offer::new(&[Command::Up, Command::Down, Command::Previous], ""),
        Offer::new(&[Command::Again], "ask again"),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Back], "back"),
        Offer::new(&[Command::Quit], "quit"),
    ]
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let form = &mut model.etcd.form;
    if form.go(command) {
        return Vec::new();
    }
    match command {
        Command::Back => return wizard::go_back(model),
        Command::Quit | Command::Interrupt => return wizard::leave(),
        Command::Again => return nodes::try_again(model),
        Command::Enter if form.on_button() => return wizard::go_on(model),
        Command::Enter => form.begin(),
        _ => {}
    }
    Vec::new()
}

pub(crate) fn says(model: &Model) -> String {
    let form = &model.etcd.form;
    match cluster(model) {
        Ok(_) if form.on_button() => {
            let folder = form.text(FOLDER).trim_end_matches('/');
            format!("Enter writes {folder}/cluster.toml, then looks at the machines.")
        }
        Ok(cluster) => {
            let id = Identity::predict(&cluster).cluster;
            format!("It will be cluster {id}: change a letter, and watch.")
        }
        Err(says) => says,
    }
}

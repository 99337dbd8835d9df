//! Page 5: two fields and a name, all filled in; the IDs that follow from them are shown at once.

use std::path::PathBuf;

use super::{Page, nodes};
use crate::{
    app::{
        Effect, Exit, Model,
        form::{Field, Form},
        keymap::Command,
        offers::Offer,
        page::welcome::Chosen,
    },
    cluster::{Cluster, Identity, Login, Member, TlsPaths, file},
};

/// The fields, in order.
#[derive(Clone, Debug)]
pub struct State {
    /// Name, token, data directory, then the three files.
    pub form: Form,
}

impl Default for State {
    fn default() -> Self {
        let fields = vec![
            Field::new("Name", "icc-etcd"),
            Field::new("Token", "etcd-cluster-0"),
            Field::new("Data directory", "/var/lib/etcd"),
            Field::new("CA certificate", "ca.pem"),
            Field::new("Certificate", "kubernetes.pem"),
            Field::new("Its key", "kubernetes-key.pem"),
        ];
        Self { form: Form::new(1, fields) }
    }
}

/// The cluster that nodes and fields make.
///
/// # Errors
/// A sentence about what is wrong first.
pub fn cluster(model: &Model) -> Result<Cluster, String> {
    let form = &model.etcd.form;
    let members = nodes::members(&model.nodes.form)?;
    let name = form.text(0).parse().map_err(|error| format!("The name {error}."))?;
    let token = form.text(1).parse().map_err(|error| format!("The token {error}."))?;
    let data_dir = PathBuf::from(form.text(2));
    if !data_dir.is_absolute() {
        return Err("The data directory must begin with /.".to_owned());
    }
    let path = |at: usize, what: &str| match form.text(at) {
        "" => Err(format!("{what} has no file yet.")),
        text => Ok(PathBuf::from(text)),
    };
    Ok(Cluster {
        name,
        token,
        login: Login::default(),
        tls: TlsPaths {
            ca: path(3, "The CA")?,
            cert: path(4, "The certificate")?,
            key: path(5, "The key")?,
        },
        data_dir,
        members: members
            .into_iter()
            .map(|(name, address)| Member {
                name,
                address,
                login: Login::default(),
                ssh_host: None,
            })
            .collect(),
    })
}

/// Who everybody will be, if the fields are right.
#[must_use]
pub fn predicted(model: &Model) -> Option<Identity> {
    cluster(model).ok().map(|cluster| Identity::predict(&cluster))
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let form = &model.etcd.form;
    if form.editing() {
        return vec![
            Offer::new(&[Command::Enter], "keep"),
            Offer::new(&[Command::Next], "next field"),
            Offer::new(&[Command::Back], "undo"),
        ];
    }
    let word = if form.on_button() { "continue" } else { "edit" };
    vec![
        Offer::new(&[Command::Enter], word),
        Offer::new(&[Command::Next], "field"),
        Offer::new(&[Command::Up, Command::Down, Command::Previous], ""),
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
        Command::Back => model.page = Page::Nodes,
        Command::Quit | Command::Interrupt => return vec![Effect::Exit(Exit::Left)],
        Command::Enter if form.on_button() => match cluster(model) {
            Ok(cluster) => {
                model.chosen = Some(Chosen::Made(file::write(&cluster)));
                return vec![Effect::Exit(Exit::Chosen)];
            }
            Err(says) => model.said = Some(says),
        },
        Command::Enter => form.begin(),
        _ => {}
    }
    Vec::new()
}

pub(crate) fn says(model: &Model) -> String {
    match cluster(model) {
        Ok(_) if model.etcd.form.on_button() => {
            "Enter looks at the machines; nothing is changed before you say go there.".to_owned()
        }
        Ok(_) => {
            "Nothing missing. Change a letter of the token and watch the IDs change.".to_owned()
        }
        Err(says) => says,
    }
}

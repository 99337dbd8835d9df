//! The answers of a wizard, as they are kept when it is left before its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PAGES, go_to};
use crate::{
    app::{
        Effect, Model,
        form::{Field, Form},
        page::{access, certificates, nodes::COLUMNS},
    },
    cluster::MemberName,
};

/// The answers. Fields are added, never renamed; there is no secret among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// How many pages were answered.
    pub done: usize,
    /// Names and addresses, as they were typed.
    pub rows: Vec<(String, String)>,
    /// What ssh is asked for, where it is not the name.
    pub aliases: BTreeMap<MemberName, String>,
    /// The user to log in as, if one was named.
    pub user: String,
    /// The folder with the certificates, if one was named.
    pub certificates: String,
    /// The fields of the page about etcd, by their labels.
    pub etcd: BTreeMap<String, String>,
}

impl Draft {
    /// The answers, if any was given: what an untouched wizard says is none.
    #[must_use]
    pub fn of(model: &Model) -> Option<Self> {
        let done = super::place(model.page).unwrap_or_default();
        let (draft, nothing) = (Self::taken(model, done), Self::taken(&Model::default(), done));
        (draft != nothing).then_some(draft)
    }

    fn taken(model: &Model, done: usize) -> Self {
        let rows = model.nodes.form.fields.chunks(COLUMNS).map(|row| {
            let text = |at: usize| row.get(at).map_or("", Field::text).to_owned();
            (text(0), text(1))
        });
        let etcd = model.etcd.form.fields.iter();
        Self {
            done,
            rows: rows.collect(),
            aliases: model.nodes.aliases.clone(),
            user: access::user(model).to_owned(),
            certificates: model.certificates.form.text(0).to_owned(),
            etcd: etcd.map(|field| (field.label.to_owned(), field.text().to_owned())).collect(),
        }
    }

    /// What the cluster shall be called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.etcd.get("Name").filter(|name| !name.is_empty()).map_or("a cluster", String::as_str)
    }

    /// Puts the answers back, and opens the page they ended on.
    pub(crate) fn take_up(self, model: &mut Model) -> Vec<Effect> {
        let fields = self
            .rows
            .iter()
            .flat_map(|(name, address)| [Field::new("name", name), Field::new("address", address)]);
        model.nodes.form = Form::new(COLUMNS, fields.collect());
        model.nodes.form.at = model.nodes.form.fields.len();
        model.nodes.aliases = self.aliases;
        model.access.form.set(0, &self.user);
        model.certificates.form.set(0, &self.certificates);
        for field in &mut model.etcd.form.fields {
            if let Some(text) = self.etcd.get(field.label) {
                field.set(text);
            }
        }
        // Who may log in is not known yet: that page is passed on the way.
        let page = PAGES.get(self.done).or(PAGES.last()).map(|(page, _)| *page);
        let mut effects = page
            .map(|page| if page == super::Page::Access { super::Page::Nodes } else { page })
            .map(|page| go_to(model, page))
            .unwrap_or_default();
        // Whatever page that is: a folder that was named and not read would count as none.
        if model.page != super::Page::Certificates {
            effects.extend(certificates::opened(model));
        }
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Page, page::certificates::source};

    #[test]
    fn a_folder_that_was_named_is_read_again_and_never_taken_for_none() {
        let mut model = Model { page: Page::Etcd, ..Model::default() };
        model.certificates.form.set(0, "~/of-our-ca");
        let draft = Draft::of(&model).unwrap();
        let mut again = Model::default();
        let effects = draft.take_up(&mut again);
        assert_eq!(again.page, Page::Etcd);
        let read = |effect: &Effect| matches!(effect, Effect::Sort(w) if w.folder == "~/of-our-ca");
        assert!(effects.iter().any(read));
        assert!(source(&again).is_err(), "nothing is made while it is being read");
    }
}

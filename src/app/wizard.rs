//! The way through the wizard: the order of its pages has its home here.
//!
//! A page that has nothing to ask is passed over, and ticked. Back never loses an answer.

pub mod draft;

use super::{Effect, Exit, Model, Page, page};

/// The pages between Welcome and Review, in their order, as row 2 names them.
const PAGES: &[(Page, &str)] = &[
    (Page::Nodes, "Nodes"),
    (Page::Access, "Access"),
    (Page::Certificates, "Certificates"),
    (Page::Etcd, "etcd"),
];

/// The pages with their names.
#[must_use]
pub fn pages() -> &'static [(Page, &'static str)] {
    PAGES
}

/// Whether that page has something to ask; one that has not is passed over.
#[must_use]
pub fn asks(model: &Model, page: Page) -> bool {
    PAGES.iter().any(|(p, _)| *p == page) && (page != Page::Access || page::access::asks(model))
}

/// Which of the pages that is, counted from 0.
fn place(page: Page) -> Option<usize> {
    PAGES.iter().position(|(p, _)| *p == page)
}

/// Opens that page.
pub(crate) fn go_to(model: &mut Model, page: Page) -> Vec<Effect> {
    model.page = page;
    if page == Page::Access {
        return page::access::open(model);
    }
    // Rows are tried as soon as there are rows, and what was tried is not tried again.
    let mut effects = page::nodes::try_rows(model);
    if page == Page::Certificates {
        effects.extend(page::certificates::opened(model));
    }
    effects
}

/// On to the next page that asks; after the last one the cluster is made.
pub(crate) fn go_on(model: &mut Model) -> Vec<Effect> {
    let from = place(model.page).map_or(0, |at| at + 1);
    let mut after = PAGES.iter().skip(from).map(|(page, _)| *page);
    match after.find(|page| asks(model, *page)) {
        Some(page) => go_to(model, page),
        None => page::etcd::made(model),
    }
}

/// Back to the page before, the first of which is Welcome.
pub(crate) fn go_back(model: &mut Model) -> Vec<Effect> {
    let to = place(model.page).unwrap_or_default();
    let mut before = PAGES.iter().take(to).rev().map(|(page, _)| *page);
    match before.find(|page| asks(model, *page)) {
        Some(Page::Access) => return page::access::open(model),
        Some(page) => model.page = page,
        None => model.page = Page::Welcome,
    }
    Vec::new()
}

/// Leaves it; the answers are kept.
pub(crate) fn leave() -> Vec<Effect> {
    vec![Effect::Exit(Exit::Left)]
}

//! Whom the machines are logged in to as: one name for all, typed here or before a host on page 2.

use std::collections::BTreeSet;

use super::mark::focus;
use crate::{
    app::{
        Effect, Model, Page,
        page::nodes::{self, Gate, Tried},
    },
    cluster::Login,
    remote::ask::{Ask, Reply},
};

/// The name as it was typed; empty: as ssh would. One that is being edited does not count yet.
#[must_use]
pub fn user(model: &Model) -> &str {
    let form = &model.access.form;
    form.before.as_deref().map_or_else(|| form.text(0), str::trim)
}

/// Takes that name for all; whoever was tried as somebody else is tried anew.
fn log_in_as(model: &mut Model, user: &str) -> Vec<Effect> {
    model.access.form.set(0, user);
    let mut effects = vec![Effect::StopTrying];
    let access = &mut model.access;
    // A key that is opened serves any name.
    let passphrase = |ask: &Ask| matches!(ask, Ask::Passphrase { .. });
    let mut ids: Vec<_> =
        access.keys.values_mut().flat_map(|key| std::mem::take(&mut key.asked)).collect();
    ids.extend(access.secrets.iter().filter(|s| !passphrase(&s.ask)).map(|s| s.id));
    access.secrets.retain(|secret| passphrase(&secret.ask));
    access.given.retain(passphrase);
    effects.extend(ids.into_iter().map(|id| Effect::Reply { id, reply: Reply::No }));
    model.nodes.tried.clear();
    // Whoever still looks for a way is stopped, too.
    model.nodes.ways.retain(|_, way| way.called.is_some());
    if model.page != Page::Access {
        effects.extend(nodes::try_rows(model));
        return effects;
    }
    model.access.moved = false;
    effects.extend(super::try_again(model));
    focus(model);
    effects
}

/// Such names stood before hosts. One is taken for all; `None` if that changes nothing.
pub(crate) fn named(model: &mut Model, users: &BTreeSet<String>) -> Option<Vec<Effect>> {
    let first = users.first()?;
    let now = user(model);
    if users.len() == 1 && first == now {
        return None;
    }
    if users.len() > 1 || !now.is_empty() {
        let says = "One login for all is meant here; cluster.toml takes ssh_user for each member.";
        model.said = Some(says.to_owned());
    }
    (users.len() == 1).then(|| log_in_as(model, first))
}

/// The name says something else; one that cannot be is still being edited.
pub(crate) fn edited(model: &mut Model, before: &str) -> Vec<Effect> {
    let user = model.access.form.text(0).to_owned();
    if let Err(why) = Login::of(&user) {
        model.access.form.before = Some(before.to_owned());
        model.said = Some(format!("The user {why}."));
        return Vec::new();
    }
    log_in_as(model, &user)
}

/// Whether that is asked for a name that is not the one any more.
pub(super) fn is_late(model: &Model, ask: &Ask) -> bool {
    let wanted = user(model);
    match ask {
        Ask::Password { user, hop: false, .. } | Ask::SudoPassword { user, .. } => {
            !wanted.is_empty() && user != wanted
        }
        _ => false,
    }
}

/// Whether a machine refuses that name, and none is being tried any more.
#[must_use]
pub fn refused(model: &Model) -> bool {
    let members = nodes::members(&model.nodes.form).unwrap_or_default();
    let tried = || members.iter().filter_map(|(_, address)| model.nodes.tried.get(address));
    let refuses = |tried: &Tried| matches!(tried, Tried::Out { at: Gate::Login, .. });
    tried().any(refuses) && !tried().any(|tried| *tried == Tried::Trying)
}

pub(super) fn says(model: &Model) -> String {
    if model.access.form.editing() {
        "Enter keeps it and tries it on all; Esc brings back what was there.".to_owned()
    } else if refused(model) {
        "Not let in by that name? Type another one, for all machines.".to_owned()
    } else {
        "One name for all machines; with none, ssh's own choice. Type another.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent};

    use super::*;
    use crate::app::{Msg, page::access::At, update, wizard::draft::Draft};

    fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
        update(model, Msg::Key(KeyEvent::from(code)))
    }

    fn type_in(model: &mut Model, text: &str) -> Vec<Effect> {
        text.chars().for_each(|ch| drop(press(model, KeyCode::Char(ch))));
        press(model, KeyCode::Enter)
    }

    /// As whom each row is tried now.
    fn tries(effects: &[Effect]) -> Vec<Option<&str>> {
        let tries = effects.iter().filter_map(|effect| match effect {
            Effect::Try { sketch, .. } => Some(sketch.login.user.as_deref()),
            _ => None,
        });
        tries.collect()
    }

    fn pasted(text: &str) -> (Model, Vec<Effect>) {
        let mut model = Model { page: Page::Nodes, ..Model::default() };
        let effects = update(&mut model, Msg::Paste(text.to_owned()));
        (model, effects)
    }

    fn refuse(model: &mut Model) {
        for n in 1..=2 {
            let address = format!("10.0.0.{n}").parse().unwrap();
            let reason = "not let in as root".to_owned();
            let tried = Tried::Out { at: Gate::Login, reason };
            update(model, Msg::Tried { address, tried });
        }
    }

    /// Both refuse us, before and after the page is open.
    fn refused_twice() -> Model {
        let (mut model, effects) = pasted("10.0.0.1 10.0.0.2");
        assert_eq!(tries(&effects), [None, None]);
        refuse(&mut model);
        press(&mut model, KeyCode::Enter);
        assert_eq!(model.page, Page::Access, "a refusal is something to answer");
        refuse(&mut model);
        model
    }

    #[test]
    fn a_refused_login_is_answered_with_another_name_for_all() {
        let mut model = refused_twice();
        assert_eq!(model.access.at, At::Login);
        let effects = type_in(&mut model, "debian");
        assert!(matches!(effects.first(), Some(Effect::StopTrying)), "before anything is tried");
        assert_eq!(tries(&effects), [Some("debian"), Some("debian")]);
        assert_eq!(user(&model), "debian");
        let cluster = crate::app::page::etcd::cluster(&model).unwrap();
        assert_eq!(cluster.login.user.as_deref(), Some("debian"));
        // It is kept among the answers.
        let mut again = Model::default();
        Draft::of(&model).unwrap().take_up(&mut again);
        assert_eq!(user(&again), "debian");
        // Without one it is ssh's own choice again.
        model.access.at = At::Login;
        press(&mut model, KeyCode::Enter);
        (0..6).for_each(|_| drop(press(&mut model, KeyCode::Backspace)));
        assert_eq!(user(&model), "debian", "what is being typed does not count yet");
        assert_eq!(tries(&press(&mut model, KeyCode::Enter)), [None, None]);
    }

    #[test]
    fn a_name_that_cannot_be_is_told_and_stays_to_be_mended() {
        let mut model = refused_twice();
        assert!(type_in(&mut model, "de bian").is_empty());
        assert!(model.said.as_deref().is_some_and(|said| said.contains("contains ' '")));
        assert!(model.typing() && user(&model).is_empty());
        press(&mut model, KeyCode::Esc);
        assert!(!model.typing() && model.access.form.text(0).is_empty());
        assert_eq!(model.page, Page::Access);
        // Tab leads on, also out of the field.
        press(&mut model, KeyCode::Enter);
        press(&mut model, KeyCode::Tab);
        assert_eq!((&model.access.at, model.typing()), (&At::Continue, false));
    }

    #[test]
    fn what_was_asked_for_the_name_before_is_not_answered_any_more() {
        let mut model = refused_twice();
        let ask = |user: &str| {
            let (user, host) = (user.to_owned(), "10.0.0.1".to_owned());
            Ask::Password { user, host, hop: false, again: false }
        };
        update(&mut model, Msg::Asked { id: 3, ask: ask("root") });
        press(&mut model, KeyCode::Up);
        assert_eq!(model.access.at, At::Login);
        let no = |effects: &[Effect], wanted| {
            let no =
                |e: &Effect| matches!(e, Effect::Reply { id, reply: Reply::No } if *id == wanted);
            effects.iter().any(no)
        };
        assert!(no(&type_in(&mut model, "debian"), 3));
        assert!(model.access.secrets.is_empty());
        assert!(no(&update(&mut model, Msg::Asked { id: 4, ask: ask("root") }), 4));
        update(&mut model, Msg::Asked { id: 5, ask: ask("debian") });
        assert_eq!((model.access.secrets.len(), &model.access.at), (1, &At::Secret));
    }

    #[test]
    fn a_name_before_hosts_is_the_login_if_it_is_one() {
        for text in ["debian@10.0.0.1 debian@10.0.0.2", "debian@n1 10.0.0.1\n10.0.0.2 n2 # x@y"] {
            let (model, effects) = pasted(text);
            assert_eq!(tries(&effects), [Some("debian"), Some("debian")], "{text}");
            assert_eq!(model.said, None);
        }
        let (mut model, effects) = pasted("debian@10.0.0.1 admin@10.0.0.2");
        assert_eq!(tries(&effects), [None, None]);
        assert!(model.said.as_deref().is_some_and(|said| said.contains("ssh_user")));
        let effects = update(&mut model, Msg::Paste("admin@10.0.0.1 admin@10.0.0.2".to_owned()));
        assert_eq!((tries(&effects), model.said), (vec![Some("admin"); 2], None));
    }

    #[test]
    fn a_name_typed_before_an_address_is_the_login() {
        let (mut model, _) = pasted("10.0.0.1 10.0.0.2");
        let typed = |model: &mut Model, at, text: &str| {
            model.nodes.form.at = at;
            press(model, KeyCode::Enter);
            (0..20).for_each(|_| drop(press(model, KeyCode::Backspace)));
            let users: Vec<_> =
                tries(&type_in(model, text)).into_iter().map(|u| u.map(str::to_owned)).collect();
            users
        };
        let both = |user: &str| vec![Some(user.to_owned()); 2];
        assert_eq!(typed(&mut model, 1, "debian@10.0.0.1"), both("debian"));
        assert_eq!((model.nodes.form.text(1), user(&model)), ("10.0.0.1", "debian"));
        assert_eq!((typed(&mut model, 2, "debian@n2").len(), model.said.clone()), (1, None));
        assert_eq!(typed(&mut model, 3, "admin@10.0.0.2"), both("admin"));
        assert!(model.said.as_deref().is_some_and(|said| said.contains("ssh_user")));
        // One that cannot be stays, and its row says what is wrong.
        typed(&mut model, 3, "-x@10.0.0.2");
        assert_eq!((model.nodes.form.text(3), user(&model)), ("-x@10.0.0.2", "admin"));
    }
}

//! What the keys do on the page of certificates.

use super::{At, CHECKS, Choice, Folder, at, count, looked, places, read, source, told};
use crate::{
    app::{Effect, Model, keymap::Command, offers::Offer, page::etcd, wizard},
    pki::Verdict,
};

/// The field says something else than before.
pub(crate) fn edited(model: &mut Model) -> Vec<Effect> {
    read(model)
}

pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    if model.certificates.form.editing() {
        return vec![
            Offer::new(&[Command::Enter], "read it"),
            Offer::new(&[Command::Next], "complete"),
            Offer::new(&[Command::Back], "undo"),
        ];
    }
    let word = match at(model) {
        At::Folder => "edit",
        At::Row(_) => "what to do",
        At::Choice(Choice::Request) => "write request",
        At::Choice(Choice::Again) => "look again",
        At::Choice(Choice::Other) => "name it",
        At::Choice(Choice::Make) => "make them",
        At::Button => "continue",
    };
    let cells: &[Command] = &[Command::Up, Command::Down, Command::Left, Command::Right];
    let mut offers = vec![Offer::new(&[Command::Enter], word)];
    match at(model) {
        At::Row(_) => offers.push(Offer::new(cells, "cell")),
        _ => offers.extend([
            Offer::new(&[Command::Up, Command::Down], "choose"),
            Offer::new(&[Command::Left, Command::Right], ""),
        ]),
    }
    if model.certificates.folder != Folder::Unnamed {
        offers.push(Offer::new(&[Command::Again], "again"));
    }
    offers.extend([
        Offer::new(&[Command::Next, Command::Previous], ""),
        Offer::new(&[Command::Why], "why"),
        Offer::new(&[Command::Back], "back"),
        Offer::new(&[Command::Quit], "quit"),
    ]);
    offers
}

pub(crate) fn on(model: &mut Model, command: Command) -> Vec<Effect> {
    let places = places(model);
    let columns = looked(model).map_or(0, |looked| looked.columns.len());
    let here = at(model);
    let state = &mut model.certificates;
    match command {
        Command::Back => return wizard::go_back(model),
        Command::Quit | Command::Interrupt => return wizard::leave(),
        Command::Again => return read(model),
        Command::Left if matches!(here, At::Row(_)) => {
            state.column = state.column.saturating_sub(1);
        }
        Command::Right if matches!(here, At::Row(_)) => {
            state.column = (state.column + 1).min(columns.saturating_sub(1));
        }
        Command::Up | Command::Left | Command::Previous => {
            state.place = state.place.saturating_sub(1);
        }
        Command::Down | Command::Right | Command::Next => {
            state.place = (state.place + 1).min(places.len().saturating_sub(1));
        }
        Command::Enter => return enter(model, here),
        _ => {}
    }
    // Letters are text on the field alone.
    model.certificates.form.at = usize::from(at(model) != At::Folder);
    Vec::new()
}

/// A folder was pasted: where the person stands does not matter.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    model.certificates.form.set(0, &line);
    read(model)
}

fn enter(model: &mut Model, here: At) -> Vec<Effect> {
    match here {
        At::Folder => model.certificates.form.begin(),
        // What is wrong is the CA team's to mend.
        At::Row(_) => {
            let request = At::Choice(Choice::Request);
            let place = places(model).iter().position(|place| *place == request);
            model.certificates.place = place.unwrap_or_default();
        }
        At::Choice(Choice::Request) => return request(model),
        At::Choice(Choice::Again) => return read(model),
        At::Choice(Choice::Other) => {
            (model.certificates.place, model.certificates.form.at) = (0, 0);
            model.certificates.form.begin();
        }
        At::Choice(Choice::Make) => {
            model.certificates.form.set(0, "");
            let effects = read(model);
            (model.certificates.place, model.certificates.form.at) = (places(model).len() - 1, 1);
            return effects;
        }
        At::Button => match source(model) {
            Ok(_) => return wizard::go_on(model),
            Err(says) => model.said = Some(says),
        },
    }
    Vec::new()
}

/// Asks for what lacks, or for all of them where nothing does.
fn request(model: &mut Model) -> Vec<Effect> {
    let columns = looked(model).map(|looked| looked.columns.as_slice()).unwrap_or_default();
    let lacking: Vec<_> = columns.iter().filter(|column| !column.serves()).collect();
    let members: Vec<_> = lacking.iter().map(|column| column.member.clone()).collect();
    let troubles = lacking.iter().flat_map(|column| {
        let wrong = column.rows.iter().filter(|row| row.verdict == Verdict::Wrong);
        wrong.map(|row| told(column, row))
    });
    let troubles = troubles.collect();
    match etcd::cluster(model) {
        Ok(cluster) => {
            let folder = model.etcd.form.text(etcd::FOLDER).to_owned();
            vec![Effect::Request { cluster: Box::new(cluster), folder, members, troubles }]
        }
        Err(says) => {
            model.said = Some(says);
            Vec::new()
        }
    }
}

pub(crate) fn says(model: &Model) -> String {
    if model.certificates.form.editing() {
        return "The folder with what your CA gave you; ~ is your home, Tab completes.".to_owned();
    }
    match &model.certificates.folder {
        Folder::Unnamed => match at(model) {
            At::Folder => "Enter names a folder with what your CA gave you.".to_owned(),
            At::Choice(_) => {
                "A key and a signing request per member, and a mail for the CA team.".to_owned()
            }
            _ => "No folder named: a CA and one certificate for all are made.".to_owned(),
        },
        Folder::Reading(_) => "Reading every file. Nothing is changed there.".to_owned(),
        Folder::Unread(..) if at(model) == At::Folder => {
            "Enter mends the name; Tab helps while you type.".to_owned()
        }
        Folder::Unread(_, says) => says.clone(),
        Folder::Read(_, looked) => {
            let cells = looked.columns.len() * CHECKS.len();
            let says = match count(looked) {
                (0, 0) => format!("All {cells} cells are right."),
                (0, look) => format!("All {cells} cells will do; {look} to look at."),
                (1, look) => format!("1 of {cells} cells is wrong, {look} to look at."),
                (wrong, look) => format!("{wrong} of {cells} cells are wrong, {look} to look at."),
            };
            let more = if looked.troubles.is_empty() { "" } else { " w tells of odd files." };
            says + more
        }
    }
}

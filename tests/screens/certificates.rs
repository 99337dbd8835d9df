//! Page 4: what a folder holds, and what is wrong with it.

use crossterm::event::KeyCode;
use quorate::{
    app::{
        Effect, Model, Msg, Page,
        form::Completion,
        page::certificates::{CHECKS, Folder, Looked, Source, Wanted, source},
        update,
    },
    cluster::{Cluster, Secret},
    pki::{
        Authority, Need, Pair, Subject,
        sort::{File, Sorted},
    },
};

use super::{key, snapshot, ui_text, wizard::nodes};

/// A moment within the certificates' time, seconds since 1970.
const NOW: i64 = 1_795_000_000;

/// The page, with five members that have addresses.
pub(super) fn page() -> Model {
    let mut model = nodes();
    key(&mut model, KeyCode::Enter);
    while model.page == Page::Nodes {
        key(&mut model, KeyCode::Tab);
        key(&mut model, KeyCode::Enter);
    }
    // A key that is new there stays open.
    assert_eq!(model.page, Page::Access);
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Certificates);
    model
}

/// Types a folder's name; what is asked of it.
fn name(model: &mut Model, folder: &str) -> Wanted {
    let effects = update(model, Msg::Paste(folder.to_owned()));
    effects
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Sort(wanted) => Some(*wanted),
            _ => None,
        })
        .expect("the folder is read")
}

/// A company's files: five pairs, the fourth from a template that knows full names alone.
fn company(wanted: &Wanted) -> Vec<File> {
    let root = Authority::new("ICC root", NOW, 3650).expect("a CA");
    let mut files = vec![file("root.crt", root.cert_pem().expect("its certificate"))];
    for (need, _) in &wanted.needs {
        let n = need.name.as_str();
        let odd = n == "icc-etcd-4";
        let (dns, ips) = if odd {
            (vec![format!("{n}.icc.example")], Vec::new())
        } else {
            let loopback = "127.0.0.1".parse().expect("an address");
            (vec![n.to_owned(), "localhost".to_owned()], vec![need.address, loopback])
        };
        let subject = Subject { common_name: n.to_owned(), dns, ips };
        let Pair { cert_pem, key_pem } = root.issue(&subject, NOW, 365).expect("a pair");
        files.push(file(&format!("{n}.crt"), cert_pem));
        files.push(file(&format!("{n}.key"), key_pem.reveal().to_vec()));
    }
    files
}

fn file(name: &str, bytes: Vec<u8>) -> File {
    File { name: name.to_owned(), bytes: Secret::new(bytes), open_to_others: false }
}

/// Does what the thread does that reads the folder.
fn read(wanted: &Wanted, files: &[File]) -> Looked {
    let sorted = Sorted::of(files, &[]);
    let needs: Vec<Need> = wanted.needs.iter().map(|(need, _)| need.clone()).collect();
    let serves = sorted.serve(&needs);
    Looked {
        counts: sorted.counts(),
        columns: sorted.judge(&serves, |_| NOW),
        requested: Vec::new(),
        troubles: sorted.troubles.clone(),
        in_place: sorted.in_place(&serves, "/certs".as_ref()),
        beside: serves.paths(),
    }
}

fn told(model: &mut Model, wanted: Wanted, how: Result<Looked, String>) {
    let how = how.map(Box::new);
    update(model, Msg::Sorted { wanted: Box::new(wanted), how });
}

/// The page with the company's folder read.
pub(super) fn wrong() -> Model {
    let mut model = page();
    let wanted = name(&mut model, "~/icc-certs\n");
    let looked = read(&wanted, &company(&wanted));
    told(&mut model, wanted, Ok(looked));
    model
}

/// The page once the CA answered: keys found where the requests were made, and odd files.
pub(super) fn answered() -> Model {
    let mut model = page();
    let wanted = name(&mut model, "~/from-the-ca-team/2026-11/icc-etcd");
    let mut files = company(&wanted);
    files.retain(|file| !file.name.contains("icc-etcd-4"));
    let need = wanted.needs.iter().map(|(need, _)| need).find(|n| n.name.as_str() == "icc-etcd-4");
    let need = need.expect("the fourth");
    let root = Authority::new("ICC other root", NOW, 3650).expect("a CA");
    let subject = Subject {
        common_name: need.name.to_string(),
        dns: vec![need.name.to_string(), "localhost".to_owned()],
        ips: vec![need.address, "127.0.0.1".parse().expect("an address")],
    };
    let pair = root.issue(&subject, NOW, 365).expect("a pair");
    let bundle = [pair.cert_pem, root.cert_pem().expect("its certificate")].concat();
    files.push(file("answer.pem", bundle));
    files.push(file("its.key", pair.key_pem.reveal().to_vec()));
    let mut looked = read(&wanted, &files);
    looked.requested = vec!["./icc-etcd/requests/icc-etcd-4-key.pem".into()];
    let odd = |file: &str, says: &str| (file.to_owned(), says.to_owned());
    looked.troubles = vec![
        odd("old.key", "may not be read by you"),
        odd("gone.crt", "is a link that leads nowhere"),
    ];
    told(&mut model, wanted, Ok(looked));
    model
}

#[test]
fn certificates() {
    snapshot("certificates-made", page());
    let mut model = wrong();
    snapshot("certificates", wrong());
    key(&mut model, KeyCode::Enter);
    snapshot("certificates-request", model);
    let mut model = page();
    name(&mut model, "/nowhere");
    snapshot("certificates-reading", model);
    snapshot("certificates-answered", answered());
    let mut model = wrong();
    other(&mut model);
    snapshot("certificates-other", model);
}

/// Chooses "Other folder".
fn other(model: &mut Model) {
    while !ui_text(model).contains("▸ Other folder") {
        key(model, KeyCode::Down);
        assert!(!ui_text(model).contains("▸ Continue"), "{}", ui_text(model));
    }
    key(model, KeyCode::Enter);
}

/// Tab asks which folders are there; the answer goes on with the path, unless it is another by then.
#[test]
fn a_path_is_completed_while_it_is_typed() {
    let mut model = wrong();
    other(&mut model);
    assert!(model.typing());
    let tab = |model: &mut Model| match update(model, Msg::Key(KeyCode::Tab.into())).as_slice() {
        [Effect::Complete { so_far }] => so_far.clone(),
        _ => panic!("it is looked up"),
    };
    let so_far = tab(&mut model);
    assert_eq!(so_far, "~/icc-certs");
    assert!(ui_text(&model).contains("Looking which folders are there."), "{}", ui_text(&model));
    let how = Completion { more: "-".to_owned(), says: Some("2025, 2026.".to_owned()) };
    key(&mut model, KeyCode::Char('x'));
    update(&mut model, Msg::Completed { so_far: so_far.clone(), how: how.clone() });
    assert_eq!(model.certificates.form.text(0), "~/icc-certsx", "typed on meanwhile");
    key(&mut model, KeyCode::Backspace);
    let so_far = tab(&mut model);
    update(&mut model, Msg::Completed { so_far, how });
    assert_eq!(model.certificates.form.text(0), "~/icc-certs-");
    assert!(ui_text(&model).contains("2025, 2026."), "{}", ui_text(&model));
    assert!(model.typing(), "Tab does not leave it");
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.certificates.form.text(0), "~/icc-certs");
    assert!(matches!(model.certificates.folder, Folder::Read(..)), "nothing is read again");

    // A name is no path: there Tab goes to the next field.
    key(&mut model, KeyCode::Tab);
    model.page = Page::Etcd;
    key(&mut model, KeyCode::Enter);
    assert!(model.typing());
    key(&mut model, KeyCode::Tab);
    assert!(!model.typing());
    key(&mut model, KeyCode::Enter);
    assert_eq!(tab(&mut model), "./icc-etcd");
}

/// The wrong cell is marked and told in words, the way on is shut, and opens once all is right.
#[test]
fn what_is_wrong_keeps_one_here() {
    let mut model = wrong();
    let shown = ui_text(&model);
    assert!(shown.contains("icc-etcd-4"), "{shown}");
    assert!(shown.contains("Continue (1 ✗ to go)"), "{shown}");
    for _ in 0..CHECKS.len() + 4 {
        key(&mut model, KeyCode::Down);
    }
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Certificates);
    assert!(model.said.as_deref().is_some_and(|said| said.contains("✗ to go")), "{:?}", model.said);

    // The files were replaced: r reads them again.
    let effects = update(&mut model, Msg::Key(KeyCode::Char('r').into()));
    let [Effect::Sort(wanted)] = effects.as_slice() else { panic!("it is read again") };
    let wanted = (**wanted).clone();
    let root = Authority::new("ICC root", NOW, 3650).expect("a CA");
    let names = |need: &Need| need.name.to_string();
    let subject = Subject {
        common_name: "etcd".to_owned(),
        dns: wanted.needs.iter().map(|(n, _)| names(n)).chain(["localhost".to_owned()]).collect(),
        ips: wanted
            .needs
            .iter()
            .map(|(need, _)| need.address)
            .chain(["127.0.0.1".parse().expect("an address")])
            .collect(),
    };
    let pair = root.issue(&subject, NOW, 365).expect("a pair");
    let files = [
        file("root.pem", root.cert_pem().expect("its certificate")),
        file("etcd.pem", pair.cert_pem),
        file("etcd-key.pem", pair.key_pem.reveal().to_vec()),
    ];
    let looked = read(&wanted, &files);
    told(&mut model, wanted, Ok(looked));
    assert!(matches!(source(&model), Ok(Source::InPlace(_))), "{:?}", source(&model));
    assert!(!ui_text(&model).contains("✗"), "{}", ui_text(&model));
    key(&mut model, KeyCode::Enter);
    assert_eq!(model.page, Page::Etcd);
    key(&mut model, KeyCode::Esc);
    assert!(matches!(model.certificates.folder, Folder::Read(..)), "Back loses nothing");
}

/// Requests are for those that lack one alone, and say what is wrong.
#[test]
fn a_request_asks_for_what_lacks() {
    let mut model = wrong();
    key(&mut model, KeyCode::Enter);
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let asked: Vec<(&Cluster, _, _)> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Request { cluster, members, troubles, .. } => {
                Some((&**cluster, members.clone(), troubles.clone()))
            }
            _ => None,
        })
        .collect();
    let [(cluster, members, troubles)] = asked.as_slice() else { panic!("requests are written") };
    assert_eq!(cluster.members.len(), 5);
    assert_eq!(members.iter().map(ToString::to_string).collect::<Vec<_>>(), ["icc-etcd-4"]);
    assert!(troubles.iter().any(|says| says.contains("not 198.18.30.35")), "{troubles:?}");
    update(&mut model, Msg::Requested(Ok("./icc-etcd/requests".into())));
    assert!(ui_text(&model).contains("./icc-etcd/requests"), "{}", ui_text(&model));
}

/// A folder that cannot be read is told; an answer to an older question is not taken.
#[test]
fn what_cannot_be_read_is_told() {
    let mut model = page();
    let old = name(&mut model, "/old");
    let new = name(&mut model, "/new");
    told(&mut model, old, Err("The folder /old cannot be read: gone.".to_owned()));
    assert!(matches!(model.certificates.folder, Folder::Reading(_)));
    told(&mut model, new, Err("The folder /new cannot be read: permission denied.".to_owned()));
    assert!(ui_text(&model).contains("/new cannot be read"), "{}", ui_text(&model));
    assert!(source(&model).is_err());
    while !ui_text(&model).contains("Enter make them") {
        key(&mut model, KeyCode::Down);
        assert!(!ui_text(&model).contains("▸ Continue"), "{}", ui_text(&model));
    }
    key(&mut model, KeyCode::Enter);
    assert_eq!(source(&model), Ok(Source::Made), "made instead");
    let effects = update(&mut model, Msg::Key(KeyCode::Char('q').into()));
    assert!(matches!(effects.as_slice(), [Effect::Exit(_)]), "q leaves");
}

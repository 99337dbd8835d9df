//! Host keys are checked.

use std::fs;

use quorate::remote::{
    ask::{Ask, Reply},
    connect::ConnectError,
};

use super::{
    person::{Person, connect},
    server::{Server, keygen},
};

#[test]
fn an_unknown_key_is_asked_about_once_and_remembered() {
    let Some(server) = Server::start() else { return };
    let spec = server.spec("root");
    fs::remove_file(server.file("known_hosts")).unwrap();
    for refusal in [Person::default(), Person::with([Reply::No])] {
        let error = connect(&spec, &refusal).err().unwrap();
        assert!(matches!(error, ConnectError::HostKeyUnknown { .. }), "{error}");
    }
    let person = Person::with([Reply::Yes]);
    let fingerprint = connect(&spec, &person).unwrap().connected.fingerprint;
    match person.asked().as_slice() {
        [Ask::HostKey { fingerprint: shown, key_type, other_types_known, .. }] => {
            assert_eq!((shown, key_type.as_str()), (&fingerprint, "ssh-ed25519"));
            assert!(other_types_known.is_empty());
        }
        other => panic!("{other:?}"),
    }
    connect(&spec, &Person::default()).unwrap();
}

#[test]
fn a_new_host_can_be_accepted_beforehand() {
    let Some(server) = Server::start() else { return };
    let mut spec = server.spec("root");
    spec.known_hosts = Some(server.file("new/known_hosts"));
    spec.accept_new_host_keys = true;
    connect(&spec, &Person::default()).unwrap();
    assert!(server.file("new/known_hosts").exists());
}

#[test]
fn a_changed_key_is_refused_and_its_place_named() {
    let Some(server) = Server::start() else { return };
    let mut spec = server.spec("root");
    spec.accept_new_host_keys = true;
    keygen(&server.file("other"), "ed25519", "");
    let other = fs::read_to_string(server.file("other.pub")).unwrap();
    let text = format!("# mine\n[127.0.0.1]:{} {other}", server.address.port());
    fs::write(server.file("known_hosts"), &text).unwrap();
    let person = Person::with([Reply::Yes]);
    let error = connect(&spec, &person).err().unwrap();
    assert!(matches!(error, ConnectError::HostKeyChanged { .. }), "{error}");
    assert!(error.to_string().contains("known_hosts:2"), "{error}");
    assert!(person.asked().is_empty());
    assert_eq!(fs::read_to_string(server.file("known_hosts")).unwrap(), text);
}

#[test]
fn a_host_that_lost_its_known_key_type_is_asked_about_even_if_new_ones_are_accepted() {
    let Some(server) = Server::start() else { return };
    let mut spec = server.spec("root");
    spec.accept_new_host_keys = true;
    keygen(&server.file("other"), "ecdsa", "");
    let other = fs::read_to_string(server.file("other.pub")).unwrap();
    let text = format!("[127.0.0.1]:{} {other}", server.address.port());
    fs::write(server.file("known_hosts"), text).unwrap();
    let person = Person::default();
    let error = connect(&spec, &person).err().unwrap();
    assert!(matches!(error, ConnectError::HostKeyUnknown { .. }), "{error}");
    match person.asked().as_slice() {
        [Ask::HostKey { other_types_known, .. }] => {
            assert_eq!(other_types_known, &["ecdsa-sha2-nistp256"]);
        }
        other => panic!("{other:?}"),
    }
}

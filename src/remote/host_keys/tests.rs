//! Every rule of `known_hosts`, as a table.

use super::*;

const ED: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAcHKJN4YCXSvBsCQBohlc251uqOSKGkGVfAFu0TdSF";
const ED2: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnbucBzkcpAQWvoUmg36/djVBbv5qS7ojdQL0wdiwGS";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM85C4BUJ8/np+COLCQgjcI10qeXj+mofKIq92rESHrK/eDqcy5r361UYXPVtCJB6xqlpaxd+nO3hwSW2sADbTU=";

fn known(text: &str) -> KnownHosts {
    KnownHosts(entries(Path::new("kh"), text.as_bytes()).collect())
}

fn verdict(text: &str, host: &str) -> Verdict {
    known(text).verdict(host, &ED.parse().unwrap())
}

fn at(line: usize) -> Place {
    Place { file: "kh".into(), line }
}

/// The fingerprint of the other key.
fn second() -> String {
    fingerprint(&ED2.parse().unwrap())
}

#[test]
fn every_rule_of_the_file_holds() {
    let hash = |name: &str| {
        let salt = [7; 20];
        let base64 = openssl::base64::encode_block;
        format!("|1|{}|{}", base64(&salt), base64(&hashed(&salt, name).unwrap()))
    };
    let other = Verdict::OtherTypes(vec!["ecdsa-sha2-nistp256".to_owned()]);
    for (text, host, want) in [
        (format!("n1 {ED}"), "n1", Verdict::Known(at(1))),
        (format!("N1,10.0.0.1 {ED} comment\r\n"), "n1", Verdict::Known(at(1))),
        (format!("n1 {ED}"), "n2", Verdict::Unknown),
        (format!("n1 {ED2}"), "n1", Verdict::Changed(at(1), second())),
        (format!("n1 {ED2}\nn1 {ED}"), "n1", Verdict::Known(at(2))),
        (format!("n1 {ECDSA}"), "n1", other),
        (format!("n1 {ECDSA}\nn1 {ED2}"), "n1", Verdict::Changed(at(2), second())),
        (format!("*.lab {ED}"), "a.lab", Verdict::Known(at(1))),
        (format!("*.lab,!a.lab {ED}"), "a.lab", Verdict::Unknown),
        (format!("n? {ED}"), "n1", Verdict::Known(at(1))),
        (format!("n? {ED}"), "n11", Verdict::Unknown),
        (format!("[n1]:2201 {ED}"), "[n1]:2201", Verdict::Known(at(1))),
        (format!("n1 {ED2}"), "[n1]:2201", Verdict::Unknown),
        (format!("[::1]:2201 {ED}"), "[::1]:2201", Verdict::Known(at(1))),
        (format!("{} {ED}", hash("n1")), "n1", Verdict::Known(at(1))),
        (format!("{} {ED}", hash("n1")), "n2", Verdict::Unknown),
        (format!("{} {ED2}", hash("[n1]:22")), "[n1]:22", Verdict::Changed(at(1), second())),
        (format!("n1 {ED}\n@revoked * {ED}"), "n1", Verdict::Revoked(at(2))),
        (format!("n1 {ED}\n@revoked * {ED2}"), "n1", Verdict::Known(at(1))),
        (format!("@cert-authority * {ED2}"), "n1", Verdict::Unknown),
        (format!("# n1 {ED}"), "n1", Verdict::Unknown),
        (format!("garbage\n{}\n\nn1 {ED}", "x".repeat(5000)), "n1", Verdict::Known(at(4))),
        (String::new(), "n1", Verdict::Unknown),
    ] {
        assert_eq!(verdict(&text, host), want, "{text}");
    }
}

#[test]
fn known_types_are_asked_for_first_and_certificates_never() {
    let all = ALGORITHMS.join(",");
    assert_eq!(known("").preference("n1"), all);
    let with = known(&format!("n1 {ECDSA}")).preference("n1");
    assert!(with.starts_with("ecdsa-sha2-nistp256,ssh-ed25519,"), "{with}");
    assert_eq!(with.split(',').count(), ALGORITHMS.len());
    assert!(!with.contains("cert"));
}

#[test]
fn adding_keeps_what_is_there_and_mends_a_missing_line_end() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("new/known_hosts");
    let key: PublicKey = format!("{ED} a comment").parse().unwrap();
    add(&file, "n1", &key).unwrap();
    fs::write(&file, format!("# mine\nn0 {ED2}")).unwrap();
    add(&file, "[n1]:2201", &key).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("# mine\nn0 {ED2}\n[n1]:2201 {ED}\n"));
    let known = KnownHosts::read(std::slice::from_ref(&file)).unwrap();
    let place = Place { file: file.clone(), line: 3 };
    assert_eq!(known.verdict("[n1]:2201", &key), Verdict::Known(place));
    add(&file, "[n1]:2201", &key).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 3, "it is there once");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_a_missing_one_is_not() {
    let place = tempfile::tempdir().unwrap();
    assert!(KnownHosts::read(&[place.path().join("none")]).is_ok());
    let error = KnownHosts::read(&[place.path().to_owned()]).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

//! Folders as people bring them: any names, any forms, things missing.

use openssl::{
    pkcs12::Pkcs12,
    pkey::PKey,
    stack::Stack,
    symm::Cipher,
    x509::{X509, X509Req},
};

use super::*;
use crate::{
    cluster::file::tests::lab,
    pki::{
        Authority, Check, Need, Pair, Subject, Verdict, request,
        set::{issue_for, subject},
    },
};

const NOW: i64 = 1_795_000_000;

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { name: name.to_owned(), bytes: Secret::new(bytes.into()), open_to_others: false }
}

fn needs() -> Vec<Need> {
    let members = lab().members;
    members.into_iter().map(|m| Need::member(m.name, m.address.ip())).collect()
}

fn ca(name: &str) -> Authority {
    Authority::new(name, NOW, 3650).unwrap()
}

/// A certificate for each member.
fn pairs(ca: &Authority) -> Vec<Pair> {
    let members = lab().members;
    members.iter().map(|m| ca.issue(&subject(m.name.as_str(), &[m]), NOW, 365).unwrap()).collect()
}

fn key(pair: &Pair) -> PKey<Private> {
    PKey::private_key_from_pem(pair.key_pem.reveal()).unwrap()
}

fn leaf(pair: &Pair) -> X509 {
    X509::from_pem(&pair.cert_pem).unwrap()
}

fn judged(files: &[File], passphrases: &[Secret]) -> (Sorted, Vec<Column>) {
    let sorted = Sorted::of(files, passphrases);
    let serves = sorted.serve(&needs());
    let columns = sorted.judge(&serves, |_| NOW);
    (sorted, columns)
}

/// The cells that are not right, member and check.
fn wrong(columns: &[Column]) -> Vec<(&str, Check)> {
    let cells = columns.iter().flat_map(|c| {
        let bad = c.rows.iter().filter(|row| row.verdict == Verdict::Wrong);
        bad.map(|row| (c.member.as_str(), row.check))
    });
    cells.collect()
}

/// Every form at once, with names that say nothing, and things that do not belong there.
fn messy(pass: &str) -> Vec<File> {
    let root = ca("Company CA");
    let [one, two, three, four, five]: [Pair; 5] = pairs(&root).try_into().ok().unwrap();
    let root_pem = root.cert_pem().unwrap();
    let root_der = X509::from_pem(&root_pem).unwrap().to_der().unwrap();
    let mut store = Pkcs12::builder();
    let (four_key, four_cert) = (key(&four), leaf(&four));
    store.pkey(&four_key).cert(&four_cert);
    let mut others = Stack::new().unwrap();
    others.push(X509::from_pem(&root_pem).unwrap()).unwrap();
    store.ca(others);
    let store = store.build2(pass).unwrap().to_der().unwrap();
    // Encrypted as `openssl ec -aes256` does it, and saved on Windows.
    let locked = key(&five).ec_key().unwrap();
    let locked =
        locked.private_key_to_pem_passphrase(Cipher::aes_256_cbc(), pass.as_bytes()).unwrap();
    let locked = String::from_utf8(locked).unwrap().replace('\n', "\r\n");
    assert!(locked.contains("Proc-Type: 4,ENCRYPTED\r\n"));
    let together = [&one.cert_pem, one.key_pem.reveal(), &root_pem].map(<[u8]>::to_vec).concat();
    let windows = String::from_utf8(two.cert_pem.clone()).unwrap().replace('\n', "\r\n");
    vec![
        file("readme.txt", "ask Jo"),
        file("a/all-in-one.crt", together),
        file("2.cer", format!("\u{feff}Bag Attributes\r\n{windows}")),
        file("2.bin", key(&two).private_key_to_der().unwrap()),
        file("third", leaf(&three).to_der().unwrap()),
        file("third.pem", three.key_pem.reveal()),
        file("root.der", root_der),
        file("store.pfx", store),
        file("old/5.txt", five.cert_pem.clone()),
        file("old/5.key", locked),
    ]
}

#[test]
fn files_are_sorted_by_what_is_in_them() {
    let files = messy("sesame");
    let (sorted, columns) = judged(&files, &[]);
    assert_eq!(sorted.locked, ["store.pfx", "old/5.key"]);
    assert_eq!(columns[3].rows, [], "nothing is known of the fourth");
    assert_eq!(wrong(&columns), [("icc-etcd-5", Check::Key)]);

    let wrong_first = ["no", "sesame"].map(|p| Secret::from(p.to_owned()));
    let (sorted, columns) = judged(&files, &wrong_first);
    assert_eq!(sorted.locked, Vec::<String>::new());
    assert_eq!(sorted.troubles, []);
    assert_eq!(sorted.counts(), Counts { roots: 1, between: 0, leaves: 5, keys: 5 });
    assert!(columns.iter().all(Column::serves), "{columns:#?}");
    assert_eq!(columns[0].facts.files, ["a/all-in-one.crt"]);
    assert_eq!(columns[4].facts.files, ["old/5.txt", "old/5.key"]);

    // Nothing of that can be used where it lies; as PEM it can.
    let serves = sorted.serve(&needs());
    assert_eq!(sorted.in_place(&serves, "/f".as_ref()), None);
    let written = tempfile::tempdir().unwrap();
    serves.set().unwrap().write_set(written.path()).unwrap();
    let paths = serves.paths();
    for member in lab().members {
        let read = |path: std::path::PathBuf| std::fs::read(written.path().join(path)).unwrap();
        let (ca, cert) = (read(paths.ca.clone()), read(paths.cert_of(&member.name)));
        let key = Secret::new(read(paths.key_of(&member.name)));
        let bundle = crate::pki::Bundle::read(&ca, &cert, &key).unwrap();
        let need = Need::member(member.name, member.address.ip());
        let rows = bundle.inspect(&need, NOW);
        assert!(rows.iter().all(|row| row.verdict == Verdict::Ok), "{rows:#?}");
    }
}

#[test]
fn an_intermediate_is_put_where_it_belongs() {
    let made = crate::pki::inspect::tests::with_an_intermediate();
    let files = [
        file("1", made.root.clone()),
        file("2", made.between.clone()),
        file("3", made.leaf.clone()),
        file("4", made.key.reveal()),
    ];
    let need = vec![Need::member("icc-etcd-4".parse().unwrap(), "141.22.30.35".parse().unwrap())];
    let sorted = Sorted::of(&files, &[]);
    assert_eq!(sorted.counts(), Counts { roots: 1, between: 1, leaves: 1, keys: 1 });
    let serves = sorted.serve(&need);
    assert_eq!(wrong(&sorted.judge(&serves, |_| NOW)), []);
    let set = serves.set().unwrap();
    let (name, chain) = &set.public[1];
    assert_eq!(name, "kubernetes.pem");
    assert_eq!(chain, &[made.leaf.as_slice(), &made.between].concat());
    assert_eq!(set.public[0].1, made.root);
    // Without it the table says what is missing, by name.
    let files = [file("1", made.root), file("3", made.leaf), file("4", made.key.reveal())];
    let sorted = Sorted::of(&files, &[]);
    let columns = sorted.judge(&sorted.serve(&need), |_| NOW);
    let cell = columns[0].cell(Check::Chain).unwrap();
    assert!(cell.remedy.as_ref().unwrap().contains("intermediate"), "{cell:?}");
}

#[test]
fn tidy_files_stay_where_they_are() {
    let root = ca("Lab CA");
    let mut files = vec![file("ca.pem", root.cert_pem().unwrap())];
    for (pair, member) in pairs(&root).iter().zip(lab().members) {
        files.push(file(&format!("tls/{}.crt", member.name), pair.cert_pem.clone()));
        files.push(file(&format!("tls/{}.key", member.name), pair.key_pem.reveal()));
    }
    let sorted = Sorted::of(&files, &[]);
    let paths = sorted.in_place(&sorted.serve(&needs()), "/certs".as_ref()).unwrap();
    assert_eq!(paths.ca.to_str(), Some("/certs/ca.pem"));
    assert_eq!(paths.cert.to_str(), Some("/certs/tls/{member}.crt"));
    assert_eq!(paths.key.to_str(), Some("/certs/tls/{member}.key"));

    // The lab's one pair for all.
    let dir = tempfile::tempdir().unwrap();
    let set = issue_for(&lab(), crate::pki::Pairs::Shared, NOW, 365).unwrap();
    set.write_set(dir.path()).unwrap();
    let read = |name: &str| file(name, std::fs::read(dir.path().join(name)).unwrap());
    let files = ["ca.pem", "ca-key.pem", "kubernetes.pem", "kubernetes-key.pem"].map(read);
    let (sorted, columns) = judged(&files, &[]);
    let serves = sorted.serve(&needs());
    assert!(columns.iter().all(Column::serves) && serves.shared());
    let paths = sorted.in_place(&serves, "/c".as_ref()).unwrap();
    assert_eq!(paths.key.to_str(), Some("/c/kubernetes-key.pem"));
}

#[test]
fn what_is_missing_or_alike_is_told_apart() {
    let root = ca("Company CA");
    let root_pem = root.cert_pem().unwrap();
    // A web server's name alone: found by its first label, and its address is missing.
    let named = |name: &str| Subject {
        common_name: name.to_owned(),
        dns: vec![format!("{name}.icc.example")],
        ips: Vec::new(),
    };
    let four = root.issue(&named("icc-etcd-4"), NOW, 365).unwrap();
    let stranger = root.issue(&named("www"), NOW, 365).unwrap();
    let files = [
        file("ca", root_pem.clone()),
        file("4", four.cert_pem),
        file("4k", four.key_pem.reveal()),
        file("w", stranger.cert_pem.clone()),
        file("x", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    ];
    let (sorted, columns) = judged(&files, &[]);
    assert_eq!(wrong(&columns), [("icc-etcd-4", Check::Address)]);
    assert_eq!(columns.iter().filter(|c| c.rows.is_empty()).count(), 4);
    assert_eq!(sorted.troubles.len(), 1);
    assert!(sorted.troubles[0].1.contains("damaged"));

    // The only one in the folder is judged for all, that it may be said what is wrong with it.
    let (_, columns) = judged(&[file("w", stranger.cert_pem)], &[]);
    let says = &columns[0].cell(Check::Chain).unwrap().says;
    assert!(says.contains("Company CA signed it, and there is no CA certificate"), "{says}");
    assert_eq!(wrong(&columns).iter().filter(|(_, c)| *c == Check::Key).count(), 5);

    // Of two the newer one is taken.
    let member = &lab().members[0];
    let subject = subject("icc-etcd-1", &[member]);
    let (old, new) =
        (root.issue(&subject, NOW, 10).unwrap(), root.issue(&subject, NOW, 365).unwrap());
    let files = [
        file("new", new.cert_pem),
        file("newk", new.key_pem.reveal()),
        file("old", old.cert_pem),
        file("oldk", old.key_pem.reveal()),
        file("ca", root_pem),
    ];
    let (_, columns) = judged(&files, &[]);
    assert_eq!(columns[0].cell(Check::Dates).unwrap().brief, "365 d");
}

#[test]
fn a_key_that_others_may_read_is_said() {
    let pair = pairs(&ca("x")).remove(0);
    let mut key = file("k.pem", pair.key_pem.reveal());
    key.open_to_others = true;
    let sorted = Sorted::of(&[key], &[]);
    assert!(sorted.troubles[0].1.contains("others may read"), "{:?}", sorted.troubles);
}

#[test]
fn an_answer_finds_its_key_where_the_request_was_made() {
    let made = crate::pki::inspect::tests::with_an_intermediate();
    let bundle = [made.leaf.as_slice(), &made.between, &made.root].concat();
    let stranger = pairs(&ca("x")).remove(0);
    let elsewhere = [
        file("/r/other-key.pem", stranger.key_pem.reveal()),
        file("/r/icc-etcd-4-key.pem", made.key.reveal()),
        file("/r-2/the-same.pem", made.key.reveal()),
        file("/r/icc-etcd-4.csr", "-----BEGIN CERTIFICATE REQUEST-----\n"),
    ];
    let need = vec![Need::member("icc-etcd-4".parse().unwrap(), "141.22.30.35".parse().unwrap())];
    let mut sorted = Sorted::of(&[file("answer.pem", bundle.clone())], &[]);
    assert_eq!(sorted.take_keys(&elsewhere), ["/r/icc-etcd-4-key.pem"]);
    assert_eq!(sorted.counts(), Counts { roots: 1, between: 1, leaves: 1, keys: 1 });
    let columns = sorted.judge(&sorted.serve(&need), |_| NOW);
    assert!(columns[0].serves(), "{columns:#?}");
    assert_eq!(columns[0].facts.files, ["answer.pem", "/r/icc-etcd-4-key.pem"]);

    // A key that lies beside it is its key.
    let files = [file("answer.pem", bundle), file("own.pem", made.key.reveal())];
    let mut sorted = Sorted::of(&files, &[]);
    assert!(sorted.take_keys(&elsewhere).is_empty());

    // Tidy files may lie in two places.
    let tidy = [
        file("ca.pem", made.root.clone()),
        file("icc-etcd-4.pem", [made.leaf.as_slice(), &made.between].concat()),
    ];
    let mut sorted = Sorted::of(&tidy, &[]);
    sorted.take_keys(&elsewhere);
    let paths = sorted.in_place(&sorted.serve(&need), "/f".as_ref()).unwrap();
    assert_eq!(paths.cert.to_str(), Some("/f/icc-etcd-4.pem"));
    assert_eq!(paths.key.to_str(), Some("/r/icc-etcd-4-key.pem"));
}

/// What names one member is no other's, also if nothing else is left.
#[test]
fn another_members_certificate_is_not_taken_for_a_missing_one() {
    let root = ca("Company CA");
    let mut all = pairs(&root);
    all.truncate(4);
    let member = &lab().members[3];
    let newer = root.issue(&subject("icc-etcd-4", &[member]), NOW, 700).unwrap();
    let mut files = vec![file("ca", root.cert_pem().unwrap()), file("newer", newer.cert_pem)];
    for (n, pair) in all.into_iter().enumerate() {
        files.push(file(&n.to_string(), pair.cert_pem));
        files.push(file(&format!("{n}k"), pair.key_pem.reveal()));
    }
    let (_, columns) = judged(&files, &[]);
    assert_eq!(columns[4].rows, [], "the second one of icc-etcd-4 is left over");
}

#[test]
fn a_request_asks_for_all_that_etcd_needs() {
    let members = lab().members;
    let asked: Vec<_> = members.iter().skip(3).collect();
    let troubles = ["icc-etcd-4 lacks Client Authentication".to_owned()];
    let set = request::request_for("icc-etcd", &asked, &troubles).unwrap();
    let dir = tempfile::tempdir().unwrap();
    set.write_set(dir.path()).unwrap();
    let text = std::fs::read(dir.path().join("icc-etcd-4.csr")).unwrap();
    let request = X509Req::from_pem(&text).unwrap();
    let key = std::fs::read(dir.path().join("icc-etcd-4-key.pem")).unwrap();
    let key = PKey::private_key_from_pem(&key).unwrap();
    assert!(request.verify(&key).unwrap() && request.public_key().unwrap().public_eq(&key));
    let words = String::from_utf8(request.to_text().unwrap()).unwrap();
    let address = members[3].address.to_string();
    for part in [
        "DNS:icc-etcd-4, DNS:localhost",
        &format!("IP Address:{address}, IP Address:127.0.0.1"),
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "Digital Signature",
    ] {
        assert!(words.contains(part), "{part}\n{words}");
    }
    let letter = std::fs::read_to_string(dir.path().join(request::LETTER)).unwrap();
    for part in ["2 certificates", "icc-etcd-4.csr", "Client\n", &troubles[0], &address] {
        assert!(letter.contains(part), "{part}\n{letter}");
    }
    assert!(!letter.contains("icc-etcd-1"));
}

//! The wizard as a person meets it: the built program in a pty, without any machine.

use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkcs12::Pkcs12,
    pkey::{PKey, Private},
    x509::{X509, X509Name, X509NameRef, X509Req, extension::BasicConstraints},
};
use quorate::pki::{Authority, Pair, Subject};
use tempfile::TempDir;

use super::session::Session;

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");

/// A person's computer: a home with an ssh configuration, and a memory.
struct Home(TempDir);

impl Home {
    /// Three hosts with names, and nobody who answers at any.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a directory"));
        let ssh = home.path(".ssh");
        fs::create_dir_all(&ssh).expect("a directory");
        fs::create_dir_all(home.path("bin")).expect("a directory");
        let host = |(name, last)| format!("Host {name}\n  HostName 127.0.9.{last}\n  Port 1\n");
        let config: String = [("etcd-a", 1), ("etcd-b", 2), ("etcd-c", 3)].map(host).concat();
        fs::write(home.path(".ssh/config"), config).expect("a file");
        // ssh itself goes by the password database, not by HOME.
        let wrapper = home.path("bin/ssh");
        let script = "#!/bin/sh\nexec /usr/bin/ssh -F \"$HOME/.ssh/config\" \"$@\"\n";
        fs::write(&wrapper, script).expect("a file");
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("a mode");
        home
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn open(&self, arguments: &[&str], size: (u16, u16)) -> Session {
        let path = format!("{}:{}", self.path("bin"), std::env::var("PATH").unwrap_or_default());
        let home = self.path("");
        let environment = [
            ("HOME", home.as_str()),
            ("cd", home.as_str()),
            ("PATH", path.as_str()),
            ("QUORATE_STATE", &self.path("state")),
        ];
        Session::begin(Path::new(QUORATE), arguments, size, &environment)
    }
}

/// Host aliases pasted, a file saved, the machines not reached, back with all answers, left, and
/// offered again.
#[test]
fn from_nothing_to_a_cluster_file_and_back() {
    let home = Home::new();
    let mut session = home.open(&[], (80, 24));
    session.wait_for("Enter practise");
    session.press("\x1b[B\r");
    session.wait_for("1  icc-etcd-1");
    session.press("\x1b[200~etcd-a etcd-b etcd-c\x1b[201~");
    for address in ["127.0.9.1", "127.0.9.2", "127.0.9.3"] {
        session.wait_for(address);
    }
    session.wait_for("refuses the connection");
    session.wait_for("▸ Continue");
    session.press("\r");
    session.wait_for("Without a folder I make");
    session.press("\r");
    session.wait_for("It will be cluster");
    // The name first: the folder follows it.
    session.press("\rx\r");
    session.wait_for("./icc-etcdx");
    session.press("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B");
    session.wait_for("then looks at the machines");
    session.press("\r");
    session.wait_for("cannot be used");
    let text = fs::read_to_string(home.path("icc-etcdx/cluster.toml")).expect("it is saved");
    for line in ["name = \"icc-etcdx\"", "address = \"127.0.9.2\"", "ssh_host = \"etcd-b\""] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let key = fs::metadata(home.path("icc-etcdx/kubernetes-key.pem")).expect("a key is made");
    assert_eq!(key.permissions().mode() & 0o077, 0, "others may not read it");
    session.press("\x1b");
    session.wait_for("Saved in         ./icc-etcdx");
    session.press("\x1b");
    session.wait_for("Without a folder I make");
    session.press("\x1b");
    session.wait_for("1  etcd-a       127.0.9.1");
    session.press("q");
    let (code, screen) = session.end();
    assert_eq!(code, 0);
    assert!(screen.contains("your answers for icc-etcdx are kept"), "{screen}");
    session.assert_sane();

    let mut session = home.open(&[], (120, 40));
    session.wait_for("▸ Go on with icc-etcdx");
    session.wait_for("looked at, nothing changed yet");
    session.press("\r");
    session.wait_for("1  etcd-a       127.0.9.1");
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

/// Another cluster file in the folder is asked about, and kept under a dated name.
#[test]
fn promise_4_nothing_is_deleted_another_cluster_file_is_moved_aside() {
    let home = Home::new();
    fs::create_dir(home.path("icc-etcd")).expect("a directory");
    fs::write(home.path("icc-etcd/cluster.toml"), "# mine\n").expect("a file");
    let mut session = home.open(&[], (80, 24));
    session.wait_for("Enter practise");
    session.press("\x1b[B\r");
    session.wait_for("1  icc-etcd-1");
    session.press("\x1b[200~etcd-a\netcd-b\netcd-c\x1b[201~");
    for address in ["127.0.9.1", "127.0.9.2", "127.0.9.3"] {
        session.wait_for(address);
    }
    session.wait_for("▸ Continue");
    session.press("\r");
    session.wait_for("Without a folder I make");
    session.press("\r");
    session.wait_for("It will be cluster");
    session.press("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r");
    session.wait_for("Another cluster file is there");
    assert_eq!(fs::read_to_string(home.path("icc-etcd/cluster.toml")).expect("it"), "# mine\n");
    session.press("\x1b[B\r");
    session.wait_for("cannot be used");
    let files = fs::read_dir(home.path("icc-etcd")).expect("a directory").flatten();
    let aside = files.map(|file| file.path()).find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cluster.toml.2"))
    });
    let aside = fs::read_to_string(aside.expect("it got a dated name")).expect("it");
    assert_eq!(aside, "# mine\n");
    session.press("q");
    session.end();
    session.assert_sane();
}

#[test]
fn a_killed_wizard_keeps_the_answers() {
    let home = Home::new();
    let mut session = home.open(&[], (80, 24));
    session.wait_for("Enter practise");
    session.press("\x1b[B\r");
    session.wait_for("1  icc-etcd-1");
    session.press("\x1b[200~n1 127.0.9.7\x1b[201~");
    session.wait_for("127.0.9.7");
    session.signal(rustix::process::Signal::TERM);
    session.end();
    session.assert_sane();
    let mut session = home.open(&[], (80, 24));
    session.wait_for("▸ Go on with icc-etcd");
    session.press("\r");
    session.wait_for("1  n1           127.0.9.7");
    session.press("\x03");
    session.end();
    session.assert_sane();
}

/// Without a terminal, or where lines are wanted: a short help, and no crash.
#[test]
fn without_a_terminal_it_says_what_it_wants() {
    let state = tempfile::tempdir().expect("a directory");
    for arguments in [&[][..], &["--plain"], &["--json"]] {
        let output = Command::new(QUORATE)
            .args(arguments)
            .env("QUORATE_STATE", state.path())
            .stdin(Stdio::null())
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let says = String::from_utf8_lossy(&output.stderr);
        assert!(says.contains("opens the wizard") && says.contains("quorate up"), "{says}");
        assert!(output.stdout.is_empty());
    }
}

/// The bench has the number; this only sees that nothing slow stands before the first frame.
#[test]
fn the_first_frame_waits_for_nothing() {
    let home = Home::new();
    let took = (0..5)
        .map(|_| {
            let began = Instant::now();
            let mut session = home.open(&[], (80, 24));
            session.wait_for_raw("Welcome", 1);
            began.elapsed()
        })
        .min();
    assert!(took.is_some_and(|took| took < Duration::from_millis(600)), "{took:?}");
}

/// A certificate of the company's CA: with the names it should have, or with those of a template.
fn certified(ca: &Authority, name: &str, last: u8, right: bool) -> Pair {
    let full = format!("{name}.icc.example");
    let loopback = Ipv4Addr::LOCALHOST;
    let (dns, ips) = if right {
        let own = Ipv4Addr::new(127, 0, 9, last);
        (vec![name.to_owned(), "localhost".to_owned()], vec![own.into(), loopback.into()])
    } else {
        (vec![full.clone()], Vec::new())
    };
    let now = jiff::Timestamp::now().as_second();
    ca.issue(&Subject { common_name: full, dns, ips }, now, 365).expect("a pair")
}

/// What the CA team sends for a signing request: one file with the certificate, the intermediate that
/// signed it, and the root above that, which is a new one.
fn answer(request: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let named = |text: &str| {
        let mut name = X509Name::builder()?;
        name.append_entry_by_nid(Nid::COMMONNAME, text)?;
        Ok::<_, ErrorStack>(name.build())
    };
    let begun = |serial: u32, name: &X509NameRef, issuer: &X509NameRef| {
        let mut cert = X509::builder()?;
        cert.set_version(2)?;
        let serial = BigNum::from_u32(serial)?;
        let serial = Asn1Integer::from_bn(&serial)?;
        cert.set_serial_number(&serial)?;
        cert.set_subject_name(name)?;
        cert.set_issuer_name(issuer)?;
        let [from, to] = [Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(200)?];
        cert.set_not_before(&from)?;
        cert.set_not_after(&to)?;
        Ok::<_, ErrorStack>(cert)
    };
    let (root_key, between_key) = (PKey::generate_ed25519()?, PKey::generate_ed25519()?);
    let (root_name, between_name) = (named("ICC root 2")?, named("ICC issuing CA")?);
    let authority = |serial, name, key: &PKey<Private>| {
        let mut cert = begun(serial, name, &root_name)?;
        cert.set_pubkey(key)?;
        cert.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        cert.sign(&root_key, MessageDigest::null())?;
        cert.build().to_pem()
    };
    let root = authority(1, &root_name, &root_key)?;
    let between = authority(2, &between_name, &between_key)?;
    let request = X509Req::from_pem(request)?;
    let mut leaf = begun(3, request.subject_name(), &between_name)?;
    let key = request.public_key()?;
    leaf.set_pubkey(&key)?;
    for extension in request.extensions()? {
        leaf.append_extension(extension)?;
    }
    leaf.sign(&between_key, MessageDigest::null())?;
    Ok([leaf.build().to_pem()?, between, root].concat())
}

/// A company's folder, its path completed: one file is locked, one certificate would not do. What lacks
/// is asked for, and the answer is taken up with the key of its request.
#[test]
fn a_folder_of_certificates_is_sorted_and_what_lacks_is_asked_for() {
    let home = Home::new();
    fs::create_dir(home.path("icc")).expect("a directory");
    let write = |name: &str, bytes: &[u8]| {
        let path = home.path(&format!("icc/{name}"));
        fs::write(&path, bytes).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    };
    let now = jiff::Timestamp::now().as_second();
    let ca = Authority::new("ICC root", now, 3650).expect("a CA");
    write("root.crt", &ca.cert_pem().expect("PEM"));
    let a = certified(&ca, "etcd-a", 1, true);
    write("one.crt", &a.cert_pem);
    write("one.key", a.key_pem.reveal());
    let b = certified(&ca, "etcd-b", 2, true);
    let cert = X509::from_pem(&b.cert_pem).expect("PEM");
    let key = PKey::private_key_from_pem(b.key_pem.reveal()).expect("a key");
    let store = Pkcs12::builder().cert(&cert).pkey(&key).build2("geheim").expect("a store");
    write("two.p12", &store.to_der().expect("DER"));
    let c = certified(&ca, "etcd-c", 3, false);
    write("three.pem", &[c.cert_pem.as_slice(), c.key_pem.reveal()].concat());

    let mut session = home.open(&[], (80, 24));
    session.wait_for("Enter practise");
    session.press("\x1b[B\r");
    session.wait_for("1  icc-etcd-1");
    session.press("\x1b[200~etcd-a\retcd-b\retcd-c\x1b[201~");
    for address in ["127.0.9.1", "127.0.9.2", "127.0.9.3"] {
        session.wait_for(address);
    }
    session.wait_for("▸ Continue");
    session.press("\r");
    session.wait_for("Without a folder I make");
    session.press("\x1b[A\x1b[A~/i\t");
    session.wait_for("~/icc/");
    session.press("\t");
    session.wait_for("There is no further folder in ~/icc/, and 5 files.");
    session.press("\r");
    session.wait_for("two.p12");
    session.press("falsch\r");
    session.wait_for("That was not right.");
    session.press("geheim\r");
    session.wait_for("1 root, 3 certificates, 3 keys");
    session.wait_for("etcd-c names etcd-c.icc.example, not 127.0.9.3");
    session.wait_for("Continue (1 ✗ to go)");
    session.press("\r");
    session.wait_for("Enter write request");
    session.press("\r");
    session.wait_for("Written: ./icc-etcd/requests");
    let requests = fs::read_dir(home.path("icc-etcd/requests")).expect("it is there");
    let mut names: Vec<_> =
        requests.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["etcd-c-key.pem", "etcd-c.csr", "mail-to-the-CA-team.txt"]);

    // The answer comes without a key: that lies where the request was made.
    let request = fs::read(home.path("icc-etcd/requests/etcd-c.csr")).expect("the request");
    write("answer.pem", &answer(&request).expect("a bundle"));
    session.press("r");
    // The passphrase was asked once.
    session.wait_for("All 24 cells are right");
    session.wait_for("From ./icc-etcd/requests, where requests were made: etcd-c-key.pem.");
    session.press("\r");
    session.wait_for("It will be cluster");
    session.press("\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r");
    session.wait_for("cannot be used");
    let text = fs::read_to_string(home.path("icc-etcd/cluster.toml")).expect("it is saved");
    assert!(text.contains("key = \"{member}-key.pem\""), "{text}");
    let key = fs::read(home.path("icc-etcd/etcd-c-key.pem")).expect("it is written");
    let key = PKey::private_key_from_pem(&key).expect("a key without a passphrase");
    let known = fs::read(home.path("icc-etcd/requests/etcd-c-key.pem")).expect("it stays there");
    let known = PKey::private_key_from_pem(&known).expect("a key");
    assert!(key.public_eq(&known), "the key of the new certificate");
    let chain = fs::read(home.path("icc-etcd/etcd-c.pem")).expect("it is written");
    assert_eq!(X509::stack_from_pem(&chain).expect("PEM").len(), 2, "with its intermediate");
    session.press("\x1b");
    session.wait_for("Saved in         ./icc-etcd");
    session.press("q");
    assert_eq!(session.end().0, 0);
    session.assert_sane();
}

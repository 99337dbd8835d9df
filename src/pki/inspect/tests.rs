//! Bundles as people bring them, made here, each against what must be said of it.

use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    rsa::Rsa,
    symm::Cipher,
    x509::{
        X509Name,
        extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName},
    },
};

use super::*;
use crate::{
    cluster::file::tests::lab,
    pki::{
        Authority, Subject,
        inspect::Verdict::{Look, Ok, Wrong},
    },
};

const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;

/// A certificate that differs from a good one in what the case is about.
struct Make<'a> {
    name: &'a str,
    issuer: Option<&'a Made>,
    ca: Option<bool>,
    dns: &'a [&'a str],
    ips: &'a [&'a str],
    usage: &'a [&'a str],
    days: (i64, i64),
    key: PKey<Private>,
    hash: MessageDigest,
}

/// What it is, the certificate, the rows that are not right, and what the first says.
type Case<'a> = (&'a str, Make<'a>, &'a [(Check, Verdict)], &'a str);

struct Made {
    cert: X509,
    key: PKey<Private>,
}

fn ec(curve: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap()).unwrap()
}

fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn good(issuer: &Made) -> Make<'_> {
    Make {
        name: "icc-etcd-4",
        issuer: Some(issuer),
        ca: Some(false),
        dns: &["icc-etcd-4", "localhost"],
        ips: &["141.22.30.35", "127.0.0.1"],
        usage: &["serverAuth", "clientAuth"],
        days: (-1, 364),
        key: ec(Nid::X9_62_PRIME256V1),
        hash: MessageDigest::sha256(),
    }
}

fn root(name: &str) -> Make<'_> {
    Make {
        name,
        issuer: None,
        ca: Some(true),
        dns: &[],
        ips: &[],
        usage: &[],
        days: (-10, 3650),
        key: ec(Nid::X9_62_PRIME256V1),
        hash: MessageDigest::sha256(),
    }
}

impl Make<'_> {
    fn make(self) -> Made {
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_nid(Nid::COMMONNAME, self.name).unwrap();
        let name = name.build();
        let mut cert = X509::builder().unwrap();
        let serial = Asn1Integer::from_bn(&BigNum::from_u32(7).unwrap()).unwrap();
        let at = |days: i64| Asn1Time::from_unix(NOW + days * DAY).unwrap();
        cert.set_version(2).unwrap();
        cert.set_serial_number(&serial).unwrap();
        cert.set_subject_name(&name).unwrap();
        cert.set_issuer_name(self.issuer.map_or(&*name, |i| i.cert.subject_name())).unwrap();
        cert.set_pubkey(&self.key).unwrap();
        cert.set_not_before(&at(self.days.0)).unwrap();
        cert.set_not_after(&at(self.days.1)).unwrap();
        if let Some(ca) = self.ca {
            let mut basic = BasicConstraints::new();
            // Not critical, as old CAs have it.
            let basic = if ca { basic.ca() } else { &mut basic };
            cert.append_extension(basic.build().unwrap()).unwrap();
        }
        if !self.usage.is_empty() {
            let mut usage = ExtendedKeyUsage::new();
            self.usage.iter().for_each(|name| {
                usage.other(name);
            });
            cert.append_extension(usage.build().unwrap()).unwrap();
        }
        if !(self.dns.is_empty() && self.ips.is_empty()) {
            let mut names = SubjectAlternativeName::new();
            self.dns.iter().for_each(|dns| {
                names.dns(dns);
            });
            self.ips.iter().for_each(|ip| {
                names.ip(ip);
            });
            let names = names.build(&cert.x509v3_context(None, None)).unwrap();
            cert.append_extension(names).unwrap();
        }
        let key = self.issuer.map_or(&self.key, |issuer| &issuer.key);
        cert.sign(key, self.hash).unwrap();
        Made { cert: cert.build(), key: self.key }
    }
}

impl Made {
    fn pem(&self) -> Vec<u8> {
        self.cert.to_pem().unwrap()
    }

    fn key(&self) -> Secret {
        Secret::new(self.key.private_key_to_pem_pkcs8().unwrap())
    }
}

/// Root, intermediate, certificate and key, each PEM: what a company CA sends.
pub(in crate::pki) struct Company {
    pub(in crate::pki) root: Vec<u8>,
    pub(in crate::pki) between: Vec<u8>,
    pub(in crate::pki) leaf: Vec<u8>,
    pub(in crate::pki) key: Secret,
}

pub(in crate::pki) fn with_an_intermediate() -> Company {
    let top = root("Company Root").make();
    let between = Make { ca: Some(true), dns: &[], ips: &[], usage: &[], ..good(&top) };
    let between = Make { name: "Company Issuing CA", ..between }.make();
    let leaf = good(&between).make();
    Company { root: top.pem(), between: between.pem(), leaf: leaf.pem(), key: leaf.key() }
}

fn need() -> Need {
    Need {
        name: "icc-etcd-4".parse().unwrap(),
        address: "141.22.30.35".parse().unwrap(),
        soon_days: SOON,
    }
}

fn judged(ca: &[u8], cert: &[u8], key: &Secret) -> Vec<Requirement> {
    Bundle::read(ca, cert, key).unwrap().inspect(&need(), NOW)
}

/// The rows that are not right must be these, and the first must say this.
fn expect(what: &str, rows: &[Requirement], want: &[(Check, Verdict)], says: &str) {
    let bad: Vec<_> =
        rows.iter().filter(|r| r.verdict != Ok).map(|r| (r.check, r.verdict)).collect();
    assert_eq!(bad, want, "{what}: {rows:#?}");
    let first = rows.iter().find(|r| r.verdict != Ok).map_or("", |r| r.says.as_str());
    assert!(first.contains(says), "{what}: {first}");
    assert!(rows.iter().all(|r| (r.verdict == Ok) == r.remedy.is_none()), "{what}");
}

#[test]
fn what_this_program_issues_is_right_in_all_eight_rows() {
    let authority = Authority::new("Lab CA", NOW, 3650).unwrap();
    let subject = Subject {
        common_name: "kubernetes".to_owned(),
        dns: lab().members.iter().map(|m| m.name.to_string()).chain(["localhost".into()]).collect(),
        ips: vec!["141.22.30.35".parse().unwrap(), "127.0.0.1".parse().unwrap()],
    };
    let pair = authority.issue(&subject, NOW, 365).unwrap();
    let rows = judged(&authority.cert_pem().unwrap(), &pair.cert_pem, &pair.key_pem);
    expect("issued", &rows, &[], "");
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[2].brief, "365 d");
    assert_eq!(rows[7].brief, "P-256");
    // Its path length of 0 rules an intermediate out.
    let other = Authority::new("Other CA", NOW, 3650).unwrap().cert_pem().unwrap();
    let rows = judged(&other, &pair.cert_pem, &pair.key_pem);
    expect("other CA", &rows, &[(Check::Chain, Wrong)], "wrong CA: Lab CA signed it");
}

#[test]
fn each_fault_of_a_certificate_is_found_and_nothing_else() {
    use Check::{Address, Client, Dates, Loopback, Server, Strength};
    let ca = root("Lab CA").make();
    let cases: [Case<'_>; 18] = [
        ("good", good(&ca), &[], ""),
        ("rsa", Make { key: rsa(2048), ..good(&ca) }, &[], ""),
        ("p-384", Make { key: ec(Nid::SECP384R1), ..good(&ca) }, &[], ""),
        ("ed25519", Make { key: PKey::generate_ed25519().unwrap(), ..good(&ca) }, &[], ""),
        ("no usage", Make { usage: &[], ..good(&ca) }, &[], ""),
        ("any usage", Make { usage: &["anyExtendedKeyUsage"], ..good(&ca) }, &[], ""),
        (
            "server only",
            Make { usage: &["serverAuth"], ..good(&ca) },
            &[(Client, Wrong)],
            "lacks Client",
        ),
        (
            "client only",
            Make { usage: &["clientAuth"], ..good(&ca) },
            &[(Server, Wrong)],
            "lacks Server",
        ),
        (
            "no names",
            Make { dns: &[], ips: &[], ..good(&ca) },
            &[(Address, Wrong), (Loopback, Look)],
            "names nothing, not 141.22.30.35",
        ),
        (
            "other address",
            Make { dns: &["icc-etcd-4.icc.example"], ips: &["10.9.9.9"], ..good(&ca) },
            &[(Address, Wrong), (Loopback, Look)],
            "names icc-etcd-4.icc.example, 10.9.9.9, not 141.22.30.35",
        ),
        (
            "address as name",
            Make { dns: &["141.22.30.35", "localhost"], ips: &["127.0.0.1"], ..good(&ca) },
            &[(Address, Wrong)],
            "as a DNS name",
        ),
        (
            "wildcard",
            Make { dns: &["*.example.org", "localhost"], ..good(&ca) },
            &[(Address, Look)],
            "not icc-etcd-4",
        ),
        (
            "no loopback",
            Make { dns: &["icc-etcd-4"], ips: &["141.22.30.35"], ..good(&ca) },
            &[(Loopback, Look)],
            "localhost and 127.0.0.1",
        ),
        ("expired", Make { days: (-20, -1), ..good(&ca) }, &[(Dates, Wrong)], "ended at"),
        ("future", Make { days: (1, 20), ..good(&ca) }, &[(Dates, Wrong)], "begins at"),
        ("soon", Make { days: (-1, 12), ..good(&ca) }, &[(Dates, Look)], "ends in 12 days"),
        ("rsa 1024", Make { key: rsa(1024), ..good(&ca) }, &[(Strength, Wrong)], "1024 bits"),
        (
            "sha-1",
            Make { hash: MessageDigest::sha1(), ..good(&ca) },
            &[(Strength, Wrong)],
            "which Go refuses",
        ),
    ];
    for (what, make, want, says) in cases {
        let made = make.make();
        expect(what, &judged(&ca.pem(), &made.pem(), &made.key()), want, says);
    }
}

#[test]
fn each_fault_of_a_chain_is_told_apart() {
    let ca = root("Lab CA").make();
    let between = Make { issuer: Some(&ca), ..root("Lab Intermediate") }.make();
    let leaf = good(&between).make();
    let whole = [leaf.pem(), between.pem()].concat();
    let chain = &[(Check::Chain, Wrong)];
    expect("intermediate", &judged(&ca.pem(), &whole, &leaf.key()), &[], "");
    let rows = judged(&ca.pem(), &leaf.pem(), &leaf.key());
    expect("no intermediate", &rows, chain, "Lab Intermediate signed it, and is neither");
    let both = [between.pem(), ca.pem()].concat();
    expect("in the CA file", &judged(&both, &leaf.pem(), &leaf.key()), &[], "");

    let direct = good(&ca).make();
    let namesake = root("Lab CA").make();
    let rows = judged(&namesake.pem(), &direct.pem(), &direct.key());
    expect("same name", &rows, chain, "another CA of the same name");
    let print = crate::pki::describe::short_fingerprint(&namesake.cert);
    assert!(rows[0].says.contains(&print));

    let no_ca = Make { ca: Some(false), ..root("No CA") }.make();
    let below = good(&no_ca).make();
    let rows = judged(&no_ca.pem(), &below.pem(), &below.key());
    expect("CA:FALSE", &rows, chain, "No CA signed it, but may not");

    let alone = Make { issuer: None, ..good(&ca) }.make();
    let rows = judged(&ca.pem(), &alone.pem(), &alone.key());
    expect("self-signed", &rows, chain, "wrong CA: icc-etcd-4 signed it");

    let rows = judged(&ca.pem(), &direct.pem(), &alone.key());
    expect("other key", &rows, &[(Check::Key, Wrong)], "does not belong");

    let bare = Make { usage: &["serverAuth"], issuer: Some(&ca), ..root("Web only") }.make();
    let under = good(&bare).make();
    let rows = judged(&ca.pem(), &[under.pem(), bare.pem()].concat(), &under.key());
    expect("usage of the intermediate", &rows, &[(Check::Client, Wrong)], "Web only lacks Client");
}

#[test]
fn files_in_any_usual_form_are_read() {
    let ca = root("Lab CA").make();
    let leaf = good(&ca).make();
    let text = String::from_utf8(leaf.pem()).unwrap();
    let bags = "Bag Attributes\n    friendlyName: Jürgen\n";
    let certs = [
        text.replace('\n', "\r\n").into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        format!("{bags}{text}{bags}{}", String::from_utf8(leaf.key().reveal().to_vec()).unwrap())
            .into_bytes(),
        text.trim_end().as_bytes().to_vec(),
    ];
    let sec1 = Secret::new(leaf.key.ec_key().unwrap().private_key_to_pem().unwrap());
    for cert in &certs {
        expect("form", &judged(&ca.pem(), cert, &sec1), &[], "");
    }
    let combined = Secret::new(certs[2].clone());
    expect("key in the same file", &judged(&ca.pem(), &certs[2], &combined), &[], "");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_way_out() {
    let ca = root("Lab CA").make();
    let leaf = good(&ca).make();
    let der = leaf.cert.to_der().unwrap();
    let encrypted = leaf.key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"x");
    let encrypted = Secret::new(encrypted.unwrap());
    let why = |ca: &[u8], cert: &[u8], key: &Secret| {
        Bundle::read(ca, cert, key).err().unwrap().to_string()
    };
    assert!(why(b"", &leaf.pem(), &leaf.key()).starts_with("the CA file holds no certificate"));
    assert!(why(&ca.pem(), &der, &leaf.key()).starts_with("the certificate file is DER"));
    assert!(why(&ca.pem(), &leaf.pem(), &encrypted).starts_with("the key file is encrypted"));
}

#[test]
fn the_first_end_of_the_way_counts() {
    let ca = Authority::new("root", NOW, 100).unwrap();
    let subject = Subject { common_name: "a".to_owned(), dns: vec!["a".to_owned()], ips: vec![] };
    let leaf = ca.issue(&subject, NOW, 30).unwrap();
    let bundle = Bundle::read(&ca.cert_pem().unwrap(), &leaf.cert_pem, &leaf.key_pem).unwrap();
    assert_eq!(bundle.ends(), Some(NOW + 30 * 86_400));
}

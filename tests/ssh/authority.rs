//! A CA, and certificates that name one IP address.

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{
        X509, X509Builder, X509Name,
        extension::{BasicConstraints, SubjectAlternativeName},
    },
};

pub(crate) struct Authority {
    pub(crate) cert: X509,
    key: PKey<Private>,
}

impl Authority {
    pub(crate) fn new(subject: &str) -> Self {
        let key = key();
        let mut builder = builder(subject, &key);
        builder.set_issuer_name(&name(subject)).unwrap();
        let ca = BasicConstraints::new().critical().ca().build().unwrap();
        builder.append_extension(ca).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { cert: builder.build(), key }
    }

    pub(crate) fn issue(&self, ip: [u8; 4]) -> (X509, PKey<Private>) {
        let key = key();
        let mut builder = builder("member", &key);
        builder.set_issuer_name(self.cert.subject_name()).unwrap();
        let ip = std::net::Ipv4Addr::from(ip).to_string();
        let context = builder.x509v3_context(Some(&self.cert), None);
        let names = SubjectAlternativeName::new().ip(&ip).build(&context).unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        (builder.build(), key)
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn name(text: &str) -> X509Name {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", text).unwrap();
    name.build()
}

fn builder(subject: &str, key: &PKey<Private>) -> X509Builder {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(64, openssl::bn::MsbOption::MAYBE_ZERO, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name(subject)).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder
}

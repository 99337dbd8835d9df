//! What a CA team is asked for: a key and a signing request for each member, and the words around
//! them. What web server templates leave out is asked for by name.

use openssl::{
    ec::{EcGroup, EcKey},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::PKey,
    stack::Stack,
    x509::{
        X509NameBuilder, X509ReqBuilder,
        extension::{ExtendedKeyUsage, KeyUsage, SubjectAlternativeName},
    },
};

use super::{
    Set, Subject,
    set::{names_of, subject},
};
use crate::cluster::{Member, Secret};

/// The name of the letter among the files.
pub const LETTER: &str = "mail-to-the-CA-team.txt";

/// A key and a request for each of these members, and the letter that goes with them. The keys stay
/// here; nobody else needs them.
///
/// # Errors
/// If OpenSSL refuses a name.
pub fn request_for(
    cluster: &str,
    members: &[&Member],
    troubles: &[String],
) -> Result<Set, ErrorStack> {
    let mut set = Set::default();
    for member in members {
        let name = member.name.as_str();
        let (csr, key) = request(&subject(name, &[member]))?;
        set.public.push((format!("{name}.csr"), csr));
        set.private.push((format!("{name}-key.pem"), key));
    }
    set.public.push((LETTER.to_owned(), letter(cluster, members, troubles).into_bytes()));
    Ok(set)
}

fn request(subject: &Subject) -> Result<(Vec<u8>, Secret), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::COMMONNAME, &subject.common_name)?;
    let mut request = X509ReqBuilder::new()?;
    // 0 is the only version there is (RFC 2986, 4.1).
    request.set_version(0)?;
    request.set_subject_name(&name.build())?;
    request.set_pubkey(&key)?;
    let mut names = SubjectAlternativeName::new();
    for dns in &subject.dns {
        names.dns(dns);
    }
    for ip in &subject.ips {
        names.ip(&ip.to_string());
    }
    let mut wanted = Stack::new()?;
    wanted.push(names.build(&request.x509v3_context(None))?)?;
    wanted.push(KeyUsage::new().critical().digital_signature().build()?)?;
    wanted.push(ExtendedKeyUsage::new().server_auth().client_auth().build()?)?;
    request.add_extensions(&wanted)?;
    request.sign(&key, MessageDigest::sha256())?;
    Ok((request.build().to_pem()?, Secret::new(key.private_key_to_pem_pkcs8()?)))
}

fn letter(cluster: &str, members: &[&Member], troubles: &[String]) -> String {
    let count = match members {
        [_] => "1 certificate".to_owned(),
        many => format!("{} certificates", many.len()),
    };
    let mut lines = vec![
        format!("Subject: {count} for the etcd cluster {cluster}"),
        String::new(),
        "Hello,".to_owned(),
        String::new(),
        format!("please sign the attached requests for the etcd cluster {cluster}:"),
        String::new(),
    ];
    for member in members {
        lines.push(format!("  {}.csr", member.name));
        lines.push(format!("      {}", names_of(&subject(member.name.as_str(), &[member]))));
    }
    lines.extend(
        [
            "",
            "Each certificate needs",
            "",
            "  - all names and addresses above as subject alternative names: the members call",
            "    each other by IP address, so a DNS name alone is not enough;",
            "  - extended key usage TLS Web Server Authentication AND TLS Web Client",
            "    Authentication: a member calls the others with the certificate by which it is",
            "    called. Templates for web servers leave the second out;",
            "  - key usage Digital Signature.",
            "",
            "Please send them as PEM, with every intermediate between them and your root, and the",
            "root itself if it may have changed.",
        ]
        .map(str::to_owned),
    );
    if !troubles.is_empty() {
        lines.extend(["", "What is wrong with those we have now:", ""].map(str::to_owned));
        lines.extend(troubles.iter().map(|says| format!("  - {says}")));
    }
    lines.extend(["", "The private keys stay with us.", "", "Thank you"].map(str::to_owned));
    lines.join("\n") + "\n"
}

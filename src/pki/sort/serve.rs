//! Which of the sorted certificates serve which member, how well, and what is written of them.

use std::path::{Path, PathBuf};

use openssl::{
    pkey::{PKey, Private},
    x509::{X509, X509ExtendedKeyUsage},
};

use super::{Sorted, order, same};
use crate::{
    cluster::{MemberName, Secret, TlsPaths},
    pki::{
        Bundle, Need, Requirement, Set, describe,
        inspect::{Check, Verdict},
        issue::IssueError,
    },
};

/// What is in a certificate, to be read beside what etcd needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Its subject alternative names: `DNS:…`, `IP:…`.
    pub names: Vec<String>,
    /// Its extended key usage in words; none means any.
    pub usage: Vec<&'static str>,
    /// Its first moment.
    pub from: String,
    /// Its last moment.
    pub to: String,
    /// The files it and its key are in.
    pub files: Vec<String>,
}

/// A member's certificate and how it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Whose.
    pub member: MemberName,
    /// Every requirement; none if there is no certificate for it.
    pub rows: Vec<Requirement>,
    /// What is in the certificate.
    pub facts: Facts,
}

impl Column {
    /// The cell of that requirement.
    #[must_use]
    pub fn cell(&self, check: Check) -> Option<&Requirement> {
        self.rows.iter().find(|row| row.check == check)
    }

    /// Whether the member could start with it.
    #[must_use]
    pub fn serves(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.verdict != Verdict::Wrong)
    }
}

/// Which certificates the members get.
pub struct Serves {
    roots: Vec<X509>,
    members: Vec<(Need, Option<Pair>)>,
}

struct Pair {
    leaf: X509,
    between: Vec<X509>,
    key: Option<PKey<Private>>,
}

impl Sorted {
    /// Finds the certificate of each member: by the address it names, then by name, then the only
    /// one that is left and names none of them.
    #[must_use]
    pub fn serve(&self, needs: &[Need]) -> Serves {
        let mut chosen: Vec<Option<&X509>> = needs.iter().map(|need| self.best(need)).collect();
        let open: Vec<usize> = (0..needs.len()).filter(|at| chosen[*at].is_none()).collect();
        let free: Vec<_> = self
            .leaves
            .iter()
            .filter(|leaf| !chosen.iter().flatten().any(|taken| same(taken, leaf)))
            .filter(|leaf| needs.iter().all(|need| score(leaf, need) == 0))
            .collect();
        match (open.as_slice(), free.as_slice()) {
            ([one], [leaf]) => chosen[*one] = Some(leaf),
            // One for all, that names none of them.
            (all, [leaf]) if all.len() == needs.len() => chosen.fill(Some(leaf)),
            _ => {}
        }
        let mut roots: Vec<X509> = Vec::new();
        let members = needs.iter().cloned().zip(chosen);
        let members: Vec<_> = members
            .map(|(need, leaf)| {
                let pair = leaf.map(|leaf| {
                    let (mut between, root) = self.way_up(leaf);
                    // Without its root the last one on the way is what is trusted.
                    let top = root.or_else(|| between.pop());
                    if let Some(top) = top.filter(|top| !roots.iter().any(|r| same(r, top))) {
                        roots.push(top);
                    }
                    Pair { leaf: leaf.clone(), between, key: self.key_of(leaf).cloned() }
                });
                (need, pair)
            })
            .collect();
        if roots.is_empty() {
            roots.clone_from(&self.roots);
        }
        Serves { roots, members }
    }

    fn best(&self, need: &Need) -> Option<&X509> {
        let scored = self.leaves.iter().map(|leaf| (score(leaf, need), leaf));
        scored
            .filter(|(score, _)| *score > 0)
            .max_by(|(a, one), (b, other)| {
                let keys = |leaf| usize::from(self.key_of(leaf).is_some());
                (a + keys(one))
                    .cmp(&(b + keys(other)))
                    .then_with(|| order(one.not_after(), other.not_after()))
            })
            .map(|(_, leaf)| leaf)
    }

    /// The files a certificate and its key were found in.
    fn files_of(&self, leaf: &X509, key: Option<&PKey<Private>>) -> Vec<String> {
        let holds = self.files.iter().filter(|(_, holds)| {
            holds.certs.iter().any(|c| same(c, leaf))
                || key.is_some_and(|key| holds.keys.iter().any(|k| k.public_eq(key)))
        });
        holds.map(|(name, _)| name.clone()).collect()
    }

    /// How each member's certificate comes out. `clock` is the node's, seconds since 1970.
    #[must_use]
    pub fn judge(&self, serves: &Serves, clock: impl Fn(&MemberName) -> i64) -> Vec<Column> {
        let columns = serves.members.iter().map(|(need, pair)| {
            let member = need.name.clone();
            let Some(Pair { leaf, between, key }) = pair else {
                return Column { member, rows: Vec::new(), facts: Facts::default() };
            };
            let now = clock(&member);
            let (roots, between) = (serves.roots.clone(), between.clone());
            let bundle = Bundle::of(roots, leaf.clone(), between, key.clone());
            let files = self.files_of(leaf, key.as_ref());
            let facts = Facts { files, ..facts(leaf) };
            Column { member, rows: bundle.inspect(need, now), facts }
        });
        columns.collect()
    }

    /// The files as they lie there, if the cluster can use them so: PEM that etcd reads, nothing in
    /// them that does not belong, and one name for all or the member's in it.
    #[must_use]
    pub fn in_place(&self, serves: &Serves, folder: &Path) -> Option<TlsPaths> {
        let plain =
            || self.files.iter().filter(|(_, holds)| holds.plain && holds.trouble.is_none());
        let alike = |one: &[X509], other: &[X509]| {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        };
        let ca = plain().find(|(_, h)| h.keys.is_empty() && alike(&h.certs, &serves.roots))?;
        let mut certs = Vec::new();
        let mut keys = Vec::new();
        for (need, pair) in &serves.members {
            let Pair { leaf, between, key } = pair.as_ref()?;
            let chain: Vec<_> = std::iter::once(leaf).chain(between).cloned().collect();
            let own =
                |h: &&(String, super::Holds)| h.1.keys.is_empty() && alike(&h.1.certs, &chain);
            certs.push((&need.name, &plain().find(own)?.0));
            let own = |h: &&(String, super::Holds)| match h.1.keys.as_slice() {
                [only] => h.1.certs.is_empty() && key.as_ref().is_some_and(|k| k.public_eq(only)),
                _ => false,
            };
            keys.push((&need.name, &plain().find(own)?.0));
        }
        Some(TlsPaths {
            ca: folder.join(&ca.0),
            cert: folder.join(pattern(&certs)?),
            key: folder.join(pattern(&keys)?),
        })
    }
}

/// The one name of all of these, with `{member}` where they differ.
fn pattern(files: &[(&MemberName, &String)]) -> Option<PathBuf> {
    let (first, name) = files.first()?;
    if files.iter().all(|(_, other)| other == name) {
        return Some(PathBuf::from(name));
    }
    let pattern = name.replace(first.as_str(), "{member}");
    let fits = |(member, file): &(&MemberName, &String)| {
        pattern.replace("{member}", member.as_str()) == **file
    };
    files.iter().all(fits).then(|| PathBuf::from(pattern))
}

impl Serves {
    /// All members get the same certificate.
    #[must_use]
    pub fn shared(&self) -> bool {
        let mut pairs = self.members.iter().map(|(_, pair)| pair.as_ref());
        let Some(Some(first)) = pairs.next() else { return false };
        pairs.all(|pair| pair.is_some_and(|pair| same(&pair.leaf, &first.leaf)))
    }

    /// Where the files of [`Self::set`] are, relative to where they are written.
    #[must_use]
    pub fn paths(&self) -> TlsPaths {
        let stem = if self.shared() { "kubernetes" } else { "{member}" };
        TlsPaths {
            ca: "ca.pem".into(),
            cert: format!("{stem}.pem").into(),
            key: format!("{stem}-key.pem").into(),
        }
    }

    /// What the cluster needs of all that, as PEM files that etcd reads. Members without a
    /// certificate or key have no file.
    ///
    /// # Errors
    /// If OpenSSL cannot encode one.
    pub fn set(&self) -> Result<Set, IssueError> {
        let text = |certs: &mut dyn Iterator<Item = &X509>| {
            certs.map(|cert| cert.to_pem()).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        };
        let mut set = Set::default();
        set.public.push(("ca.pem".to_owned(), text(&mut self.roots.iter())?));
        let count = if self.shared() { 1 } else { self.members.len() };
        for (need, pair) in self.members.iter().take(count) {
            let Some(Pair { leaf, between, key: Some(key) }) = pair else { continue };
            let name = if self.shared() { "kubernetes" } else { need.name.as_str() };
            let chain = text(&mut std::iter::once(leaf).chain(between))?;
            set.public.push((format!("{name}.pem"), chain));
            let key = Secret::new(key.private_key_to_pem_pkcs8()?);
            set.private.push((format!("{name}-key.pem"), key));
        }
        Ok(set)
    }
}

/// How sure it is that the certificate is that member's.
fn score(leaf: &X509, need: &Need) -> usize {
    let names = describe::names(leaf);
    let name = need.name.as_str();
    let label = |dns: &str| dns.split('.').next().is_some_and(|l| l.eq_ignore_ascii_case(name));
    let common = describe::subject(leaf);
    if names.ips.contains(&need.address) {
        8
    } else if names.dns.iter().any(|dns| dns.eq_ignore_ascii_case(name)) {
        6
    } else if names.dns.iter().any(|dns| label(dns) || *dns == need.address.to_string()) {
        4
    } else if label(&common) {
        2
    } else {
        0
    }
}

fn facts(leaf: &X509) -> Facts {
    let names = describe::names(leaf);
    let dns = names.dns.iter().map(|dns| format!("DNS:{dns}"));
    let ips = names.ips.iter().map(|ip| format!("IP:{ip}"));
    let usage = leaf.extended_key_usage();
    let kinds = [
        (X509ExtendedKeyUsage::SSL_SERVER, "TLS Web Server Authentication"),
        (X509ExtendedKeyUsage::SSL_CLIENT, "TLS Web Client Authentication"),
        (X509ExtendedKeyUsage::ANYEKU, "Any"),
    ];
    let of = |usage: X509ExtendedKeyUsage| {
        kinds.iter().filter(move |(kind, _)| usage.contains(*kind)).map(|(_, words)| *words)
    };
    Facts {
        subject: describe::subject(leaf),
        issuer: describe::issuer(leaf),
        names: dns.chain(ips).collect(),
        usage: usage.into_iter().flat_map(of).collect(),
        from: leaf.not_before().to_string(),
        to: leaf.not_after().to_string(),
        files: Vec::new(),
    }
}

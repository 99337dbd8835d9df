//! What makes the machines a lab: certificates of an authority of its own, and a `cluster.toml`
//! with which `quorate up practice` needs no further word.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{
    error::Error,
    machine::Machine,
    place::{Place, Settings, remove},
};
use crate::{
    cluster::{Address, Cluster, Login, Member, TlsPaths, file},
    pki::set::{Pairs, issue_for},
};

/// The cluster file's name; it is written last, and says that all of the lab is there.
pub(super) const CLUSTER_FILE: &str = "cluster.toml";
const CERTIFICATES: [&str; 4] = ["ca.pem", "ca-key.pem", "kubernetes.pem", "kubernetes-key.pem"];
/// A year: machines that are thrown away do not live longer.
const DAYS: u32 = 365;

/// Issues and writes what is not there.
pub(super) fn furnish(
    place: &Place,
    settings: &Settings,
    machines: &[Machine],
) -> Result<(), Error> {
    if place.file(CLUSTER_FILE).exists() {
        return Ok(());
    }
    let cluster = cluster(place, settings, machines)?;
    let no_certificates = |e: &dyn std::error::Error| Error::Certificates(e.to_string());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| no_certificates(&e))?;
    let now = i64::try_from(now.as_secs()).map_err(|e| no_certificates(&e))?;
    let set = issue_for(&cluster, Pairs::Shared, now, DAYS).map_err(|e| no_certificates(&e))?;
    // Without its cluster file a set is what an interrupted call left: nobody has used it.
    for name in CERTIFICATES {
        remove(&place.file(name))?;
    }
    for path in set.write_set(place.dir()).map_err(|e| no_certificates(&e))? {
        place.hand_over(&path)?;
    }
    place.write(CLUSTER_FILE, file::write(&cluster).as_bytes(), 0o644)
}

fn cluster(place: &Place, settings: &Settings, machines: &[Machine]) -> Result<Cluster, Error> {
    let member = |m: &Machine| {
        let address: Address = m.address.to_string().parse()?;
        Ok(Member { name: m.name.clone(), address, login: Login::default(), ssh_host: None })
    };
    Ok(Cluster {
        name: "practice".parse()?,
        token: settings.token.clone(),
        login: Login {
            user: Some("root".to_owned()),
            port: None,
            identity: Some(place.file("id_ed25519")),
            known_hosts: Some(place.file("known_hosts")),
        },
        tls: TlsPaths {
            ca: place.file("ca.pem"),
            cert: place.file("kubernetes.pem"),
            key: place.file("kubernetes-key.pem"),
        },
        data_dir: file::DATA_DIR.into(),
        members: machines.iter().map(member).collect::<Result<_, Error>>()?,
    })
}

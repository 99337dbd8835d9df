//! What is asked for, agreed with what is there: machines that exist keep what they were made with.

use std::net::Ipv4Addr;

use super::{
    MACHINES, Options, SUBNET,
    error::Error,
    place::{Place, Settings},
};
use crate::cluster::Release;

/// The lab's token.
const TOKEN: &str = "etcd-cluster-0";

/// What the machines there were made with, else the defaults.
pub(super) fn settings(place: &Place) -> Result<Settings, Error> {
    let defaults = Settings {
        release: Release::default(),
        machines: MACHINES,
        subnet: SUBNET,
        token: TOKEN.parse()?,
    };
    Ok(place.settings().unwrap_or(defaults))
}

/// Whether what was asked can be at all; looked at before anything is made.
pub(super) fn possible(options: &Options) -> Result<(), Error> {
    if let Some(count) = options.machines.filter(|count| ![3, 5, 7].contains(count)) {
        return Err(Error::Count(count));
    }
    let network = |subnet: &Ipv4Addr| {
        subnet.octets()[3] == 0 && !subnet.is_loopback() && !subnet.is_multicast()
    };
    match options.subnet.filter(|subnet| !network(subnet)) {
        Some(subnet) => Err(Error::Subnet(subnet)),
        None => Ok(()),
    }
}

/// What was asked, checked against what is there.
pub(super) fn agreed(place: &Place, options: &Options) -> Result<Settings, Error> {
    let there = place.settings();
    let base = settings(place)?;
    let asked = Settings {
        release: options.release.unwrap_or(base.release),
        machines: options.machines.unwrap_or(base.machines),
        subnet: options.subnet.unwrap_or(base.subnet),
        token: options.token.clone().unwrap_or(base.token),
    };
    if let Some(there) = there {
        let different = |what, there: String, asked: String| {
            let same = there == asked;
            if same { Ok(()) } else { Err(Error::Different { what, there, asked }) }
        };
        different("the release", there.release.to_string(), asked.release.to_string())?;
        different("the number", there.machines.to_string(), asked.machines.to_string())?;
        different("the network", there.subnet.to_string(), asked.subnet.to_string())?;
        different("the token", there.token.to_string(), asked.token.to_string())?;
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed_in(dir: &std::path::Path, options: &Options) -> Result<Settings, String> {
        let place = Place::take(dir, true).unwrap().unwrap();
        agreed(&place, options).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_not_asked_is_as_it_is_there_else_the_labs() {
        let dir = tempfile::tempdir().unwrap();
        let first = agreed_in(dir.path(), &Options::default()).unwrap();
        assert_eq!(first.token.as_str(), "etcd-cluster-0");
        assert_eq!((first.machines, first.release), (5, Release::Bookworm));
        let seven = Options { machines: Some(7), ..Options::default() };
        let seven = agreed_in(dir.path(), &seven).unwrap();
        Place::take(dir.path(), true).unwrap().unwrap().keep(&seven).unwrap();
        assert_eq!(agreed_in(dir.path(), &Options::default()), Ok(seven));
        let three = Options { machines: Some(3), ..Options::default() };
        let error = agreed_in(dir.path(), &three).unwrap_err();
        assert!(error.starts_with("the number of the machines that are there is 7, not 3;"));
    }

    #[test]
    fn numbers_and_networks_that_cannot_be_are_refused() {
        let refused = |options: &Options| possible(options).unwrap_err().to_string();
        for machines in [0, 1, 4, 9] {
            let options = Options { machines: Some(machines), ..Options::default() };
            assert!(refused(&options).ends_with("3, 5 or 7 would be right"));
        }
        for subnet in ["198.18.30.1", "127.0.0.0", "224.0.0.0"] {
            let options = Options { subnet: subnet.parse().ok(), ..Options::default() };
            assert!(refused(&options).contains("is no /24 network"));
        }
        assert!(possible(&Options::default()).is_ok());
    }
}

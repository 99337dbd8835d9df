//! Answers of real machines: a fresh Debian 12, and the same one as a member.

use super::*;
use crate::cluster::file::tests::lab;

const FRESH: &str = include_str!("../samples/survey-fresh.txt");
const RUNNING: &str = include_str!("../samples/survey-running.txt");

/// The cluster that the samples' machines are of.
fn theirs() -> Cluster {
    let mut c = lab();
    c.token = "lsn-0".parse().unwrap();
    for (m, last) in c.members.iter_mut().zip(32..) {
        m.address = format!("198.19.40.{last}").parse().unwrap();
    }
    c
}

#[test]
fn reads_a_fresh_machine() {
    let f = Facts::read(FRESH, 1_795_391_364_000).unwrap();
    assert_eq!((f.system().as_str(), f.hostname.as_str()), ("Debian 12", "icc-etcd-1"));
    assert_eq!((f.ahead_ms, f.arch.as_str()), (298, "x86_64"));
    assert_eq!(f.addresses, ["198.19.40.32".parse::<IpAddr>().unwrap()]);
    assert_eq!(f.disk, Some((73_597_312, "overlay".to_owned())));
    assert_eq!(f.reach.len(), 4);
    assert!(f.reach.values().all(|how| *how == Reach::Refused));
    assert_eq!((f.installed, f.offered), (None, Some(EtcdVersion::new(3, 4, 23))));
    // apt knows the name `etcd` and has no candidate for it.
    assert!(f.has_lists && !f.dpkg_broken && !f.offers_etcd);
    assert_eq!((f.lock.clone(), f.listeners.clone(), f.data), (None, Vec::new(), None));
    assert!(f.files.is_empty() && !f.has_settings() && !f.etcd_runs());
}

#[test]
fn reads_a_running_member() {
    let f = Facts::read(RUNNING, 0).unwrap();
    let c = theirs();
    let m = c.members.first().unwrap();
    assert_eq!(f.installed, Some(EtcdVersion::new(3, 4, 23)));
    assert!(f.etcd_runs());
    assert_eq!(f.listeners, [(427, "etcd".to_owned())]);
    assert_eq!(f.files.len(), 4);
    assert_eq!(f.settings.as_deref(), Some(env_file::digest(&c, m).as_str()));
    let files = f.files.get(env_file::ETCDCTL).unwrap();
    assert_ne!(files, Digest::of(env_file::etcdctl(&lab()).as_bytes()).as_str());
    assert_eq!(f.foreign_data(&c, m), None);
    // The same machine, had the cluster another token.
    assert!(matches!(f.foreign_data(&lab(), m), Some(Data::Of(..))));
}

/// After `kill -9` of apt and dpkg: the programs are there, the packages are not.
#[test]
fn an_interrupted_install_is_no_install() {
    let f = Facts::read(include_str!("../samples/survey-interrupted.txt"), 0).unwrap();
    assert!(f.dpkg_broken);
    assert_eq!((f.installed, f.offered), (None, Some(EtcdVersion::new(3, 4, 23))));
    let tasks = crate::lab::install::tasks(&f);
    let names: Vec<_> = tasks.iter().map(|task| task.id.name.as_str()).collect();
    assert_eq!(names, ["hold-back", "mend", "packages", "release"]);
}

#[test]
fn an_answer_that_is_not_whole_is_none() {
    let whole: Vec<_> = RUNNING.lines().collect();
    for end in 1..whole.len() {
        let cut = whole.iter().take(end).copied().collect::<Vec<_>>().join("\n");
        assert!(matches!(Facts::read(&cut, 0), Err(BadAnswer::Cut(_))), "{cut}");
    }
    for foreign in ["", "This account is not available.", "\u{1b}[2Jsurvey 1"] {
        assert_eq!(Facts::read(foreign, 0), Err(BadAnswer::Foreign(foreign.to_owned())));
    }
}

#[test]
fn hostile_lines_are_facts_of_nothing() {
    let text = "survey 1\nclock x\naddress \ndisk -1 x\nreach a b\nlock x y\nport\nfile\n\
                data zz\noffer etcd\nunit\npackage etcd-server installed x\n\
                survey ends\n";
    let f = Facts::read(text, 0).unwrap();
    let nothing = Facts { data: Some(Data::Unknown), ..Facts::default() };
    assert_eq!(f, nothing);
}

#[test]
fn a_host_name_is_compared_without_its_domain() {
    let f = Facts::read("survey 1\nhostname icc-etcd-1.example.org\nsurvey ends\n", 0).unwrap();
    assert_eq!(f.hostname, "icc-etcd-1");
}

#[test]
fn comments_alone_are_no_settings() {
    let empty = Facts { settings: Some(Digest::of(b"").to_string()), ..Facts::default() };
    assert!(!empty.has_settings());
}

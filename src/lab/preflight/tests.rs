use std::path::PathBuf;

use super::*;
use crate::cluster::{ClusterId, MemberId, Release, file::tests::lab};

fn found(mend: impl FnOnce(&mut Facts)) -> Vec<(String, Severity)> {
    let c = lab();
    let m = c.members.first().unwrap();
    let mut f = Facts::assumed(Release::Bookworm);
    f.hostname = "icc-etcd-1".to_owned();
    f.addresses = vec![m.address.ip()];
    f.disk = Some((DISK_LITTLE, "ext4".to_owned()));
    mend(&mut f);
    let k = Material::assumed(PathBuf::from("/lab/kubernetes-key.pem"));
    let findings = node(&c, m, &k, &f);
    assert!(findings.iter().all(|finding| finding.says.starts_with("icc-etcd-1 ")));
    findings.into_iter().map(|finding| (finding.id, finding.severity)).collect()
}

#[test]
fn nothing_is_wrong_with_a_fresh_machine() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn each_fault_is_found_and_no_other() {
    use Severity::{Look, Stop};
    type Fault = (&'static str, Severity, fn(&mut Facts));
    let faults: &[Fault] = &[
        ("no-debian", Stop, |f| f.os = "fedora".to_owned()),
        ("wrong-machine", Stop, |f| f.hostname = "icc-etcd-2".to_owned()),
        ("other-hostname", Look, |f| f.hostname = "web-7".to_owned()),
        ("address-not-there", Stop, |f| f.addresses = vec!["10.0.0.1".parse().unwrap()]),
        ("disk-full", Stop, |f| f.disk = Some((DISK_LEAST - 1, "ext4".to_owned()))),
        ("disk-small", Look, |f| f.disk = Some((DISK_LITTLE - 1, "ext4".to_owned()))),
        ("apt-locked", Look, |f| f.lock = Some((812, "unattended-upgr".to_owned()))),
        ("port-taken", Stop, |f| f.listeners = vec![(77, "docker-proxy".to_owned())]),
        ("no-candidate", Stop, |f| f.offered = None),
        ("peer-port-blocked", Stop, |f| {
            f.reach.insert("141.22.30.33".parse().unwrap(), Reach::Timeout);
        }),
        ("foreign-data", Stop, |f| f.data = Some(Data::Unknown)),
        ("foreign-data", Stop, |f| f.data = Some(Data::Of(MemberId(1), ClusterId(2)))),
        ("file-in-the-way", Stop, |f| {
            f.files.insert(CA.to_owned(), "0".to_owned());
        }),
        ("file-in-the-way", Stop, |f| f.settings = Some("0".to_owned())),
    ];
    for (id, severity, mend) in faults {
        assert_eq!(found(mend), [((*id).to_owned(), *severity)], "{id}");
    }
}

#[test]
fn what_is_ours_is_not_in_the_way() {
    let c = lab();
    let (member, cluster) = (MemberId(0xf150_71bb_2bcc_0510), ClusterId(0xcb4d_04d9_08f0_8a13));
    let ours = |f: &mut Facts| {
        f.data = Some(Data::Of(member, cluster));
        f.settings = Some(env_file::digest(&c, c.members.first().unwrap()).to_string());
        f.listeners = vec![(427, "etcd".to_owned())];
        f.unit.insert("MainPID".to_owned(), "427".to_owned());
        f.reach.insert("141.22.30.33".parse().unwrap(), Reach::Open);
    };
    assert_eq!(found(ours), []);
}

#[test]
fn what_the_person_agreed_to_is_no_finding() {
    let agreed = |f: &mut Facts| {
        f.data = Some(Data::Unknown);
        f.settings = Some("0".to_owned());
        f.aside_agreed = true;
    };
    assert_eq!(found(agreed), []);
}

#[test]
fn the_owner_of_data_is_named() {
    let c = lab();
    let m = c.members.first().unwrap();
    let data = Data::Of(MemberId(0x8e9e_05c5_2164_694d), ClusterId(0xcdf8_1819_4e3a_8c32));
    let f = Facts { data: Some(data), ..Facts::assumed(Release::Bookworm) };
    let finding = foreign_data(&c, m, &f).unwrap();
    assert_eq!(
        finding.says,
        "icc-etcd-1 has data of member 8e9e05c52164694d of cluster cdf818194e3a8c32 in \
         /var/lib/etcd."
    );
    assert_eq!(
        finding.evidence,
        ["etcd does not run.", "this member would be f15071bb2bcc0510 of cluster cb4d04d908f08a13"]
    );
}

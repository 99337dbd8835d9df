//! Texts against sentences; and what is written reads back equal.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::cluster::Address;

/// The lab's cluster, from the sample file that is shipped.
pub(crate) fn lab() -> Cluster {
    read(SAMPLE, Path::new("/lab"), None).unwrap().cluster
}

const SAMPLE: &str = include_str!("../../../assets/cluster.toml");

fn refusal(text: &str) -> String {
    read(text, Path::new("/lab"), Some(Path::new("/home/kim"))).unwrap_err().to_string()
}

#[test]
fn the_sample_is_the_lab() {
    let Read { cluster, warnings } = read(SAMPLE, Path::new("/lab"), None).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(cluster.token.as_str(), "etcd-cluster-0");
    assert_eq!(cluster.tls.cert, Path::new("/lab/kubernetes.pem"));
    let members: Vec<_> =
        cluster.members.iter().map(|m| format!("{}={}", m.name, m.address)).collect();
    assert_eq!(members.first().unwrap(), "icc-etcd-1=141.22.30.32");
    assert_eq!(members.last().unwrap(), "icc-etcd-5=141.22.30.36");
    assert_eq!((members.len(), cluster.quorum(), cluster.tolerates()), (5, 3, 2));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row per mistake")]
fn says_the_line_what_is_wrong_and_what_would_be_right() {
    // The sample with one thing changed, against the sentence.
    let cases = [
        (
            "version = 1",
            "version = 2",
            "line 3: version 2 is not known here; version = 1 is, newer ones need a newer quorate",
        ),
        ("version = 1", "", "version is missing at the top; version = 1 would be right"),
        (
            "version = 1",
            "version = \"1\"",
            "line 3: version at the top is a text; a whole number would be right",
        ),
        (
            "version = 1",
            "version = ",
            "line 3: this is no TOML: string values must be quoted, expected literal string",
        ),
        (
            "name = \"icc-etcd\" ",
            "nmae = \"icc-etcd\" ",
            "line 4: unknown key \"nmae\" at the top; did you mean \"name\"?",
        ),
        (
            "name = \"icc-etcd\" ",
            "",
            "name is missing at the top; name = \"icc-etcd-1\" would be right",
        ),
        (
            "name = \"icc-etcd\" ",
            "name = \"ICC\" ",
            "line 4: the name \"ICC\" contains 'I'; use a-z, 0-9 and '-'",
        ),
        (
            "\"etcd-cluster-0\"",
            "\"a b\"",
            "line 5: the token \"a b\" contains ' '; use letters, digits and '-', '_', '.'",
        ),
        (
            "user = \"root\"",
            "usr = \"root\"",
            "line 9: unknown key \"usr\" in [ssh]; did you mean \"user\"?",
        ),
        (
            "user = \"root\"",
            "banana = 1",
            "line 9: unknown key \"banana\" in [ssh]; known are user, port, identity, known_hosts",
        ),
        (
            "user = \"root\"",
            "user = \"-oProxyCommand=x\"",
            "line 9: the user \"-oProxyCommand=x\" starts with '-', which ssh takes for an option; start with a letter",
        ),
        (
            "user = \"root\"",
            "user = \"a b\"",
            "line 9: the user \"a b\" contains ' '; use letters, digits and '.', '_', '-'",
        ),
        (
            "# port = 22",
            "port = 65536",
            "line 10: the port 65536 is none; 22 would be one, 65535 is the highest",
        ),
        (
            "# port = 22",
            "port = 0",
            "line 10: the port 0 is none; 22 would be one, 65535 is the highest",
        ),
        (
            "# port = 22",
            "identity = \"~bob/key\"",
            "line 10: the path \"~bob/key\" is another user's home; write it from / on",
        ),
        ("[tls]", "[tsl]", "line 16: unknown key \"tsl\" at the top; did you mean \"tls\"?"),
        (
            "cert = \"kubernetes.pem\"",
            "",
            "line 16: cert is missing in [tls]; cert = \"kubernetes.pem\" would be right",
        ),
        (
            "ca = \"ca.pem\"",
            "ca = true",
            "line 17: ca in [tls] is true or false; a text in quotes would be right",
        ),
        (
            "ca = \"ca.pem\"",
            "ca = \"{member}.pem\"",
            "line 17: ca is one for all members; {member} may stand in cert and key only",
        ),
        (
            "\"/var/lib/etcd\"",
            "\"var/lib/etcd\"",
            "line 22: the data directory \"var/lib/etcd\" is no absolute path; \"/var/lib/etcd\" would be right",
        ),
        (
            "\"/var/lib/etcd\"",
            "\"/\"",
            "line 22: the data directory \"/\" is no absolute path; \"/var/lib/etcd\" would be right",
        ),
        (
            "\"/var/lib/etcd\"",
            "\"/my data\"",
            "line 22: the data directory \"/my data\" contains ' '; use letters, digits and '/', '.', '_', '-'",
        ),
        (
            "address = \"141.22.30.32\"",
            "adress = \"141.22.30.32\"",
            "line 29: unknown key \"adress\" in [[members]]; did you mean \"address\"?",
        ),
        (
            "address = \"141.22.30.35\"",
            "",
            "line 39: address is missing in [[members]]; address = \"192.0.2.32\" would be right",
        ),
        (
            "\"141.22.30.35\"",
            "\"141.22.30.352380\"",
            "line 41: the address \"141.22.30.352380\" is no IP address; is the ':' missing in 141.22.30.35:2380?",
        ),
        (
            "\"141.22.30.35\"",
            "\"141.22.30.34\"",
            "line 41: the address 141.22.30.34 is used twice; line 37 has it already, each member needs its own",
        ),
        (
            "\"icc-etcd-4\"",
            "\"icc-etcd-3\"",
            "line 40: the name icc-etcd-3 is used twice; line 36 has it already, each member needs its own",
        ),
        (
            "\"icc-etcd-4\"",
            "4",
            "line 40: name in [[members]] is a number; a text in quotes would be right",
        ),
        (
            "\"icc-etcd-4\"",
            "\"icc-etcd-4\"\nssh_host = \"a;reboot\"",
            "line 41: the host \"a;reboot\" contains ';'; use letters, digits and '.', '_', '-'",
        ),
    ];
    for (from, to, want) in cases {
        assert!(SAMPLE.contains(from), "{from}");
        assert_eq!(refusal(&SAMPLE.replacen(from, to, 1)), want);
    }
}

#[test]
fn no_members_is_refused_with_the_way_out() {
    let (head, _) = SAMPLE.split_once("[[members]]").unwrap();
    assert!(refusal(head).starts_with("members is missing at the top; "));
    let none = head.replacen("version = 1", "version = 1\nmembers = []", 1);
    assert_eq!(
        refusal(&none),
        "line 4: there are no members; five [[members]] tables would be right, three at least"
    );
}

#[test]
fn a_size_that_gains_nothing_is_warned_about() {
    let (head, _) = SAMPLE.split_once("[[members]]").unwrap();
    let cases: [(usize, &[&str]); 7] = [
        (1, &["1 member survives no loss; 3 survive the loss of 1, 5 of 2"]),
        (2, &["2 members survive no loss, as 1 does; 3 survive 1"]),
        (3, &[]),
        (4, &["4 members survive the loss of 1, as 3 do; 5 survive 2"]),
        (6, &["6 members survive the loss of 2, as 5 do; 7 survive 3"]),
        (7, &[]),
        (9, &["9 members are many: every write waits for 5; etcd advises 7 at most"]),
    ];
    for (size, want) in cases {
        let members: Vec<_> = (1..=size)
            .map(|n| format!("[[members]]\nname = \"n{n}\"\naddress = \"10.0.0.{n}\"\n"))
            .collect();
        let members = members.concat();
        let read = read(&format!("{head}{members}"), Path::new("/"), None).unwrap();
        assert_eq!(read.warnings, want, "{size}");
    }
}

#[test]
fn paths_start_at_the_file_or_at_home() {
    let text = SAMPLE.replacen("# identity", "identity", 1).replacen("\"ca.pem\"", "\"/x/ca\"", 1);
    let at = |home| read(&text, Path::new("/lab"), home);
    let cluster = at(Some(Path::new("/home/kim"))).unwrap().cluster;
    assert_eq!(cluster.login.identity.unwrap(), Path::new("/home/kim/.ssh/id_ed25519"));
    assert_eq!(cluster.tls.ca, Path::new("/x/ca"));
    assert_eq!(
        at(None).unwrap_err().to_string(),
        "line 11: the path \"~/.ssh/id_ed25519\" needs a home directory, and there is none; \
         write it from / on"
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_read() {
    let text = format!("\u{feff}{}", SAMPLE.replace('\n', "\r\n"));
    assert_eq!(read(&text, Path::new("/lab"), None).unwrap().cluster, lab());
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?"
}

fn login_of() -> impl Strategy<Value = Login> {
    let path =
        || proptest::option::of("/[a-zäß \"'\\\\{}=#]{1,12}").prop_map(|p| p.map(Into::into));
    (
        proptest::option::of("[a-z][a-z0-9._-]{0,8}"),
        proptest::option::of(1..u16::MAX),
        path(),
        path(),
    )
        .prop_map(|(user, port, identity, known_hosts)| Login {
            user,
            port,
            identity,
            known_hosts,
        })
}

fn member_of(host: u8) -> impl Strategy<Value = Member> {
    (name(), any::<bool>(), login_of(), proptest::option::of("[a-z][a-z0-9.:-]{0,12}")).prop_map(
        move |(name, v6, login, ssh_host)| {
            let address = if v6 { format!("2001:db8::{host}") } else { format!("10.0.0.{host}") };
            let name = format!("n{host}-{name}").parse::<MemberName>().unwrap();
            Member { name, address: address.parse::<Address>().unwrap(), login, ssh_host }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(
        name in name(),
        token in "[A-Za-z0-9._-]{1,20}",
        login in login_of(),
        files in ["/[ -~]{1,20}", "/[ -~ä]{1,20}", "/[a-z]{1,9}/\\{member\\}[.]pem"],
        data_dir in "/[a-z0-9_-]{1,9}",
        members in (1_u8..8).prop_flat_map(|n| (1..=n).map(member_of).collect::<Vec<_>>()),
    ) {
        let [ca, cert, key] = files.map(std::path::PathBuf::from);
        let cluster = Cluster {
            name: name.parse().unwrap(),
            token: token.parse().unwrap(),
            login,
            tls: TlsPaths { ca, cert, key },
            data_dir: data_dir.into(),
            members,
        };
        let text = write(&cluster);
        let again = read(&text, Path::new("/elsewhere"), None);
        prop_assert_eq!(again.map(|read| read.cluster), Ok(cluster), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", cut in 0..SAMPLE.len()) {
        let head = SAMPLE.get(..cut).unwrap_or(SAMPLE);
        let _ = read(&format!("{head}{text}"), Path::new("/"), None);
    }
}

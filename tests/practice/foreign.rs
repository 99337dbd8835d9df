//! Data of another cluster on one node: refused, untouched, and moved aside on request.

use super::lab::Lab;

const NODE: &str = "icc-etcd-2";

/// A cluster of one, as a curious person or a package's own start leaves it.
const LONE: &str = "\
printf 'ETCD_NAME=\"lone\"\\nETCD_DATA_DIR=\"/var/lib/etcd\"\\n' >>/etc/default/etcd
systemctl start etcd
ETCDCTL_API=3 etcdctl --endpoints http://localhost:2379 put kept yes
ETCDCTL_API=3 etcdctl --endpoints http://localhost:2379 endpoint status -w json
";

/// A 64-bit ID after that key in etcdctl's JSON, as etcd's tables write it.
fn id(json: &str, key: &str) -> String {
    let (_, rest) = json.split_once(&format!("\"{key}\":")).expect("that ID");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    format!("{:x}", digits.parse::<u64>().expect("a number"))
}

pub(crate) fn promise_4_nothing_is_deleted_data_of_another_cluster_is_refused_then_moved_aside(
    lab: &Lab,
) {
    lab.taken_back(false);
    let json = lab.on(NODE, LONE);
    let (cluster, member) = (id(&json, "cluster_id"), id(&json, "member_id"));
    let whose = format!("{NODE} has data of member {member} of cluster {cluster}");
    let file = lab.file();
    let up = |more: &[&str]| lab.quorate(&[&["up", &file, "--plain", "--yes"], more].concat());

    let before = lab.everything();
    up(&[]).exits(3).says(&whose).says("etcd runs on it").says(&format!("--move-aside {NODE}"));
    up(&["--move-aside", "icc-etcd-3"]).exits(3).says(&whose);
    assert_eq!(lab.everything(), before, "while it runs");
    lab.on(NODE, "systemctl stop etcd\n");
    let before = lab.everything();
    up(&[]).exits(3).says(&whose).says("etcd does not run");
    assert_eq!(lab.everything(), before, "while it is stopped");

    lab.on(NODE, "systemctl start etcd\n");
    let inode = lab.on(NODE, "stat -c %i /var/lib/etcd/member\n");
    up(&["--move-aside", NODE]).exits(0).says("practice is healthy");
    let newest = "$(ls -d /var/lib/etcd.2*Z | tail -1)";
    assert_eq!(lab.on(NODE, &format!("stat -c %i {newest}/member\n")), inode);
    let settings = lab.on(NODE, "cat $(ls -d /etc/default/etcd.2*Z | tail -1)\n");
    assert!(settings.contains("ETCD_NAME=\"lone\""), "{settings}");
    // It is whole: etcd starts on it, and has what was written.
    let old = format!(
        "cp -a {newest} /root/old; set -e\n\
         etcd --name lone --data-dir /root/old --listen-peer-urls http://localhost:3380 \\\n\
         \x20 --listen-client-urls http://localhost:3379 \\\n\
         \x20 --advertise-client-urls http://localhost:3379 >/dev/null 2>&1 &\n\
         for n in $(seq 100); do\n\
         \x20 ETCDCTL_API=3 etcdctl --endpoints http://localhost:3379 get kept 2>/dev/null && break\n\
         \x20 sleep 0.1\n\
         done\n\
         kill $!; wait $! || :; rm -r /root/old\n"
    );
    assert_eq!(lab.on(NODE, &old), "kept\nyes");
}

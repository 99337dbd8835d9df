//! `reset` takes back what `up` made, and deletes nothing.

use super::lab::Lab;

pub(crate) fn promise_4_nothing_is_deleted_reset_moves_aside_and_up_is_healthy_again(lab: &Lab) {
    lab.healthy();
    let refused = lab.quorate(&["reset", &lab.file(), "--plain", "--confirm", "other"]);
    refused.exits(3).says("nothing was changed");
    lab.quorate(&["reset", &lab.file(), "--plain"]).exits(3).says("--confirm practice");

    let count = "ls -d /var/lib/etcd.2*Z 2>/dev/null | wc -l\n";
    let before = lab.on_all(count);
    let inodes = lab.on_all("stat -c %i /var/lib/etcd/member\n");
    let ran = lab.quorate(&["reset", &lab.file(), "--plain", "--confirm", "practice"]);
    ran.exits(0).says("moved aside, not deleted");

    for (node, old) in before {
        let old: u32 = old.parse().expect("a number");
        assert_eq!(lab.on(node, count), (old + 1).to_string(), "{node}");
        let aside = lab.on(
            node,
            "dir=$(ls -d /var/lib/etcd.2*Z | tail -1)\n\
             stat -c '%U %a' $dir; stat -c %i $dir/member; ls $dir/member\n\
             for key in /etc/etcd/*; do case $key in *key*) stat -c '%a' $key ;; esac; done\n",
        );
        let mut lines = aside.lines();
        assert_eq!(lines.next(), Some("etcd 700"), "{node}: {aside}");
        assert_eq!(lines.next(), Some(inodes[node].as_str()), "moved, not copied: {node}");
        assert_eq!((lines.next(), lines.next()), (Some("snap"), Some("wal")), "{node}: {aside}");
        let modes: Vec<_> = lines.collect();
        assert!(!modes.is_empty(), "{node}: the key is kept");
        assert!(modes.iter().all(|mode| mode.ends_with('0')), "{node}: {modes:?}");
        assert_eq!(lab.on(node, "systemctl is-active etcd || true\n"), "inactive");
        assert_eq!(lab.on(node, "ls /etc/etcd | grep 'pem$' || :\n"), "", "{node}");
    }
    lab.quorate(&["up", &lab.file(), "--plain", "--yes"]).exits(0).says("practice is healthy");
    assert!(lab.on_all(count).values().all(|n| n != "0"), "the old data is still there");
}

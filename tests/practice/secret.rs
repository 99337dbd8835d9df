//! A key is nobody's to see, at no moment and in no place.

use std::{
    fs,
    io::Write,
    process::{Child, Stdio},
};

use super::lab::{Lab, until};

/// Looks again and again until told to stop, and says all that is wrong. Its own needles are in a
/// file, so that it does not find itself.
const WATCH: &str = r#"
echo watching
n=0 seen=0
until [ -e /run/watched ]; do
  n=$((n + 1))
  for f in /etc/etcd/*key.pem* /etc/etcd/.*key.pem*; do
    mode=$(stat -c '%a %u:%G %s' "$f" 2>/dev/null) || continue
    seen=$((seen + 1))
    case $mode in
      '600 0:root '*|'640 0:etcd '*) ;;
      '600 0:etcd '*) ;;  # between chown and chmod
      *) echo "wrong: $f $mode" ;;
    esac
  done
  grep -rlFf /run/needles /tmp /var/tmp /dev/shm 2>/dev/null | sed 's/^/wrong: key in /'
  cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' |
    grep -Ff /run/needles | sed 's/^/wrong: process /'
done
echo "looked $n times, saw it $seen times"
"#;

fn watcher(lab: &Lab, node: &str) -> Child {
    let needles = lab.key_lines().join("\n");
    let script = format!("umask 077; cat >/run/needles <<'EOF'\n{needles}\nEOF\n{WATCH}");
    let mut ssh = lab.ssh(node);
    let ssh = ssh.arg("cat >/run/watch; sh /run/watch").stdin(Stdio::piped());
    let mut child = ssh.stdout(Stdio::piped()).spawn().expect("ssh");
    child.stdin.take().expect("its input").write_all(script.as_bytes()).expect("the script");
    child
}

pub(crate) fn promise_6_no_key_is_seen_by_others_at_any_moment(lab: &Lab) {
    const NODE: &str = "icc-etcd-1";
    lab.fresh();
    let watcher = watcher(lab, NODE);
    until("the watcher", || lab.tries(NODE, "pgrep -f /run/watch\n").status.success());
    let ran = lab.quorate(&["up", &lab.file(), "--json", "--yes"]);
    let reset = lab.quorate(&["reset", &lab.file(), "--json", "--confirm", "practice"]);
    let again = lab.quorate(&["up", &lab.file(), "--plain", "-v", "--yes"]);
    lab.on(NODE, "touch /run/watched\n");
    let said = watcher.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(!said.contains("wrong"), "{said}");
    let numbers = said.lines().last().expect("its last words");
    println!("the watcher {numbers}");
    let counts = numbers.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok());
    let counts: Vec<u32> = counts.collect();
    assert!(counts.len() == 2 && counts.iter().all(|n| *n > 10), "{said}");

    for ran in [&ran, &reset, &again] {
        ran.exits(0);
    }
    let mut told = vec![ran.all(), reset.all(), again.all()];
    told.extend(files_under(lab.state()));
    assert!(told.iter().any(|t| t.contains("<kubernetes-key.pem: ")), "its place is shown");
    for line in lab.key_lines() {
        assert!(!told.iter().any(|text| text.contains(&line)), "a line of the key is told");
    }
}

/// The content of every file there.
fn files_under(dir: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory").flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files_under(&path),
            path => vec![fs::read_to_string(path).expect("a text")],
        })
        .collect()
}

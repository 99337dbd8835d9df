//! What a person's shell says, read line by line for texts that are known: some mistakes leave
//! their only trace there (apt's refusals, etcdctl's).
//!
//! Findings come out, without a word that was typed; the bytes are the terminal's, and are kept
//! nowhere.

use crate::{cluster::MemberName, diagnose, event::Finding, remote::clean};

/// Longest line that is read, in bytes.
const LONGEST: usize = 1024;
/// Of a flood only so many lines of each piece are read, the last ones.
const LINES: usize = 64;

/// Listens to one shell.
#[derive(Debug)]
pub struct Overheard {
    node: MemberName,
    partial: Vec<u8>,
}

impl Overheard {
    /// To a shell on that node.
    #[must_use]
    pub fn on(node: MemberName) -> Self {
        Self { node, partial: Vec::new() }
    }

    /// What the bytes mean that it wrote, as far as that is known.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<Finding> {
        let mut pieces = bytes.split(|byte| b"\r\n".contains(byte)).peekable();
        let mut lines = Vec::new();
        while let Some(piece) = pieces.next() {
            let room = LONGEST.saturating_sub(self.partial.len());
            self.partial.extend(piece.iter().take(room));
            if pieces.peek().is_some() {
                lines.push(std::mem::take(&mut self.partial));
            }
        }
        let first = lines.len().saturating_sub(LINES);
        let last = lines.iter().skip(first).map(|line| clean::line(line));
        let last: Vec<_> = last.filter(|line| !line.is_empty()).collect();
        let texts: Vec<_> = last.iter().map(String::as_str).collect();
        diagnose::overheard(&self.node, &texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labs_own_lines_are_overheard_in_any_pieces() {
        let apt = "root@n1:~# apt-get install etcd\r\nReading package lists... Done\r\n\
                   \x1b[1mE: \x1b[0mPackage 'etcd' has no installation candidate\r\n";
        for cut in 0..apt.len() {
            let (first, second) = apt.split_at(cut);
            let mut shell = Overheard::on("n1".parse().unwrap());
            let found = [shell.hear(first.as_bytes()), shell.hear(second.as_bytes())].concat();
            let ids: Vec<_> = found.iter().map(|f| f.id.as_str()).collect();
            assert_eq!(ids, ["no-candidate"], "{cut}");
        }
        for (said, id) in [
            ("Error: unknown flag: --ca-file\n", "etcdctl-other-api"),
            ("flag provided but not defined: -insecure-transport\n", "etcdctl-other-api"),
            ("open /etc/etcd/etcd.pem: no such file or directory\n", "file-missing"),
        ] {
            let found = Overheard::on("n1".parse().unwrap()).hear(said.as_bytes());
            assert_eq!(found.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), [id], "{said}");
        }
    }

    #[test]
    fn promise_6_nothing_that_was_typed_comes_out() {
        let said = "# apt-get install s3cret\nE: Unable to locate package s3cret\n\
                    Error: unknown flag: --s3cret\nopen /tmp/s3cret: no such file or directory\n";
        let found = Overheard::on("n1".parse().unwrap()).hear(said.as_bytes());
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
    }

    #[test]
    fn a_flood_costs_little_and_is_not_kept() {
        let mut shell = Overheard::on("n1".parse().unwrap());
        assert!(shell.hear(&vec![b'x'; 1_000_000]).is_empty());
        assert!(shell.partial.len() <= LONGEST);
    }
}

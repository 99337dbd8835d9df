//! Words that are replaced, each by the same wherever it stands.

use std::{collections::BTreeMap, net::IpAddr};

/// What follows a name and a dot, and is no domain.
const ENDINGS: [&str; 14] = [
    "pem", "crt", "key", "csr", "p12", "toml", "service", "tar", "gz", "log", "md", "txt", "new",
    "etcd",
];

/// The words, and what stands for each.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// In small letters.
    known: BTreeMap<String, String>,
    domains: Vec<String>,
    strangers: BTreeMap<IpAddr, String>,
    hosts: BTreeMap<String, String>,
    people: BTreeMap<String, String>,
}

/// What stands for the body of a certificate.
const LEFT_OUT: &str = "(left out)\n";

/// Whether it is a line of base64, as a certificate has them.
fn sealed(line: &str) -> bool {
    let letters = line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    line.len() >= 60
        && letters
        && !line.starts_with('/')
        && line.bytes().any(|b| b.is_ascii_uppercase())
}

/// What a name consists of: letters, digits, `-`, and `_` in those of people.
fn of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

impl Words {
    pub(super) fn name(&mut self, old: &str, new: &str) {
        self.known.entry(old.to_lowercase()).or_insert_with(|| new.to_owned());
    }

    pub(super) fn name_unless(&mut self, old: &str, new: &str, everybodys: &[&str]) {
        if !everybodys.contains(&old.to_lowercase().as_str()) {
            self.name(old, new);
        }
    }

    pub(super) fn address(&mut self, old: IpAddr, new: &str) {
        self.strangers.insert(old, new.to_owned());
    }

    pub(super) fn known(&self, name: &str) -> Option<String> {
        self.known.get(&name.to_lowercase()).cloned()
    }

    /// A host's name, with or without its domain.
    pub(super) fn host(&mut self, host: &str, new: &str) {
        let (first, domain) = host.split_once('.').unwrap_or((host, ""));
        if first.is_empty() || matches!(first, "localhost") {
            return;
        }
        self.name(first, new);
        self.domain(domain);
    }

    fn domain(&mut self, domain: &str) {
        let domain = domain.trim_matches('.').to_lowercase();
        if !domain.is_empty() && !self.domains.contains(&domain) {
            self.domains.push(domain);
            // The longest first: one may end with another.
            self.domains.sort_by_key(|d| std::cmp::Reverse(d.len()));
        }
    }

    /// Learns the domains that follow names.
    pub(super) fn learn_domains(&mut self, text: &str) {
        for word in text.split(|c: char| !of_name(c) && c != '.') {
            let Some((first, rest)) = word.split_once('.') else { continue };
            let last = rest.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            let ending = ENDINGS.contains(&last) || last.bytes().all(|b| b.is_ascii_digit());
            if self.known.contains_key(&first.to_lowercase()) && !ending {
                self.domain(rest);
            }
        }
    }

    /// The text with every word replaced, and without the certificates in it: names are in them
    /// too, in letters that nobody reads.
    pub(super) fn replace(&mut self, text: &str) -> String {
        let (mut new, mut inside) = (String::with_capacity(text.len()), false);
        for line in text.split_inclusive('\n') {
            let bare = line.trim();
            if bare.starts_with("-----END ") {
                inside = false;
            }
            if inside || sealed(bare) {
                if !new.ends_with(LEFT_OUT) {
                    new.push_str(LEFT_OUT);
                }
            } else {
                new.push_str(&self.line(line));
            }
            inside |= bare.starts_with("-----BEGIN ");
        }
        new
    }

    fn line(&mut self, text: &str) -> String {
        let mut new = String::with_capacity(text.len());
        let mut left = text;
        while let Some(first) = left.chars().next() {
            let word_char = |c: char| of_name(c) || c == '.' || c == ':';
            if !word_char(first) {
                new.push(first);
                left = left.get(first.len_utf8()..).unwrap_or_default();
                continue;
            }
            let end = left.find(|c| !word_char(c)).unwrap_or(left.len());
            let (word, rest) = left.split_at(end);
            // Nobody's home is anybody's business.
            if new.ends_with("/home/") || new.ends_with("/Users/") {
                let nth = self.people.len() + 1;
                let known = self.known.get(&word.to_lowercase()).cloned();
                let person = self.people.entry(word.to_owned());
                new.push_str(person.or_insert_with(|| known.unwrap_or(format!("person-{nth}"))));
            } else {
                new.push_str(&self.word(word));
            }
            left = rest;
        }
        new
    }

    /// A run of letters, digits, dots and colons.
    fn word(&mut self, word: &str) -> String {
        if let Some(new) = self.as_address(word) {
            return new;
        }
        if word.contains(':') {
            // host:port, name=https://…, times, MAC addresses.
            let parts: Vec<_> = word.split(':').map(|part| self.part(part)).collect();
            return parts.join(":");
        }
        self.part(word)
    }

    fn as_address(&mut self, word: &str) -> Option<String> {
        let bare = word.trim_end_matches(['.', ':']);
        let tail = word.get(bare.len()..).unwrap_or_default();
        let ip: IpAddr = bare.parse().ok()?;
        let everywhere = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
        // Two groups of an address of version 6 are more often a time, or a module's name.
        if everywhere || ip.is_ipv6() && bare.matches(':').count() < 3 && !bare.contains("::") {
            return Some(word.to_owned());
        }
        let nth = self.strangers.len() + 1;
        let new = self.strangers.entry(ip).or_insert_with(|| match ip {
            IpAddr::V4(_) => format!("198.51.100.{nth}"),
            IpAddr::V6(_) => format!("2001:db8::{nth:x}"),
        });
        Some(format!("{new}{tail}"))
    }

    /// An address whose port follows without its colon, as in the lab's own text.
    fn mistyped(&mut self, word: &str) -> Option<String> {
        let (net, last) = word.trim_end_matches('.').rsplit_once('.')?;
        let digits = last.bytes().take_while(u8::is_ascii_digit).count();
        if net.split('.').count() != 3 || digits != last.len() {
            return None;
        }
        let ip = |of: usize| format!("{net}.{}", last.get(..of)?).parse::<IpAddr>().ok();
        let known = |of: &usize| ip(*of).is_some_and(|ip| self.strangers.contains_key(&ip));
        let ends = (1..=3).rev().find(known).or((1..=3).rev().find(|of| ip(*of).is_some()))?;
        let new = self.as_address(&ip(ends)?.to_string())?;
        Some(new + word.get(net.len() + 1 + ends..).unwrap_or_default())
    }

    /// A run of letters, digits and dots.
    fn part(&mut self, part: &str) -> String {
        if let Some(new) = self.as_address(part).or_else(|| self.mistyped(part)) {
            return new;
        }
        let bare = part.trim_end_matches('.');
        let tail = part.get(bare.len()..).unwrap_or_default();
        let small = bare.to_lowercase();
        for domain in &self.domains {
            if small == *domain {
                return format!("example.net{tail}");
            }
            let Some(host) = small.strip_suffix(domain).and_then(|h| h.strip_suffix('.')) else {
                continue;
            };
            let nth = self.hosts.len() + 1;
            let known = self.known.get(host).cloned();
            let new = self.hosts.entry(host.to_owned());
            let new = new.or_insert_with(|| known.unwrap_or(format!("host-{nth}")));
            return format!("{new}.example.net{tail}");
        }
        let pieces: Vec<_> = bare.split('.').map(|piece| self.piece(piece)).collect();
        pieces.join(".") + tail
    }

    /// A run of letters, digits, `-` and `_`: a name, or one inside of a longer word.
    fn piece(&self, piece: &str) -> String {
        if let Some(new) = self.known.get(&piece.to_lowercase()) {
            return new.clone();
        }
        let mut new = piece.to_owned();
        // `icc-etcd-1-key`: the longest name first.
        let mut names: Vec<_> = self.known.iter().collect();
        names.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        for (old, stand_in) in names {
            new = inside(&new, old, stand_in);
        }
        new
    }
}

/// Replaces a name that is a whole part of a longer word, between `-` and `_`.
fn inside(word: &str, old: &str, new: &str) -> String {
    let small = word.to_lowercase();
    if small.len() != word.len() {
        return word.to_owned();
    }
    let (mut out, mut from) = (String::new(), 0);
    for (at, _) in small.match_indices(old) {
        let ends = at + old.len();
        let before = small.get(..at).is_none_or(|b| !b.ends_with(char::is_alphanumeric));
        let after = small.get(ends..).is_none_or(|a| !a.starts_with(char::is_alphanumeric));
        if at >= from && before && after {
            out.push_str(word.get(from..at).unwrap_or_default());
            out.push_str(new);
            from = ends;
        }
    }
    out + word.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_wherever_they_stand() {
        let mut words = Words::default();
        words.name("icc-etcd-1", "node-1");
        words.name("icc-etcd", "cluster");
        words.name("ops", "user");
        words.address("198.18.30.32".parse().unwrap(), "192.0.2.1");
        words.host("icc-etcd-1.icc.example", "node-1");
        words.learn_domains("via bastion.lab.test and ICC-etcd-1.rz.uni.test.");
        for (old, new) in [
            ("icc-etcd-1=https://198.18.30.32:2380,x", "node-1=https://192.0.2.1:2380,x"),
            ("raft: icc-etcd-1.", "raft: node-1."),
            ("https://198.18.30.322380 has no colon", "https://192.0.2.12380 has no colon"),
            ("ops@ICC-ETCD-1 tops", "user@node-1 tops"),
            ("icc-etcd-1-key.pem", "node-1-key.pem"),
            ("icc-etcd-10", "cluster-10"),
            ("icc-etcd-1.icc.example:22", "node-1.example.net:22"),
            ("gate.icc.example", "host-2.example.net"),
            ("x.rz.uni.test", "host-3.example.net"),
            ("/home/marv/icc-etcd/ca.pem", "/home/person-1/cluster/ca.pem"),
            ("from 10.1.2.3 and 10.1.2.3:22", "from 198.51.100.2 and 198.51.100.2:22"),
            (
                "127.0.0.1:2379 0.0.0.0 12:03:31 etcd 3.4.23-4+b4",
                "127.0.0.1:2379 0.0.0.0 12:03:31 etcd 3.4.23-4+b4",
            ),
            (
                "a\n-----BEGIN CERTIFICATE-----\nMIIBkDCC\nATag==\n-----END CERTIFICATE-----\nb icc-etcd",
                "a\n-----BEGIN CERTIFICATE-----\n(left out)\n-----END CERTIFICATE-----\nb cluster",
            ),
            ("fe80::1%eth0 [2a02::5]:2380", "2001:db8::3%eth0 [2001:db8::4]:2380"),
        ] {
            assert_eq!(words.replace(old), new);
        }
    }
}

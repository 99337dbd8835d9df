//! What a paste means: the lab's `ETCD_INITIAL_CLUSTER`, an /etc/hosts, or lines of name and address.

use std::collections::BTreeSet;

use super::rows::proposed;
use crate::cluster::{Login, MemberName};

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// Names and addresses; they may have typos still.
    pub rows: Vec<(String, String)>,
    /// Names that ssh knows by another word, such as a full domain name.
    pub aliases: Vec<(MemberName, String)>,
    /// Whom to log in as, where that was before a host.
    pub users: BTreeSet<String>,
    /// The same in a sentence.
    pub says: String,
}

/// Rows are bounded: what is pasted may be anything.
const MOST: usize = 15;

/// Reads a paste.
#[must_use]
pub fn read_pasted(text: &str) -> Pasted {
    let (users, text) = &without_users(text);
    let mut aliases = Vec::new();
    let mut rows = if text.contains("=http") { initial_cluster(text) } else { lines(text) };
    let mut named_here = false;
    if rows.is_empty() {
        rows = addresses(text);
        named_here = !rows.is_empty();
    }
    if rows.is_empty() {
        aliases = words(text);
        rows = aliases.iter().map(|(name, _)| (name.to_string(), String::new())).collect();
        aliases.retain(|(name, alias)| name.as_str() != alias);
    }
    rows.truncate(MOST);
    let says = match rows.len() {
        0 => "No member in that: one line each, with a name and an address.".to_owned(),
        n if rows.iter().all(|(_, address)| address.is_empty()) => {
            format!("From what you pasted: {n} names; your ssh config is asked for each")
        }
        n if text.contains("=http") => {
            format!("From what you pasted (ETCD_INITIAL_CLUSTER): {n} members")
        }
        n if named_here => {
            format!("From what you pasted: {n} addresses; the names are my proposal")
        }
        n => format!("From what you pasted: {n} members"),
    };
    Pasted { rows, aliases, users: users.clone(), says }
}

/// A host, and who is before it as ssh is told: `user@host`.
pub(super) fn with_user(word: &str) -> Option<(&str, &str)> {
    let (user, host) = word.rsplit_once('@')?;
    let some = !user.is_empty() && !host.trim().is_empty();
    (some && Login::of(user).is_ok()).then_some((user, host))
}

/// Who is before the hosts, and the text without them and without comments.
fn without_users(text: &str) -> (BTreeSet<String>, String) {
    let mut users = BTreeSet::new();
    let mut rest = String::new();
    for line in text.split_inclusive('\n') {
        let said = line.split('#').next().unwrap_or_default();
        for word in said.split_inclusive([' ', '\t', ',', ';', '\n']) {
            let host = with_user(word).map(|(user, host)| {
                users.insert(user.to_owned());
                host
            });
            rest.push_str(host.unwrap_or(word));
        }
        if said.len() < line.len() {
            rest.push('\n');
        }
    }
    (users, rest)
}

/// Host aliases, and the names they give their members: each line one word, or all in one line.
fn words(text: &str) -> Vec<(MemberName, String)> {
    let words: Vec<_> =
        text.split([' ', '\t', ',', ';', '\n', '\r']).filter(|w| !w.is_empty()).collect();
    let line_by_line = text.lines().all(|line| line.split_whitespace().count() <= 1);
    // A sentence is no list of hosts; aliases in one line look alike.
    let looks_like_host =
        |word: &str| word.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    if !line_by_line && !words.iter().all(|word| looks_like_host(word)) {
        return Vec::new();
    }
    let read = |word: &str| {
        let name = word.split('.').next().unwrap_or_default().parse().ok()?;
        Some((name, word.to_owned()))
    };
    // One word that is none makes it something else.
    words.into_iter().map(read).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// `name=https://address:2380,…`, with or without the variable's name and quotes around it.
fn initial_cluster(text: &str) -> Vec<(String, String)> {
    let list = text.rsplit_once("INITIAL_CLUSTER=").map_or(text, |(_, list)| list);
    let parts = list.split([',', '"', '\'', '\n', ' ', '\\']);
    let pairs = parts.filter_map(|part| part.trim().split_once("=http"));
    pairs
        .map(|(name, url)| {
            let address = url.trim_start_matches('s').trim_start_matches("://");
            (name.trim().to_owned(), without_port(address).to_owned())
        })
        .collect()
}

/// The address of a URL. A port that is there is right or etcd's own business; one that is not, is
/// the typo.
fn without_port(address: &str) -> &str {
    address.trim_end_matches('/').trim_end_matches(":2380")
}

/// Addresses and nothing else, in lines or in one, or URLs of them: they get names of the lab's kind.
fn addresses(text: &str) -> Vec<(String, String)> {
    let words = text.split([' ', '\t', '\n', ',', ';', '"', '\'']);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    if !words.iter().all(|word| looks_like_address(word)) {
        return Vec::new();
    }
    let bare = |word: &str| {
        let address = word.trim_start_matches("https://").trim_start_matches("http://");
        without_port(address).to_owned()
    };
    (1..).zip(words).map(|(n, word)| (proposed(n), bare(word))).collect()
}

/// A name and an address in each line, in either order.
fn lines(text: &str) -> Vec<(String, String)> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
            let (first, second) = (words.next()?, words.next()?);
            match (looks_like_address(first), looks_like_address(second)) {
                (true, false) => Some((second.to_owned(), first.to_owned())),
                (false, true) => Some((first.to_owned(), second.to_owned())),
                _ => None,
            }
        })
        .collect()
}

fn looks_like_address(word: &str) -> bool {
    word.contains(':') || word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_every_usual_form_are_understood() {
        let want = [("n1", "192.0.2.1"), ("n2", "192.0.2.2")];
        for text in [
            "ETCD_INITIAL_CLUSTER=\"n1=https://192.0.2.1:2380,n2=https://192.0.2.2:2380\"",
            "n1=https://192.0.2.1:2380,n2=https://192.0.2.2:2380/",
            "192.0.2.1 n1\n192.0.2.2\tn2 n2.example # the second\n",
            "n1, 192.0.2.1\nn2;192.0.2.2",
        ] {
            let rows = read_pasted(text).rows;
            let rows: Vec<_> = rows.iter().map(|(n, a)| (n.as_str(), a.as_str())).collect();
            assert_eq!(rows, want, "{text}");
        }
        assert_eq!(read_pasted("hello to the\nworld").rows, []);
    }

    #[test]
    fn bare_addresses_get_names_however_they_are_pasted() {
        let want = [("icc-etcd-1", "198.18.30.32"), ("icc-etcd-2", "198.18.30.33")];
        for text in [
            "198.18.30.32 198.18.30.33",
            "198.18.30.32, 198.18.30.33\n",
            "198.18.30.32\n198.18.30.33\n",
            "198.18.30.32   # the first\n\n198.18.30.33",
            "https://198.18.30.32:2380,https://198.18.30.33:2380/",
        ] {
            let pasted = read_pasted(text);
            let rows: Vec<_> = pasted.rows.iter().map(|(n, a)| (n.as_str(), a.as_str())).collect();
            assert_eq!(rows, want, "{text}");
            assert!(pasted.aliases.is_empty() && pasted.says.contains("2 addresses"), "{text}");
        }
        // One that lacks its colon stays to be pointed at; IPv6 are addresses, too.
        let rows = read_pasted("198.18.30.352380 2001:db8::1").rows;
        let rows: Vec<_> = rows.iter().map(|(n, a)| (n.as_str(), a.as_str())).collect();
        assert_eq!(rows, [("icc-etcd-1", "198.18.30.352380"), ("icc-etcd-2", "2001:db8::1")]);
    }

    #[test]
    fn aliases_are_names_that_ssh_is_asked_for() {
        for text in ["n1 n2.lab.example\n", "n1\nn2.lab.example\n", "n1, n2.lab.example"] {
            let pasted = read_pasted(text);
            let names: Vec<_> = pasted.rows.iter().map(|(n, a)| (n.as_str(), a.as_str())).collect();
            assert_eq!(names, [("n1", ""), ("n2", "")], "{text}");
            let n2: MemberName = "n2".parse().unwrap();
            assert_eq!(pasted.aliases, [(n2, "n2.lab.example".to_owned())]);
        }
        assert_eq!(read_pasted("please do n1").rows, []);
        assert_eq!(read_pasted("rm -rf /").rows, []);
    }

    #[test]
    fn the_labs_missing_colon_stays_to_be_pointed_at() {
        let rows = read_pasted("n4=https://198.18.30.352380").rows;
        assert_eq!(rows, [("n4".to_owned(), "198.18.30.352380".to_owned())]);
    }
}

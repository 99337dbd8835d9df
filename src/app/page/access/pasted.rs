//! What machines say of their own host keys, as a person pastes it: lines of `ssh-keygen -lf`, with
//! prompts or names around them, bare fingerprints, public keys, lines of `known_hosts`.

use ssh_key::PublicKey;

use super::{keys, mark::focus, to_go};
use crate::{
    app::{Effect, Model},
    remote::host_keys,
};

/// The length of a SHA-256 sum in base64 without padding.
const SUM: usize = 43;

/// A key that was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastedKey {
    /// As `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// `ED25519`, `ECDSA`, `RSA`, if the line says it.
    pub kind: Option<&'static str>,
    /// The words around it: one of them may name a machine.
    pub words: Vec<String>,
}

/// What kind of key that word means.
#[must_use]
pub fn kind(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    ["ED25519", "ECDSA", "RSA", "DSA"]
        .into_iter()
        .find(|kind| {
            let kind = kind.to_ascii_lowercase();
            word.trim_matches(['(', ')']) == kind || word.starts_with(&format!("ssh-{kind}"))
        })
        .or_else(|| word.starts_with("ecdsa-sha2-").then_some("ECDSA"))
}

/// Every key in it. A line without one is taken as the prompt before those that follow.
#[must_use]
pub fn read_keys(text: &str) -> Vec<PastedKey> {
    let mut keys = Vec::new();
    let mut before = Vec::new();
    for line in text.split(['\r', '\n']) {
        let tokens: Vec<_> = line.split_whitespace().collect();
        let words: Vec<_> = line
            .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
            .map(|word| word.trim_matches(['.', '-']).to_ascii_lowercase())
            .filter(|word| !word.is_empty())
            .collect();
        let public = tokens.windows(2).find_map(|pair| {
            pair.join(" ").parse::<PublicKey>().ok().map(|key| host_keys::fingerprint(&key))
        });
        let bare = tokens.iter().find_map(|token| fingerprint(token));
        let Some(fingerprint) = public.or(bare) else {
            if !words.is_empty() {
                before = words;
            }
            continue;
        };
        let kind = tokens.iter().find_map(|token| kind(token));
        let words = words.into_iter().chain(before.iter().cloned()).collect();
        keys.push(PastedKey { fingerprint, kind, words });
    }
    keys
}

/// The fingerprint in a word, without what a sentence or padding puts around it.
fn fingerprint(word: &str) -> Option<String> {
    let (_, after) = word.split_once("SHA256:")?;
    let is_sum = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let sum: String = after.chars().take_while(is_sum).collect();
    (sum.len() == SUM).then(|| format!("SHA256:{sum}"))
}

/// A paste: what machines say of themselves. `None`: it has no key, and is for the field.
pub(crate) fn paste(model: &mut Model, text: &str) -> Option<Vec<Effect>> {
    let pasted = read_keys(text);
    if pasted.is_empty() {
        if model.typing() {
            return None;
        }
        let says = "There is no fingerprint in that: ssh-keygen -lf prints one, as SHA256:…";
        model.said = Some(says.to_owned());
        return Some(Vec::new());
    }
    model.access.pasted.extend(pasted);
    let before = to_go(model);
    keys::compare(model);
    let effects = keys::answer(model);
    let settled = before.saturating_sub(to_go(model));
    let wrong = model.access.keys.values().filter(|key| key.differs()).count();
    model.said = Some(match (settled, wrong) {
        (0, 0) => "None of the keys that are new is in what you pasted.".to_owned(),
        (n, 0) => format!("{n} {} as pasted, and accepted.", is_same(n)),
        (0, n) => format!("{n} not what you pasted: nothing is sent there.", n = is_are(n)),
        (n, m) => {
            format!("{n} {} as pasted; {} not: nothing is sent there.", is_same(n), is_are(m))
        }
    });
    // A comparison that is settled by it is over.
    model.dialogs.retain(|dialog| match dialog.compares() {
        Some(seen) => model.access.keys.get(&seen.host).is_some_and(|key| !key.accepted),
        None => true,
    });
    model.access.moved = false;
    focus(model);
    Some(effects)
}

fn is_same(n: usize) -> &'static str {
    if n == 1 { "is the same" } else { "are the same" }
}

fn is_are(n: usize) -> String {
    if n == 1 { "1 is".to_owned() } else { format!("{n} are") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAcHKJN4YCXSvBsCQBohlc251uqOSKGkGVfAFu0TdSF";

    #[test]
    fn every_form_in_which_a_key_is_pasted_is_understood() {
        let parsed: PublicKey = KEY.parse().unwrap();
        let sum = host_keys::fingerprint(&parsed);
        for (text, kind) in [
            (format!("256 {sum} root@n1 (ED25519)"), Some("ED25519")),
            (
                format!("root@n1:~# ssh-keygen -lf x.pub\r\n256 {sum} no comment (ED25519)\r\n"),
                Some("ED25519"),
            ),
            (format!("icc-etcd-2: {sum}="), None),
            (sum.clone(), None),
            (format!("  ({sum}),"), None),
            (KEY.to_owned(), Some("ED25519")),
            (format!("{KEY} root@n1"), Some("ED25519")),
            (format!("n1,10.0.0.1 {KEY}"), Some("ED25519")),
            (format!("|1|abc=|def= {KEY}"), Some("ED25519")),
            (format!("[n1]:2201 {KEY} x"), Some("ED25519")),
        ] {
            let keys = read_keys(&text);
            assert_eq!(keys.len(), 1, "{text}");
            assert_eq!((&keys[0].fingerprint, keys[0].kind), (&sum, kind), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in [
            "",
            "hello",
            "SHA256:short",
            "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
            "ssh-ed25519 AAAA",
            "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
            "198.18.30.32 198.18.30.33",
            "\u{1b}[31mSHA256:\u{7}",
        ] {
            assert_eq!(read_keys(text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn names_are_those_of_the_line_and_of_the_prompt_before_it() {
        let sum = format!("SHA256:{}", "a".repeat(SUM));
        let keys = read_keys(&format!("ops@icc-etcd-2:~$ sudo x\n256 {sum} y (RSA)\n[N3] {sum}"));
        assert!(keys[0].words.iter().any(|word| word.starts_with("icc-etcd-2")), "{keys:?}");
        assert_eq!(keys[0].kind, Some("RSA"));
        assert!(keys[1].words.iter().any(|word| word == "n3"), "{keys:?}");
    }
}

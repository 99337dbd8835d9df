//! Literal text with `{captures}`: enough to take a name out of a log line, and nothing to learn.

/// What was captured, by name.
pub(super) type Captures = Vec<(String, String)>;

/// Longest capture, in characters: a log line is anybody's text.
const LONGEST: usize = 120;

/// The captures, if the pattern's literal parts occur in the text in this order. A capture at the
/// end takes what is left of the word.
pub(super) fn find(pattern: &str, text: &str) -> Option<Captures> {
    let mut captures = Captures::new();
    let mut pieces = pattern.split('{');
    let mut rest = text.split_once(pieces.next()?)?.1;
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let (taken, after) = if literal.is_empty() {
            let end = rest.find(|c: char| c.is_whitespace() || "\"',;)".contains(c));
            rest.split_at(end.unwrap_or(rest.len()))
        } else {
            rest.split_once(literal)?
        };
        captures.push((name.to_owned(), taken.chars().take(LONGEST).collect()));
        rest = after;
    }
    Some(captures)
}

/// The text with its captures filled in; what was not captured is "…".
pub(super) fn fill(text: &str, captures: &[(String, String)]) -> String {
    let mut pieces = text.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, literal) = piece.split_once('}').unwrap_or((piece, ""));
        let value = captures.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        filled.push_str(value.map_or("…", String::as_str));
        filled.push_str(literal);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_end_at_the_next_literal_or_word() {
        let cases = [
            ("a {x} c", "say a b c", Some("b")),
            ("open {x}: denied", "open /etc/k: denied", Some("/etc/k")),
            ("not {x}", "valid, not 10.0.0.1\", more", Some("10.0.0.1")),
            ("a {x} c", "a b", None),
        ];
        for (pattern, text, want) in cases {
            let found = find(pattern, text).and_then(|c| c.first().map(|(_, v)| v.clone()));
            assert_eq!(found.as_deref(), want, "{pattern}");
        }
        assert_eq!(fill("{a} and {b}", &[("a".to_owned(), "1".to_owned())]), "1 and …");
    }
}

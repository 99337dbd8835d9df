//! Text in cells: how wide it is, cut or filled to a width, broken into lines.
//!
//! Everything shown went through the transport, which made it harmless; this is only about width.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells it takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text, or as much of it as fits with a `…` at its end.
pub(crate) fn fit(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut taken = 0;
    for cluster in text.graphemes(true) {
        taken += width(cluster);
        // One cell is for the sign that something is missing.
        if taken + 1 > cells {
            break;
        }
        cut.push_str(cluster);
    }
    if cells > 0 {
        cut.push('…');
    }
    cut
}

/// The text, or as much of its end as fits after a `…`.
pub(crate) fn fit_end(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut from = text.len();
    let mut taken = 1;
    for (at, cluster) in text.grapheme_indices(true).rev() {
        taken += width(cluster);
        if taken > cells {
            break;
        }
        from = at;
    }
    let end = text.get(from..).unwrap_or_default();
    if cells > 0 { format!("…{end}") } else { String::new() }
}

/// The text in exactly that many cells.
pub(crate) fn fill(text: &str, cells: usize) -> String {
    let mut text = fit(text, cells);
    text.push_str(&" ".repeat(cells.saturating_sub(width(&text))));
    text
}

/// The text at the right of that many cells.
pub(crate) fn right(text: &str, cells: usize) -> String {
    let text = fit(text, cells);
    " ".repeat(cells.saturating_sub(width(&text))) + &text
}

/// The words in lines of at most that many cells; what is longer than a line is broken. Names and
/// paths are not broken at their hyphens.
pub(crate) fn wrap(words: &str, cells: usize, first: &str, rest: &str) -> Vec<String> {
    let room = cells.max(width(rest) + 1);
    let options = textwrap::Options::new(room)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .initial_indent(first)
        .subsequent_indent(rest);
    textwrap::wrap(words, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// A line of code or of a log in lines of at most that many cells: broken where one may end, with
/// what follows a little further in, so that it reads as one.
pub(crate) fn broken(line: &str, cells: usize) -> Vec<String> {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    let inset = " ".repeat((blanks + 2).min(cells / 2));
    let mut lines = Vec::new();
    let mut left = line.to_owned();
    while width(&left) > cells {
        let least = if lines.is_empty() { blanks } else { inset.len() };
        let Some(at) = last_end(&left, cells, least) else { break };
        let rest = left.split_off(at);
        lines.push(left.trim_end().to_owned());
        left = format!("{inset}{}", rest.trim_start_matches(' '));
    }
    lines.push(left);
    lines
}

/// Where that line may end, in bytes: behind a blank or a comma, else a `=`, else wherever it is
/// full.
fn last_end(line: &str, cells: usize, least: usize) -> Option<usize> {
    let (mut good, mut sign, mut any, mut taken) = (None, None, None, 0);
    for (at, cluster) in line.grapheme_indices(true) {
        let end = at + cluster.len();
        taken += width(cluster);
        // A blank at the end needs no cell.
        if taken - usize::from(cluster == " ") > cells {
            break;
        }
        if end > least {
            any = Some(end);
            match cluster {
                " " | "," => good = Some(end),
                "=" => sign = Some(end),
                _ => {}
            }
        }
    }
    good.or(sign).or(any)
}

/// The words as a sentence begins with them.
pub(crate) fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Milliseconds as `0:21`, from an hour on `1:02:03`.
pub(crate) fn elapsed(ms: u64) -> String {
    let (s, m) = (ms / 1000 % 60, ms / 60_000);
    if m < 60 { format!("{m}:{s:02}") } else { format!("{}:{:02}:{s:02}", m / 60, m % 60) }
}

/// Milliseconds as `2.1 s`.
pub(crate) fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// Microseconds as `3 ms`, below one as `0.4 ms`.
pub(crate) fn millis(us: u64) -> String {
    let whole = us / 1000 + u64::from(us % 1000 >= 500);
    if us < 1000 { format!("0.{} ms", us / 100) } else { format!("{whole} ms") }
}

/// Bytes as etcd prints them: `20 kB`, `1.2 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((size, unit)) = units.into_iter().find(|(size, _)| bytes >= *size) else {
        return format!("{bytes} B");
    };
    let tenths = bytes / (size / 10);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", bytes / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_and_never_too_wide() {
        for (text, cells, want) in [
            ("icc-etcd-1", 10, "icc-etcd-1"),
            ("icc-etcd-1", 6, "icc-e…"),
            ("日本語", 4, "日…"),
            ("日本語", 5, "日本…"),
            ("e\u{301}tcd", 2, "e\u{301}…"),
            ("x", 0, ""),
        ] {
            assert_eq!(fit(text, cells), want, "{text:?} in {cells}");
            assert_eq!(width(&fill(text, cells)), cells, "{text:?} in {cells}");
        }
    }

    #[test]
    fn of_a_path_the_end_is_kept() {
        for (text, cells, want) in [
            ("~/icc-certs", 11, "~/icc-certs"),
            ("~/icc-certs", 8, "…c-certs"),
            ("/日本語", 4, "…語"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(fit_end(text, cells), want, "{text:?} in {cells}");
        }
    }

    #[test]
    fn no_width_breaks_the_breaking_of_lines() {
        for cells in 0..20 {
            let lines = wrap("日本語 averyveryverylongword and short", cells, "  ", "    ");
            assert!(!lines.is_empty());
        }
    }

    #[test]
    fn code_is_broken_where_a_word_an_address_or_a_flag_ends() {
        for (line, cells, want) in [
            ("  apt-get install etcd", 22, vec!["  apt-get install etcd"]),
            ("  sudo systemctl status etcd", 18, vec!["  sudo systemctl", "    status etcd"]),
            ("  --key=/etc/etcd/key.pem", 20, vec!["  --key=", "    /etc/etcd/key.pe", "    m"]),
            ("a=1.1.1.1,2.2.2.2,3.3.3.3", 18, vec!["a=1.1.1.1,2.2.2.2,", "  3.3.3.3"]),
            ("日本語", 4, vec!["日本", "  語"]),
        ] {
            assert_eq!(broken(line, cells), want, "{line:?} in {cells}");
        }
        for cells in 0..20 {
            let all = broken("  --etcd-servers=https://10.0.0.1:2379,日本語 x", cells).concat();
            assert_eq!(all.replace(' ', ""), "--etcd-servers=https://10.0.0.1:2379,日本語x");
        }
    }

    #[test]
    fn amounts_read_as_people_say_them() {
        assert_eq!(elapsed(21_400), "0:21");
        assert_eq!(elapsed(3_723_000), "1:02:03");
        assert_eq!(seconds(2_149), "2.1 s");
        assert_eq!((millis(3_400).as_str(), millis(400).as_str()), ("3 ms", "0.4 ms"));
        assert_eq!(millis(u64::MAX), "18446744073709552 ms");
        assert_eq!(bytes(u64::MAX), "18446744073 GB");
        assert_eq!((bytes(20_480).as_str(), bytes(1_200_000_000).as_str()), ("20 kB", "1.2 GB"));
    }
}

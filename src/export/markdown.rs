//! Markdown that says what was meant, whatever the text is.

use std::fmt::Write;

use pulldown_cmark::{Event, Options, Parser};

/// Text with nothing in it that Markdown or HTML would take for more than text.
pub(crate) fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#' | '&' | '~' => {
                safe.push('\\');
                safe.push(ch);
            }
            ch if ch.is_control() => safe.push(' '),
            ch => safe.push(ch),
        }
    }
    safe
}

/// A block of lines as they are, behind a fence that none of them can end.
pub(crate) fn fenced(language: &str, lines: &str) -> String {
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.trim_end_matches('\n'))
}

/// A row of a table; its cells are Markdown already.
pub(crate) fn row<I: IntoIterator<Item = S>, S: AsRef<str>>(cells: I) -> String {
    let mut row = "|".to_owned();
    for cell in cells {
        let _ = write!(row, " {} |", cell.as_ref());
    }
    row + "\n"
}

/// The first two rows of a table.
pub(crate) fn table_head(names: &[&str]) -> String {
    row(names) + &row(names.iter().map(|_| "---"))
}

/// As HTML. Markup in it stays text.
pub(crate) fn html(markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, parser);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was() {
        for hostile in ["*a* _b_ `c` <d> [e](f) | # g & \\ ~~h~~", "<script>alert(1)</script>"] {
            let html = html(&text(hostile));
            assert!(!html.contains("<s") && !html.contains("<em"), "{html}");
            let plain = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert_eq!(plain, format!("<p>{hostile}</p>\n"));
        }
    }

    #[test]
    fn no_line_ends_a_fence() {
        let lines = "a\n````\n</code></pre><script>\n";
        let html = html(&fenced("sh", lines));
        assert_eq!(html.matches("<pre>").count(), 1);
        assert!(html.contains("````\n&lt;/code&gt;"), "{html}");
    }
}

//! Distinguishes markup in a headline from text that looks like markup.
//!
//! The headline of RSS 2.0 is plain text, but many feeds write markup into it. `Option<T>` and `When to use <video>` are text;
//! `<b>now</b>` and `<img src="…">` are markup.

use std::collections::HashMap;

use super::elements::{IN_TITLES, IN_TITLES_WITH_ATTRIBUTES, VOID, has};
use super::visible_text::clean_line;
use crate::text::MAX_BYTES;
use crate::text::plain::cut_bytes;

/// Makes one line of a headline like [`clean_line`], but keeps text that only looks like a tag.
#[must_use]
pub(crate) fn title_line(text: &str) -> String {
    let text = cut_bytes(text, MAX_BYTES);
    let tags = tags(text);
    let mut pairs: HashMap<&str, Pair> = HashMap::new();
    for tag in &tags {
        let pair = pairs.entry(tag.name.as_str()).or_default();
        if tag.is_end {
            pair.last_end = Some(tag.at);
        } else {
            pair.has_attributes |= tag.has_attributes;
        }
    }
    let is_text = |tag: &&Tag| {
        let pair = pairs.get(tag.name.as_str()).copied().unwrap_or_default();
        let is_paired = pair.last_end.is_some_and(|end| end > tag.at);
        let is_complete = has(&tag.name, VOID) || tag.is_end || is_paired || tag.has_attributes || is_opening(tag);
        let is_markup = has(&tag.name, IN_TITLES) && is_complete
            || has(&tag.name, IN_TITLES_WITH_ATTRIBUTES) && (tag.has_attributes || tag.is_end && pair.has_attributes)
            || is_of_office(&tag.name);
        !(is_markup && tag.is_closed)
    };
    let (mut kept, mut done) = (String::with_capacity(text.len()), 0);
    for tag in tags.iter().filter(is_text) {
        kept.push_str(text.get(done..tag.at).unwrap_or_default());
        kept.push_str("&lt;");
        done = tag.at + 1;
    }
    kept.push_str(text.get(done..).unwrap_or_default());
    clean_line(&kept)
}

/// What a headline has of the tags with one name.
#[derive(Clone, Copy, Default)]
struct Pair {
    /// Offset of the last end tag.
    last_end: Option<usize>,
    has_attributes: bool,
}

/// A part of a headline that looks like a tag.
struct Tag {
    at: usize,
    name: String,
    is_end: bool,
    has_attributes: bool,
    /// It has a `>`.
    is_closed: bool,
}

fn tags(text: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('<') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let body = rest.strip_prefix('/').unwrap_or(rest);
        if !body.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = body.find(['<', '>']);
        let inside = end.and_then(|end| body.get(..end)).unwrap_or(body);
        let name_end = inside
            .find(|c: char| c.is_whitespace() || c == '/')
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        found.push(Tag {
            at,
            name: name.to_ascii_lowercase(),
            is_end: body.len() < rest.len(),
            has_attributes: attributes.contains('='),
            is_closed: end.is_some_and(|end| body.as_bytes().get(end) == Some(&b'>')),
        });
    }
    found
}

/// Whether the tag opens the headline, such as `<p>`; then it needs no end tag.
fn is_opening(tag: &Tag) -> bool {
    tag.at == 0 && matches!(tag.name.as_str(), "p" | "div" | "span")
}

/// Whether it is a tag of a word processor, such as `<o:p>`. `std::string` has two colons and is text.
fn is_of_office(name: &str) -> bool {
    name.split_once(':')
        .is_some_and(|(prefix, rest)| matches!(prefix, "o" | "v" | "w" | "st1" | "st2") && !rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_removed_and_text_that_looks_like_markup_is_kept() {
        for (text, expected) in [
            ("When to use <video> and Option<T>", "When to use <video> and Option<T>"),
            ("Ban <i>lifted</i> &amp; <B>signed</B>", "Ban lifted & signed"),
            ("<p>News<br/>today", "News today"),
            ("The <b> tag is back", "The <b> tag is back"),
            (
                "Why <table> layouts died, and <my-element></my-element>",
                "Why <table> layouts died, and <my-element></my-element>",
            ),
            (
                "Vec<Vec<u8>> and HashMap<K, V> in std::vector<std::string>",
                "Vec<Vec<u8>> and HashMap<K, V> in std::vector<std::string>",
            ),
            ("<img src='https://x.example/1.png' alt=x> Photo", "Photo"),
            (
                "<a href=\"https://x.example/?a=1\">Linked</a> and <font color=red>red",
                "Linked and red",
            ),
            ("x<script>alert(1)</script>y", "xy"),
            ("Word<o:p></o:p> says", "Word says"),
            ("if a <b and c", "if a <b and c"),
            ("1 < 2 & 3 > 2 <3", "1 < 2 & 3 > 2 <3"),
            ("Use &lt;b&gt; well", "Use <b> well"),
            ("A<!-- hidden -->B", "AB"),
        ] {
            assert_eq!(title_line(text), expected, "{text}");
        }
    }

    #[test]
    fn a_headline_of_only_tags_takes_linear_time() {
        assert!(title_line(&"<b><x>".repeat(100_000)).starts_with("<b><x>"));
    }
}

//! Tells markup in a headline from text that only looks like it.
//!
//! The headline of RSS 2.0 is plain text, but many feeds write markup into it. `Option<T>` and `When to use <video>` are text;
//! `<b>now</b>` and `<img src="…">` are markup.

use std::collections::HashMap;

use super::html::MAX_BYTES;
use super::html_line::{clean_line, cut};

/// Elements that occur in headlines. They are markup if their end tag follows.
const FORMATTING: &str = "a abbr acronym b bdi bdo big blockquote center cite code del dfn div em font h1 h2 h3 h4 h5 h6 i ins kbd li \
    mark nobr ol p pre q rp rt ruby s samp script small span strike strong style sub sup tt u ul var";
/// Elements without an end tag that occur in headlines without attributes.
const BREAKS: &str = "br hr wbr";
/// Elements that are markup if they have attributes: a headline about such an element names it without attributes.
const OTHERS: &str = "article aside audio base button details embed figcaption figure footer form header iframe img input label link main \
    math meta nav object option param picture section select source summary svg table tbody td textarea tfoot th thead time tr track video";

/// Makes one harmless line of a headline, as [`clean_line`] does, but keeps what looks like a tag and is text.
#[must_use]
pub fn title_line(text: &str) -> String {
    let text = cut(text, MAX_BYTES);
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
        let is_markup = is_in(BREAKS, &tag.name)
            || is_in(FORMATTING, &tag.name) && (tag.is_end || is_paired || tag.has_attributes || is_opening(tag))
            || is_in(OTHERS, &tag.name) && (tag.has_attributes || tag.is_end && pair.has_attributes)
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

/// The tags of one name in a headline.
#[derive(Clone, Copy, Default)]
struct Pair {
    last_end: Option<usize>,
    has_attributes: bool,
}

/// What looks like a tag.
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
        let behind = text.get(at + 1..).unwrap_or_default();
        let body = behind.strip_prefix('/').unwrap_or(behind);
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
            is_end: body.len() < behind.len(),
            has_attributes: attributes.contains('='),
            is_closed: end.is_some_and(|end| body.as_bytes().get(end) == Some(&b'>')),
        });
    }
    found
}

fn is_in(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}

/// `<p>` at the beginning needs no end tag.
fn is_opening(tag: &Tag) -> bool {
    tag.at == 0 && matches!(tag.name.as_str(), "p" | "div" | "span")
}

/// Word processors write `<o:p>`; `std::string` has two colons.
fn is_of_office(name: &str) -> bool {
    name.split_once(':')
        .is_some_and(|(prefix, rest)| matches!(prefix, "o" | "v" | "w" | "st1" | "st2") && !rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_what_only_looks_like_it_stays() {
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
    fn a_headline_of_nothing_but_tags_is_read_quickly() {
        assert!(title_line(&"<b><x>".repeat(100_000)).starts_with("<b><x>"));
    }
}

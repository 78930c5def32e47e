//! Reads and changes HTML that the sanitiser has written: there a tag begins with `<` and ends with a `>` outside quotes.

use super::html_line::{fold, strip};

/// Elements whose paragraphs are not an article's own: items, quotations, tables, captions.
const ASIDE: [&str; 6] = ["ul", "ol", "dl", "blockquote", "table", "figure"];

/// Sanitised HTML without its pictures: what they show, where somebody said it, stands in their places as text.
#[must_use]
pub fn without_pictures(clean: &str) -> String {
    replace_pictures(clean, |tag| {
        // Within an attribute `<` may stand as it is, in text it may not.
        Some(attribute(tag, "alt").unwrap_or_default().replace('<', "&lt;"))
    })
}

/// Sanitised HTML without pictures that are declared to be at most one pixel wide or high: nobody sees them, they count
/// readers.
pub(super) fn without_pixels(clean: String) -> String {
    if !clean.contains("<img") {
        return clean;
    }
    let is_pixel = |tag: &str| {
        ["width", "height"]
            .into_iter()
            .filter_map(|name| attribute(tag, name))
            .any(at_most_one)
    };
    replace_pictures(&clean, |tag| is_pixel(tag).then(String::new))
}

/// The text of the first paragraph of sanitised HTML that is not part of a list, a quotation, a table or a figure, on one
/// line; none if there is no such paragraph with any text.
#[must_use]
pub fn first_paragraph(clean: &str) -> Option<String> {
    let (mut aside, mut rest) = (0_usize, clean);
    while let Some(at) = rest.find('<') {
        let (tag, behind) = split_tag(rest.get(at..)?);
        rest = behind;
        let name = name(tag);
        if ASIDE.contains(&name) {
            aside += 1;
        } else if name.strip_prefix('/').is_some_and(|name| ASIDE.contains(&name)) {
            aside = aside.saturating_sub(1);
        } else if name == "p" && aside == 0 {
            let paragraph = behind.find("</p>").map_or(behind, |end| &behind[..end]);
            let text = fold(strip(paragraph).chars());
            if !text.is_empty() {
                return Some(text);
            }
        }
    }
    None
}

/// Puts something in the place of each picture for which `instead` gives it.
fn replace_pictures(clean: &str, instead: impl Fn(&str) -> Option<String>) -> String {
    let mut kept = String::with_capacity(clean.len());
    let mut rest = clean;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        let (tag, behind) = split_tag(from);
        kept.push_str(before);
        match (name(tag) == "img").then(|| instead(tag)).flatten() {
            Some(instead) => kept.push_str(&instead),
            None => kept.push_str(tag),
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

/// The tag that `from` begins with, and what comes behind it.
fn split_tag(from: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = from.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    from.split_at(end.map_or(from.len(), |end| end + 1))
}

/// A tag's name, with the slash of an end tag.
fn name(tag: &str) -> &str {
    tag.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default()
}

/// The value of an attribute as it is written, escapes and all.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    // Quotes part names from values: `<img src=`, a value, ` alt=`, a value, and so on.
    let mut parts = tag.split('"');
    while let (Some(before), Some(value)) = (parts.next(), parts.next()) {
        if before.trim_end_matches('=').rsplit(' ').next() == Some(name) {
            return Some(value);
        }
    }
    None
}

/// Whether a length (HTML section 2.3.4.4) is at most one pixel; a share of the width is not.
fn at_most_one(length: &str) -> bool {
    let length = length.trim();
    let digits = length.trim_start_matches(|c: char| c.is_ascii_digit());
    let whole = length.get(..length.len() - digits.len()).unwrap_or_default();
    !digits.contains('%') && whole.parse::<u64>().is_ok_and(|pixels| pixels <= 1)
}

#[cfg(test)]
mod tests {
    use super::super::html::sanitise;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_give_way_to_what_they_show() {
        for (html, expected) in [
            (
                "<p>a <img src=\"https://a.example/b.png\" alt=\"A &amp; mast\"> b</p>",
                "<p>a A &amp; mast b</p>",
            ),
            ("<p><img src=\"https://a.example/b.png\">c</p>", "<p>c</p>"),
            (
                "<p><img alt='\"<img src=x>\"' src=\"https://a.example/b.png\"></p>",
                "<p>&quot;&lt;img src=x&gt;&quot;</p>",
            ),
            (
                "<p title=\"<img src='x'>\">d</p>",
                "<p title=\"&lt;img src='x'&gt;\">d</p>",
            ),
            ("1 &lt;img 2 > 3", "1 &lt;img 2 &gt; 3"),
        ] {
            let shown = without_pictures(&sanitise(html));
            assert_eq!(sanitise(&shown), sanitise(expected), "{html}: {shown}");
            assert!(!shown.contains("<img "), "{shown}");
        }
    }

    #[test]
    fn pictures_that_nobody_could_see_are_no_pictures() {
        for size in [
            "width=1 height=1",
            "width=0",
            "height='1'",
            "width=600 height=1px",
            "height=' 01 '",
        ] {
            let html = sanitise(&format!("<p>a<img src=https://count.example/o.gif {size}>b</p>"));
            assert_eq!(html, "<p>ab</p>", "{size}");
        }
        for size in [
            "width=2 height=2",
            "width=100%",
            "width=1%",
            "width=auto",
            "width=10",
            "alt='width=1'",
            "",
        ] {
            let html = sanitise(&format!("<p>a<img src=https://a.example/b.png {size}>b</p>"));
            assert!(html.contains("<img src=\"https://a.example/b.png\""), "{size}: {html}");
        }
    }

    #[test]
    fn the_first_paragraph_is_found_behind_headings_lists_and_tables() {
        for (html, expected) in [
            (
                "<h1>Head</h1><p>One <b>two</b>\n&amp; three.</p><p>Four.</p>",
                Some("One two & three."),
            ),
            (
                "<ul><li><p>item</p></li></ul><blockquote><p>said</p></blockquote><p>Text</p>",
                Some("Text"),
            ),
            (
                "<table><tr><td><p>cell</p></td></tr></table><pre><code>x</code></pre><p>Text",
                Some("Text"),
            ),
            (
                "<p><img src=\"https://a.example/b.png\" alt=\"x\"></p><p> </p><p>Text</p>",
                Some("Text"),
            ),
            ("<h1>Head</h1><ul><li>item</li></ul>", None),
            ("", None),
        ] {
            assert_eq!(first_paragraph(&sanitise(html)).as_deref(), expected, "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_picture_is_left_and_no_tag_comes_into_being(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<img src=https://a.example/b alt=", "<img ", "<p title=", "'<img src=x>'", "\"", "'", ">", "<", "a", " ", "&quot;",
                "<b>", "</p>", "&lt;img src=x&gt;",
            ]), 0..20)
        ) {
            let clean = sanitise(&parts.concat());
            let shown = without_pictures(&clean);
            // What is shown says the same when it is read as a stranger's; a tag that came into being would be a difference.
            prop_assert!(!sanitise(&shown).contains("<img"), "{}", shown);
            prop_assert_eq!(sanitise(&shown).matches('<').count(), clean.matches('<').count() - images(&clean));
            let _ = first_paragraph(&clean);
        }
    }

    fn images(clean: &str) -> usize {
        let count = std::cell::Cell::new(0);
        replace_pictures(clean, |_| {
            count.set(count.get() + 1);
            None
        });
        count.get()
    }
}

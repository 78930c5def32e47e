//! Replaces formulas (`MathML`) and drawings (SVG) within HTML by their text.

use std::borrow::Cow;

use super::escape::escape;
use super::visible_text::visible_text;

/// The elements whose content is not HTML.
const FOREIGN: [&str; 2] = ["math", "svg"];

/// Replaces each formula and drawing by its escaped text, up to the first one without an end tag.
///
/// The result is as untrusted as the input and must be sanitised. A sanitiser alone would remove formulas and drawings with all
/// their text, because HTML parses their content by other rules.
pub(super) fn replace_by_text(html: &str) -> Cow<'_, str> {
    let (mut kept, mut done) = (String::new(), 0);
    while let Some((start, name)) = next_start(html, done) {
        // Looking for a missing end tag again for each element would take quadratic time.
        let Some(end) = end_of(html, start, name) else { break };
        let text = visible_text(html.get(start..end).unwrap_or_default());
        kept.push_str(html.get(done..start).unwrap_or_default());
        kept.push_str(&escape(&text));
        done = end;
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    kept.push_str(html.get(done..).unwrap_or_default());
    Cow::Owned(kept)
}

/// The offset and name of the next formula or drawing.
fn next_start(html: &str, from: usize) -> Option<(usize, &'static str)> {
    let rest = html.get(from..)?;
    rest.match_indices('<').find_map(|(at, _)| {
        let name = FOREIGN.into_iter().find(|name| is_tag(rest, at + 1, name))?;
        Some((from + at, name))
    })
}

/// The offset after the end tag of the element that begins at `start`; `None` if the end tag is missing.
fn end_of(html: &str, start: usize, name: &str) -> Option<usize> {
    let rest = html.get(start..)?;
    let mut depth = 0_usize;
    for (at, _) in rest.match_indices('<') {
        if is_tag(rest, at + 1, name) {
            let tag = rest.get(at..at + rest.get(at..)?.find('>')?)?;
            depth += usize::from(!tag.ends_with('/'));
        } else if rest.as_bytes().get(at + 1) == Some(&b'/') && is_tag(rest, at + 2, name) {
            depth = depth.saturating_sub(1);
        } else {
            continue;
        }
        if depth == 0 {
            return Some(start + at + rest.get(at..)?.find('>')? + 1);
        }
    }
    None
}

/// Whether the whole name of a tag at offset `at` is `name`, in any case.
fn is_tag(html: &str, at: usize, name: &str) -> bool {
    let bytes = html.as_bytes();
    let is_name = bytes
        .get(at..at + name.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
    is_name
        && bytes
            .get(at + name.len())
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_drawings_become_their_escaped_text() {
        for (html, expected) in [
            ("a <math><mi>x</mi><mo>&lt;</mo><mn>2</mn></math> b", "a x&lt;2 b"),
            ("<SVG viewBox='0 0 1 1'><g><text>N</text></g></svg >x", "\nN\nx"),
            ("<svg/>a<svg><svg>1</svg>2</svg>b", "a12b"),
            ("<math>never closed", "<math>never closed"),
            ("a < b <mathematics> c", "a < b <mathematics> c"),
            ("<svg><script>x</script><style>y</style><title>t</title></svg>", ""),
        ] {
            assert_eq!(replace_by_text(html), expected, "{html}");
        }
    }

    #[test]
    fn formulas_without_end_tags_take_linear_time() {
        let html = "<math><svg>".repeat(20_000);
        assert_eq!(replace_by_text(&html), html);
    }
}

//! Replaces and removes the pictures of sanitised HTML.

use std::cell::RefCell;

use html5ever::serialize::{HtmlSerializer, SerializeOpts, Serializer};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{QualName, ns};

use super::sanitized_html::SanitizedHtml;
use super::tokenizer::{attribute, is_void, run_unlimited};

/// Replaces each picture of sanitised HTML by its alternative text.
#[must_use]
pub(crate) fn without_pictures(clean: &SanitizedHtml) -> SanitizedHtml {
    let alternative = |tag: &Tag| Some(attribute(tag, "alt").unwrap_or_default().to_owned());
    SanitizedHtml::new(&replace_pictures(clean, alternative))
}

/// Removes the pictures of sanitised HTML that are declared to be at most one pixel wide or high: they are invisible and count
/// readers.
pub(super) fn without_pixels(clean: String) -> String {
    if !clean.contains("<img") {
        return clean;
    }
    let is_pixel = |tag: &Tag| {
        ["width", "height"]
            .into_iter()
            .filter_map(|name| attribute(tag, name))
            .any(at_most_one)
    };
    replace_pictures(&clean, |tag| is_pixel(tag).then(String::new))
}

/// Replaces each picture for which `replacement` returns a text by that text. All else stays byte for byte, because the sanitiser
/// writes HTML with the same serialiser.
fn replace_pictures(clean: &str, replacement: impl Fn(&Tag) -> Option<String>) -> String {
    let rewriter = Rewriter {
        out: RefCell::new(HtmlSerializer::new(
            Vec::with_capacity(clean.len()),
            SerializeOpts {
                create_missing_parent: true,
                ..SerializeOpts::default()
            },
        )),
        replacement,
    };
    let written = run_unlimited(clean, rewriter).out.into_inner().writer;
    String::from_utf8(written).expect("the serialiser writes UTF-8")
}

/// Writes the tokens of sanitised HTML as HTML.
struct Rewriter<F> {
    out: RefCell<HtmlSerializer<Vec<u8>>>,
    replacement: F,
}

impl<F: Fn(&Tag) -> Option<String>> Rewriter<F> {
    fn write(&self, token: &Token) -> std::io::Result<()> {
        let mut out = self.out.borrow_mut();
        match token {
            Token::CharacterTokens(text) => out.write_text(text),
            Token::TagToken(tag) => {
                if &*tag.name == "img"
                    && let Some(text) = (self.replacement)(tag)
                {
                    return out.write_text(&text);
                }
                let name = || QualName::new(None, ns!(html), tag.name.clone());
                if tag.kind == TagKind::StartTag {
                    let attributes = tag.attrs.iter();
                    out.start_elem(name(), attributes.map(|attribute| (&attribute.name, &*attribute.value)))?;
                }
                // For an element without content, the serialiser writes no end tag.
                if tag.kind == TagKind::EndTag || is_void(&tag.name) {
                    out.end_elem(name())?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl<F: Fn(&Tag) -> Option<String>> TokenSink for Rewriter<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        self.write(&token).expect("writing to memory does not fail");
        TokenSinkResult::Continue
    }
}

/// Whether a [dimension](https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#rules-for-parsing-dimension-values) is at
/// most one pixel. A percentage is not.
fn at_most_one(length: &str) -> bool {
    let length = length.trim();
    let digits = length.trim_start_matches(|c: char| c.is_ascii_digit());
    let whole = length.get(..length.len() - digits.len()).unwrap_or_default();
    !digits.contains('%') && whole.parse::<u64>().is_ok_and(|pixels| pixels <= 1)
}

#[cfg(test)]
mod tests {
    use super::super::sanitise;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_are_replaced_by_their_alternative_text() {
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
    fn pictures_of_at_most_one_pixel_are_removed() {
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

    proptest! {
        #[test]
        fn no_picture_is_left_and_no_text_becomes_a_tag(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<img src=https://a.example/b alt=", "<img ", "<p title=", "'<img src=x>'", "\"", "'", ">", "<", "a", " ", "&quot;",
                "<b>", "</p>", "&lt;img src=x&gt;",
            ]), 0..20)
        ) {
            let clean = sanitise(&parts.concat());
            let shown = without_pictures(&clean);
            // Text that became a tag would change the number of tags.
            prop_assert!(!sanitise(&shown).contains("<img"), "{}", shown);
            prop_assert_eq!(sanitise(&shown).matches('<').count(), clean.matches('<').count() - images(&clean));
            // Without a replacement the bytes stay as the sanitiser wrote them.
            prop_assert_eq!(replace_pictures(&clean, |_| None), clean.as_str());
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

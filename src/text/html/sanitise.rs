//! The sanitiser: turns HTML from strangers into HTML that is safe to show on the web and in mail.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::cost::is_affordable;
use super::elements::{KEPT, REMOVED, all_with};
use super::escape::paragraphs;
use super::foreign::replace_by_text;
use super::pictures::without_pixels;
use super::sanitized_html::SanitizedHtml;
use super::visible_text::strip_tags;
use crate::text::MAX_BYTES;

/// Sanitises HTML like [`sanitise_at`], without a base address: links that are not absolute lose their address.
#[must_use]
pub fn sanitise(html: &str) -> SanitizedHtml {
    sanitise_at(html, None)
}

/// Sanitises HTML for web and mail. It keeps elements for text, lists, tables, links and images. Links may be `http`, `https` or
/// `mailto` and get `rel="noopener noreferrer"`; relative addresses are resolved against `base`. Images that are declared to be at
/// most one pixel wide or high are removed, because they only track readers. Formulas (`MathML`) and drawings (SVG) are replaced
/// by their text.
///
/// HTML of more than 256 KB, or nested so deeply that building a tree would take long, becomes paragraphs of escaped text, cut at
/// 256 KB.
#[must_use]
pub fn sanitise_at(html: &str, base: Option<&Url>) -> SanitizedHtml {
    if html.len() > MAX_BYTES {
        return paragraphs(&strip_tags(html));
    }
    let html = &*replace_by_text(html);
    if !is_affordable(html) {
        return paragraphs(&strip_tags(html));
    }
    let relative = match base.filter(|base| matches!(base.scheme(), "http" | "https")) {
        Some(base) => UrlRelative::RewriteWithBase(base.clone()),
        None => UrlRelative::Deny,
    };
    let clean = Builder::empty()
        .tags(all_with(KEPT).collect())
        .clean_content_tags(all_with(REMOVED).collect())
        .generic_attributes(set(&["dir", "lang", "title"]))
        .tag_attributes(HashMap::from([
            ("a", set(&["href", "hreflang"])),
            ("img", set(&["src", "alt", "width", "height"])),
            ("col", set(&["span"])),
            ("colgroup", set(&["span"])),
            ("li", set(&["value"])),
            ("ol", set(&["start", "reversed"])),
            ("td", set(&["colspan", "rowspan"])),
            ("th", set(&["colspan", "rowspan", "scope"])),
            ("time", set(&["datetime"])),
        ]))
        .url_schemes(set(&["http", "https", "mailto"]))
        .url_relative(relative)
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|_, attribute, value| match attribute {
            "src" if !is_web_address(value) => None,
            _ => Some(Cow::Borrowed(value)),
        })
        .clean(html)
        .to_string();
    SanitizedHtml::new(&without_pixels(clean))
}

fn set<'a>(names: &[&'a str]) -> HashSet<&'a str> {
    names.iter().copied().collect()
}

fn is_web_address(value: &str) -> bool {
    Url::parse(value).map_or(true, |url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_links_and_pictures_are_kept() {
        let html = r#"<h2>News</h2><p>See <a href="https://example.org/?a=1&amp;b=2" onclick="x()">this</a> and
            <img src="https://example.org/i.png" alt="a chart" style="x"> or <a href="mailto:a@example.org">write</a>.</p>"#;
        let clean = sanitise(html);
        assert!(clean.contains(r#"href="https://example.org/?a=1&amp;b=2""#), "{clean}");
        assert!(
            clean.contains(r#"href="mailto:a@example.org""#) && clean.contains(r#"alt="a chart""#),
            "{clean}"
        );
        assert!(!clean.contains("onclick") && !clean.contains("style"), "{clean}");
        assert_eq!(clean.matches("noopener").count(), 2);
    }

    #[test]
    fn scripts_styles_and_frames_are_removed_with_their_content() {
        let html = "<script>a</script><style>b</style><iframe>c</iframe><svg><title>d</title><style>d</style></svg>\
            <select><option>e</select><form action=/x>kept <input value=f><textarea>g</textarea></form>";
        assert_eq!(sanitise(html), "kept ");
    }

    #[test]
    fn formulas_and_drawings_become_their_text() {
        let formula = "<p>The rate of <math><semantics><mrow><mi>B</mi><mo>→</mo><mi>K</mi></mrow>\
            <annotation encoding='application/x-tex'>B \\to K</annotation></semantics></math> is \
            <math><mn>2.3</mn></math>.</p>";
        assert_eq!(sanitise(formula), "<p>The rate of B→K is 2.3.</p>");
        assert_eq!(strip_tags(formula).trim(), "The rate of B→K is 2.3.");
        let drawing =
            "<svg><title>i</title><desc>Made with X</desc><metadata>m</metadata><g><text>North</text></g></svg>";
        assert_eq!(sanitise(drawing).trim(), "North");
        assert_eq!(
            strip_tags(&format!("a {drawing} b"))
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["a", "North", "b"]
        );
    }

    #[test]
    fn relative_addresses_are_resolved_or_removed() {
        let base = Url::parse("https://example.org/a/").ok();
        let html = "<a href='b?x=1'>b</a><img src='//cdn.example/i.png'><a href='javascript:x'>c</a>";
        let clean = sanitise_at(html, base.as_ref());
        assert!(
            clean.contains("https://example.org/a/b?x=1") && clean.contains("https://cdn.example/i.png"),
            "{clean}"
        );
        assert!(!clean.contains("javascript"), "{clean}");
        assert!(
            !sanitise(html).contains("href") && !sanitise(html).contains("src"),
            "{}",
            sanitise(html)
        );
    }

    #[test]
    fn an_image_address_is_never_mailto() {
        assert_eq!(sanitise("<img src='mailto:a@example.org' alt=x>"), "<img alt=\"x\">");
    }

    #[test]
    fn html_that_is_too_deep_or_too_large_becomes_escaped_text() {
        let deep = format!("{}a &lt;b&gt; &amp; c{}", "<div>".repeat(200), "</div>".repeat(200));
        assert_eq!(sanitise(&deep), "<p>a &lt;b&gt; &amp; c</p>\n");
        let large = sanitise(&"<p>words & more</p>".repeat(30_000));
        assert!(large.starts_with("<p>words &amp; more"), "{}", &large[..40]);
        assert!(large.len() < 2 * MAX_BYTES, "{}", large.len());
    }

    #[test]
    fn long_articles_without_end_tags_do_not_count_as_deep() {
        let html = "<p>one<ul><li>two<li>three</ul><table><tr><td>x<td>y</table><br><img>".repeat(1_000);
        assert!(is_affordable(&html));
        assert!(is_affordable(&"<div><p><b>a</b> <i>b</i></div>".repeat(5_000)));
    }
}

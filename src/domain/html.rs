//! Turns HTML that strangers wrote into HTML, text and lines that are safe to show.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use url::Url;

pub use super::excerpt::excerpt;
use super::html_foreign::words_of_foreign;
pub use super::html_line::{clean_line, folded_line, plain_line, running, strip};
use super::html_scan::without_pixels;
pub use super::html_scan::{first_paragraph, without_pictures};
pub use super::html_text::to_text;
pub use super::html_title::title_line;
use super::html_tokens::is_affordable;

/// Bytes of HTML that are looked at; a tree is built from no more.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// Elements that stay; the text of all others stays without them.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with everything inside them.
const TAGS_WITH_CONTENT: &[&str] = &[
    "applet", "button", "datalist", "embed", "frameset", "head", "iframe", "math", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
];

/// Cleans HTML for web and mail as [`sanitise_at`] does, without a base: links that are not absolute lose their address.
#[must_use]
pub fn sanitise(html: &str) -> String {
    sanitise_at(html, None)
}

/// Cleans HTML for web and mail: plain elements of text, lists, tables, links and images, with links to `http`, `https`
/// and `mailto` only and `rel="noopener noreferrer"` on each; relative addresses are resolved against `base`. Images that
/// are declared to be at most one pixel wide or high are removed: they only track readers. Formulas (`MathML`) and drawings (SVG)
/// are replaced by their words.
///
/// What is above 256 KB or so nested that parsing would take long becomes paragraphs of escaped text, cut at that size.
#[must_use]
pub fn sanitise_at(html: &str, base: Option<&Url>) -> String {
    if html.len() > MAX_BYTES {
        return paragraphs(&strip(html));
    }
    let html = &*words_of_foreign(html);
    if !is_affordable(html) {
        return paragraphs(&strip(html));
    }
    let relative = match base.filter(|base| matches!(base.scheme(), "http" | "https")) {
        Some(base) => UrlRelative::RewriteWithBase(base.clone()),
        None => UrlRelative::Deny,
    };
    let clean = Builder::empty()
        .tags(set(TAGS))
        .clean_content_tags(set(TAGS_WITH_CONTENT))
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
    without_pixels(clean)
}

/// Escapes text for HTML, content and quoted attributes alike.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Turns plain text into HTML: each run of lines between blank ones is a paragraph.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .fold(String::new(), |mut html, part| {
            html.push_str("<p>");
            html.push_str(&escape(part));
            html.push_str("</p>\n");
            html
        })
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
    fn articles_keep_their_text_links_and_pictures() {
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
    fn forms_scripts_styles_and_frames_go_with_what_is_in_them() {
        let html = "<script>a</script><style>b</style><iframe>c</iframe><svg><title>d</title><style>d</style></svg>\
            <select><option>e</select><form action=/x>kept <input value=f><textarea>g</textarea></form>";
        assert_eq!(sanitise(html), "kept ");
    }

    #[test]
    fn the_words_of_formulas_and_drawings_stay() {
        let formula = "<p>The rate of <math><semantics><mrow><mi>B</mi><mo>→</mo><mi>K</mi></mrow>\
            <annotation encoding='application/x-tex'>B \\to K</annotation></semantics></math> is \
            <math><mn>2.3</mn></math>.</p>";
        assert_eq!(sanitise(formula), "<p>The rate of B→K is 2.3.</p>");
        assert_eq!(strip(formula).trim(), "The rate of B→K is 2.3.");
        let drawing =
            "<svg><title>i</title><desc>Made with X</desc><metadata>m</metadata><g><text>North</text></g></svg>";
        assert_eq!(sanitise(drawing).trim(), "North");
        assert_eq!(
            strip(&format!("a {drawing} b")).split_whitespace().collect::<Vec<_>>(),
            ["a", "North", "b"]
        );
    }

    #[test]
    fn relative_addresses_are_made_whole_or_dropped() {
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
    fn a_picture_is_never_a_mail_address() {
        assert_eq!(sanitise("<img src='mailto:a@example.org' alt=x>"), "<img alt=\"x\">");
    }

    #[test]
    fn what_is_too_deep_or_too_large_becomes_escaped_text() {
        let deep = format!("{}a &lt;b&gt; &amp; c{}", "<div>".repeat(200), "</div>".repeat(200));
        assert_eq!(sanitise(&deep), "<p>a &lt;b&gt; &amp; c</p>\n");
        let large = sanitise(&"<p>words & more</p>".repeat(30_000));
        assert!(large.starts_with("<p>words &amp; more"), "{}", &large[..40]);
        assert!(large.len() < 2 * MAX_BYTES, "{}", large.len());
    }

    #[test]
    fn long_articles_without_end_tags_are_not_deep() {
        let html = "<p>one<ul><li>two<li>three</ul><table><tr><td>x<td>y</table><br><img>".repeat(1_000);
        assert!(is_affordable(&html));
        assert!(is_affordable(&"<div><p><b>a</b> <i>b</i></div>".repeat(5_000)));
    }
}

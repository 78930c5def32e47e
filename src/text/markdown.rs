//! Turns Markdown into sanitised HTML.

use pulldown_cmark::{Options, Parser, html};
use url::Url;

use super::html::{SanitizedHtml, sanitise_at};

/// Turns Markdown ([CommonMark](https://spec.commonmark.org/) with tables and strikethrough) into sanitised HTML. Relative links are
/// resolved against `base`.
#[must_use]
pub(crate) fn to_html(markdown: &str, base: Option<&Url>) -> SanitizedHtml {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, parser);
    sanitise_at(&unsafe_html, base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markdown_becomes_sanitised_html() {
        let base = Url::parse("https://news.example").ok();
        let html = to_html(
            "# Head\n\nA [page](/archive) and <script>alert(1)</script> <b onclick=x>bold</b> ~~gone~~\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](javascript:alert(1))",
            base.as_ref(),
        );
        assert!(
            html.contains("<h1>Head</h1>") && html.contains("href=\"https://news.example/archive\""),
            "{html}"
        );
        assert!(
            html.contains("<td>1</td>") && html.contains("<del>gone</del>") && html.contains("<b>bold</b>"),
            "{html}"
        );
        assert!(!html.contains("script") && !html.contains("onclick"), "{html}");
    }

    proptest! {
        #[test]
        fn rendering_never_panics(text in any::<String>()) {
            let _ = to_html(&text, None);
        }
    }
}

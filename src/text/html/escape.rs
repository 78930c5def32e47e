//! Turns plain text into HTML.

use super::sanitized_html::SanitizedHtml;

/// Escapes text for the content of an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
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

/// Turns plain text into HTML paragraphs; blank lines separate them.
#[must_use]
pub(crate) fn paragraphs(text: &str) -> SanitizedHtml {
    let text = text.replace("\r\n", "\n");
    let html =
        text.split("\n\n")
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .fold(String::new(), |mut html, part| {
                html.push_str("<p>");
                html.push_str(&escape(part));
                html.push_str("</p>\n");
                html
            });
    SanitizedHtml::new(&html)
}

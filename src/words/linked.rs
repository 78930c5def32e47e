//! A message with a link in it.

use std::fmt;

use askama::filters::{Html, Safe, escape};

/// The part of a message that is a link stands between these.
const TAGS: [&str; 2] = ["<a>", "</a>"];

/// A message whose part between `<a>` and `</a>` is a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    before: String,
    link: String,
    after: String,
}

impl Linked {
    pub(super) fn parse(message: &str) -> Self {
        let [open, close] = TAGS;
        let (before, rest) = message.split_once(open).unwrap_or((message, ""));
        let (link, after) = rest.split_once(close).unwrap_or((rest, ""));
        Self {
            before: before.to_owned(),
            link: link.to_owned(),
            after: after.to_owned(),
        }
    }

    /// Whether a message has one link with a text, and no other tag.
    pub(super) fn is_in(message: &str) -> bool {
        let [open, close] = TAGS;
        let link = message
            .split_once(open)
            .map_or("", |(_, rest)| rest.split_once(close).map_or("", |(link, _)| link));
        let Self { before, after, .. } = Self::parse(message);
        !link.trim().is_empty()
            && [before.as_str(), link, &after]
                .iter()
                .all(|part| !part.contains(['<', '>']))
    }

    /// The HTML with the link to `href`. All texts in it are escaped.
    pub(crate) fn to(&self, href: &str) -> Safe<String> {
        self.html("", href)
    }

    /// The HTML with the link to `href`, which has a class of the style sheet.
    pub(crate) fn styled(&self, class: &str, href: &str) -> Safe<String> {
        self.html(&format!(" class=\"{class}\""), href)
    }

    fn html(&self, attribute: &str, href: &str) -> Safe<String> {
        let [before, href, link, after] = [&self.before, href, &self.link, &self.after].map(|part| {
            let Ok(escaped) = escape(part, Html);
            escaped
        });
        Safe(format!("{before}<a{attribute} href=\"{href}\">{link}</a>{after}"))
    }
}

/// The text without a link.
impl fmt::Display for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.before, self.link, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_address_are_escaped_and_the_link_is_not() {
        let message = Linked::parse("A & B, <a>see \"C\"</a>.");
        let Safe(html) = message.to("/c?a=1&b=\"");
        assert_eq!(html, "A &#38; B, <a href=\"/c?a=1&#38;b=&#34;\">see &#34;C&#34;</a>.");
        assert_eq!(message.to_string(), "A & B, see \"C\".");
    }

    #[test]
    fn a_message_has_one_link_and_no_other_tag() {
        assert!(Linked::is_in("See <a>there</a>."));
        for wrong in [
            "See.",
            "<a>",
            "<a></a>",
            "<a>x</a> <a>y</a>",
            "<b>x</b> <a>y</a>",
            "</a>x<a>",
        ] {
            assert!(!Linked::is_in(wrong), "{wrong}");
        }
    }
}

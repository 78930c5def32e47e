//! Makes text and addresses from feeds safe to print in a mail or on a page: one line, without the placeholders of links. Names and side
//! links are also limited in length.
//!
//! Templates escape HTML themselves. This file removes what escaping does not: line breaks, schemes other than `http` and
//! `https`, and text that looks like the placeholder of a subscriber's link.

use super::placeholders::{PAGE_PLACEHOLDER, PREFERENCES_PLACEHOLDER, UNSUBSCRIBE_PLACEHOLDER};
use crate::text::plain::{one_line, shorten};

/// A name, such as that of a source or topic, is cut to this many characters.
const MAX_NAME_CHARS: usize = 60;
/// A link other than the story's own has at most this many bytes. A longer one takes too much of the space that an issue has.
const MAX_SIDE_URL_BYTES: usize = 1_000;

/// A text on one line and without placeholders.
pub(super) fn safe_line(text: &str) -> String {
    without_placeholders(&one_line(text))
}

/// A name on one line, at most [`MAX_NAME_CHARS`] characters long.
pub(super) fn safe_name(text: &str) -> String {
    shorten(&safe_line(text), MAX_NAME_CHARS).0
}

/// An `http` or `https` address; `None` for any other text.
pub(super) fn safe_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(without_placeholders(url.as_str()))
}

/// [`safe_url`] for a link in addition to the story's own; `None` also if the address is too long.
pub(super) fn safe_side_url(text: &str) -> Option<String> {
    safe_url(text).filter(|url| url.len() <= MAX_SIDE_URL_BYTES)
}

fn without_placeholders(text: &str) -> String {
    [UNSUBSCRIBE_PLACEHOLDER, PREFERENCES_PLACEHOLDER, PAGE_PLACEHOLDER]
        .iter()
        .fold(text.to_owned(), |text, placeholder| {
            text.replace(placeholder, &placeholder.to_lowercase())
        })
}

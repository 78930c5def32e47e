//! The site's own feeds in Atom ([RFC 4287](https://www.rfc-editor.org/rfc/rfc4287)).

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// A feed with its entries.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/atom.xml")]
pub(in crate::web) struct AtomFeed {
    /// The permanent id of the feed. It stays the same if the site's address changes.
    pub id: Uuid,
    pub title: String,
    /// A description in one line; may be empty.
    pub subtitle: String,
    /// The absolute address of the feed.
    pub self_link: String,
    /// The absolute address of the page with the same content.
    pub page: String,
    /// The site's name: the author of every entry that names no other.
    pub author: String,
    /// When the feed or any entry last changed.
    pub updated: DateTime<Utc>,
    /// The latest entry first.
    pub entries: Vec<AtomEntry>,
}

/// An entry of a feed.
#[derive(Debug, Clone)]
pub(in crate::web) struct AtomEntry {
    /// The permanent id of the entry.
    pub id: Uuid,
    pub title: String,
    /// The absolute address of its page on this site.
    pub page: String,
    /// The address of the publisher's page.
    pub original: Option<String>,
    pub published: DateTime<Utc>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
    /// The authors, or the publisher. If empty, the feed's author applies.
    pub authors: Vec<String>,
    pub category: Option<String>,
    /// The tag of its language.
    pub language: Option<String>,
    /// The lede as plain text.
    pub summary: Option<String>,
    /// The whole content as sanitised HTML.
    pub html: Option<String>,
}

/// Formats a date as Atom requires it (RFC 3339).
fn date(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Removes the characters that XML cannot contain, even escaped ([XML 1.0 §2.2](https://www.w3.org/TR/xml/#charsets)).
fn plain(text: &str) -> String {
    let is_allowed =
        |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_allowed).collect()
}

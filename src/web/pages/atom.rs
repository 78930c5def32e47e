//! Feeds of this site's own, in Atom (RFC 4287).

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// A feed.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/atom.xml")]
pub struct AtomFeed {
    /// What it is known by for ever, wherever the site moves.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// What it is, in one line; may be empty.
    pub subtitle: String,
    /// Its own absolute address.
    pub own: String,
    /// The absolute address of the page that shows the same.
    pub page: String,
    /// The site's name, author of what has no other.
    pub author: String,
    /// When anything in it last changed.
    pub updated: DateTime<Utc>,
    /// What is in it, the latest first.
    pub entries: Vec<AtomEntry>,
}

/// An entry of a feed.
#[derive(Debug, Clone)]
pub struct AtomEntry {
    /// What it is known by for ever.
    pub id: Uuid,
    /// Its title, plain text.
    pub title: String,
    /// The absolute address of its page.
    pub page: String,
    /// The address of the publisher's page, if the entry links this site's page of the article.
    pub original: Option<String>,
    /// When it came out.
    pub published: DateTime<Utc>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
    /// The authors, or the publisher. If empty, the feed's author applies.
    pub authors: Vec<String>,
    /// Its topic.
    pub category: Option<String>,
    /// The tag of its language, if known.
    pub language: Option<String>,
    /// The first lines, plain text.
    pub summary: Option<String>,
    /// The whole as HTML, sanitised.
    pub html: Option<String>,
}

/// A date as Atom has it (RFC 3339).
fn date(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What XML can say of a text: not every character is one of its (XML 1.0 section 2.2).
fn plain(text: &str) -> String {
    let sayable =
        |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(sayable).collect()
}

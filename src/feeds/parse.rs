//! Parses feeds of all formats into sanitised entries.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use url::Url;

use super::charset::{self, Hints};
use super::image::Image;
use super::{json_feed, json_text, xml, xml_feed};
use crate::text::excerpt::excerpt;
use crate::text::html;
use crate::text::plain::{plain_line, uncut_line};

/// The most bytes of a feed.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// The most characters of a title that is made from the summary.
const TITLE_FROM_SUMMARY: usize = 80;
/// The most characters of a summary.
pub const MAX_SUMMARY: usize = 2_000;

/// The most bytes of an address that servers and browsers accept.
const MAX_LINK: usize = 8 * 1024;
/// The most authors of an entry.
pub(super) const MAX_AUTHORS: usize = 50;

/// Why bytes cannot be parsed as a feed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    /// The document is empty.
    #[error("the document is empty; check that the address is that of a feed")]
    Empty,
    /// The document is something else, such as a web page.
    #[error("the document is not RSS, Atom or JSON Feed; give the address of the feed, not of the page")]
    NotAFeed,
    /// The document should be OPML, and is not.
    #[error("the document is not OPML, or is broken XML; export the list of feeds once more")]
    NotAList,
    /// Elements are nested deeper than the contained limit.
    #[error("the document nests elements more than {0} deep and was not read further")]
    TooDeep(usize),
    /// The document has too many bytes, elements or namespaces.
    #[error("the document is larger than {} MiB or has too many elements and was not read", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// The document is invalid JSON. Contains the reason and position.
    #[error("the document is not valid JSON: {0}")]
    Json(String),
}

/// A parsed feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// `rss2.0`, `rss1.0`, `rss1.1`, `rss0.9`, `rss0.91` and the like, `atom`, `atom0.3`, `cdf` or `json`.
    pub format: String,
    /// The title, one clean line; empty if the feed has none.
    pub title: String,
    /// The address of the site that the feed belongs to.
    #[serde(skip)]
    pub site_url: Option<String>,
    /// How long to wait before the next fetch (RSS 2.0's `ttl`).
    #[serde(skip)]
    pub ttl: Option<Duration>,
    /// Whether the document is truncated, so that `entries` has only the complete ones before the end.
    #[serde(skip)]
    pub ends_early: bool,
    /// The entries, in the order of the feed.
    pub entries: Vec<Entry>,
}

/// An entry of a feed. Serialised, it shows what the feed contains, without replacements for missing fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The identifier in the feed (`guid`, Atom `id`, `rdf:about`); `None` if it has none.
    pub id: Option<String>,
    /// The title, one clean line. Without one, the beginning of the summary or the address; empty if there is neither.
    #[serde(skip)]
    pub title: String,
    /// The title in the feed, cleaned; empty if it has none.
    #[serde(rename = "title")]
    pub own_title: String,
    /// The absolute `http` or `https` address of the article.
    #[serde(skip)]
    pub url: Option<String>,
    /// The link in the feed, resolved if possible. It may be a `urn:`, a fragment or invalid, so it is only shown; use `url` to follow it.
    #[serde(rename = "url")]
    pub own_link: Option<String>,
    /// When the entry was published, or else last changed, as the feed says.
    #[serde(serialize_with = "rfc3339")]
    pub published: Option<DateTime<Utc>>,
    /// Plain text on one line, at most 2,000 characters.
    pub summary: String,
    /// The content of the article in the feed, as sanitised HTML.
    #[serde(skip)]
    pub content_html: String,
    /// The names of the authors, without mail addresses.
    pub authors: Vec<String>,
    /// The first category in the feed.
    #[serde(skip)]
    pub category: Option<String>,
    /// The language tag in the feed, not normalised.
    #[serde(skip)]
    pub language: Option<String>,
    /// The picture of the entry in the feed.
    #[serde(skip)]
    pub image: Option<Image>,
}

/// The values of an entry before they are cleaned, from the parser of any format.
#[derive(Default)]
pub(super) struct RawEntry {
    pub(super) id: Option<String>,
    pub(super) title: String,
    pub(super) link: Option<String>,
    /// An address of the article's file, such as a recording, if the article has no page.
    pub(super) enclosure: Option<String>,
    pub(super) base: Option<Url>,
    pub(super) published: Option<DateTime<Utc>>,
    pub(super) summary: Option<Text>,
    pub(super) content: Option<Text>,
    pub(super) authors: Vec<String>,
    pub(super) category: Option<String>,
    pub(super) language: Option<String>,
    pub(super) image: Option<Image>,
}

/// Text, as markup or plain.
pub(super) enum Text {
    /// Text that may contain markup and entities.
    Html(String),
    /// Text without markup.
    Plain(String),
}

impl Text {
    /// The text as one line without markup.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Html(text) => html::clean_line(text),
            Self::Plain(text) => plain_line(text),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Html(text) => excerpt(&html::running_text(text), MAX_SUMMARY),
            Self::Plain(text) => excerpt(text, MAX_SUMMARY),
        }
    }

    fn html(&self, base: Option<&Url>) -> String {
        match self {
            Self::Html(text) => html::sanitise_at(text, base),
            Self::Plain(text) => html::paragraphs(text),
        }
    }
}

impl RawEntry {
    /// Cleans all values. Only the identifier and the link stay as they are in the feed.
    pub(super) fn finish(self) -> Entry {
        let base = self.base.as_ref();
        let own_link = self
            .link
            .map(|link| resolve(&link, base))
            .filter(|link| !link.is_empty());
        let enclosure = || web_address(&resolve(&self.enclosure?, base));
        let url = own_link.as_deref().and_then(web_address).or_else(enclosure);
        let page = url.as_deref().and_then(|url| Url::parse(url).ok());
        let longest = self.content.as_ref().or(self.summary.as_ref());
        let content_html = longest
            .map(|text| text.html(base.or(page.as_ref())))
            .unwrap_or_default();
        let summary = self.summary.as_ref().map(Text::summary).filter(|text| !text.is_empty());
        let summary = summary
            .or_else(|| self.content.as_ref().map(Text::summary))
            .unwrap_or_default();
        let title = match (self.title.is_empty(), summary.is_empty()) {
            (false, _) => self.title.clone(),
            (true, false) => plain_line(&excerpt(&summary, TITLE_FROM_SUMMARY)),
            (true, true) => url.clone().unwrap_or_default(),
        };
        Entry {
            id: self.id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()),
            title,
            own_title: self.title,
            url,
            own_link,
            published: self.published,
            summary,
            content_html,
            authors: self.authors,
            category: self
                .category
                .map(|name| html::title_line(&name))
                .filter(|name| !name.is_empty()),
            language: self.language.map(|tag| plain_line(&tag)).filter(|tag| !tag.is_empty()),
            image: self.image,
        }
    }
}

/// Parses a feed. `base` is its address, for links that are not absolute.
///
/// A truncated document gives its complete entries.
pub fn parse(bytes: &[u8], base: Option<&Url>) -> Result<Feed, ParseError> {
    parse_served(bytes, base, None)
}

/// [`parse`] with the `Content-Type` of the server, whose charset applies to a document that declares none.
pub fn parse_served(bytes: &[u8], base: Option<&Url>, content_type: Option<&str>) -> Result<Feed, ParseError> {
    if bytes.len() > MAX_BYTES {
        return Err(ParseError::TooLarge);
    }
    let hints = Hints {
        content_type,
        address: base,
    };
    let text = charset::decode(bytes, hints);
    match kind(&text) {
        Kind::Empty => Err(ParseError::Empty),
        Kind::Xml => {
            let xml::Document { root, ends_early } = xml::read(&text)?;
            let feed = xml_feed::read(&root, base)?;
            Ok(Feed { ends_early, ..feed })
        }
        Kind::JsonFeed | Kind::JsonLines => json_feed::read(&text, base),
        Kind::Unknown => Err(ParseError::NotAFeed),
    }
}

/// The probable format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only white space.
    Empty,
    /// XML: RSS, RDF or Atom.
    Xml,
    /// One JSON object.
    JsonFeed,
    /// A JSON object on each line, for [`parse_json_lines`](super::jsonlines::parse_json_lines).
    JsonLines,
    /// Any other content.
    Unknown,
}

/// Recognises the format of a file by its beginning.
#[must_use]
pub fn detect(bytes: &[u8]) -> Kind {
    kind(&charset::decode(bytes, Hints::default()))
}

fn kind(text: &str) -> Kind {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Kind::Empty;
    }
    if text.starts_with('{') {
        let line = json_text::repaired(text.lines().next().unwrap_or_default());
        let object =
            line.and_then(|line| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line).ok());
        return match object {
            Some(object) if !object.contains_key("items") && !object.contains_key("version") => Kind::JsonLines,
            _ => Kind::JsonFeed,
        };
    }
    // Text before the first tag is common: messages of the server, stray characters.
    if text.contains('<') { Kind::Xml } else { Kind::Unknown }
}

/// Resolves an address against `base`. Returns the trimmed address if that fails, and empty text if it is too long.
pub(super) fn resolve(link: &str, base: Option<&Url>) -> String {
    let link = uncut_line(link);
    if link.len() > MAX_LINK {
        return String::new();
    }
    match (Url::parse(&link), base) {
        (Err(_), _) if link.is_empty() => link,
        (Err(_), base) => with_scheme(&link, base)
            .or_else(|| base?.join(&link).ok())
            .map_or(link, Into::into),
        _ => link,
    }
}

/// Completes an address that lacks only its scheme: `www.example.org/a`, or one that begins with the host of `base`.
fn with_scheme(link: &str, base: Option<&Url>) -> Option<Url> {
    let without_www = |host: &str| host.trim_start_matches("www.").to_ascii_lowercase();
    let first = link.split(['/', '?', '#']).next().filter(|first| first.contains('.'))?;
    let is_host = first.starts_with("www.") && first.matches('.').count() > 1
        || base
            .and_then(Url::host_str)
            .is_some_and(|host| without_www(host) == without_www(first));
    let scheme = base.map_or("https", Url::scheme);
    is_host.then(|| Url::parse(&format!("{scheme}://{link}")).ok())?
}

/// The normalised form of an `http` or `https` address; `None` for any other text.
pub(super) fn web_address(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.into())
}

/// The name in `name (mail)`, `mail (name)` and `name <mail>`; `None` for a mail address alone.
pub(super) fn author_name(text: &str) -> Option<String> {
    let line = html::clean_line(text);
    let parts = line.split(['(', ')', '<', '>', '"']).map(str::trim);
    let name = parts
        .filter(|part| !part.contains('@') && !part.is_empty())
        .max_by_key(|part| part.len())?;
    Some(name.to_owned())
}

#[expect(clippy::ref_option, reason = "serde hands a field over so")]
fn rfc3339<S: Serializer>(date: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.serialize_str(&date.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests;

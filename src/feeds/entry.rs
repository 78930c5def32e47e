//! A parsed feed and its entries, and how the values of an entry are cleaned.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use url::Url;

use super::image::Image;
use super::links::{resolve, web_address};
use crate::text::excerpt::excerpt;
use crate::text::html::{self, SanitizedHtml};
use crate::text::plain::plain_line;

/// The most characters of a title that is made from the summary.
const TITLE_FROM_SUMMARY: usize = 80;
/// The most characters of a summary.
pub const MAX_SUMMARY: usize = 2_000;
/// The most authors of an entry.
pub(super) const MAX_AUTHORS: usize = 50;

/// A feed as it was parsed.
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
    /// The link in the feed, resolved if possible. It may be a `urn:`, a fragment or invalid, so it is only shown; use `url` to
    /// follow it.
    #[serde(rename = "url")]
    pub own_link: Option<String>,
    /// When the entry was published, or else last changed, as the feed says.
    #[serde(serialize_with = "rfc3339")]
    pub published: Option<DateTime<Utc>>,
    /// Plain text on one line, at most 2,000 characters.
    pub summary: String,
    /// The content of the article in the feed, as sanitised HTML.
    #[serde(skip)]
    pub content_html: SanitizedHtml,
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
    /// Text in which tags are not markup.
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

    fn html(&self, base: Option<&Url>) -> SanitizedHtml {
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

//! Finds the article that an entry is: keys find candidates, and evidence decides between them.
//!
//! Identity holds within one scope: a feed, an imported file, the newsroom's own articles. Another feed's claim of an address
//! changes nothing here; `arriving.rs` decides whether a newsletter already has the same article from another feed.
//!
//! A guid and an address are evidence, not proof. Feeds reuse guids, give every entry the address of one page, or change
//! both when the site moves. [`is_same`] weighs them with headline, text and date.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::canonical_url::{canonicalise, is_tracking};
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::text::html;

/// [`Article::closeness`] of the newsroom's own article.
pub(crate) const OWN: i64 = 3;
/// [`Article::closeness`] of an article whose feed is served by the host of the article's address.
pub(crate) const SAME_HOST: i64 = 2;
/// The same if the feed's host is a parent or subdomain of that host, such as `feeds.example.org` for `example.org`.
pub(crate) const RELATED_HOST: i64 = 1;
/// The same for any other article.
pub(crate) const ELSEWHERE: i64 = 0;

/// With at least this many different words in both, two texts that share most of them are one text, edited.
const MIN_WORDS_OF_EDITED_TEXT: usize = 30;
/// At most this many words of a text are compared.
const MAX_WORDS: usize = 400;
/// A headline must share at least this many words with a longer one to count as its earlier form.
const MIN_WORDS_OF_HEADLINE: usize = 3;
/// Dates at least this far apart count as two days.
const DAY_APART: TimeDelta = TimeDelta::hours(20);

/// One key of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// SHA-256 of the key's text.
    pub(crate) hash: [u8; 32],
    pub(crate) kind: Kind,
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Guid,
    Address,
    /// Headline with text: finds an article whose guid and address both changed.
    Text,
    /// Headline with date: likewise.
    Dated,
    /// Excerpt with the whole text: shows that a version of the article had this body.
    Body,
    /// Address, or headline and text, without the scope: finds the same article of another feed.
    Anywhere,
}

/// Which guids and addresses of one document do not identify an article.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// Addresses that different entries share: a page that all of them are on, or the site itself.
    shared: BTreeSet<String>,
    /// Page and fragment of each entry whose address names a part of a page.
    anchors: BTreeSet<(String, String)>,
    /// The guids of all entries, each with the headlines of its entries.
    headlines: BTreeMap<String, Vec<String>>,
    /// Guids that different entries share.
    repeated_guids: BTreeSet<String>,
}

impl Document {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut headlines: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in entries {
            if let Some(guid) = guid(entry) {
                headlines.entry(guid.to_owned()).or_default().push(entry.title.clone());
            }
        }
        Self {
            shared: shared(entries, canonical_url),
            anchors: entries
                .iter()
                .filter_map(|entry| Some((canonical_url(entry)?, fragment(entry.url.as_deref())?)))
                .collect(),
            headlines,
            repeated_guids: shared(entries, |entry| guid(entry).map(str::to_owned)),
        }
    }

    /// Whether a known article is in the document under its guid. An entry with this guid and quite another headline is another
    /// article: the feed used the guid again.
    fn has(&self, known: &Article) -> bool {
        let headlines = known.guid.as_ref().and_then(|guid| self.headlines.get(guid));
        let known = words(&known.title);
        headlines.is_some_and(|of_guid| of_guid.iter().any(|title| is_like(&words(title), &known)))
    }

    /// Whether an entry has the page and the fragment of a known article.
    fn has_anchor_of(&self, known: &Article) -> bool {
        let anchor = known.canonical_url.clone().zip(fragment(known.url.as_deref()));
        anchor.is_some_and(|anchor| self.anchors.contains(&anchor))
    }

    /// Whether the guid of an entry identifies it.
    pub(crate) fn trusts_guid_of(&self, entry: &Entry) -> bool {
        guid(entry).is_some_and(|guid| !self.repeated_guids.contains(guid))
    }
}

/// Guids or addresses that different entries of one document share.
fn shared(entries: &[Entry], of: impl Fn(&Entry) -> Option<String>) -> BTreeSet<String> {
    let mut first: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for entry in entries {
        let Some(value) = of(entry) else { continue };
        match first.get(&value) {
            Some(other) if are_different(entry, other) => {
                shared.insert(value);
            }
            Some(_) => {}
            None => {
                first.insert(value, entry);
            }
        }
    }
    shared
}

/// Whether two entries of one document with the same address or guid are two articles.
fn are_different(one: &Entry, other: &Entry) -> bool {
    if fragments_differ(one.url.as_deref(), other.url.as_deref()) {
        return true;
    }
    let (one_said, other_said) = (Said::by_entry(one), Said::by_entry(other));
    match one_said.text(&other_said) {
        Likeness::Same => false,
        // An edited text would replace the former one in the document, and not appear beside it.
        Likeness::Edited | Likeness::Different => true,
        Likeness::Unknown => {
            let guids_differ = matches!((guid(one), guid(other)), (Some(one), Some(other)) if one != other);
            guids_differ || !one_said.has_headline_of(&other_said)
        }
    }
}

/// The keys of an entry, the most specific first.
pub(crate) fn keys(scope: &str, entry: &Entry, document: &Document) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(guid) = guid(entry) {
        keys.push(key(Kind::Guid, &["guid", scope, guid]));
    }
    let url = canonical_url(entry);
    if let (Some(url), Some(fragment)) = (&url, fragment(entry.url.as_deref())) {
        keys.push(key(Kind::Address, &["anchor", scope, url, &fragment]));
    }
    if let Some(url) = url.as_ref().filter(|url| !document.shared.contains(*url)) {
        keys.push(key(Kind::Address, &["url", scope, url]));
    }
    // The text finds an article even if hundreds of articles share its guid and address.
    keys.push(key(Kind::Text, &["text", scope, &entry.title, &entry.summary]));
    if let Some(published) = entry.published {
        let published = published.to_rfc3339();
        keys.push(key(Kind::Dated, &["dated", scope, &entry.title, &published]));
    }
    if !entry.content_html.is_empty() {
        let body = ["body", scope, &entry.summary, &entry.content_html];
        keys.push(key(Kind::Body, &body));
    }
    match &url {
        Some(url) if document.shared.contains(url) => {}
        Some(url) => keys.push(key(Kind::Anywhere, &["url", url])),
        None if entry.summary.is_empty() => {}
        None => keys.push(key(Kind::Anywhere, &["content", &entry.title, &entry.summary])),
    }
    keys
}

/// Which keys a known article and an entry share.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of key")]
pub(crate) struct Met {
    pub(crate) guid: bool,
    pub(crate) address: bool,
    pub(crate) text: bool,
    pub(crate) date: bool,
    pub(crate) body: bool,
}

impl Met {
    pub(crate) fn by(kind: Kind) -> Self {
        Self {
            guid: kind == Kind::Guid,
            address: kind == Kind::Address,
            text: kind == Kind::Text,
            date: kind == Kind::Dated,
            body: kind == Kind::Body,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            guid: self.guid || other.guid,
            address: self.address || other.address,
            text: self.text || other.text,
            date: self.date || other.date,
            body: self.body || other.body,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Same,
    Different,
    /// One of the two has none, or it does not identify an article.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Same,
    /// Long enough and mostly the same words.
    Edited,
    Different,
    /// One of the two has no text.
    Unknown,
}

/// Whether an entry is this known article of its scope.
pub(crate) fn is_same(entry: &Entry, known: &Article, met: Met, document: &Document) -> bool {
    let guids = match (guid(entry), &known.guid) {
        _ if !document.trusts_guid_of(entry) => Match::Unknown,
        _ if met.guid => Match::Same,
        (Some(guid), Some(known)) if guid == known => Match::Same,
        (Some(_), Some(_)) => Match::Different,
        _ => Match::Unknown,
    };
    let address = canonical_url(entry);
    let is_shared = address.as_ref().is_some_and(|url| document.shared.contains(url));
    let addresses = match (&address, &known.canonical_url) {
        _ if met.address => Match::Same,
        (Some(url), Some(known)) if url != known => Match::Different,
        (Some(_), Some(_)) if !is_shared || guids == Match::Same => Match::Same,
        _ => Match::Unknown,
    };
    if guids == Match::Same && addresses == Match::Same {
        return true;
    }
    let (said, before) = (Said::by_entry(entry), Said::by_article(known));
    let (text, dates) = (said.text(&before), said.dates(&before));
    // The stored text stays as readers got it, but an edited version of the article had this body.
    let text = if met.body { Likeness::Same } else { text };
    let (same_headline, like_headline) = (said.headline == before.headline, said.has_headline_of(&before));
    // The known article is still in the document, under its own guid.
    let stands_beside = guids != Match::Same && document.has(known);
    // Two anchors of one page are two articles. Only if date, headline and body are the same, and the known one is no longer in the
    // document, the page gave its anchor another name.
    if address == known.canonical_url && fragments_differ(entry.url.as_deref(), known.url.as_deref()) {
        return same_headline
            && dates == Match::Same
            && said.has_body_of(&before, dates)
            && !stands_beside
            && !document.has_anchor_of(known);
    }
    // An edited version of the article had this headline, excerpt and date. At another address it must have had the whole text
    // as well, because many articles of a feed may share headline, excerpt and date.
    if met.text && met.date && (met.body || addresses != Match::Different) && !stands_beside {
        return true;
    }
    // The site moved, and changed guid and address at once. Headline, body and date stay.
    let moved = same_headline && dates != Match::Different && !stands_beside && said.has_body_of(&before, dates);
    match (guids, addresses) {
        (Match::Same, _) => match text {
            Likeness::Edited => true,
            Likeness::Same => addresses == Match::Unknown || like_headline || dates == Match::Same || said.is_long(),
            // Either the guid is reused for each day's item, or the address or date of the article changed.
            Likeness::Different => same_headline && dates != Match::Different,
            // Without an address there is no evidence that the guid was reused.
            Likeness::Unknown => like_headline || addresses == Match::Unknown,
        },
        (Match::Different, Match::Same) => match text {
            Likeness::Same => like_headline || dates == Match::Same || said.is_long(),
            Likeness::Edited => dates != Match::Different && !stands_beside,
            Likeness::Different => same_headline && dates == Match::Same,
            Likeness::Unknown if stands_beside => false,
            Likeness::Unknown if same_headline => !said.is_of_another_day(&before),
            Likeness::Unknown => dates == Match::Same,
        },
        // Without guids the address identifies the article, unless everything else changed.
        (Match::Unknown, Match::Same) => {
            like_headline || matches!(text, Likeness::Same | Likeness::Edited) || dates == Match::Same
        }
        (Match::Unknown, Match::Unknown) => {
            same_headline
                && match text {
                    Likeness::Same => true,
                    Likeness::Edited => dates != Match::Different,
                    Likeness::Different => false,
                    Likeness::Unknown => said.is_bare() && before.is_bare() && !said.is_of_another_day(&before),
                }
        }
        (Match::Different, Match::Different | Match::Unknown) | (Match::Unknown, Match::Different) => moved,
    }
}

/// Whether two articles of different feeds at one address are the same article.
pub(crate) fn agree(one: &Article, other: &Article) -> bool {
    if fragments_differ(one.url.as_deref(), other.url.as_deref()) {
        return false;
    }
    let (one, other) = (Said::by_article(one), Said::by_article(other));
    one.has_headline_of(&other) || matches!(one.text(&other), Likeness::Same | Likeness::Edited)
}

/// Whether headline or text say that an entry is this article.
pub(crate) fn reads_like(entry: &Entry, known: &Article) -> bool {
    let (said, before) = (Said::by_entry(entry), Said::by_article(known));
    said.headline == before.headline || matches!(said.text(&before), Likeness::Same | Likeness::Edited)
}

/// How close a feed is to the address of an article that it brings.
pub(crate) fn closeness(feed_url: &str, entry: &Entry) -> i64 {
    let (Some(feed), Some(page)) = (site(feed_url), entry.url.as_deref().and_then(site)) else {
        return ELSEWHERE;
    };
    let is_below = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    if feed == page {
        SAME_HOST
    } else if is_below(&feed, &page) || is_below(&page, &feed) {
        RELATED_HOST
    } else {
        ELSEWHERE
    }
}

/// Host and port of an address, without `www.`.
fn site(url: &str) -> Option<String> {
    let canonical = canonicalise(&Url::parse(url).ok()?);
    let rest = canonical.split_once("://")?.1;
    rest.split(['/', '?', '#']).next().map(str::to_owned)
}

/// The entry's address without what does not identify it.
pub(crate) fn canonical_url(entry: &Entry) -> Option<String> {
    entry
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .map(|url| canonicalise(&url))
}

pub(crate) fn guid(entry: &Entry) -> Option<&str> {
    entry.id.as_deref().map(str::trim).filter(|guid| !guid.is_empty())
}

/// The content of an entry or an article in a comparable form.
struct Said<'a> {
    headline: Vec<String>,
    summary: &'a str,
    content_html: &'a str,
    published: Option<DateTime<Utc>>,
}

impl<'a> Said<'a> {
    fn by_entry(entry: &'a Entry) -> Self {
        Self {
            headline: words(&entry.title),
            summary: &entry.summary,
            content_html: &entry.content_html,
            published: entry.published,
        }
    }

    fn by_article(article: &'a Article) -> Self {
        Self {
            headline: words(&article.title),
            summary: &article.summary,
            content_html: &article.content_html,
            published: article.published_at,
        }
    }

    /// The same headline, or one is the other with more words.
    fn has_headline_of(&self, other: &Said<'_>) -> bool {
        is_like(&self.headline, &other.headline)
    }

    fn is_bare(&self) -> bool {
        self.summary.is_empty() && self.content_html.is_empty()
    }

    fn is_long(&self) -> bool {
        set(&words(self.summary)).len() >= MIN_WORDS_OF_EDITED_TEXT
    }

    fn text(&self, other: &Said<'_>) -> Likeness {
        let summaries = likeness(self.summary, other.summary);
        if self.content_html.is_empty() || other.content_html.is_empty() {
            return summaries;
        }
        if self.content_html == other.content_html {
            return Likeness::Same;
        }
        // A short teaser may be the same every day, so then the whole text decides.
        match summaries {
            Likeness::Same | Likeness::Edited if self.is_long() => summaries,
            _ => likeness(
                &html::strip_tags(self.content_html),
                &html::strip_tags(other.content_html),
            ),
        }
    }

    fn dates(&self, other: &Said<'_>) -> Match {
        match (self.published, other.published) {
            (Some(one), Some(other)) if one == other => Match::Same,
            (Some(_), Some(_)) => Match::Different,
            _ => Match::Unknown,
        }
    }

    fn is_of_another_day(&self, other: &Said<'_>) -> bool {
        matches!((self.published, other.published), (Some(one), Some(other)) if (one - other).abs() >= DAY_APART)
    }

    /// Whether the bodies are the same and identify an article. A body of a few words does so only with the same date.
    fn has_body_of(&self, other: &Said<'_>, dates: Match) -> bool {
        let same =
            self.content_html == other.content_html && (!self.content_html.is_empty() || self.summary == other.summary);
        same && (dates == Match::Same || self.published == other.published && self.is_long())
    }
}

/// Whether two headlines have the same words, or one has all words of the other and more.
fn is_like(one: &[String], other: &[String]) -> bool {
    let (one, other) = (set(one), set(other));
    let common = one.intersection(&other).count();
    one == other || common >= MIN_WORDS_OF_HEADLINE && common == one.len().min(other.len())
}

/// Whether two plain texts are one.
fn likeness(one: &str, other: &str) -> Likeness {
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() {
        return Likeness::Unknown;
    }
    // One text was extended, or the other was cut.
    let (short, long) = if one.len() < other.len() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    if one == other || short.len() >= MIN_WORDS_OF_HEADLINE && long.starts_with(short) {
        return Likeness::Same;
    }
    let (one, other) = (set(&one), set(&other));
    let common = one.intersection(&other).count();
    let all = one.len() + other.len() - common;
    if one.len().min(other.len()) >= MIN_WORDS_OF_EDITED_TEXT && common * 10 >= all * 7 {
        Likeness::Edited
    } else {
        Likeness::Different
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.take(MAX_WORDS).map(str::to_lowercase).collect()
}

fn set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

/// The fragment of an address, if it may name a part of the page.
fn fragment(url: Option<&str>) -> Option<String> {
    let url = Url::parse(url?).ok()?;
    let fragment = url.fragment().filter(|fragment| !fragment.is_empty())?;
    let name = fragment.split('=').next().unwrap_or(fragment);
    // `#top` is the page's beginning in every browser.
    let says_nothing = fragment.eq_ignore_ascii_case("top") || is_tracking(name);
    (!says_nothing).then(|| fragment.to_owned())
}

fn fragments_differ(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((fragment(one), fragment(other)), (Some(one), Some(other)) if one != other)
}

fn key(kind: Kind, parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    Key {
        hash: hash.finalize().into(),
        kind,
    }
}

#[cfg(test)]
mod tests;

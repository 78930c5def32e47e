//! Recognises the same article in two feeds, and which of the two feeds is closer to it.

use url::Url;

use super::content::{Content, DateMatch, HeadlineMatch};
use super::identifiers::fragments_differ;
use crate::domain::canonical_url::canonicalise;
use crate::domain::states::Closeness;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;

/// Whether two articles of different feeds at one address are the same article. A shared address is not enough: any feed can
/// claim an address.
pub(in crate::ingest) fn is_same_across_feeds(one: &Article, other: &Article) -> bool {
    if fragments_differ(one.url.as_deref(), other.url.as_deref()) {
        return false;
    }
    let (one, other) = (Content::of_article(one), Content::of_article(other));
    one.headline_match(&other).is_similar()
        || one.text_match(&other).is_similar()
        // Each feed edited its copy. Two daily items with similar headlines have dates of their own.
        || one.date_match(&other) == DateMatch::Same && one.shares_most_of_headline(&other)
}

/// Whether an entry has the headline or the text of an article.
pub(in crate::ingest) fn reads_like(entry: &Entry, known: &Article) -> bool {
    let (entry, known) = (Content::of_entry(entry), Content::of_article(known));
    entry.headline_match(&known) == HeadlineMatch::Same || entry.text_match(&known).is_similar()
}

/// How close a feed is to the address of an article that it brings.
pub(in crate::ingest) fn closeness(feed_url: &str, entry: &Entry) -> Closeness {
    let (Some(feed), Some(page)) = (host_and_port(feed_url), entry.url.as_deref().and_then(host_and_port)) else {
        return Closeness::OtherHost;
    };
    let is_subdomain = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    if feed == page {
        Closeness::SameHost
    } else if is_subdomain(&feed, &page) || is_subdomain(&page, &feed) {
        Closeness::RelatedHost
    } else {
        Closeness::OtherHost
    }
}

/// Host and port of an address, without `www.`.
fn host_and_port(url: &str) -> Option<String> {
    let canonical = canonicalise(&Url::parse(url).ok()?);
    let rest = canonical.split_once("://")?.1;
    rest.split(['/', '?', '#']).next().map(str::to_owned)
}

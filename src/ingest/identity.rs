//! By what an entry is known again: its guid within its feed, its canonical address, or its content and date; and when
//! such a key stands for another article than it did.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::canonical_url::canonicalise;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;

/// Words that two texts must have before what they share says anything.
const ENOUGH_WORDS: usize = 30;

/// One key of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
    /// How far it is to be believed.
    pub kind: Kind,
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A guid: a feed may use one again.
    Guid,
    /// An address: of a page that may change, or that many entries link.
    Address,
    /// Text: what has the same is the same.
    Text,
}

/// The keys of an entry, the most telling first. `shared` holds the addresses that identify none of the entries that have
/// them.
#[must_use]
pub fn keys(scope: &str, entry: &Entry, shared: &BTreeSet<String>) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(guid) = guid(entry) {
        keys.push(key(Kind::Guid, &["guid", scope, guid]));
    }
    if let Some(url) = canonical_url(entry).filter(|url| !shared.contains(url)) {
        keys.push(key(Kind::Address, &["url", &url]));
    } else if guid(entry).is_some() {
        // Its guid may be used again before it comes again, and there is nothing else to know it by.
        keys.push(reused_guid(scope, entry));
    }
    if keys.is_empty() {
        keys.push(key(Kind::Text, &["content", &entry.title, &entry.summary]));
    } else if let Some(published) = entry.published.filter(|_| !entry.content_html.is_empty()) {
        // A site that moves changes guid and address at once; headline, body and date together stay.
        let published = published.to_rfc3339();
        keys.push(key(
            Kind::Text,
            &["moved", scope, &entry.title, &entry.content_html, &published],
        ));
    }
    keys
}

/// What an entry is known by whose guid was used before: the guid with the text that it stands for now.
#[must_use]
pub fn reused_guid(scope: &str, entry: &Entry) -> Key {
    let guid = guid(entry).unwrap_or_default();
    key(Kind::Text, &["reused", scope, guid, &entry.title, &entry.summary])
}

/// Addresses that entries of one document share although they are different articles: a page that all of them are on, or
/// the site itself.
#[must_use]
pub fn shared_addresses(entries: &[Entry]) -> BTreeSet<String> {
    let mut first: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for entry in entries {
        let Some(url) = canonical_url(entry) else { continue };
        match first.get(&url) {
            Some(other) if other.title != entry.title && !same_text(&other.summary, &entry.summary) => {
                shared.insert(url);
            }
            Some(_) => {}
            None => {
                first.insert(url, entry);
            }
        }
    }
    shared
}

/// Whether the article that a key leads to is another one than this entry of the feed `scope`, for all that can be told.
#[must_use]
pub fn is_another(kind: Kind, entry: &Entry, known: &Article, same_feed: bool) -> bool {
    if reads_like(entry, known) {
        return false;
    }
    let both_have_text = !entry.summary.is_empty() && !known.summary.is_empty();
    match kind {
        Kind::Guid => match (canonical_url(entry), &known.canonical_url) {
            (Some(url), Some(other)) => url != *other,
            _ => both_have_text,
        },
        // Not even the guid is the same, nor the date: a page that shows something else now.
        Kind::Address => {
            let redated = entry
                .published
                .is_some_and(|at| known.published_at.is_some_and(|other| at != other));
            same_feed && guid(entry).is_some() && redated && both_have_text
        }
        Kind::Text => false,
    }
}

/// Whether headline or text say that an entry is this article.
#[must_use]
pub fn reads_like(entry: &Entry, known: &Article) -> bool {
    entry.title == known.title || alike(entry, known)
}

/// The entry's address without what does not identify it.
#[must_use]
pub fn canonical_url(entry: &Entry) -> Option<String> {
    entry
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .map(|url| canonicalise(&url))
}

fn guid(entry: &Entry) -> Option<&str> {
    entry.id.as_deref().map(str::trim).filter(|guid| !guid.is_empty())
}

/// Whether the text is the same, or a longer one that was touched up.
fn alike(entry: &Entry, known: &Article) -> bool {
    if same_text(&entry.summary, &known.summary) || same_text(&entry.content_html, &known.content_html) {
        return true;
    }
    let (new, old) = (words(&entry.summary), words(&known.summary));
    let common = new.intersection(&old).count();
    let all = new.len() + old.len() - common;
    new.len().min(old.len()) >= ENOUGH_WORDS && common * 10 >= all * 7
}

fn same_text(one: &str, other: &str) -> bool {
    !one.is_empty() && one == other
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
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

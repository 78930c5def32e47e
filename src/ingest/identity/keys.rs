//! The keys of an entry: hashes by which the database finds the stored articles that the entry may be.

use sha2::{Digest, Sha256};

use super::document::DocumentIndex;
use super::identifiers::{canonical_url, fragment, guid};
use crate::domain::scope::Scope;
use crate::feeds::parse::Entry;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Key {
    /// SHA-256 of the key's parts.
    pub(in crate::ingest) hash: [u8; 32],
    pub(in crate::ingest) kind: KeyKind,
}

/// What a key is made of. Each kind except [`Self::CrossFeed`] includes the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum KeyKind {
    Guid,
    /// The address, with or without its fragment.
    Address,
    /// Headline and excerpt. Finds an article whose guid and address both changed.
    HeadlineAndExcerpt,
    /// Headline and publication date. Finds an article whose guid, address and text changed.
    HeadlineAndDate,
    /// Excerpt and whole text. Shows that the article had this text, although the stored version may have another.
    Body,
    /// The address, or without one headline and excerpt. Finds the same article in another feed.
    CrossFeed,
}

/// The keys of an entry, the most specific first.
pub(in crate::ingest) fn keys(scope: &Scope, entry: &Entry, document: &DocumentIndex) -> Vec<Key> {
    let scope = scope.to_string();
    let scope = scope.as_str();
    let mut keys = Vec::new();
    if let Some(guid) = guid(entry) {
        keys.push(key(KeyKind::Guid, &["guid", scope, guid]));
    }
    let url = canonical_url(entry);
    if let (Some(url), Some(fragment)) = (&url, fragment(entry.url.as_deref())) {
        keys.push(key(KeyKind::Address, &["anchor", scope, url, &fragment]));
    }
    // An address that several entries share would make each of them a candidate for the others.
    let own_url = url.as_ref().filter(|url| !document.is_shared_url(url));
    if let Some(url) = own_url {
        keys.push(key(KeyKind::Address, &["url", scope, url]));
    }
    // The lookup by a key is limited. If hundreds of articles share guid and address, only their content finds the right one.
    let headline_and_excerpt = ["text", scope, &entry.title, &entry.summary];
    keys.push(key(KeyKind::HeadlineAndExcerpt, &headline_and_excerpt));
    if let Some(published) = entry.published {
        let headline_and_date = ["dated", scope, &entry.title, &published.to_rfc3339()];
        keys.push(key(KeyKind::HeadlineAndDate, &headline_and_date));
    }
    if !entry.content_html.is_empty() {
        let body = ["body", scope, &entry.summary, &entry.content_html];
        keys.push(key(KeyKind::Body, &body));
    }
    match (&url, own_url) {
        (Some(_), Some(url)) => keys.push(key(KeyKind::CrossFeed, &["url", url])),
        // A shared address says nothing about another feed's article there.
        (Some(_), None) => {}
        // Without any text, the headline alone is too little.
        (None, _) if entry.summary.is_empty() => {}
        (None, _) => keys.push(key(KeyKind::CrossFeed, &["content", &entry.title, &entry.summary])),
    }
    keys
}

fn key(kind: KeyKind, parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        // A separator, so that the parts `ab`, `c` and `a`, `bc` give different keys.
        hash.update([0]);
    }
    Key {
        hash: hash.finalize().into(),
        kind,
    }
}

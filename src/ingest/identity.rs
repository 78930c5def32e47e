//! By what an entry is known again: its guid within its feed, its canonical address, or its content and date.

use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::canonical_url::canonicalise;
use crate::feeds::parse::Entry;

/// One key of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
    /// Whether it is a guid: a feed may use one again.
    pub is_guid: bool,
}

/// The keys of an entry, the most telling first.
#[must_use]
pub fn keys(scope: &str, entry: &Entry) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(guid) = entry.id.as_deref().filter(|guid| !guid.trim().is_empty()) {
        keys.push(key(true, &["guid", scope, guid.trim()]));
    }
    if let Some(url) = canonical_url(entry) {
        keys.push(key(false, &["url", &url]));
    }
    if keys.is_empty() {
        keys.push(key(false, &["content", &entry.title, &entry.summary]));
    } else if let Some(published) = entry.published.filter(|_| !entry.content_html.is_empty()) {
        // A site that moves changes guid and address at once; headline, body and date together stay.
        let published = published.to_rfc3339();
        keys.push(key(
            false,
            &["moved", scope, &entry.title, &entry.content_html, &published],
        ));
    }
    keys
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

fn key(is_guid: bool, parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    Key {
        hash: hash.finalize().into(),
        is_guid,
    }
}

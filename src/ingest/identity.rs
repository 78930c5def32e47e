//! Finds out which article an entry is, so that a newsletter never sends an article twice.
//!
//! - `keys.rs`: hashes of an entry's guid, address and content. A stored article with one of these keys is a candidate.
//! - `document.rs`: which guids and addresses of the fetched document do not identify an article.
//! - `evidence.rs`: compares an entry with a candidate.
//! - `rules.rs`: decides from that evidence whether they are the same article.
//! - `other_feeds.rs`: recognises the same article in another feed.
//!
//! Guid and address are evidence, not proof. Feeds reuse guids, give every entry the address of one page, or change both when
//! their site moves. So the rules also compare headline, text and date.
//!
//! A candidate has the same scope as the entry: one feed, one imported file, or the editorial articles. A feed can therefore not
//! change an article of another feed. `arrival.rs` decides whether a newsletter already has the same article from another feed.

mod content;
mod document;
mod evidence;
mod identifiers;
mod keys;
mod other_feeds;
mod rules;
#[cfg(test)]
mod tests;

pub(super) use document::DocumentIndex;
pub(super) use evidence::MatchedKeys;
pub(super) use identifiers::{canonical_url, guid};
pub(super) use keys::{Key, KeyKind, keys};
pub(super) use other_feeds::{closeness, is_same_across_feeds, reads_like};
pub(super) use rules::is_same;

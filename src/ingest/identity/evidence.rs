//! Compares an entry with a candidate: a stored article of its scope that shares at least one key with it.

use super::content::{Content, DateMatch, HeadlineMatch, TextMatch};
use super::document::DocumentIndex;
use super::identifiers::{canonical_url, fragments_differ, guid};
use super::keys::KeyKind;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;

/// The kinds of keys that an entry and a candidate share. A candidate keeps the keys of every version that its feed had, so a key
/// can match although the stored version differs.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of key")]
pub(in crate::ingest) struct MatchedKeys {
    pub(in crate::ingest) guid: bool,
    pub(super) address: bool,
    pub(super) headline_and_excerpt: bool,
    pub(super) headline_and_date: bool,
    pub(super) body: bool,
}

impl MatchedKeys {
    pub(in crate::ingest) fn add(&mut self, kind: KeyKind) {
        match kind {
            KeyKind::Guid => self.guid = true,
            KeyKind::Address => self.address = true,
            KeyKind::HeadlineAndExcerpt => self.headline_and_excerpt = true,
            KeyKind::HeadlineAndDate => self.headline_and_date = true,
            KeyKind::Body => self.body = true,
            // It has no scope, and is looked up in `arrival.rs` only.
            KeyKind::CrossFeed => {}
        }
    }

    /// Whether a version of the candidate had the headline, excerpt and date of the entry.
    fn has_version(self) -> bool {
        self.headline_and_excerpt && self.headline_and_date
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdentifierMatch {
    Same,
    Different,
    /// One of the two has no such identifier, or it does not identify an article in this document.
    Unknown,
}

/// How the guids and the addresses of an entry and a candidate compare.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdentifierEvidence {
    pub(super) guid: IdentifierMatch,
    pub(super) address: IdentifierMatch,
}

impl IdentifierEvidence {
    pub(super) fn of(entry: &Entry, known: &Article, matched: MatchedKeys, document: &DocumentIndex) -> Self {
        let guid = match (guid(entry), &known.guid) {
            _ if !document.trusts_guid_of(entry) => IdentifierMatch::Unknown,
            // An earlier version of the article had this guid.
            _ if matched.guid => IdentifierMatch::Same,
            (Some(guid), Some(known)) if guid == known => IdentifierMatch::Same,
            (Some(_), Some(_)) => IdentifierMatch::Different,
            _ => IdentifierMatch::Unknown,
        };
        let url = canonical_url(entry);
        let is_shared = url.as_ref().is_some_and(|url| document.is_shared_url(url));
        let address = match (&url, &known.canonical_url) {
            // An earlier version of the article had this address.
            _ if matched.address => IdentifierMatch::Same,
            (Some(url), Some(known)) if url != known => IdentifierMatch::Different,
            // A shared address identifies an article only together with its guid.
            (Some(_), Some(_)) if !is_shared || guid == IdentifierMatch::Same => IdentifierMatch::Same,
            _ => IdentifierMatch::Unknown,
        };
        Self { guid, address }
    }
}

/// How the content of an entry and a candidate compare, and whether the document still lists the candidate beside the entry.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each read by a rule")]
pub(super) struct ContentEvidence {
    pub(super) headline: HeadlineMatch,
    pub(super) text: TextMatch,
    pub(super) date: DateMatch,
    /// The texts are the same, and long or dated enough to identify an article.
    pub(super) same_body: bool,
    /// The entry's text has so many words that another article does not have it by chance.
    pub(super) long_text: bool,
    /// Both consist of a headline and nothing else.
    pub(super) headlines_only: bool,
    /// A version of the candidate had the headline, excerpt and date of the entry.
    pub(super) known_version: bool,
    /// A version of the candidate had the whole text of the entry.
    pub(super) known_body: bool,
    /// Both addresses name the same page, and different parts of it.
    pub(super) other_anchor: bool,
    /// The document lists the candidate under its own guid, which is not the entry's.
    pub(super) known_guid_listed: bool,
    /// The document lists the candidate's address with its fragment.
    pub(super) known_anchor_listed: bool,
}

impl ContentEvidence {
    pub(super) fn of(
        entry: &Entry,
        known: &Article,
        matched: MatchedKeys,
        document: &DocumentIndex,
        identifiers: IdentifierEvidence,
    ) -> Self {
        let (new, stored) = (Content::of_entry(entry), Content::of_article(known));
        Self {
            headline: new.headline_match(&stored),
            // A later version is not always stored, because readers may have the former one. Its key is.
            text: if matched.body {
                TextMatch::Same
            } else {
                new.text_match(&stored)
            },
            date: new.date_match(&stored),
            same_body: new.has_same_body(&stored),
            long_text: new.is_long(),
            headlines_only: new.is_headline_only() && stored.is_headline_only(),
            known_version: matched.has_version(),
            known_body: matched.body,
            other_anchor: canonical_url(entry) == known.canonical_url
                && fragments_differ(entry.url.as_deref(), known.url.as_deref()),
            known_guid_listed: identifiers.guid != IdentifierMatch::Same && document.lists_guid_of(known),
            known_anchor_listed: document.lists_anchor_of(known),
        }
    }
}

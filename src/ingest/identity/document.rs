//! Examines a whole fetched document: which of its guids and addresses do not identify an article.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Content, HeadlineMatch, TextMatch, have_similar_headlines};
use super::identifiers::{canonical_url, fragment, fragments_differ, guid};
use crate::feeds::parse::Entry;
use crate::store::articles::Article;

/// What the entries of one document show about its guids and addresses.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct DocumentIndex {
    /// Addresses of two different entries: a page with several articles, or the home page of the site.
    shared_urls: BTreeSet<String>,
    /// Guids of two different entries.
    shared_guids: BTreeSet<String>,
    /// Address and fragment of each entry whose address has one.
    anchors: BTreeSet<(String, String)>,
    /// The headlines of the entries of each guid.
    headlines_of_guids: BTreeMap<String, Vec<String>>,
}

impl DocumentIndex {
    pub(in crate::ingest) fn of(entries: &[Entry]) -> Self {
        let mut headlines_of_guids: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in entries {
            if let Some(guid) = guid(entry) {
                let headlines = headlines_of_guids.entry(guid.to_owned()).or_default();
                headlines.push(entry.title.clone());
            }
        }
        let anchor = |entry| Some((canonical_url(entry)?, fragment(entry.url.as_deref())?));
        Self {
            shared_urls: shared_by_different_entries(entries, canonical_url),
            shared_guids: shared_by_different_entries(entries, |entry| guid(entry).map(str::to_owned)),
            anchors: entries.iter().filter_map(anchor).collect(),
            headlines_of_guids,
        }
    }

    pub(super) fn is_shared_url(&self, url: &str) -> bool {
        self.shared_urls.contains(url)
    }

    /// Whether the guid of an entry identifies it: it has one that no other entry has.
    pub(in crate::ingest) fn trusts_guid_of(&self, entry: &Entry) -> bool {
        guid(entry).is_some_and(|guid| !self.shared_guids.contains(guid))
    }

    /// Whether the document has an entry with the guid of a known article and a similar headline. An entry with this guid and
    /// another headline is another article: the feed reused the guid.
    pub(super) fn lists_guid_of(&self, known: &Article) -> bool {
        let headlines = known.guid.as_ref().and_then(|guid| self.headlines_of_guids.get(guid));
        headlines.is_some_and(|headlines| {
            let mut headlines = headlines.iter();
            headlines.any(|headline| have_similar_headlines(headline, &known.title))
        })
    }

    /// Whether the document has an entry with the address and fragment of a known article.
    pub(super) fn lists_anchor_of(&self, known: &Article) -> bool {
        let anchor = known.canonical_url.clone().zip(fragment(known.url.as_deref()));
        anchor.is_some_and(|anchor| self.anchors.contains(&anchor))
    }
}

/// The identifiers, guids or addresses, that different entries of one document share.
fn shared_by_different_entries(entries: &[Entry], identifier: impl Fn(&Entry) -> Option<String>) -> BTreeSet<String> {
    let mut first: BTreeMap<String, &Entry> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for entry in entries {
        let Some(value) = identifier(entry) else { continue };
        match first.get(&value) {
            Some(other) if are_different(entry, other) => {
                shared.insert(value);
            }
            // The document lists one article twice.
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
    let (one_content, other_content) = (Content::of_entry(one), Content::of_entry(other));
    match one_content.text_match(&other_content) {
        TextMatch::Same => false,
        // A feed that edits an article replaces its entry, and does not list both versions.
        TextMatch::Edited | TextMatch::Different => true,
        TextMatch::Unknown => {
            let guids_differ = matches!((guid(one), guid(other)), (Some(one), Some(other)) if one != other);
            guids_differ || one_content.headline_match(&other_content) == HeadlineMatch::Different
        }
    }
}

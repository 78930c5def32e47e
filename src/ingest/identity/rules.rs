//! Decides whether an entry is the same article as a candidate. Each rule is one function, and its comment says why it is correct.
//!
//! Two mistakes are possible. If an article counts as new, readers get it twice. If two articles count as one, readers never get
//! the second. So an entry is the known article only if one rule finds enough evidence for it.

use super::content::{DateMatch, HeadlineMatch, TextMatch};
use super::document::DocumentIndex;
use super::evidence::{ContentEvidence, IdentifierEvidence, IdentifierMatch, MatchedKeys};
use crate::feeds::parse::Entry;
use crate::store::articles::Article;

/// Whether an entry is this known article of its scope. `matched` are the keys by which the article was found.
pub(in crate::ingest) fn is_same(
    entry: &Entry,
    known: &Article,
    matched: MatchedKeys,
    document: &DocumentIndex,
) -> bool {
    let identifiers = IdentifierEvidence::of(entry, known, matched, document);
    if have_same_guid_and_address(identifiers) {
        return true;
    }
    decide(
        identifiers,
        &ContentEvidence::of(entry, known, matched, document, identifiers),
    )
}

/// Same guid, same address. Nothing else matters, because every part of an article may be edited. This applies to nearly all entries
/// that were read before, so it is decided before any texts are compared.
fn have_same_guid_and_address(identifiers: IdentifierEvidence) -> bool {
    identifiers.guid == IdentifierMatch::Same && identifiers.address == IdentifierMatch::Same
}

/// The first rule that applies decides.
fn decide(identifiers: IdentifierEvidence, content: &ContentEvidence) -> bool {
    use IdentifierMatch::{Different, Same, Unknown};
    if content.other_anchor {
        return is_renamed_anchor(content);
    }
    if is_known_version(identifiers, content) {
        return true;
    }
    match (identifiers.guid, identifiers.address) {
        (Same, Same) => true,
        (Same, Different) => has_same_guid_at_other_address(content),
        (Same, Unknown) => has_same_guid_without_address(content),
        (Different, Same) => has_other_guid_at_same_address(content),
        (Unknown, Same) => has_same_address_without_guid(content),
        (Unknown, Unknown) => has_same_content_without_identifiers(content),
        (Different, Different | Unknown) | (Unknown, Different) => is_moved(content),
    }
}

/// The page is the same, and the fragments differ. These are two articles of one page, such as the entries of a live blog.
/// Exception: the page renamed an anchor. Then headline, date and text stay, and the document no longer lists the known article.
fn is_renamed_anchor(content: &ContentEvidence) -> bool {
    content.headline == HeadlineMatch::Same
        && content.date == DateMatch::Same
        && content.same_body
        && !content.known_guid_listed
        && !content.known_anchor_listed
}

/// An edited version of the article had this headline, excerpt and date. It was not stored, because readers have the version
/// before it, and now the feed changed the guid too. At another address it must have had the whole text as well: many articles of
/// a feed may share headline, excerpt and date.
fn is_known_version(identifiers: IdentifierEvidence, content: &ContentEvidence) -> bool {
    content.known_version
        && (content.known_body || identifiers.address != IdentifierMatch::Different)
        && !content.known_guid_listed
}

/// Either the site moved the article, or the feed gives each day's item the same guid. A moved article keeps its text.
fn has_same_guid_at_other_address(content: &ContentEvidence) -> bool {
    match content.text {
        TextMatch::Edited => true,
        // A short text may be the same each day, such as "Read more.", so something else must agree.
        TextMatch::Same => content.headline.is_similar() || content.date == DateMatch::Same || content.long_text,
        // Moved and rewritten at once: it still has its headline and its date.
        TextMatch::Different => content.headline == HeadlineMatch::Same && !content.date.differs(),
        TextMatch::Unknown => content.headline.is_similar(),
    }
}

/// The guid is the only identifier. It counts unless text and headline or date show that the feed reused it.
fn has_same_guid_without_address(content: &ContentEvidence) -> bool {
    match content.text {
        TextMatch::Same | TextMatch::Edited | TextMatch::Unknown => true,
        TextMatch::Different => content.headline == HeadlineMatch::Same && !content.date.differs(),
    }
}

/// Either the feed changed the guid of an article, or the page has a new item each day, such as a briefing or a weather report.
fn has_other_guid_at_same_address(content: &ContentEvidence) -> bool {
    match content.text {
        // A short text may be the same each day, so something else must agree.
        TextMatch::Same => content.headline.is_similar() || content.date == DateMatch::Same || content.long_text,
        // Most words of a weather report are yesterday's. A changed date, or the known guid in the document, distinguishes them.
        TextMatch::Edited => !content.date.differs() && !content.known_guid_listed,
        // Rewritten: a daily item has a date of its own.
        TextMatch::Different => content.headline == HeadlineMatch::Same && content.date == DateMatch::Same,
        // Without texts, an article that the document lists with its own guid is another one.
        TextMatch::Unknown if content.known_guid_listed => false,
        TextMatch::Unknown if content.headline == HeadlineMatch::Same => content.date != DateMatch::OtherDay,
        TextMatch::Unknown => content.date == DateMatch::Same,
    }
}

/// The address is the only identifier. It counts unless headline, text and date all changed.
fn has_same_address_without_guid(content: &ContentEvidence) -> bool {
    content.headline.is_similar() || content.text.is_similar() || content.date == DateMatch::Same
}

/// Neither guid nor address identifies the entry: it has none, or shares them with other entries of the document.
fn has_same_content_without_identifiers(content: &ContentEvidence) -> bool {
    content.headline == HeadlineMatch::Same
        && match content.text {
            TextMatch::Same => true,
            TextMatch::Edited => !content.date.differs(),
            TextMatch::Different => false,
            // If only one of the two has a text, nothing shows that they are the same.
            TextMatch::Unknown => content.headlines_only && content.date != DateMatch::OtherDay,
        }
}

/// Guid and address differ, or the only one that both have does. If the site moved and changed both at once, then headline, text
/// and date stay, and the document no longer lists the article under its former guid.
fn is_moved(content: &ContentEvidence) -> bool {
    content.headline == HeadlineMatch::Same
        && !content.date.differs()
        && content.same_body
        && !content.known_guid_listed
}

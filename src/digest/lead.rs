//! Which report of a story is its lead: the one whose headline, excerpt and link the issue shows.

use std::cmp::Reverse;

use url::Url;

use super::inputs::{Candidate, Inputs};
use super::ranking::{Novelty, score_terms, thousandths};
use crate::domain::canonical_url::canonicalise;
use crate::text::language::is_same_language;

/// Sorts the reports of a story so that its lead is the first.
pub(super) fn put_lead_first(inputs: &Inputs, reports: &mut [&Candidate]) {
    reports.sort_by_cached_key(|report| lead_order(inputs, report));
    prefer_publisher(inputs, reports);
}

/// The order of leads. The smallest value wins: a pinned report, then the one with the largest sum of the points of its source's and its
/// editor's weight, then one in the newsletter's language before one in an unknown language and one in another, then one with a
/// summary, then the earliest.
fn lead_order(inputs: &Inputs, report: &Candidate) -> impl Ord + use<> {
    (
        preference(inputs, report),
        report.summary.is_empty(),
        report.listed_at(),
        // Makes the order total, so that equal inputs give equal bytes.
        report.public_id.clone(),
    )
}

/// The part of [`lead_order`] that editors and settings decide.
fn preference(inputs: &Inputs, report: &Candidate) -> (Reverse<bool>, Reverse<i64>, u8) {
    // Only the weights of source and editor count here, so the number of sources and the novelty do not matter.
    let terms = score_terms(inputs, &[report], 1, Novelty::New);
    (
        Reverse(report.pinned || inputs.edits.pinned.contains(&report.public_id)),
        Reverse(thousandths(terms.source_weight + terms.editor)),
        match &report.language {
            Some(language) if is_same_language(language, &inputs.rules.language) => 0,
            None => 1,
            Some(_) => 2,
        },
    )
}

/// Puts the publisher's own report before another source's report that links to the same page. Otherwise a feed could put its own
/// headline over another site's article by linking to it.
///
/// Editors and settings have precedence: a report that they prefer less than the lead does not replace it.
fn prefer_publisher(inputs: &Inputs, reports: &mut [&Candidate]) {
    let Some(&lead) = reports.first() else { return };
    let (page_of_lead, preference_of_lead) = (page(&lead.url), preference(inputs, lead));
    // A greater closeness is closer to the publisher.
    let closer = reports.iter().enumerate().filter(|(_, report)| {
        report.closeness > lead.closeness
            && page(&report.url) == page_of_lead
            && preference(inputs, report) == preference_of_lead
    });
    // Of equally close reports the first.
    if let Some((position, _)) = closer.max_by_key(|(position, report)| (report.closeness, Reverse(*position))) {
        reports[..=position].rotate_right(1);
    }
}

/// The page that an address leads to, so that two spellings of one address are equal; `None` if the address does not parse.
pub(super) fn page(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| canonicalise(&url))
}

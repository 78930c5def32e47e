//! Selects the stories of an issue from the candidates. Each story has a reason, which names the rule that let it in or left it out.
//!
//! [`select`] works in phases: build stories from the groups of reports, sort them by score, apply the caps, arrange the chosen ones.
//! A story that a phase leaves out is kept with the reason, because editors are shown every article and why it is in or out.

use std::cmp::Reverse;

use super::arrangement::arrange;
use super::caps::apply_caps;
use super::clustering::{Report, copies};
use super::exclusion::exclusion;
use super::grouping::{Group, Grouping, ReportIndex, eligible};
use super::inputs::{Candidate, Inputs, PreviousCoverage};
use super::lead::{page, put_lead_first};
use super::ranking::{Novelty, score_terms, thousandths};
use super::story::{Story, source_names};

/// All stories of the candidates: those in the issue first, in their order, then those left out by score. `grouping` must come from
/// the same candidates, rules and edits.
#[must_use]
pub fn select<'a>(inputs: &'a Inputs, grouping: &Grouping) -> Vec<Story<'a>> {
    let mut left_out = excluded_stories(inputs);
    let (mut stories, copies) = build_stories(inputs, grouping);
    left_out.extend(copies);

    stories.sort_by_cached_key(|story| rank(inputs, story));
    let chosen = apply_caps(inputs, stories, &mut left_out);

    let mut selected = arrange(inputs, chosen);
    for (story, position) in selected.iter_mut().zip(1..) {
        story.position = Some(position);
    }
    left_out.sort_by_cached_key(|story| rank(inputs, story));
    selected.extend(left_out);
    selected
}

/// A story for each candidate that a rule excludes.
fn excluded_stories(inputs: &Inputs) -> Vec<Story<'_>> {
    let candidates = inputs.candidates.iter();
    candidates
        .filter_map(|candidate| {
            let reason = exclusion(&inputs.rules, candidate)?;
            Some(Story::new(
                vec![candidate],
                1,
                score_terms(inputs, &[candidate], 1, Novelty::New),
                reason,
            ))
        })
        .collect()
}

/// Builds a story from each group with new reports. Returns the stories, and a story for each report that is only a copy of an
/// article in an earlier issue.
fn build_stories<'a>(inputs: &'a Inputs, grouping: &Grouping) -> (Vec<Story<'a>>, Vec<Story<'a>>) {
    let eligible = eligible(inputs);
    let (mut stories, mut copies) = (Vec::new(), Vec::new());
    for group in &grouping.0 {
        let mut new_reports = Vec::new();
        let mut novelty = Novelty::New;
        for report in &group.reports {
            let ReportIndex::Eligible(index) = *report else {
                novelty = Novelty::Continued;
                continue;
            };
            let candidate = eligible[index];
            match copied_from(inputs, group, *report, candidate) {
                Some(previous) => {
                    let reason = format!(
                        "a copy of {}, which was in issue {}",
                        previous.public_id, previous.issue_number
                    );
                    let terms = score_terms(inputs, &[candidate], 1, Novelty::Continued);
                    copies.push(Story::new(vec![candidate], 1, terms, reason));
                }
                None => new_reports.push((*report, candidate)),
            }
        }
        if new_reports.is_empty() {
            continue;
        }
        let texts = count_texts(group, &new_reports);
        let mut reports: Vec<&Candidate> = new_reports.into_iter().map(|(_, candidate)| candidate).collect();
        put_lead_first(inputs, &mut reports);
        // One source can publish two texts, and two sources can publish one agency's text: neither is independent confirmation.
        let independent = source_names(&reports).len().clamp(1, texts.max(1));
        let terms = score_terms(inputs, &reports, independent, novelty);
        // The caps decide about it and set the reason.
        stories.push(Story::new(reports, independent, terms, String::new()));
    }
    (stories, copies)
}

/// The earlier article that a report is a copy of, if it is one.
fn copied_from<'a>(
    inputs: &'a Inputs,
    group: &Group,
    report: ReportIndex,
    candidate: &Candidate,
) -> Option<&'a PreviousCoverage> {
    let text = group.copies.iter().find(|text| text.contains(&report))?;
    let mut previous = text.iter().filter_map(|member| match member {
        ReportIndex::Previous(index) => inputs.previous_coverage.get(*index),
        ReportIndex::Eligible(_) => None,
    });
    previous.find(|previous| !is_next_in_series(candidate, previous))
}

/// How many distinct texts the reports have.
fn count_texts(group: &Group, reports: &[(ReportIndex, &Candidate)]) -> usize {
    let is_of_reports = |text: &&Vec<ReportIndex>| reports.iter().any(|(report, _)| text.contains(report));
    group.copies.iter().filter(is_of_reports).count()
}

/// Whether an article is a later part of the series that an earlier article of the same feed belongs to. Then it is not a copy,
/// however similar the two are. Examples are a daily item at a fixed address, and different texts under the same headline.
fn is_next_in_series(candidate: &Candidate, previous: &PreviousCoverage) -> bool {
    if candidate.feed_id.is_none() || candidate.feed_id != previous.feed_id {
        return false;
    }
    // Ingestion treats two entries of one feed with the same address as two articles only if the feed distinguishes them.
    let page_of_candidate = page(&candidate.url);
    if page_of_candidate.is_some() && page_of_candidate == page(&previous.url) {
        return true;
    }
    let texts = [Report::from(candidate), Report::from(previous)].map(|report| Report { title: "", ..report });
    candidate.title.trim() == previous.title.trim() && copies(&texts).len() == 2
}

/// The rank of a story; the smallest value is the first. Stories that the editor pinned in the draft come first, in that order, then
/// those with a pinned article, then those with the highest score, then the newest.
fn rank(inputs: &Inputs, story: &Story<'_>) -> impl Ord + use<> {
    let pinned = inputs.edits.pinned.iter().position(|id| story.has(id));
    (
        pinned.unwrap_or(usize::MAX),
        !story.reports.iter().any(|report| report.pinned),
        Reverse(thousandths(story.terms.score())),
        Reverse(story.lead().listed_at()),
        // Makes the order total, so that equal inputs give equal bytes.
        story.lead().public_id.clone(),
    )
}

//! Which articles of an issue belong to one story: by clustering their words, then as the editor regrouped them.
//!
//! Articles of earlier issues are grouped together with the candidates. A candidate in a group with one of them continues a story
//! that subscribers know.

use super::clustering::{Report, copies, group_reports};
use super::exclusion::exclusion;
use super::inputs::{Candidate, Inputs, PreviousCoverage};

/// The groups of reports that become stories. It depends on neither topics nor positions, so all editions of an issue share it.
#[derive(Clone, Debug)]
pub struct Grouping(pub(super) Vec<Group>);

/// The reports about one event.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) reports: Vec<ReportIndex>,
    /// The same reports; those that are copies of one text are together.
    pub(super) copies: Vec<Vec<ReportIndex>>,
}

/// Which report of the inputs is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReportIndex {
    /// An index of [`Inputs::previous_coverage`].
    Previous(usize),
    /// An index of [`eligible`] candidates.
    Eligible(usize),
}

impl Grouping {
    /// Groups the eligible candidates of these inputs together with the previous coverage.
    #[must_use]
    pub fn of(inputs: &Inputs) -> Self {
        let eligible = eligible(inputs);
        let previous = inputs.previous_coverage.len();
        let reports: Vec<Report<'_>> = inputs
            .previous_coverage
            .iter()
            .map(Report::from)
            .chain(eligible.iter().map(|candidate| Report::from(*candidate)))
            .collect();
        let index = |report: usize| match report.checked_sub(previous) {
            Some(candidate) => ReportIndex::Eligible(candidate),
            None => ReportIndex::Previous(report),
        };
        let position = |public_id: &str| {
            let candidate = eligible.iter().position(|candidate| candidate.public_id == public_id)?;
            Some(previous + candidate)
        };
        let group = |members: Vec<usize>| {
            let compared: Vec<Report<'_>> = members.iter().map(|report| reports[*report]).collect();
            let copies_of_texts = copies(&compared).into_iter();
            Group {
                copies: copies_of_texts
                    .map(|text| text.into_iter().map(|member| index(members[member])).collect())
                    .collect(),
                reports: members.into_iter().map(index).collect(),
            }
        };
        let groups = regroup(inputs, group_reports(&reports), position).into_iter();
        Self(groups.map(group).collect())
    }
}

/// The candidates that no rule excludes, in their order.
pub(super) fn eligible(inputs: &Inputs) -> Vec<&Candidate> {
    let candidates = inputs.candidates.iter();
    candidates
        .filter(|candidate| exclusion(&inputs.rules, candidate).is_none())
        .collect()
}

/// Applies the editor's [`regrouped`](super::inputs::Edits::regrouped) in their order, so that a later change can undo an earlier one.
/// `position` finds an article among the reports.
fn regroup(inputs: &Inputs, mut groups: Vec<Vec<usize>>, position: impl Fn(&str) -> Option<usize>) -> Vec<Vec<usize>> {
    for (article, target) in &inputs.edits.regrouped {
        let Some(report) = position(article) else { continue };
        let target_group = match target.as_deref().map(&position) {
            // The target is excluded or unknown: there is no story to join, so the article stays where it is.
            Some(None) => continue,
            Some(Some(target)) => groups.iter().position(|group| group.contains(&target)),
            None => None,
        };
        for group in &mut groups {
            group.retain(|member| *member != report);
        }
        match target_group {
            Some(group) => groups[group].push(report),
            None => groups.push(vec![report]),
        }
        // Only now: removing an empty group earlier would shift the index of the target.
        groups.retain(|group| !group.is_empty());
    }
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

impl<'a> From<&'a Candidate> for Report<'a> {
    fn from(candidate: &'a Candidate) -> Self {
        Self {
            title: &candidate.title,
            text: &candidate.summary,
            language: candidate.language.as_deref(),
        }
    }
}

impl<'a> From<&'a PreviousCoverage> for Report<'a> {
    fn from(article: &'a PreviousCoverage) -> Self {
        Self {
            title: &article.title,
            text: &article.summary,
            language: article.language.as_deref(),
        }
    }
}

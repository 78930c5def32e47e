//! A story: the articles (here called reports) about one event, with its score and its place in the issue.

use super::inputs::{Candidate, Inputs};
use super::ranking::Terms;
use crate::text::plain::is_same_name;

/// A story and the decision on it.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// Its reports, the lead first; never empty.
    pub reports: Vec<&'a Candidate>,
    /// How many sources reported independently of each other.
    pub independent_sources: usize,
    /// The terms of its score.
    pub terms: Terms,
    /// 1-based position in the issue; `None` if the story is left out.
    pub position: Option<usize>,
    /// The rule that decided, in words.
    pub reason: String,
    /// Whether it is left out only because the issue is full (`max_stories`).
    pub(super) is_beyond_max_stories: bool,
    /// The topic above its group of stories; `None` for the top stories and for stories without a topic.
    pub heading: Option<String>,
}

impl<'a> Story<'a> {
    /// A story without a position. `reports` must not be empty.
    pub(super) fn new(reports: Vec<&'a Candidate>, independent_sources: usize, terms: Terms, reason: String) -> Self {
        Self {
            reports,
            independent_sources,
            terms,
            position: None,
            reason,
            is_beyond_max_stories: false,
            heading: None,
        }
    }
}

impl Story<'_> {
    /// The report that gives the story its headline and excerpt.
    #[must_use]
    pub fn lead(&self) -> &Candidate {
        self.reports[0]
    }

    /// The topic of the first report that has one.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.reports.iter().find_map(|report| report.category.as_deref())
    }

    /// Whether an editor pinned or moved it, so that its place does not follow from its score.
    pub(super) fn is_placed_by_hand(&self, inputs: &Inputs) -> bool {
        self.is_pinned(inputs) || inputs.edits.moved.iter().any(|(id, _)| self.has(id))
    }

    /// Whether an editor pinned it: in the draft, or one of its articles for the next issue.
    pub(super) fn is_pinned(&self, inputs: &Inputs) -> bool {
        self.reports.iter().any(|report| report.pinned) || inputs.edits.pinned.iter().any(|id| self.has(id))
    }

    /// Whether one of its reports has this public id.
    #[must_use]
    pub fn has(&self, public_id: &str) -> bool {
        self.reports.iter().any(|report| report.public_id == public_id)
    }
}

/// The names of the sources of reports, each once, in the order of the reports.
#[must_use]
pub(super) fn source_names<'a>(reports: &[&'a Candidate]) -> Vec<&'a str> {
    let mut sources: Vec<&str> = Vec::new();
    for report in reports {
        if !report.source_name.is_empty() && !sources.iter().any(|source| is_same_name(source, &report.source_name)) {
            sources.push(&report.source_name);
        }
    }
    sources
}

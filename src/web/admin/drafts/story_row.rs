//! A story as the page of a draft shows it.

use crate::digest::draft_view::{DraftReport, DraftStory};

/// A story, with what decides which buttons it has.
#[derive(Debug)]
pub(crate) struct StoryRow {
    /// The public id of the lead, by which the forms name the story.
    pub(super) id: String,
    /// 1-based position; `None` if the story is left out.
    pub(super) position: Option<i64>,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    pub(super) title: String,
    /// The editor's headline; empty if it is the story's own.
    pub(super) own_title: String,
    pub(super) language: String,
    pub(super) topic: Option<String>,
    pub(super) heading: Option<String>,
    /// The score with two decimals, such as `2.41`.
    pub(super) score: String,
    /// The terms that add up to the score.
    pub(super) terms: String,
    pub(super) reason: String,
    pub(super) is_pinned: bool,
    pub(super) reports: Vec<DraftReport>,
}

impl StoryRow {
    pub(super) fn new(story: DraftStory, stories_in_issue: usize) -> Self {
        let lead = story.reports.first();
        Self {
            id: lead.map(|lead| lead.public_id.clone()).unwrap_or_default(),
            language: lead.and_then(|lead| lead.language.clone()).unwrap_or_default(),
            is_first: story.position == Some(1),
            is_last: story
                .position
                .is_some_and(|position| usize::try_from(position) == Ok(stories_in_issue)),
            position: story.position,
            own_title: if story.has_own_title {
                story.title.clone()
            } else {
                String::new()
            },
            title: story.title,
            topic: story.topic,
            heading: story.heading,
            score: format!("{:.2}", story.terms.score()),
            terms: story.terms.to_string(),
            reason: story.reason,
            is_pinned: story.is_pinned,
            reports: story.reports,
        }
    }
}

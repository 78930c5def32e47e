//! The decision on each article of an issue: its place or the reason why it is left out, as shown and as stored.

use super::compile::Compilation;
use super::error::CompileError;
use super::inputs::Candidate;
use super::ranking::Terms;
use super::story::Story;
use crate::domain::ids::{ArticleId, IssueId};
use crate::store::issue_stories::IssueStory;
use crate::store::placements::Placement;

/// Why one article is in an issue or left out of it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Decision {
    #[serde(skip)]
    pub(super) article: ArticleId,
    /// The article's public id, such as `TX_080089`.
    pub id: String,
    /// The headline of the article.
    pub title: String,
    /// Number of its story, from 1: stories in the issue first. The first article of a story is its lead.
    pub story: i64,
    /// 1-based position of its story in the issue; `None` if the story is left out.
    pub position: Option<i64>,
    /// The rule that decided, in words.
    pub reason: String,
    /// Whether its story is left out only because the issue is full (`max_stories`).
    #[serde(skip)]
    pub(crate) is_beyond_max_stories: bool,
    /// The score of its story.
    pub score: f64,
    /// The terms that add up to the score.
    pub terms: Terms,
    /// The heading above its story.
    #[serde(skip)]
    pub(super) heading: Option<String>,
}

/// The decisions on all articles that an issue was compiled from, story by story.
#[must_use]
pub(super) fn decisions(compilation: &Compilation<'_>) -> Vec<Decision> {
    let of_story = |(story, number): (&Story<'_>, i64)| -> Vec<Decision> {
        let decision = |report: &&Candidate| Decision {
            article: report.id,
            id: report.public_id.clone(),
            title: report.title.clone(),
            story: number,
            position: story.position.and_then(|position| i64::try_from(position).ok()),
            reason: story.reason.clone(),
            is_beyond_max_stories: story.is_beyond_max_stories,
            score: story.terms.score(),
            terms: story.terms,
            heading: story.heading.clone(),
        };
        story.reports.iter().map(decision).collect()
    };
    compilation.stories.iter().zip(1..).flat_map(of_story).collect()
}

/// The stories of these decisions as rows of `issue_stories`.
pub(super) fn story_rows(issue: IssueId, decisions: &[Decision]) -> Result<Vec<IssueStory>, CompileError> {
    let mut rows: Vec<IssueStory> = Vec::new();
    for decision in decisions {
        if let Some(row) = rows.last_mut().filter(|row| row.story == decision.story) {
            row.reports.push('\n');
            row.reports.push_str(&decision.id);
            continue;
        }
        rows.push(IssueStory {
            issue_id: issue,
            story: decision.story,
            position: decision.position,
            lead_article_id: decision.article,
            reports: decision.id.clone(),
            heading: decision.heading.clone(),
            terms: serde_json::to_string(&decision.terms).map_err(|error| unreadable(issue, decision.story, error))?,
            reason: decision.reason.clone(),
        });
    }
    Ok(rows)
}

/// The terms of a stored story's score.
///
/// # Errors
/// [`CompileError::Unreadable`] if the row does not parse.
pub(crate) fn stored_terms(row: &IssueStory) -> Result<Terms, CompileError> {
    serde_json::from_str(&row.terms).map_err(|error| unreadable(row.issue_id, row.story, error))
}

fn unreadable(issue: IssueId, story: i64, error: serde_json::Error) -> CompileError {
    CompileError::Unreadable(format!("story {story} of issue {issue}"), error)
}

/// The decisions as updates of `newsletter_articles`.
pub(super) fn placements(decisions: &[Decision]) -> Vec<Placement<'_>> {
    fn placement(decision: &Decision) -> Placement<'_> {
        Placement {
            article: decision.article,
            story: Some(decision.story),
            position: decision.position,
            reason: &decision.reason,
        }
    }
    decisions.iter().map(placement).collect()
}

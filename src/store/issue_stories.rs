//! The stories that were considered for an issue, and the decision about each.

use const_format::concatcp;

use super::{Columns, Result, Tx, insert, on, over_values, row};
use crate::domain::ids::{ArticleId, IssueId};

row! {
    /// A story that was considered for an issue.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IssueStory {
        /// The issue that considered the story.
        pub issue_id: IssueId,
        /// The number of the story, from 1. Stories with a position have the lowest numbers.
        pub story: i64,
        /// The position in the issue, from 1; `None` if the issue does not contain it.
        pub position: Option<i64>,
        /// The article whose headline the issue shows.
        pub lead_article_id: ArticleId,
        /// The public ids of its articles, the leading one first, one a line.
        pub reports: String,
        /// The heading above it, if any.
        pub heading: Option<String>,
        /// The terms of its score, as a JSON object.
        pub terms: String,
        /// The rule that decided.
        pub reason: String,
    }
}

impl Tx {
    /// Replaces the stored stories of an issue, which are `before`, by `stories`. Unchanged rows are not written, because an issue can have
    /// considered thousands of stories that it does not contain.
    pub(crate) async fn put_issue_stories(
        &mut self,
        issue: IssueId,
        before: &[IssueStory],
        stories: &[IssueStory],
    ) -> Result<()> {
        let has_same = |list: &[IssueStory], index: usize, story: &IssueStory| list.get(index) == Some(story);
        let (removed, new) = (
            before
                .iter()
                .enumerate()
                .filter(|(index, story)| !has_same(stories, *index, story)),
            stories
                .iter()
                .enumerate()
                .filter(|(index, story)| !has_same(before, *index, story)),
        );
        let removed: Vec<i64> = removed.map(|(_, story)| story.story).collect();
        let new: Vec<IssueStory> = new.map(|(_, story)| story.clone()).collect();
        over_values!(
            self,
            "WITH removed (story) AS (",
            ") DELETE FROM issue_stories WHERE issue_id = $1 AND story IN (SELECT story FROM removed)",
            [issue],
            removed,
            |story| *story
        );
        self.add_issue_stories(&new).await
    }

    /// Adds stories to an issue.
    pub(crate) async fn add_issue_stories(&mut self, stories: &[IssueStory]) -> Result<()> {
        insert!(
            self,
            "issue_stories (issue_id, story, position, lead_article_id, terms, reason, reports, heading)",
            stories,
            |story| story.issue_id,
            story.story,
            story.position,
            story.lead_article_id,
            &story.terms,
            &story.reason,
            &story.reports,
            &story.heading
        );
        Ok(())
    }

    /// The stories of an issue, sorted by their numbers.
    pub async fn issue_stories(&mut self, issue: IssueId) -> Result<Vec<IssueStory>> {
        Ok(on!(
            self,
            all as IssueStory,
            concatcp!(
                "SELECT ",
                IssueStory::COLUMNS,
                " FROM issue_stories WHERE issue_id = $1 ORDER BY story"
            ),
            issue
        )?)
    }
}

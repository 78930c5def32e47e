//! What an issue was compiled from, and the decision about each story.

use super::{Result, Tx, insert, on, over_values, row};
use crate::domain::ids::{ArticleId, IssueId};

row! {
    /// A story that was considered for an issue.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IssueStory {
        /// The issue that considered the story.
        pub issue_id: IssueId,
        /// The number of the story, from 1. Stories with a position have the lowest numbers.
        pub story: i64,
        /// The position in the issue, from 1; `None` if it was left out.
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
    /// Stores the data that an issue was compiled from, as JSON.
    pub(crate) async fn put_issue_inputs(&mut self, issue: IssueId, inputs: &str) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO issue_inputs (issue_id, inputs) VALUES ($1, $2) ON CONFLICT (issue_id) DO UPDATE SET inputs = $2",
            issue,
            inputs
        )?;
        Ok(())
    }

    /// The data that an issue was compiled from, as JSON; `None` for an issue that was stored without it.
    pub async fn issue_inputs(&mut self, issue: IssueId) -> Result<Option<String>> {
        let row = on!(
            self,
            optional as (String,),
            "SELECT inputs FROM issue_inputs WHERE issue_id = $1",
            issue
        )?;
        Ok(row.map(|(inputs,)| inputs))
    }

    /// Replaces the stored stories of an issue, which are `before`. Unchanged rows are not written, because an issue can have thousands of
    /// stories that were left out.
    pub(crate) async fn put_issue_stories(
        &mut self,
        issue: IssueId,
        before: &[IssueStory],
        stories: &[IssueStory],
    ) -> Result<()> {
        let is_in = |list: &[IssueStory], at: usize, story: &IssueStory| list.get(at) == Some(story);
        let (gone, new) = (
            before
                .iter()
                .enumerate()
                .filter(|(at, story)| !is_in(stories, *at, story)),
            stories
                .iter()
                .enumerate()
                .filter(|(at, story)| !is_in(before, *at, story)),
        );
        let gone: Vec<i64> = gone.map(|(_, story)| story.story).collect();
        let new: Vec<IssueStory> = new.map(|(_, story)| story.clone()).collect();
        over_values!(
            self,
            "WITH gone (story) AS (",
            ") DELETE FROM issue_stories WHERE issue_id = $1 AND story IN (SELECT story FROM gone)",
            [issue],
            gone,
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
            "SELECT * FROM issue_stories WHERE issue_id = $1 ORDER BY story",
            issue
        )?)
    }
}

//! The articles of issues: which issue has considered an article, the position of its story there, and why.
//!
//! A row of `newsletter_articles` has one issue, so an article is in at most one issue of a newsletter. Editions take no articles.

use chrono::{DateTime, Utc};

use super::arrivals::is_waiting;
use super::articles::{ArticleHead, article_head};
use super::{Result, Tx, on, over_values, row};
use crate::domain::ids::{ArticleId, IssueId, NewsletterId};
use crate::domain::states::IssueState;

/// The position of an article in an issue.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    pub(crate) article: ArticleId,
    /// The number of its story in the issue ([`IssueStory::story`]); `None` if the article was considered but is in no story.
    ///
    /// [`IssueStory::story`]: super::issue_stories::IssueStory::story
    pub story: Option<i64>,
    /// The position of the story in the issue, from 1; `None` if the issue does not contain the story.
    pub position: Option<i64>,
    /// Why the article has this position, or none: the rule that decided, in words.
    pub reason: &'a str,
}

row! {
    /// An article that was considered for an issue.
    #[derive(Clone, Debug)]
    pub struct IssueArticle {
        /// The article's id in addresses of the site.
        pub public_id: String,
        /// The headline as plain text.
        pub title: String,
        /// The number of its story in the issue; `None` if the article was considered but is in no story.
        pub story: Option<i64>,
        /// The position of the story in the issue, from 1; `None` if the issue does not contain the story.
        pub position: Option<i64>,
        /// Why the article has this position, or none: the rule that decided, in words.
        pub reason: Option<String>,
    }
}

/// Stores placements in issue `$2` of newsletter `$1`, for rows that fulfil a condition on `newsletter_articles`. Evaluates to the
/// number of rows that do.
macro_rules! place {
    ($tx:expr, $newsletter:expr, $issue:expr, $placements:expr, $condition:expr) => {
        over_values!(
            $tx,
            "WITH placed (id, new_story, new_position, new_reason) AS (",
            concat!(
                ") UPDATE newsletter_articles SET issue_id = $2, story = new_story, position = new_position, \
                 reason = new_reason FROM placed WHERE newsletter_id = $1 AND article_id = placed.id AND ",
                $condition
            ),
            [$newsletter, $issue],
            $placements,
            |placement| placement.article,
            placement.story,
            placement.position,
            placement.reason
        )
    };
}

impl Tx {
    /// Adds waiting articles to an issue, each with its placement. Returns how many were added. If these are fewer than were given,
    /// some no longer wait, and the transaction must be rolled back.
    pub(crate) async fn add_articles_to_issue(
        &mut self,
        newsletter: NewsletterId,
        issue: IssueId,
        placements: &[Placement<'_>],
    ) -> Result<u64> {
        Ok(place!(self, newsletter, issue, placements, is_waiting!()))
    }

    /// Changes the placements of an issue's articles. A waiting article is added to the issue. Returns how many were stored; fewer than
    /// given if another issue has some.
    pub(crate) async fn set_placements(
        &mut self,
        newsletter: NewsletterId,
        issue: IssueId,
        placements: &[Placement<'_>],
    ) -> Result<u64> {
        Ok(place!(
            self,
            newsletter,
            issue,
            placements,
            concat!("(issue_id = $2 OR (", is_waiting!(), "))")
        ))
    }

    /// Releases the articles of an issue that was never sent, and the corrections that it lists: they wait for the next issue.
    pub(crate) async fn release_articles(&mut self, issue: IssueId) -> Result<u64> {
        on!(
            self,
            execute,
            "DELETE FROM issue_corrections WHERE issue_id = $1",
            issue
        )?;
        Ok(on!(
            self,
            execute,
            "UPDATE newsletter_articles SET issue_id = NULL, story = NULL, position = NULL, reason = NULL WHERE issue_id = $1",
            issue
        )?)
    }

    /// The articles that were considered for an issue, by the number of their story, and within a story the leading one first. Stories
    /// with a position have the lowest numbers; articles without a story come last.
    pub async fn articles_of_issue(&mut self, issue: IssueId) -> Result<Vec<IssueArticle>> {
        Ok(on!(
            self,
            all as IssueArticle,
            // CASE and not NULLS LAST: the two databases sort nulls at different ends.
            "SELECT a.public_id, a.title, na.story, na.position, na.reason FROM newsletter_articles na \
             JOIN articles a ON a.id = na.article_id \
             LEFT JOIN issue_stories st ON st.issue_id = na.issue_id AND st.story = na.story \
             WHERE na.issue_id = $1 \
             ORDER BY CASE WHEN na.story IS NULL THEN 1 ELSE 0 END, na.story, \
             CASE WHEN st.lead_article_id = a.id THEN 0 ELSE 1 END, a.public_id",
            issue
        )?)
    }

    /// The articles that have a position in one of these issues, each with the number of its issue.
    pub(crate) async fn placed_articles(&mut self, issues: &[(IssueId, i64)]) -> Result<Vec<(i64, ArticleHead)>> {
        let mut placed = Vec::new();
        for (issue, number) in issues {
            let articles = on!(
                self,
                all as ArticleHead,
                concat!(
                    "SELECT ",
                    article_head!(),
                    " FROM newsletter_articles na JOIN articles a ON a.id = na.article_id \
                     WHERE na.issue_id = $1 AND na.position IS NOT NULL ORDER BY na.position, a.id"
                ),
                issue
            )?;
            placed.extend(articles.into_iter().map(|article| (*number, article)));
        }
        Ok(placed)
    }

    /// The articles in issues of a newsletter whose window ended at `since` or later, including drafts: each with the issue's number.
    pub(crate) async fn articles_in_issues_since(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Vec<(i64, ArticleHead)>> {
        let issues = on!(
            self,
            all as (IssueId, i64),
            "SELECT id, number FROM issues WHERE newsletter_id = $1 AND window_to >= $2 \
             AND edition = 0 AND state NOT IN ('cancelled', 'skipped') ORDER BY number",
            newsletter,
            since
        )?;
        self.placed_articles(&issues).await
    }

    /// The issues of a newsletter from this number on that were started, with their numbers.
    pub(crate) async fn started_issues_from(
        &mut self,
        newsletter: NewsletterId,
        first: i64,
    ) -> Result<Vec<(IssueId, i64)>> {
        Ok(on!(
            self,
            all as (IssueId, i64),
            "SELECT id, number FROM issues WHERE newsletter_id = $1 AND number >= $2 \
             AND edition = 0 AND started_at IS NOT NULL ORDER BY number",
            newsletter,
            first
        )?)
    }

    /// The issues that were started and have a position for an article, with their states.
    pub(crate) async fn started_issues_containing(&mut self, article: ArticleId) -> Result<Vec<(IssueId, IssueState)>> {
        Ok(on!(
            self,
            all as (IssueId, IssueState),
            "SELECT i.id, i.state FROM issues i JOIN newsletter_articles na ON na.issue_id = i.id \
             WHERE na.article_id = $1 AND na.position IS NOT NULL AND i.started_at IS NOT NULL ORDER BY i.id",
            article
        )?)
    }

    /// The issues whose sending began, without their editions, with their subjects.
    pub(crate) async fn subjects_of_started_issues(&mut self) -> Result<Vec<(IssueId, String)>> {
        Ok(on!(
            self,
            all as (IssueId, String),
            "SELECT id, subject FROM issues WHERE started_at IS NOT NULL AND edition = 0 ORDER BY id"
        )?)
    }

    /// The drafts that an article was considered for.
    pub(crate) async fn drafts_containing(&mut self, article: ArticleId) -> Result<Vec<IssueId>> {
        let rows = on!(
            self,
            all as (IssueId,),
            "SELECT i.id FROM newsletter_articles na JOIN issues i ON i.id = na.issue_id \
             WHERE na.article_id = $1 AND i.state IN ('draft', 'approved') ORDER BY i.id",
            article
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

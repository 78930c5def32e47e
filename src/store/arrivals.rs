//! The arrival of articles in newsletters: what waits, and the place of each in an issue, or why it has none.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::articles::{ArticleHead, article_head};
use super::{Result, Tx, insert, on, over_values, row};
use crate::domain::ids::{ArticleId, IssueId, NewsletterId};
use crate::domain::states::LeftOut;

row! {
    /// Where an article stands with a newsletter that it arrived for.
    #[derive(Clone, Debug)]
    pub struct Arrival {
        /// The newsletter.
        pub slug: String,
        /// The issue that took it.
        pub issue_id: Option<IssueId>,
        /// Its place there; none: it was left out.
        pub position: Option<i64>,
        /// Why it is in that issue or in none.
        pub reason: Option<String>,
        /// Set if it was left out of every issue when it arrived.
        pub left_out: Option<LeftOut>,
    }
}

/// An article that arrives in a newsletter.
#[derive(Clone, Debug)]
pub(crate) struct NewArrival {
    pub(crate) newsletter: NewsletterId,
    pub(crate) article: ArticleId,
    pub(crate) at: DateTime<Utc>,
    /// Why it waits for no issue; `None` if it waits.
    pub(crate) left_out: Option<(LeftOut, String)>,
}

/// The place of an article in an issue.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// The article.
    pub article: ArticleId,
    /// Number of its story in the issue; `None` if the issue was not compiled from it.
    pub story: Option<i64>,
    /// The story's place from 1; `None` if it was left out.
    pub position: Option<i64>,
    /// The rule that decided.
    pub reason: &'a str,
}

/// An article that was considered for an issue: its place, if it has one, and why; its public id and headline; the number of its
/// story.
pub type ArticleLine = (Option<i64>, Option<String>, String, String, Option<i64>);

/// The state of an article in a newsletter: article and newsletter, the issue that took it, the number of its story there, and
/// the reason why it is in that issue or waits for none.
pub(crate) type ArrivalLine = (ArticleId, NewsletterId, Option<IssueId>, Option<i64>, Option<String>);

impl Tx {
    /// The states in all newsletters of the articles whose [`Article::listed_at`] is from `from` through `to`.
    pub(crate) async fn arrivals_between(
        &mut self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<ArrivalLine>> {
        Ok(on!(
            self,
            all as ArrivalLine,
            "SELECT w.article_id, w.newsletter_id, w.issue_id, w.story, w.reason FROM articles a \
             JOIN newsletter_articles w ON w.article_id = a.id WHERE a.listed_at BETWEEN $1 AND $2 AND a.retracted_at IS NULL",
            from,
            to
        )?)
    }

    /// The newsletters that an article arrived for, in an order that is always the same.
    pub async fn newsletters_of_article(&mut self, article: ArticleId) -> Result<Vec<NewsletterId>> {
        let found = on!(
            self,
            all as (NewsletterId,),
            "SELECT newsletter_id FROM newsletter_articles WHERE article_id = $1 ORDER BY newsletter_id",
            article
        )?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// The topics of the articles that arrived for a newsletter since a time, spelled as in the articles.
    pub(crate) async fn topics_of_arrivals(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Vec<String>> {
        let rows = on!(
            self,
            all as (String,),
            "SELECT DISTINCT a.category FROM newsletter_articles w JOIN articles a ON a.id = w.article_id \
             WHERE w.newsletter_id = $1 AND w.arrived_at >= $2 AND a.category IS NOT NULL AND a.retracted_at IS NULL \
             ORDER BY a.category",
            newsletter,
            since
        )?;
        Ok(rows.into_iter().map(|(topic,)| topic).collect())
    }

    /// Records arrivals of articles that have not arrived in these newsletters yet.
    pub(crate) async fn add_arrivals(&mut self, arrivals: &[NewArrival]) -> Result<()> {
        insert!(
            self,
            "newsletter_articles (newsletter_id, article_id, arrived_at, left_out, reason)",
            arrivals,
            |of| of.newsletter,
            of.article,
            of.at,
            of.left_out.as_ref().map(|(kind, _)| *kind),
            of.left_out.as_ref().map(|(_, reason)| reason.as_str())
        );
        Ok(())
    }

    /// Leaves out a waiting article because another one is the same. Returns false, and changes nothing, if it does not wait.
    pub async fn leave_out_duplicate(
        &mut self,
        newsletter: NewsletterId,
        article: ArticleId,
        reason: &str,
    ) -> Result<bool> {
        let left_out = on!(
            self,
            execute,
            "UPDATE newsletter_articles SET left_out = $3, reason = $4 \
             WHERE newsletter_id = $1 AND article_id = $2 AND issue_id IS NULL AND reason IS NULL",
            newsletter,
            article,
            LeftOut::SameArticle,
            reason
        )?;
        Ok(left_out == 1)
    }

    /// Gives an article the pin and the weight that an editor gave the article that it replaces.
    pub async fn copy_rating(&mut self, newsletter: NewsletterId, from: ArticleId, to: ArticleId) -> Result<()> {
        let rated = on!(
            self,
            optional as (bool, i64),
            "SELECT pinned, weight_percent FROM newsletter_articles WHERE newsletter_id = $1 AND article_id = $2",
            newsletter,
            from
        )?;
        if let Some((pinned, weight_percent)) = rated {
            self.rate_article(newsletter, to, pinned, weight_percent).await?;
        }
        Ok(())
    }

    /// Articles that arrived for a newsletter before `before`, are in no issue of it and were not left out for a reason. Those that
    /// an editor pinned come first, then the newest. Of these the first `offset` are skipped and at most `limit` returned, in the
    /// order of arrival.
    pub async fn waiting_articles(
        &mut self,
        newsletter: NewsletterId,
        before: DateTime<Utc>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<ArticleHead>> {
        Ok(on!(
            self,
            all as ArticleHead,
            concat!(
                "SELECT ",
                article_head!(),
                " FROM (SELECT article_id, arrived_at FROM newsletter_articles WHERE newsletter_id = $1 \
                        AND issue_id IS NULL AND reason IS NULL AND arrived_at < $2 \
                        ORDER BY pinned DESC, arrived_at DESC, article_id DESC LIMIT $3 OFFSET $4) w \
                 JOIN articles a ON a.id = w.article_id ORDER BY w.arrived_at, a.id"
            ),
            newsletter,
            before,
            limit,
            offset
        )?)
    }

    /// All articles that [`Self::waiting_articles`] returns from `offset` on.
    pub async fn waiting_article_ids_from(
        &mut self,
        newsletter: NewsletterId,
        before: DateTime<Utc>,
        offset: i64,
    ) -> Result<Vec<ArticleId>> {
        let beyond = on!(
            self,
            all as (ArticleId,),
            "SELECT article_id FROM newsletter_articles WHERE newsletter_id = $1 \
             AND issue_id IS NULL AND reason IS NULL AND arrived_at < $2 \
             ORDER BY pinned DESC, arrived_at DESC, article_id DESC LIMIT $4 OFFSET $3",
            newsletter,
            before,
            offset,
            i64::MAX
        )?;
        Ok(beyond.into_iter().map(|(article,)| article).collect())
    }

    /// Takes waiting articles into an issue, each with its place; from then on they are in no other issue. Returns how many were
    /// taken. If these are fewer than were given, some no longer wait, and the transaction must be rolled back.
    pub async fn add_articles_to_issue(
        &mut self,
        newsletter: NewsletterId,
        issue: IssueId,
        placements: &[Placement<'_>],
    ) -> Result<u64> {
        Ok(over_values!(
            self,
            "WITH placed (article_id, story, position, reason) AS (",
            ") UPDATE newsletter_articles SET issue_id = $2, story = placed.story, position = placed.position, \
             reason = placed.reason FROM placed WHERE newsletter_articles.newsletter_id = $1 \
             AND newsletter_articles.article_id = placed.article_id AND newsletter_articles.issue_id IS NULL \
             AND newsletter_articles.reason IS NULL",
            [newsletter, issue],
            placements,
            |of| of.article,
            of.story,
            of.position,
            of.reason
        ))
    }

    /// Records the places of an issue's articles, by their stories, or why they were left out. An article that the issue had not
    /// taken yet is taken. Returns how many were recorded; fewer than given if another issue has some.
    pub async fn set_placements(
        &mut self,
        newsletter: NewsletterId,
        issue: IssueId,
        placements: &[Placement<'_>],
    ) -> Result<u64> {
        Ok(over_values!(
            self,
            "WITH placed (article_id, story, position, reason) AS (",
            ") UPDATE newsletter_articles SET issue_id = $2, story = placed.story, position = placed.position, \
             reason = placed.reason FROM placed WHERE newsletter_articles.newsletter_id = $1 \
             AND newsletter_articles.article_id = placed.article_id AND (newsletter_articles.issue_id = $2 \
             OR (newsletter_articles.issue_id IS NULL AND newsletter_articles.reason IS NULL))",
            [newsletter, issue],
            placements,
            |of| of.article,
            of.story,
            of.position,
            of.reason
        ))
    }

    /// What an editor thinks of waiting articles: whether one is pinned, and its weight in percent. The others have none.
    pub async fn rated_articles(&mut self, newsletter: NewsletterId) -> Result<HashMap<ArticleId, (bool, i64)>> {
        let rows = on!(
            self,
            all as (ArticleId, bool, i64),
            "SELECT article_id, pinned, weight_percent FROM newsletter_articles \
             WHERE newsletter_id = $1 AND issue_id IS NULL AND reason IS NULL AND (pinned OR weight_percent <> 100)",
            newsletter
        )?;
        Ok(rows
            .into_iter()
            .map(|(article, pinned, percent)| (article, (pinned, percent)))
            .collect())
    }

    /// Notes what an editor thinks of an article that waits; false when it does not wait for this newsletter.
    pub async fn rate_article(
        &mut self,
        newsletter: NewsletterId,
        article: ArticleId,
        pinned: bool,
        weight_percent: i64,
    ) -> Result<bool> {
        let rated = on!(
            self,
            execute,
            "UPDATE newsletter_articles SET pinned = $3, weight_percent = $4 \
             WHERE newsletter_id = $1 AND article_id = $2 AND issue_id IS NULL AND reason IS NULL",
            newsletter,
            article,
            pinned,
            weight_percent
        )?;
        Ok(rated == 1)
    }

    /// What readers of a newsletter were told of in issues since `since`, or are about to be, in drafts: each with the issue's
    /// number.
    pub async fn articles_in_issues_since(
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

    /// The issues of a newsletter from this number on whose sending began, with their numbers.
    pub async fn started_issues_from(&mut self, newsletter: NewsletterId, first: i64) -> Result<Vec<(IssueId, i64)>> {
        Ok(on!(
            self,
            all as (IssueId, i64),
            "SELECT id, number FROM issues WHERE newsletter_id = $1 AND number >= $2 \
             AND edition = 0 AND started_at IS NOT NULL ORDER BY number",
            newsletter,
            first
        )?)
    }

    /// Issues that were not begun and hold an article.
    pub async fn drafts_containing(&mut self, article: ArticleId) -> Result<Vec<IssueId>> {
        let rows = on!(
            self,
            all as (IssueId,),
            "SELECT i.id FROM newsletter_articles w JOIN issues i ON i.id = w.issue_id \
             WHERE w.article_id = $1 AND i.state IN ('draft', 'approved') ORDER BY i.id",
            article
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Lets the articles of an issue that was never sent wait for the next one, and the corrections that it lists.
    pub async fn release_articles(&mut self, issue: IssueId) -> Result<u64> {
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

    /// How many articles arrived for a newsletter from `since` on and were left out on arrival, by reason.
    pub async fn left_out_on_arrival(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Vec<(String, i64)>> {
        Ok(on!(
            self,
            all as (String, i64),
            "SELECT reason, COUNT(*) FROM newsletter_articles WHERE newsletter_id = $1 AND issue_id IS NULL \
             AND reason IS NOT NULL AND arrived_at >= $2 GROUP BY reason ORDER BY COUNT(*) DESC, reason",
            newsletter,
            since
        )?)
    }

    /// Leaves out all waiting articles of a newsletter, for a reason.
    pub async fn leave_out_waiting(&mut self, newsletter: NewsletterId, reason: &str) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE newsletter_articles SET reason = $2 WHERE newsletter_id = $1 AND issue_id IS NULL AND reason IS NULL",
            newsletter,
            reason
        )?)
    }

    /// The articles that were considered for an issue: place, reason, the article, and the number of its story; by stories,
    /// those that are in first. An edition takes no articles.
    pub async fn articles_of_issue(&mut self, issue: IssueId) -> Result<Vec<ArticleLine>> {
        Ok(on!(
            self,
            all as ArticleLine,
            "SELECT w.position, w.reason, a.public_id, a.title, w.story FROM newsletter_articles w \
             JOIN articles a ON a.id = w.article_id LEFT JOIN issue_stories s ON s.issue_id = w.issue_id AND s.story = w.story \
             WHERE w.issue_id = $1 \
             ORDER BY CASE WHEN w.story IS NULL THEN 1 ELSE 0 END, w.story, CASE WHEN s.lead_article_id = a.id THEN 0 ELSE 1 END, a.public_id",
            issue
        )?)
    }

    /// The newsletters that an article arrived for, by slug, and where it stands there.
    pub async fn arrivals_of_article(&mut self, article: ArticleId) -> Result<Vec<Arrival>> {
        Ok(on!(
            self,
            all as Arrival,
            "SELECT n.slug, w.issue_id, w.position, w.reason, w.left_out FROM newsletter_articles w \
             JOIN newsletters n ON n.id = w.newsletter_id WHERE w.article_id = $1 ORDER BY n.slug",
            article
        )?)
    }

    /// The articles that have a place in issues, each with the number of its issue.
    pub async fn placed_articles(&mut self, issues: &[(IssueId, i64)]) -> Result<Vec<(i64, ArticleHead)>> {
        let mut told = Vec::new();
        for (issue, number) in issues {
            let articles = on!(
                self,
                all as ArticleHead,
                concat!(
                    "SELECT ",
                    article_head!(),
                    " FROM newsletter_articles w JOIN articles a ON a.id = w.article_id \
                     WHERE w.issue_id = $1 AND w.position IS NOT NULL ORDER BY w.position, a.id"
                ),
                issue
            )?;
            told.extend(articles.into_iter().map(|article| (*number, article)));
        }
        Ok(told)
    }
}

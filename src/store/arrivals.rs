//! The arrival of articles in newsletters: one row of `newsletter_articles` for each article and newsletter.
//!
//! An article waits while its row has neither an issue nor a reason. With a reason and no issue, no issue of the newsletter will contain
//! it. That is decided when it arrives, or later while it waits: another source has the same article, or the newsletter is removed.
//! `placements.rs` adds articles to issues.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::articles::{ArticleHead, article_head};
use super::{Result, Tx, insert, on, row, select_over};
use crate::domain::ids::{ArticleId, IssueId, NewsletterId};
use crate::domain::states::LeftOut;

row! {
    /// The state of an article in one newsletter, for pages and the API.
    #[derive(Clone, Debug)]
    pub struct Arrival {
        /// The slug of the newsletter.
        pub slug: String,
        /// The issue that has considered the article.
        pub issue_id: Option<IssueId>,
        /// The position of its story in that issue, from 1; `None` if the issue does not contain the story.
        pub position: Option<i64>,
        /// The rule that decided about its position.
        pub reason: Option<String>,
        /// Why no issue of the newsletter will contain it; `None` if it waits, has an issue, or the newsletter was removed.
        pub left_out: Option<LeftOut>,
    }
}

row! {
    /// The state of an article in one newsletter, for the front page.
    #[derive(Clone, Debug)]
    pub(crate) struct ArrivalState {
        pub(crate) article_id: ArticleId,
        pub(crate) newsletter_id: NewsletterId,
        /// The issue that has considered the article.
        pub(crate) issue_id: Option<IssueId>,
        /// The number of its story in that issue.
        pub(crate) story: Option<i64>,
        /// The position of that story; `None` if the issue does not contain it.
        pub(crate) position: Option<i64>,
        /// The rule that decided about it. Set without an issue, it is the reason why no issue will contain the article.
        pub(crate) reason: Option<String>,
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

/// Condition on `newsletter_articles`: the article waits for an issue. This is the condition of the index
/// `newsletter_articles_waiting`.
macro_rules! is_waiting {
    () => {
        "issue_id IS NULL AND reason IS NULL"
    };
}
pub(super) use is_waiting;

/// The waiting articles of newsletter `$1` that arrived before `$2`, in the order in which an issue considers them: those that an editor
/// pinned come first, then the newest.
macro_rules! waiting_in_order {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM newsletter_articles WHERE newsletter_id = $1 AND ",
            is_waiting!(),
            " AND arrived_at < $2 ORDER BY pinned DESC, arrived_at DESC, article_id DESC"
        )
    };
}

impl Tx {
    /// The state of these articles in each newsletter that they arrived for.
    pub(crate) async fn arrival_states(&mut self, articles: &[ArticleId]) -> Result<Vec<ArrivalState>> {
        Ok(select_over!(
            self,
            "SELECT article_id, newsletter_id, issue_id, story, position, reason FROM newsletter_articles WHERE article_id IN (",
            ")",
            ArrivalState,
            articles,
            |article| *article
        ))
    }

    /// The newsletters that an article arrived for, in the order of their ids, which is that of their locks.
    pub(crate) async fn newsletters_of_article(&mut self, article: ArticleId) -> Result<Vec<NewsletterId>> {
        let found = on!(
            self,
            all as (NewsletterId,),
            "SELECT newsletter_id FROM newsletter_articles WHERE article_id = $1 ORDER BY newsletter_id",
            article
        )?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// The state of an article in each newsletter that it arrived for, in the order of their slugs.
    pub async fn arrivals_of_article(&mut self, article: ArticleId) -> Result<Vec<Arrival>> {
        Ok(on!(
            self,
            all as Arrival,
            "SELECT n.slug, na.issue_id, na.position, na.reason, na.left_out FROM newsletter_articles na \
             JOIN newsletters n ON n.id = na.newsletter_id WHERE na.article_id = $1 ORDER BY n.slug",
            article
        )?)
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
            "SELECT DISTINCT a.category FROM newsletter_articles na JOIN articles a ON a.id = na.article_id \
             WHERE na.newsletter_id = $1 AND na.arrived_at >= $2 AND a.category IS NOT NULL AND a.retracted_at IS NULL \
             ORDER BY a.category",
            newsletter,
            since
        )?;
        Ok(rows.into_iter().map(|(topic,)| topic).collect())
    }

    /// Adds arrivals. None of these articles may have arrived in its newsletter before.
    pub(crate) async fn add_arrivals(&mut self, arrivals: &[NewArrival]) -> Result<()> {
        insert!(
            self,
            "newsletter_articles (newsletter_id, article_id, arrived_at, left_out, reason)",
            arrivals,
            |arrival| arrival.newsletter,
            arrival.article,
            arrival.at,
            arrival.left_out.as_ref().map(|(kind, _)| *kind),
            arrival.left_out.as_ref().map(|(_, reason)| reason.as_str())
        );
        Ok(())
    }

    /// Waiting articles of a newsletter that arrived before `before`. Of their order (pinned ones first, then the newest) the first
    /// `offset` are skipped and at most `limit` returned, sorted by their arrival.
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
                " FROM (",
                waiting_in_order!("article_id, arrived_at"),
                " LIMIT $3 OFFSET $4) na JOIN articles a ON a.id = na.article_id ORDER BY na.arrived_at, a.id"
            ),
            newsletter,
            before,
            limit,
            offset
        )?)
    }

    /// The ids of all articles that [`Self::waiting_articles`] returns from `offset` on.
    pub(crate) async fn waiting_article_ids_from(
        &mut self,
        newsletter: NewsletterId,
        before: DateTime<Utc>,
        offset: i64,
    ) -> Result<Vec<ArticleId>> {
        let rest = on!(
            self,
            all as (ArticleId,),
            // SQLite has no OFFSET without a LIMIT.
            concat!(waiting_in_order!("article_id"), " LIMIT $4 OFFSET $3"),
            newsletter,
            before,
            offset,
            i64::MAX
        )?;
        Ok(rest.into_iter().map(|(article,)| article).collect())
    }

    /// Leaves all waiting articles of a newsletter out of its issues, because the newsletter is removed. Returns how many. `left_out`
    /// stays `NULL`: it has the reasons that concern a single article.
    pub(crate) async fn leave_out_waiting(&mut self, newsletter: NewsletterId, reason: &str) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            concat!(
                "UPDATE newsletter_articles SET reason = $2 WHERE newsletter_id = $1 AND ",
                is_waiting!()
            ),
            newsletter,
            reason
        )?)
    }

    /// Leaves a waiting article out of all issues, because the newsletter now has the same article from a closer source. Returns false,
    /// and changes nothing, if it does not wait.
    pub(crate) async fn leave_out_duplicate(
        &mut self,
        newsletter: NewsletterId,
        article: ArticleId,
        reason: &str,
    ) -> Result<bool> {
        let left_out = on!(
            self,
            execute,
            concat!(
                "UPDATE newsletter_articles SET left_out = $3, reason = $4 WHERE newsletter_id = $1 AND article_id = $2 AND ",
                is_waiting!()
            ),
            newsletter,
            article,
            LeftOut::SameArticle,
            reason
        )?;
        Ok(left_out == 1)
    }

    /// How many articles that arrived for a newsletter at `since` or later no issue will contain, for each reason.
    pub(crate) async fn count_left_out_arrivals(
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

    /// Stores an editor's rating of a waiting article: whether it is pinned, and its weight in percent. Returns false if the article
    /// does not wait for this newsletter.
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
            concat!(
                "UPDATE newsletter_articles SET pinned = $3, weight_percent = $4 \
                 WHERE newsletter_id = $1 AND article_id = $2 AND ",
                is_waiting!()
            ),
            newsletter,
            article,
            pinned,
            weight_percent
        )?;
        Ok(rated == 1)
    }

    /// Gives an article the rating of the article that it replaces.
    pub(crate) async fn copy_rating(&mut self, newsletter: NewsletterId, from: ArticleId, to: ArticleId) -> Result<()> {
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

    /// The ratings of waiting articles: whether one is pinned, and its weight in percent. Articles that no editor rated are missing.
    pub async fn rated_articles(&mut self, newsletter: NewsletterId) -> Result<HashMap<ArticleId, (bool, i64)>> {
        let rows = on!(
            self,
            all as (ArticleId, bool, i64),
            concat!(
                "SELECT article_id, pinned, weight_percent FROM newsletter_articles WHERE newsletter_id = $1 AND ",
                is_waiting!(),
                " AND (pinned OR weight_percent <> 100)"
            ),
            newsletter
        )?;
        Ok(rows
            .into_iter()
            .map(|(article, pinned, percent)| (article, (pinned, percent)))
            .collect())
    }
}

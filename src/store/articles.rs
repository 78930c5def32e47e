//! Articles, the keys they are known again by, and their arrival in newsletters.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{ArticleId, FeedId, IssueId, NewsletterId};

row! {
    /// An article as stored.
    #[derive(Clone, Debug)]
    pub struct Article {
        /// Its id.
        pub id: ArticleId,
        /// The id that readers see.
        pub public_id: String,
        /// The feed it came from.
        pub feed_id: Option<FeedId>,
        /// Its headline.
        pub title: String,
        /// Its address; none when it is the site's own.
        pub url: Option<String>,
        /// The address without what does not identify it.
        pub canonical_url: Option<String>,
        /// Plain text of the lede.
        pub summary: String,
        /// The body, sanitised.
        pub content_html: String,
        /// Names of the authors, one a line.
        pub authors: String,
        /// Its category.
        pub category: Option<String>,
        /// Who published it.
        pub source_name: String,
        /// When it says it was published.
        pub published_at: Option<DateTime<Utc>>,
        /// When it arrived here.
        pub arrived_at: DateTime<Utc>,
        /// When it was taken back.
        pub retracted_at: Option<DateTime<Utc>>,
    }
}

impl Tx {
    /// The article known by a key.
    pub async fn article_by_key(&mut self, key_hash: &[u8]) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            "SELECT a.* FROM article_keys k JOIN articles a ON a.id = k.article_id WHERE k.key_hash = $1",
            key_hash
        )?)
    }

    /// Lets a key that another article may have stand for this one from now on.
    pub async fn move_article_key(&mut self, key_hash: &[u8], article: ArticleId) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO article_keys (key_hash, article_id) VALUES ($1, $2) \
             ON CONFLICT (key_hash) DO UPDATE SET article_id = $2",
            key_hash,
            article
        )?;
        Ok(())
    }

    /// Lets an article be known by one more key; a key that is another article's stays that one's.
    pub async fn add_article_key(&mut self, key_hash: &[u8], article: ArticleId) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO article_keys (key_hash, article_id) VALUES ($1, $2) ON CONFLICT (key_hash) DO NOTHING",
            key_hash,
            article
        )?;
        Ok(())
    }

    /// Stores an article; false when its public id is taken.
    pub async fn add_article(&mut self, a: &Article) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO articles (id, public_id, feed_id, title, url, canonical_url, summary, content_html, authors, \
             category, source_name, published_at, arrived_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (public_id) DO NOTHING",
            a.id,
            &a.public_id,
            a.feed_id,
            &a.title,
            &a.url,
            &a.canonical_url,
            &a.summary,
            &a.content_html,
            &a.authors,
            &a.category,
            &a.source_name,
            a.published_at,
            a.arrived_at
        )?;
        Ok(added == 1)
    }

    /// Lets an article arrive for a newsletter; false when it had. With a reason it does not wait for an issue: it is left
    /// out of every one.
    pub async fn arrive(
        &mut self,
        newsletter: NewsletterId,
        article: ArticleId,
        left_out: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let arrived = on!(
            self,
            execute,
            "INSERT INTO newsletter_articles (newsletter_id, article_id, arrived_at, reason) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (newsletter_id, article_id) DO NOTHING",
            newsletter,
            article,
            now,
            left_out
        )?;
        Ok(arrived == 1)
    }

    /// Articles that arrived for a newsletter before `before`, are in no issue of it and were not left out for a reason, in the
    /// order of arrival.
    pub async fn waiting_articles(&mut self, newsletter: NewsletterId, before: DateTime<Utc>) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            "SELECT a.* FROM newsletter_articles w JOIN articles a ON a.id = w.article_id \
             WHERE w.newsletter_id = $1 AND w.issue_id IS NULL AND w.reason IS NULL AND w.arrived_at < $2 ORDER BY w.arrived_at, a.id",
            newsletter,
            before
        )?)
    }

    /// Puts a waiting article into an issue at a place, or records why it was left out.
    pub async fn place_article(
        &mut self,
        newsletter: NewsletterId,
        article: ArticleId,
        issue: IssueId,
        position: Option<i64>,
        reason: Option<&str>,
    ) -> Result<bool> {
        let placed = on!(
            self,
            execute,
            "UPDATE newsletter_articles SET issue_id = $3, position = $4, reason = $5 \
             WHERE newsletter_id = $1 AND article_id = $2 AND issue_id IS NULL",
            newsletter,
            article,
            issue,
            position,
            reason
        )?;
        Ok(placed == 1)
    }

    /// Lets the articles of an issue that was never sent wait for the next one.
    pub async fn release_articles(&mut self, issue: IssueId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE newsletter_articles SET issue_id = NULL, position = NULL, reason = NULL WHERE issue_id = $1",
            issue
        )?)
    }

    /// The articles that were considered for an issue: place, reason, and the article; those in it first.
    pub async fn articles_of_issue(
        &mut self,
        issue: IssueId,
    ) -> Result<Vec<(Option<i64>, Option<String>, String, String)>> {
        Ok(on!(
            self,
            all as (Option<i64>, Option<String>, String, String),
            "SELECT w.position, w.reason, a.public_id, a.title FROM newsletter_articles w \
             JOIN articles a ON a.id = w.article_id WHERE w.issue_id = $1 \
             ORDER BY CASE WHEN w.position IS NULL THEN 1 ELSE 0 END, w.position, a.public_id",
            issue
        )?)
    }

    /// The latest articles that were not taken back.
    pub async fn latest_articles(&mut self, limit: i64) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            "SELECT * FROM articles WHERE retracted_at IS NULL ORDER BY arrived_at DESC, \
             COALESCE(published_at, arrived_at) DESC, id DESC LIMIT $1",
            limit
        )?)
    }

    /// The article with this public id.
    pub async fn article_by_public_id(&mut self, public_id: &str) -> Result<Option<Article>> {
        Ok(on!(
            self,
            optional as Article,
            "SELECT * FROM articles WHERE public_id = $1",
            public_id
        )?)
    }

    /// Takes an article back; false when it was taken back before.
    pub async fn retract_article(&mut self, id: ArticleId, now: DateTime<Utc>) -> Result<bool> {
        let retracted = on!(
            self,
            execute,
            "UPDATE articles SET retracted_at = $2 WHERE id = $1 AND retracted_at IS NULL",
            id,
            now
        )?;
        Ok(retracted == 1)
    }
}

//! The texts of articles from their pages, for feeds that give only a few lines of each.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::articles::Article;
use super::{Columns, Result, Tx, on};
use crate::domain::ids::{ArticleId, FeedId};
use crate::domain::states::TextFrom;
use crate::text::html::SanitizedHtml;

/// A page is given up after this many failures that another attempt may cure.
const MAX_ATTEMPTS: i64 = 5;

impl Tx {
    /// The articles of a feed whose pages are to be fetched: those with the fewest attempts and then the newest first.
    pub(crate) async fn articles_with_due_page(&mut self, feed: FeedId, limit: i64) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM articles WHERE feed_id = $1 AND page_state = 'due' AND edited_at IS NULL \
             AND retracted_at IS NULL ORDER BY page_attempts, listed_at DESC, id LIMIT $2"
            ),
            feed,
            limit
        )?)
    }

    /// Stores the text of an article's page, unless an editor changed or retracted the article meanwhile. `summary` and `language` are
    /// stored if the article has none. An article in an issue keeps its summary, because readers have got it as it is.
    pub(crate) async fn store_page_text(
        &mut self,
        article: ArticleId,
        content_html: &SanitizedHtml,
        summary: &str,
        language: Option<&str>,
    ) -> Result<bool> {
        let stored = on!(
            self,
            execute,
            "UPDATE articles SET content_html = $2, page_state = 'used', language = COALESCE(language, $4), \
             summary = CASE WHEN summary = '' AND NOT EXISTS (SELECT 1 FROM newsletter_articles na \
             WHERE na.article_id = $1 AND na.position IS NOT NULL) THEN $3 ELSE summary END \
             WHERE id = $1 AND page_state = 'due' AND edited_at IS NULL AND retracted_at IS NULL",
            article,
            content_html,
            summary,
            language
        )?;
        if stored == 0 {
            return Ok(false);
        }
        if let Some(stored) = self.article(article).await? {
            self.index_article(&stored).await?;
        }
        Ok(true)
    }

    /// Records that the page of an article was not used. It stays due if another attempt may succeed, up to [`MAX_ATTEMPTS`].
    pub(crate) async fn record_page_failure(&mut self, article: ArticleId, is_final: bool) -> Result<()> {
        let max_attempts = if is_final { 1 } else { MAX_ATTEMPTS };
        on!(
            self,
            execute,
            "UPDATE articles SET page_attempts = page_attempts + 1, \
             page_state = CASE WHEN page_attempts + 1 >= $2 THEN 'failed' ELSE page_state END \
             WHERE id = $1 AND page_state = 'due'",
            article,
            max_attempts
        )?;
        Ok(())
    }

    /// Sets where the text of a feed's new articles comes from.
    pub(crate) async fn set_feed_text_from(&mut self, feed: FeedId, text_from: TextFrom) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET text_from = $2, page_error = NULL, page_error_at = NULL WHERE id = $1",
            feed,
            text_from
        )?;
        Ok(())
    }

    /// Sets why the last page of a feed's article was not used; `None` if all were used.
    pub(crate) async fn record_page_error(
        &mut self,
        feed: FeedId,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE feeds SET page_error = $2, page_error_at = $3 WHERE id = $1",
            feed,
            error,
            error.map(|_| now)
        )?;
        Ok(())
    }
}

//! The articles that operators look for: by words, feed, newsletter and state.

use chrono::{DateTime, Utc};

use super::article_lists::BEFORE_FIRST;
use super::articles::{ArticleHead, article_head};
use super::{Result, Tx, on};
use crate::domain::ids::{ArticleId, FeedId, NewsletterId};
use crate::domain::states::ArticleState;
use crate::text::search::SearchQuery;

/// Which articles [`Tx::find_articles`] lists. Every condition that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct ArticleSearch {
    /// Words that the article contains. Of the articles with these words, only the last [`MAX_WITH_WORDS`] are looked at, and no
    /// retracted one.
    pub(crate) words: Option<SearchQuery>,
    /// The feed that it came from.
    pub(crate) feed: Option<FeedId>,
    /// The newsletter that it arrived for.
    pub(crate) newsletter: Option<NewsletterId>,
    /// Its state, in the newsletter or in any.
    pub(crate) state: Option<ArticleState>,
    /// The last article of the page before.
    pub(crate) after: Option<(DateTime<Utc>, ArticleId)>,
}

/// How many of the articles with some words are looked at, those that arrived last. It bounds the time of a search for a frequent word.
const MAX_WITH_WORDS: i64 = 2_000;

/// Selects articles by a condition on `a`, which may use parameters from `$7` on, and by the other conditions of [`ArticleSearch`].
macro_rules! articles_where {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            article_head!(),
            " FROM articles a WHERE ",
            $condition,
            " AND (a.arrived_at, a.id) < ($1, $2) AND (CASE \
              WHEN $3 = 'retracted' THEN a.retracted_at IS NOT NULL \
              WHEN $3 = 'editorial' THEN a.scope = 'editorial' \
              WHEN $3 = 'edited' THEN a.edited_at IS NOT NULL ELSE TRUE END) \
             AND (NOT $4 OR EXISTS (SELECT 1 FROM newsletter_articles na WHERE na.article_id = a.id \
              AND na.newsletter_id = COALESCE($5, na.newsletter_id) AND (CASE \
               WHEN $3 = 'waiting' THEN na.issue_id IS NULL AND na.reason IS NULL AND a.retracted_at IS NULL \
               WHEN $3 = 'in_issue' THEN na.position IS NOT NULL \
               WHEN $3 = 'left_out' THEN na.position IS NULL AND na.reason IS NOT NULL ELSE TRUE END))) \
             ORDER BY a.arrived_at DESC, a.id DESC LIMIT $6"
        )
    };
}

impl Tx {
    /// The articles that a search selects, those that arrived last first.
    pub(crate) async fn find_articles(&mut self, search: &ArticleSearch, limit: i64) -> Result<Vec<ArticleHead>> {
        let (at, id) = search.after.unwrap_or(BEFORE_FIRST);
        let state = search.state.map_or("any", ArticleState::as_str);
        let is_of_newsletters = matches!(
            search.state,
            Some(ArticleState::Waiting | ArticleState::InIssue | ArticleState::LeftOut)
        );
        let by_newsletter = search.newsletter.is_some() || is_of_newsletters;
        let newsletter = search.newsletter;
        if let Some(words) = &search.words {
            if matches!(self, Self::Sqlite(_)) {
                return Ok(on!(
                    self,
                    all as ArticleHead,
                    articles_where!(
                        "a.id IN (SELECT d.subject_id FROM (SELECT rowid AS id FROM search_words \
                         WHERE search_words MATCH $7 ORDER BY rowid DESC LIMIT $8) found \
                         JOIN search_documents d ON d.id = found.id) AND ($9 IS NULL OR a.feed_id = $9)"
                    ),
                    at,
                    id,
                    state,
                    by_newsletter,
                    newsletter,
                    limit,
                    words.for_fts5(),
                    MAX_WITH_WORDS,
                    search.feed
                )?);
            }
            return Ok(on!(
                self,
                all as ArticleHead,
                articles_where!(
                    "a.id IN (SELECT subject_id FROM search_documents WHERE words @@ CAST($7 AS tsquery) AND NOT is_issue \
                     ORDER BY id DESC LIMIT $8) AND (CAST($9 AS UUID) IS NULL OR a.feed_id = $9)"
                ),
                at,
                id,
                state,
                by_newsletter,
                newsletter,
                limit,
                words.for_tsquery(),
                MAX_WITH_WORDS,
                search.feed
            )?);
        }
        if let Some(feed) = search.feed {
            return Ok(on!(
                self,
                all as ArticleHead,
                articles_where!("a.feed_id = $7"),
                at,
                id,
                state,
                by_newsletter,
                newsletter,
                limit,
                feed
            )?);
        }
        Ok(on!(
            self,
            all as ArticleHead,
            articles_where!("TRUE"),
            at,
            id,
            state,
            by_newsletter,
            newsletter,
            limit
        )?)
    }
}

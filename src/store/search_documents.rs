//! The index of the site's search: a document for each article, and one for each issue whose sending began.
//!
//! Every statement that adds or changes an article also writes its document, in the same transaction. A retracted article has none.

use uuid::Uuid;

use super::{Result, Tx, on};
use crate::domain::ids::{ArticleId, IssueId};
use crate::text::search::{SearchQuery, SearchText};

/// What a document of the search is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SearchSubject {
    Article(ArticleId),
    Issue(IssueId),
}

impl SearchSubject {
    const fn id(self) -> Uuid {
        match self {
            Self::Article(ArticleId(id)) | Self::Issue(IssueId(id)) => id,
        }
    }
}

/// Only this many documents that contain the words are ranked, those that were added last. It bounds the time of a search for a word
/// that most documents contain.
const MAX_RANKED: i64 = 2_000;

impl Tx {
    /// Adds a document, or replaces its words.
    pub(crate) async fn put_search_document(&mut self, subject: SearchSubject, words: &SearchText) -> Result<()> {
        let is_issue = matches!(subject, SearchSubject::Issue(_));
        if matches!(self, Self::Postgres(_)) {
            on!(
                self,
                execute,
                "INSERT INTO search_documents (subject_id, is_issue, words) VALUES ($1, $2, CAST($3 AS tsvector)) \
                 ON CONFLICT (subject_id) DO UPDATE SET words = EXCLUDED.words",
                subject.id(),
                is_issue,
                words.as_tsvector()
            )?;
            return Ok(());
        }
        let (id,) = on!(
            &mut *self,
            one as (i64,),
            // The update changes nothing: without it, a known row would not be returned.
            "INSERT INTO search_documents (subject_id, is_issue) VALUES ($1, $2) \
             ON CONFLICT (subject_id) DO UPDATE SET is_issue = $2 RETURNING id",
            subject.id(),
            is_issue
        )?;
        on!(
            self,
            execute,
            "INSERT OR REPLACE INTO search_words (rowid, title, text) VALUES ($1, $2, $3)",
            id,
            &words.title,
            &words.text
        )?;
        Ok(())
    }

    /// Removes a document, if there is one.
    pub(crate) async fn remove_search_document(&mut self, subject: SearchSubject) -> Result<()> {
        if matches!(self, Self::Sqlite(_)) {
            on!(
                &mut *self,
                execute,
                "DELETE FROM search_words WHERE rowid IN (SELECT id FROM search_documents WHERE subject_id = $1)",
                subject.id()
            )?;
        }
        on!(
            self,
            execute,
            "DELETE FROM search_documents WHERE subject_id = $1",
            subject.id()
        )?;
        Ok(())
    }

    /// The documents that contain all words of a query, the best first. A word in a title counts more; of equal documents, the one that
    /// was added last comes first.
    pub(crate) async fn search(&mut self, query: &SearchQuery, limit: i64) -> Result<Vec<SearchSubject>> {
        let found = if matches!(self, Self::Sqlite(_)) {
            on!(
                self,
                all as (Uuid, bool),
                "SELECT d.subject_id, d.is_issue FROM \
                 (SELECT rowid AS id, bm25(search_words, 8.0, 1.0) AS score FROM search_words \
                  WHERE search_words MATCH $1 ORDER BY rowid DESC LIMIT $2) found \
                 JOIN search_documents d ON d.id = found.id ORDER BY found.score, d.id DESC LIMIT $3",
                query.for_fts5(),
                MAX_RANKED,
                limit
            )?
        } else {
            on!(
                self,
                all as (Uuid, bool),
                "SELECT found.subject_id, found.is_issue FROM \
                 (SELECT id, subject_id, is_issue, words FROM search_documents \
                  WHERE words @@ CAST($1 AS tsquery) ORDER BY id DESC LIMIT $2) found \
                 ORDER BY ts_rank(found.words, CAST($1 AS tsquery), 1) DESC, found.id DESC LIMIT $3",
                query.for_tsquery(),
                MAX_RANKED,
                limit
            )?
        };
        let subjects = found.into_iter().map(|(id, is_issue)| {
            if is_issue {
                SearchSubject::Issue(IssueId(id))
            } else {
                SearchSubject::Article(ArticleId(id))
            }
        });
        Ok(subjects.collect())
    }
}

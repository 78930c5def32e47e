//! The keys by which an article is recognised when it arrives again: hashes of its guid, address, headline or text.
//!
//! A key is valid in the scope of its article. Several articles may have the same key.

use std::collections::{BTreeSet, HashSet};

use const_format::concatcp;

use super::articles::Article;
use super::{Columns, Result, Tx, insert, on, select_over};
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::domain::scope::Scope;

/// A key: SHA-256 of its text.
pub(crate) type KeyHash = [u8; 32];

impl Tx {
    /// Those of `keys` that at least one article has, in any scope.
    pub(crate) async fn known_keys(&mut self, keys: &[KeyHash]) -> Result<HashSet<KeyHash>> {
        let rows = select_over!(
            self,
            "SELECT DISTINCT key_hash FROM article_keys WHERE key_hash IN (",
            ")",
            (Vec<u8>,),
            keys,
            |key| key.as_slice()
        );
        let hashes = rows.into_iter().map(|(hash,)| {
            let hash = KeyHash::try_from(hash);
            hash.map_err(|_| sqlx::Error::Decode("an article key is not 32 bytes long".into()))
        });
        Ok(hashes.collect::<Result<_, sqlx::Error>>()?)
    }

    /// At most `limit` articles of one scope that have a key, latest first.
    pub(crate) async fn articles_by_key(&mut self, key_hash: &[u8], scope: &Scope, limit: i64) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM article_keys k JOIN articles a ON a.id = k.article_id \
             WHERE k.key_hash = $1 AND a.scope = $2 ORDER BY a.arrived_at DESC, a.id DESC LIMIT $3"
            ),
            key_hash,
            scope,
            limit
        )?)
    }

    /// At most `limit` articles of other scopes that have a key, and that arrived in a newsletter and were not left out then: those in an
    /// issue first, then the oldest.
    pub(crate) async fn arrived_articles_by_key(
        &mut self,
        key_hash: &[u8],
        scope: &Scope,
        newsletter: NewsletterId,
        limit: i64,
    ) -> Result<Vec<Article>> {
        Ok(on!(
            self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM article_keys k JOIN articles a ON a.id = k.article_id \
             JOIN (SELECT article_id, issue_id FROM newsletter_articles WHERE newsletter_id = $3 AND left_out IS NULL) na \
             ON na.article_id = a.id WHERE k.key_hash = $1 AND a.scope <> $2 \
             ORDER BY CASE WHEN na.issue_id IS NULL THEN 1 ELSE 0 END, a.arrived_at, a.id LIMIT $4"
            ),
            key_hash,
            scope,
            newsletter,
            limit
        )?)
    }

    /// Adds a key to an article. Does nothing if the article has it.
    pub(crate) async fn add_article_key(&mut self, key_hash: &[u8], article: ArticleId) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO article_keys (key_hash, article_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            key_hash,
            article
        )?;
        Ok(())
    }

    /// Adds keys to new articles, which have no keys.
    pub(crate) async fn add_article_keys(&mut self, keys: &BTreeSet<(KeyHash, ArticleId)>) -> Result<()> {
        let keys: Vec<_> = keys.iter().collect();
        insert!(
            self,
            "article_keys (key_hash, article_id)",
            keys,
            |key| key.0.as_slice(),
            key.1
        );
        Ok(())
    }
}

//! Finds the stored article that an entry is, and takes over what its feed changed.

use chrono::{DateTime, Utc};

use super::identity::{self, DocumentIndex, Key, KeyKind, MatchedKeys};
use super::new_article::article_of;
use super::origin::Origin;
use super::page_texts::keep_page_text;
use super::pending_writes::KnownKeys;
use crate::domain::ids::ArticleId;
use crate::domain::scope::Scope;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// An entry is compared with at most this many articles of one key, the latest ones.
const MAX_CANDIDATES: i64 = 20;

/// The stored article that an entry is.
pub(super) struct KnownArticle {
    article: Article,
    /// Whether it was found by the entry's guid. Several articles may share an address, but normally not a guid.
    by_guid: bool,
}

/// The stored article of this scope that an entry is; `None` if the entry is a new article.
pub(super) async fn find(
    tx: &mut Tx,
    (keys, known_keys): (&[Key], &KnownKeys),
    scope: &Scope,
    entry: &Entry,
    document: &DocumentIndex,
) -> Result<Option<KnownArticle>, StoreError> {
    let url = identity::canonical_url(entry);
    let mut candidates: Vec<(Article, MatchedKeys)> = Vec::new();
    for key in keys {
        if key.kind == KeyKind::CrossFeed || !known_keys.has(key) {
            continue;
        }
        for article in tx.articles_by_key(&key.hash, scope, MAX_CANDIDATES).await? {
            let at = candidates.iter().position(|(known, _)| known.id == article.id);
            let at = at.unwrap_or_else(|| {
                candidates.push((article, MatchedKeys::default()));
                candidates.len() - 1
            });
            candidates[at].1.add(key.kind);
        }
        // Usually guid and address belong to the same article. Then no other key has to be looked up.
        if key.kind == KeyKind::Guid && url.is_some() && document.trusts_guid_of(entry) {
            let at = candidates.iter().position(|(known, _)| known.canonical_url == url);
            if let Some((article, _)) = at.map(|at| candidates.swap_remove(at)) {
                return Ok(Some(KnownArticle { article, by_guid: true }));
            }
        }
    }
    let same = candidates
        .into_iter()
        .find(|(known, matched)| identity::is_same(entry, known, *matched, document));
    Ok(same.map(|(article, matched)| KnownArticle {
        article,
        by_guid: matched.guid,
    }))
}

/// Updates a known article from its feed, and adds the entry's keys to it. Returns the article, and whether its stored text changed.
pub(super) async fn refresh(
    tx: &mut Tx,
    origin: &Origin,
    entry: &Entry,
    keys: &[Key],
    known: KnownArticle,
    feed_url: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Article, bool), StoreError> {
    let KnownArticle {
        article: stored,
        by_guid,
    } = known;
    let mut current = article_of(stored.id, origin, entry, feed_url, now);
    keep_page_text(&mut current, &stored, entry);
    let changed = stored.title != current.title
        || stored.summary != current.summary
        || stored.content_html != current.content_html
        || stored.url != current.url
        || stored.guid != current.guid
        || stored.published_at != current.published_at
        || stored.authors != current.authors
        || stored.category != current.category
        || (&stored.image_url, &stored.image_alt) != (&current.image_url, &current.image_alt);
    if !changed {
        return Ok((stored, false));
    }
    // The keys of a version that is not stored must still find the article when the feed changes its guid.
    add_keys(tx, keys, stored.id).await?;
    // Without its guid, the entry may be a different article with the same address: its text must not replace the stored one.
    if !by_guid || origin.scope.feed().is_none() || !tx.refresh_article(&current).await? {
        return Ok((stored, false));
    }
    let refreshed = tx.article(stored.id).await?;
    Ok((refreshed.unwrap_or(stored), true))
}

pub(super) async fn add_keys(tx: &mut Tx, keys: &[Key], article: ArticleId) -> Result<(), StoreError> {
    for key in keys {
        tx.add_article_key(&key.hash, article).await?;
    }
    Ok(())
}

//! Decides what an article that arrives in a newsletter does there: it waits for the next issue, or it is left out with a reason.
//!
//! Each feed has articles of its own, so two feeds can bring the same article. A newsletter that reads both sends it once, and
//! only with text from a feed that it reads. This file decides which of the two articles waits, and which is left out.

use chrono::{DateTime, Utc};

use super::identity::{self, Key, KeyKind};
use super::pending_writes::{KnownKeys, PendingWrites};
use crate::app::App;
use crate::config::BackCatalogue;
use crate::domain::ids::NewsletterId;
use crate::domain::states::{Closeness, LeftOut};
use crate::domain::time::time_delta;
use crate::feeds::parse::Entry;
use crate::store::arrivals::NewArrival;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// An article is compared with at most this many articles of other feeds at its address.
const MAX_COUNTERPARTS: i64 = 10;

/// Records that an article arrived in a newsletter that does not have it: in `pending`, or at once if the article replaces another.
/// Returns the reason if it was left out.
///
/// `back_catalogue` is a reason to leave it out that holds if the newsletter does not have the same article from another feed.
pub(super) async fn arrive(
    tx: &mut Tx,
    pending: &mut PendingWrites,
    newsletter: NewsletterId,
    article: &Article,
    keys: (&[Key], &KnownKeys),
    back_catalogue: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<LeftOut>, StoreError> {
    let left_out = |kind| move |reason: &str| (kind, reason.to_owned());
    let over_limit = article.over_limit_reason.as_deref().map(left_out(LeftOut::OverLimit));
    let mut decision = over_limit.or_else(|| back_catalogue.map(left_out(LeftOut::BackCatalogue)));
    let mut replaced = None;
    if let Some(counterpart) = counterpart(tx, newsletter, article, keys).await? {
        // The closest source brings the article. Otherwise a feed could put its own text in the place of another site's article, by
        // claiming the address first. An article that may not wait itself replaces nothing.
        let is_closer = decision.is_none() && article.closeness > counterpart.closeness;
        // This fails if the counterpart is in an issue: readers have it.
        if is_closer
            && tx
                .leave_out_duplicate(newsletter, counterpart.id, &same_as(article))
                .await?
        {
            // An issue that is being compiled may contain the counterpart. This lock makes it outdated.
            tx.lock_and_count_change(newsletter).await?;
            replaced = Some(counterpart);
        } else if article.closeness < Closeness::Editorial {
            decision = Some((LeftOut::SameArticle, same_as(&counterpart)));
        }
        // The newsroom decided to publish its article although a feed's article is in an issue already.
    }
    let kind = decision.as_ref().map(|(kind, _)| *kind);
    pending.add_arrival(NewArrival {
        newsletter,
        article: article.id,
        at: now,
        left_out: decision,
    });
    if let Some(replaced) = replaced {
        // The rating belongs to the arrival, which must exist.
        pending.write(tx).await?;
        tx.copy_rating(newsletter, replaced.id, article.id).await?;
    }
    Ok(kind)
}

/// The same article from another feed or from the newsroom, if this newsletter has one that was not left out. An article of the back
/// catalogue is left out, so it does not count: readers never got it, and the new one may be news.
async fn counterpart(
    tx: &mut Tx,
    newsletter: NewsletterId,
    article: &Article,
    (keys, known_keys): (&[Key], &KnownKeys),
) -> Result<Option<Article>, StoreError> {
    for key in keys {
        if key.kind != KeyKind::CrossFeed || !known_keys.has(key) {
            continue;
        }
        let counterparts = tx
            .arrived_articles_by_key(&key.hash, &article.scope, newsletter, MAX_COUNTERPARTS)
            .await?;
        let mut counterparts = counterparts.into_iter();
        if let Some(same) = counterparts.find(|other| identity::is_same_across_feeds(article, other)) {
            return Ok(Some(same));
        }
    }
    Ok(None)
}

/// The reason to leave out an article of which the newsletter has `other`.
fn same_as(other: &Article) -> String {
    let source = match other.source_name.as_str() {
        "" => String::new(),
        name => format!(" from “{name}”"),
    };
    format!(
        "the same article as {}{source}, which the newsletter has already",
        other.public_id
    )
}

/// Why an entry belongs to the back catalogue of a feed that a newsletter reads for the first time; `None` if it is recent.
pub(super) fn back_catalogue_reason(app: &App, entry: &Entry, now: DateTime<Utc>) -> Option<String> {
    let BackCatalogue::Youngest(age) = app.config.feeds.back_catalogue else {
        return None;
    };
    match entry.published {
        Some(at) if at >= now - time_delta(age) => None,
        Some(at) => Some(format!(
            "published {}, before the newsletter began to read this feed (feeds.back_catalogue)",
            at.format("%Y-%m-%d %H:%M UTC")
        )),
        None => Some(
            "without a date, and there already when the newsletter began to read this feed (feeds.back_catalogue)"
                .into(),
        ),
    }
}

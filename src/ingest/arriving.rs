//! An article arrives in a newsletter: it waits for the next issue, or it is left out with a reason.
//!
//! Each feed has articles of its own. Where two feeds bring the same article, a newsletter that reads both gets it once, and
//! only with text from a feed that it reads. This module decides which of the two it gets.

use chrono::{DateTime, Utc};

use super::batch::{KnownKeys, Pending};
use super::identity::{self, Key, Kind};
use crate::domain::ids::NewsletterId;
use crate::domain::states::LeftOut;
use crate::store::arrivals::NewArrival;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// An article is compared with at most this many articles of other feeds at its address.
const MAX_RIVALS: i64 = 10;

/// Records that an article arrived in a newsletter that does not have it: in `pending`, or at once if the article replaces another.
/// Returns the reason if it was left out.
///
/// `back_catalogue` is the reason to leave it out, unless the newsletter has the same article from another feed.
pub(super) async fn arrive(
    tx: &mut Tx,
    pending: &mut Pending,
    newsletter: NewsletterId,
    article: &Article,
    (keys, known): (&[Key], &KnownKeys),
    back_catalogue: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<LeftOut>, StoreError> {
    let left_out = |kind, reason: &str| Some((kind, reason.to_owned()));
    let old = back_catalogue.and_then(|reason| left_out(LeftOut::BackCatalogue, reason));
    let over_limit = article.left_out.as_deref();
    let over_limit = over_limit.and_then(|reason| left_out(LeftOut::OverLimit, reason));
    let mut decided = over_limit.or(old);
    let mut replaced = None;
    // An article of the back catalogue does not count as the same: the new one may be news.
    if let Some(rival) = same_article(tx, newsletter, article, (keys, known)).await? {
        let closer = article.closeness > rival.closeness && decided.is_none();
        if closer
            && tx
                .leave_out_duplicate(newsletter, rival.id, &because_of(article))
                .await?
        {
            // An issue that is being compiled may have the other one.
            tx.lock_newsletter(newsletter).await?;
            replaced = Some(rival);
        } else if article.closeness < identity::OWN {
            decided = Some((LeftOut::SameArticle, because_of(&rival)));
        }
    }
    let kind = decided.as_ref().map(|(kind, _)| *kind);
    pending.arrive(NewArrival {
        newsletter,
        article: article.id,
        at: now,
        left_out: decided,
    });
    if let Some(replaced) = replaced {
        pending.write(tx).await?;
        tx.copy_rating(newsletter, replaced.id, article.id).await?;
    }
    Ok(kind)
}

/// The same article from another feed or the newsroom in this newsletter, if there is one.
async fn same_article(
    tx: &mut Tx,
    newsletter: NewsletterId,
    article: &Article,
    (keys, known): (&[Key], &KnownKeys),
) -> Result<Option<Article>, StoreError> {
    for key in keys.iter().filter(|key| key.kind == Kind::Anywhere && known.has(key)) {
        let rivals = tx
            .arrived_articles_by_key(&key.hash, &article.scope, newsletter, MAX_RIVALS)
            .await?;
        if let Some(same) = rivals.into_iter().find(|rival| identity::agree(article, rival)) {
            return Ok(Some(same));
        }
    }
    Ok(None)
}

fn because_of(other: &Article) -> String {
    let source = match other.source_name.as_str() {
        "" => String::new(),
        name => format!(" from “{name}”"),
    };
    format!(
        "the same article as {}{source}, which the newsletter has already",
        other.public_id
    )
}

//! An editor's rating of an article that waits for the next issue: a pin, and a weight compared with other articles.

use serde_json::json;

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::store::articles::Article;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// A weight of 100 %, for articles that no editor rated.
const USUAL_WEIGHT_PERCENT: i64 = 100;

/// A change of a rating. `None` leaves the value unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rating {
    /// Whether the article's story comes first.
    pub pinned: Option<bool>,
    /// The factor by which the article counts more or less than others, in percent; see [`weight_percent`].
    pub weight_percent: Option<i64>,
}

/// A weight from 0.01 to 100, of which 1 is the usual, in percent. `None` for any other number.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "it is at most 10,000")]
pub fn weight_percent(weight: f64) -> Option<i64> {
    (0.01..=100.0)
        .contains(&weight)
        .then(|| (weight * 100.0).round() as i64)
}

/// Stores a rating for an operator, with an entry of the audit log. Returns as [`rate`].
///
/// # Errors
/// When the database fails.
pub async fn rate_by(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    newsletter: &Newsletter,
    article: &Article,
    rating: Rating,
) -> Result<Option<(bool, i64)>, StoreError> {
    let rated = rate(tx, newsletter.id, article.id, rating).await?;
    if let Some((pinned, percent)) = rated {
        let change = Change::of(AuditAction::ArticleRated, &article.public_id)
            .to(json!({ "newsletter": newsletter.slug, "pinned": pinned, "weight_percent": percent }));
        audit::record(tx, app, actor, change).await?;
    }
    Ok(rated)
}

/// Stores a rating, if the article still waits for the newsletter. Returns whether it is pinned now, and its weight in percent;
/// `None` if it does not wait.
///
/// # Errors
/// When the database fails.
pub async fn rate(
    tx: &mut Tx,
    newsletter: NewsletterId,
    article: ArticleId,
    rating: Rating,
) -> Result<Option<(bool, i64)>, StoreError> {
    // An issue that is being compiled has read the former rating. This lock makes it outdated.
    tx.lock_and_count_change(newsletter).await?;
    let rated = tx.rated_articles(newsletter).await?;
    let (was_pinned, was_percent) = rated.get(&article).copied().unwrap_or((false, USUAL_WEIGHT_PERCENT));
    let pinned = rating.pinned.unwrap_or(was_pinned);
    let percent = rating.weight_percent.unwrap_or(was_percent);
    let waits = tx.rate_article(newsletter, article, pinned, percent).await?;
    Ok(waits.then_some((pinned, percent)))
}

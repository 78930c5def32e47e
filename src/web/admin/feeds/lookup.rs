//! Finds the feed and the newsletter that a request names, and the address of a feed in the console.

use crate::domain::ids::FeedId;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;

/// The address of a feed's page in the console.
pub(super) fn feed_path(id: FeedId) -> String {
    format!("/admin/feeds/{id}")
}

/// The feed that a route names.
pub(super) async fn find(tx: &mut Tx, id: &str) -> Result<Feed, WebError> {
    let id: FeedId = id.parse().map_err(|_| WebError::NotFound)?;
    tx.feed(id).await?.ok_or(WebError::NotFound)
}

/// The newsletter with this slug, unless it was removed.
pub(super) async fn newsletter(tx: &mut Tx, slug: &str) -> Result<Newsletter, WebError> {
    let found = tx.newsletter_by_slug(slug).await?;
    let existing = found.filter(|newsletter| newsletter.removed_at.is_none());
    existing.ok_or(WebError::NotFound)
}

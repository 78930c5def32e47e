//! The pages about feeds: the list with their health, one feed, and adding feeds by address or from a list.

mod add;
mod change;
mod health;
mod list;
mod page;

use super::routes::ConsoleRoutes;
use crate::domain::ids::FeedId;
use crate::domain::role::Permission;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/feeds", Permission::ReadReports, list::page)
        .get("/admin/feeds/add", Permission::ManageFeeds, add::page)
        .post("/admin/feeds/add", Permission::ManageFeeds, add::add)
        .post_large("/admin/feeds/import", Permission::ManageFeeds, add::import)
        .get("/admin/feeds/{id}", Permission::ReadReports, page::page)
        .post("/admin/feeds/{id}/fetch", Permission::ManageFeeds, change::fetch)
        .post("/admin/feeds/{id}/text", Permission::ManageFeeds, change::set_text)
        .post("/admin/feeds/{id}/read", Permission::ManageFeeds, change::read_for)
        .post("/admin/feeds/{id}/remove", Permission::ManageFeeds, change::remove)
}

/// The address of a feed's page in the console.
pub(super) fn feed_path(id: FeedId) -> String {
    format!("/admin/feeds/{id}")
}

/// The feed that a route names.
async fn find(tx: &mut Tx, id: &str) -> Result<Feed, WebError> {
    let id: FeedId = id.parse().map_err(|_| WebError::NotFound)?;
    tx.feed(id).await?.ok_or(WebError::NotFound)
}

/// The newsletter with this slug, unless it was removed.
async fn newsletter(tx: &mut Tx, slug: &str) -> Result<Newsletter, WebError> {
    let found = tx.newsletter_by_slug(slug).await?;
    let existing = found.filter(|newsletter| newsletter.removed_at.is_none());
    existing.ok_or(WebError::NotFound)
}

//! The pages about feeds: the list with their health, one feed, and adding feeds by address or from a list.

mod add;
mod change;
mod health;
mod list;
mod lookup;
mod page;
mod request_form;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

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
        .post("/admin/feeds/{id}/request", Permission::ManageFeeds, page::set_request)
        .post("/admin/feeds/{id}/read", Permission::ManageFeeds, change::read_for)
        .post("/admin/feeds/{id}/remove", Permission::ManageFeeds, change::remove)
}

//! The pages about newsletters: the list, one newsletter, the form with its schedule, and its removal.

mod form;
mod form_page;
mod list;
mod lookup;
mod page;
mod remove;
mod runs;
mod schedule;
mod write;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/newsletters", Permission::ReadReports, list::page)
        .post_large("/admin/newsletters", Permission::ManageNewsletters, write::create)
        .get("/admin/newsletters/new", Permission::ManageNewsletters, write::new)
        .get("/admin/newsletters/{slug}", Permission::ReadReports, page::page)
        .get(
            "/admin/newsletters/{slug}/edit",
            Permission::ManageNewsletters,
            write::form,
        )
        .post_large(
            "/admin/newsletters/{slug}/edit",
            Permission::ManageNewsletters,
            write::change,
        )
        .get(
            "/admin/newsletters/{slug}/remove",
            Permission::ManageNewsletters,
            remove::ask,
        )
        .post(
            "/admin/newsletters/{slug}/remove",
            Permission::ManageNewsletters,
            remove::remove,
        )
}

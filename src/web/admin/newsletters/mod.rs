//! The pages about newsletters: the list, one newsletter, the form with its schedule, and its removal.

mod form;
mod form_page;
mod list;
mod page;
mod remove;
mod runs;
mod schedule;
mod write;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;
use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;

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

/// The address of a newsletter's page in the console.
fn newsletter_path(slug: &str) -> String {
    format!("/admin/newsletters/{slug}")
}

/// The newsletter that a route names. It may be removed.
async fn find(tx: &mut Tx, slug: &str) -> Result<Newsletter, WebError> {
    tx.newsletter_by_slug(slug).await?.ok_or(WebError::NotFound)
}

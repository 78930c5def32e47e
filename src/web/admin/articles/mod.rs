//! The pages about articles: the list with a search, one article, and the form in which an editor writes or changes one.

mod conflict;
mod decide;
mod form;
mod form_page;
mod list;
mod lookup;
mod page;
mod write;

pub(super) use list::{ArticleLine, lines};

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/articles", Permission::ReadReports, list::page)
        .post_large("/admin/articles", Permission::EditArticles, write::create)
        .get("/admin/articles/new", Permission::EditArticles, write::new)
        .get("/admin/articles/{id}", Permission::ReadReports, page::page)
        .get("/admin/articles/{id}/edit", Permission::EditArticles, write::form)
        .post_large("/admin/articles/{id}/edit", Permission::EditArticles, write::change)
        .post("/admin/articles/{id}/pin", Permission::EditArticles, decide::pin)
        .post(
            "/admin/articles/{id}/retract",
            Permission::EditArticles,
            decide::retract,
        )
        .post(
            "/admin/articles/{id}/restore",
            Permission::EditArticles,
            decide::restore,
        )
}

//! The pages about articles: the list with a search, one article, and the form in which an editor writes or changes one.

mod conflict;
mod decide;
mod form;
mod form_page;
mod list;
mod page;
mod write;

pub(super) use list::{ArticleLine, lines};

use super::routes::ConsoleRoutes;
use crate::domain::public_id::PublicId;
use crate::domain::role::Permission;
use crate::store::Tx;
use crate::store::articles::Article;
use crate::web::error::WebError;

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

/// The address of an article's page in the console.
pub(super) fn article_path(public_id: &str) -> String {
    format!("/admin/articles/{public_id}")
}

/// The article that a route names.
async fn find(tx: &mut Tx, id: &str) -> Result<Article, WebError> {
    let id = PublicId::parse(id).map_err(|_| WebError::NotFound)?;
    let found = tx.article_by_public_id(id.as_str()).await?;
    found.ok_or(WebError::NotFound)
}

//! Finds the article that a route names, and its address in the console.

use crate::domain::public_id::PublicId;
use crate::store::Tx;
use crate::store::articles::Article;
use crate::web::error::WebError;

/// The address of an article's page in the console.
pub(super) fn article_path(public_id: &str) -> String {
    format!("/admin/articles/{public_id}")
}

/// The article that a route names.
pub(super) async fn find(tx: &mut Tx, id: &str) -> Result<Article, WebError> {
    let id = PublicId::parse(id).map_err(|_| WebError::NotFound)?;
    let found = tx.article_by_public_id(id.as_str()).await?;
    found.ok_or(WebError::NotFound)
}

//! Finds the newsletter that a route names, and its address in the console.

use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::web::error::WebError;

/// The address of a newsletter's page in the console.
pub(super) fn newsletter_path(slug: &str) -> String {
    format!("/admin/newsletters/{slug}")
}

/// The newsletter that a route names. It may be removed.
pub(super) async fn find(tx: &mut Tx, slug: &str) -> Result<Newsletter, WebError> {
    tx.newsletter_by_slug(slug).await?.ok_or(WebError::NotFound)
}

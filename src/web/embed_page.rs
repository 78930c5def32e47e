//! The page for iframes on other sites, and its path.

use axum::response::Html;

use super::error::{WebError, page};
use super::pages::{EmbedPage, EmbedView, Site};
use crate::store::newsletters::Newsletter;

/// The path of the form in the language of the page.
pub(super) fn embed_path(site: &Site, newsletter: &Newsletter) -> String {
    format!("/embed/{}?lang={}", newsletter.slug, site.words.language())
}

/// The page of the form, or of an answer to it.
pub(super) fn embed_page(
    site: Site,
    newsletter: &Newsletter,
    heading: &str,
    view: EmbedView,
) -> Result<Html<String>, WebError> {
    page(&EmbedPage {
        heading: heading.to_owned(),
        action: embed_path(&site, newsletter),
        site,
        view,
    })
}

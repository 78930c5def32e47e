//! GET `/pages/{name}`: the operator's own pages.

use axum::extract::{Path, State};
use axum::response::Html;

use super::error::{WebError, page};
use super::pages::{OwnPage, Site};
use super::state::Shared;
use crate::text::html::without_pictures;

pub(super) async fn own_page(
    State(web): Shared,
    site: Site,
    Path(name): Path<String>,
) -> Result<Html<String>, WebError> {
    let pages = &web.app.config.site.own_pages;
    let shown = pages
        .get(&name, site.words.language().tag())
        .ok_or(WebError::NotFound)?
        .clone();
    let html = if web.app.config.digest.images {
        shown.html
    } else {
        // The policy of the pages would block them.
        without_pictures(&shown.html)
    };
    page(&OwnPage {
        canonical: web.app.link(&format!("/pages/{name}")),
        language: shown.language.unwrap_or_default(),
        title: shown.title,
        html,
        site,
    })
}

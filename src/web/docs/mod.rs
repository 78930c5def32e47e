//! `/docs`: the documentation that belongs to this version of the program. Operators who are signed in can read it, and everybody with
//! `site.public_docs`.

mod library;
mod pictures;
mod render;
mod search;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use self::library::{Group, LIBRARY, Page};
use self::search::{Hit, search};
use super::error::{WebError, page as render_page};
use super::etag::fixed_page;
use super::language::RequestLanguage;
use super::pages::Site;
use super::state::{Shared, Web};
use crate::text::search::MAX_QUERY_CHARS;

/// The routes for everybody. Without `site.public_docs` the console has the same routes for operators.
pub(super) fn routes(web: &Arc<Web>) -> Router<Arc<Web>> {
    let router = Router::new();
    if web.app.config.site.public_docs {
        router
            .route("/docs", get(index))
            .route("/docs/{section}/{page}", get(page))
            .route("/docs/pictures/{name}", get(picture))
    } else {
        router
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct SearchForm {
    #[serde(default)]
    q: String,
}

/// GET `/docs`: all pages, or those that a search finds.
#[derive(Debug, Template)]
#[template(path = "docs/index.html")]
struct IndexPage {
    site: Site,
    overview: &'static str,
    has_console: bool,
    typed: String,
    /// `None` without a search.
    hits: Option<Vec<Hit>>,
}

pub(super) async fn index(
    State(web): Shared,
    uri: Uri,
    headers: HeaderMap,
    Query(form): Query<SearchForm>,
) -> Result<Response, WebError> {
    let typed: String = form.q.chars().take(MAX_QUERY_CHARS).collect();
    answer(&web, &uri, &headers, |site| IndexPage {
        site,
        overview: &LIBRARY.overview,
        has_console: !web.app.config.site.public_docs,
        hits: search(&typed),
        typed,
    })
}

/// One page, at `/docs/{section}/{page}`.
#[derive(Debug, Template)]
#[template(path = "docs/page.html")]
struct DocsPage {
    site: Site,
    groups: &'static [Group],
    has_console: bool,
    page: &'static Page,
}

pub(super) async fn page(
    State(web): Shared,
    uri: Uri,
    headers: HeaderMap,
    Path((section, name)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let page = LIBRARY.page(&format!("{section}/{name}")).ok_or(WebError::NotFound)?;
    answer(&web, &uri, &headers, |site| DocsPage {
        site,
        groups: LIBRARY.groups(),
        has_console: !web.app.config.site.public_docs,
        page,
    })
}

/// GET `/docs/pictures/{name}`: a picture that a page shows.
pub(super) async fn picture(Path(name): Path<String>) -> Result<Response, WebError> {
    let file = pictures::picture(&name).ok_or(WebError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((headers, file).into_response())
}

fn answer<T: Template>(
    web: &Web,
    uri: &Uri,
    headers: &HeaderMap,
    shown: impl FnOnce(Site) -> T,
) -> Result<Response, WebError> {
    let language = RequestLanguage::of(web, uri, headers);
    let is_chosen = language.is_chosen();
    let html = render_page(&shown(language.site(web)))?;
    Ok(fixed_page(web, headers, html, is_chosen))
}

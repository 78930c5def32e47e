//! Explains every failure: a page that says what happened and what to do next, or problem details under `/api`.

use std::any::Any;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::error::{WebError, page};
use super::language::RequestLanguage;
use super::pages::{ErrorPage, Site};
use super::problem::Problem;
use super::state::Shared;
use crate::digest::page_path;
use crate::domain::old_path::normal_path;
use crate::words::{Language, Voice, Words};

/// The texts for a status: title, what happened, what to do next.
fn texts(status: StatusCode, words: &Words) -> [String; 3] {
    match status {
        StatusCode::BAD_REQUEST => [
            words.bad_request_title(),
            words.bad_request_happened(),
            words.check_address(),
        ],
        StatusCode::FORBIDDEN => [
            words.other_site_title(),
            words.other_site_happened(),
            words.other_site_next(),
        ],
        StatusCode::NOT_FOUND => [words.not_found_title(), words.no_such_page(), words.check_address()],
        StatusCode::METHOD_NOT_ALLOWED => [
            words.wrong_method_title(),
            words.wrong_method_happened(),
            words.wrong_method_next(),
        ],
        StatusCode::REQUEST_TIMEOUT => [words.too_slow_title(), words.too_slow_happened(), words.too_slow_next()],
        StatusCode::PAYLOAD_TOO_LARGE => [
            words.too_large_title(),
            words.too_large_happened(),
            words.too_large_next(),
        ],
        StatusCode::UNSUPPORTED_MEDIA_TYPE => [
            words.wrong_format_title(),
            words.wrong_format_happened(),
            words.wrong_format_next(),
        ],
        StatusCode::SERVICE_UNAVAILABLE => [
            words.unavailable(),
            words.unavailable_happened(),
            words.unavailable_next(),
        ],
        StatusCode::TOO_MANY_REQUESTS => [words.too_many_title(), words.too_many_happened(), words.too_many_next()],
        _ => [words.broken_title(), words.broken_happened(), words.broken_next()],
    }
}

/// The answer of a handler that names what happened itself: title, what happened, what to do next.
pub(super) fn explained(site: Site, status: StatusCode, texts: [String; 3]) -> Result<Response, WebError> {
    let [title, happened, next] = texts;
    let shown = page(&ErrorPage {
        site,
        status: status.as_u16(),
        title,
        happened,
        next,
    })?;
    Ok((status, shown).into_response())
}

/// The error page for a status.
fn error_page(site: Site, status: StatusCode) -> Response {
    let [title, happened, next] = texts(status, &site.words);
    let page = ErrorPage {
        site,
        status: status.as_u16(),
        title,
        happened,
        next,
    };
    let body = page
        .render()
        .unwrap_or_else(|_| format!("{}. {} {}", page.title, page.happened, page.next));
    (status, Html(body)).into_response()
}

/// What a program reads about a status. Two of the texts of pages give advice that only helps a person with a browser.
fn api_detail(status: StatusCode, english: &Words) -> String {
    match status {
        StatusCode::NOT_FOUND => {
            "The API has no such address; GET /api/v1/openapi.json lists all addresses.".to_owned()
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not accept that method; `Allow` names those that it accepts. Nothing was changed."
                .to_owned()
        }
        _ => {
            let [_, happened, next] = texts(status, english);
            format!("{happened} {next}")
        }
    }
}

/// Adds an explanation to every failure that has none: statuses of handlers, axum's rejections and panics. Other headers of the
/// answer, such as Allow, stay.
pub(super) async fn explain(State(web): Shared, uri: Uri, request: Request, next: Next) -> Response {
    let language = RequestLanguage::of(&web, &uri, request.headers());
    let bare = next.run(request).await;
    let status = bare.status();
    // axum's rejections are plain text; our own explanations are HTML or JSON.
    let content_type = bare.headers().get(header::CONTENT_TYPE);
    let is_explained = content_type.is_some_and(|content_type| !content_type.as_bytes().starts_with(b"text/plain"));
    if is_explained || !(status.is_client_error() || status.is_server_error()) {
        return bare;
    }
    let mut explained = if uri.path().starts_with("/api/") {
        // The API is for programs, so its texts are in English, with any voice and language of the site.
        let english = web.app.locales.words(Language::English, Voice::Plain);
        Problem::new(status, api_detail(status, &english)).into_response()
    } else {
        error_page(language.site(&web), status)
    };
    for (name, value) in bare.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            explained.headers_mut().append(name, value.clone());
        }
    }
    explained
}

/// The answer for an unknown path: a redirect if a post of an earlier site was there, or if the path without its trailing slashes may be
/// known; otherwise 404.
pub(super) async fn not_found(State(web): Shared, method: Method, uri: Uri) -> Result<Response, WebError> {
    if matches!(method, Method::GET | Method::HEAD)
        && let Some(path) = normal_path(uri.path())
        && let Some(article) = web.app.store.read().await?.redirect_of_path(&path).await?
    {
        let target = page_path(&article.public_id, &article.title);
        return Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, target)]).into_response());
    }
    Ok(without_trailing_slashes(&uri))
}

/// 404, or a redirect if the path without its trailing slashes may be known.
fn without_trailing_slashes(uri: &Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    // A redirect to `//host` or `/\host` would leave the site.
    let is_path_of_ours = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
    // Programs follow no redirect with the body of their request.
    if !is_path_of_ours || path == uri.path() || path.starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{path}{query}")).into_response()
}

/// The answer of a handler that panicked.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

//! Pages that failed: what happened and what to do next; under `/api`, the same as problem details (RFC 9457).

use std::any::Any;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;

use super::pages::ErrorPage;
use super::{Shared, Web};
use crate::digest::CompileError;
use crate::store::StoreError;

/// Why a page could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is no such page.
    #[error("no such page")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be read.
    #[error("{0}")]
    Stored(CompileError),
    /// A template failed.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

impl From<CompileError> for WebError {
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Store(error) => Self::Store(error),
            other => Self::Stored(other),
        }
    }
}

/// The status alone: [`explain`] finds the words.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Store(error) => {
                tracing::error!(%error, "a page could not be shown");
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Stored(error) => {
                tracing::error!(%error, "a page could not be shown");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Template(error) => {
                tracing::error!(%error, "a page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
        .into_response()
    }
}

/// A page from its template.
pub fn page(template: &impl Template) -> Result<Html<String>, WebError> {
    Ok(Html(template.render()?))
}

/// What to say: title, what happened, what to do next.
fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => (
            "Not understood",
            "The address, or what was sent to it, is not whole or not UTF-8. Nothing was changed.",
            "Check the address, or go on from the latest transmissions.",
        ),
        StatusCode::FORBIDDEN => (
            "Sent from another site",
            "This form was sent by a page of another site, which signup.origins in the settings does not list. Nothing was \
             changed.",
            "Open the form on this site, and send it from there.",
        ),
        StatusCode::NOT_FOUND => (
            "No such page",
            "Nothing is transmitted on this address. It may have been mistyped, or cut short by a mail program.",
            "Check the address, or go on from the latest transmissions.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "Not that way",
            "This address does not take a request of that kind.",
            "Open it in a browser, or use the button on its page.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "Too slow",
            "What was sent did not come to its end within a minute. Nothing was changed.",
            "Try again over a better connection.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too much at once",
            "What was sent is larger than this address takes. Nothing was changed.",
            "Send less; a form or document here has at most 64 KiB.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "Not in that form",
            "This address does not take that content type. Nothing was changed.",
            "Send a form as application/x-www-form-urlencoded; the API takes JSON.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "Off the air for a moment",
            "The service cannot reach its records just now. Nothing was changed.",
            "Try again in a minute.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many requests",
            "More sign-ups came from your network just now than are taken. Nothing was changed.",
            "Try again in a few minutes.",
        ),
        _ => (
            "Something broke",
            "The page could not be made. The fault is ours and is in our log.",
            "Try again in a minute; if it stays, tell us.",
        ),
    }
}

/// The page for a status.
fn failure(web: &Web, status: StatusCode) -> Response {
    let (title, happened, next) = words(status);
    let page = ErrorPage {
        site: web.site(),
        status: status.as_u16(),
        title: title.into(),
        happened: happened.into(),
        next: next.into(),
    };
    let body = page.render().unwrap_or_else(|_| format!("{title}. {happened} {next}"));
    (status, Html(body)).into_response()
}

/// Problem details (RFC 9457).
pub fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

/// Puts the site's words to every failure that came without: the handlers' own, axum's, and a panic's. Other headers of
/// it, such as Allow, stay.
pub async fn explain(State(web): Shared, uri: Uri, request: Request, next: Next) -> Response {
    let bare = next.run(request).await;
    let status = bare.status();
    let kind = bare.headers().get(header::CONTENT_TYPE);
    let has_words = kind.is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if has_words || !(status.is_client_error() || status.is_server_error()) {
        return bare;
    }
    let mut explained = if uri.path().starts_with("/api/") {
        let (title, happened, next) = words(status);
        problem(status, title, &format!("{happened} {next}"))
    } else {
        failure(&web, status)
    };
    for (name, value) in bare.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            explained.headers_mut().append(name, value.clone());
        }
    }
    explained
}

/// For addresses that lead nowhere. A slash too many at the end leads to the address without it.
pub async fn not_found(uri: Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    // `//host` and `/\host` would lead off the site.
    let is_ours = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
    if !is_ours || path == uri.path() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{path}{query}")).into_response()
}

/// For a handler that panicked.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a page's handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

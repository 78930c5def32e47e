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
use crate::words::{Voice, Words};

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
fn words(status: StatusCode, voice: &Words) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => (
            "Not understood",
            "Part of the address, or of what was sent to it, is missing or not UTF-8. Nothing was changed.",
            voice.check_address,
        ),
        StatusCode::FORBIDDEN => (
            "Sent from another site",
            "A page of another site sent this form, and signup.origins in the settings does not list that site. Nothing was \
             changed.",
            "Open the form on this site, and send it from there.",
        ),
        StatusCode::NOT_FOUND => ("No such page", voice.no_such_page, voice.check_address),
        StatusCode::METHOD_NOT_ALLOWED => (
            "That doesn’t work here",
            "This address does not accept that kind of request. Nothing was changed.",
            "Open the address in a browser, or use the button on its page.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "Too slow",
            "Your request did not arrive completely within a minute. Nothing was changed.",
            "Try again over a better connection.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Too large",
            "Your request is larger than this address accepts. Nothing was changed.",
            "Send less: a form or document may have at most 64 KiB.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "Wrong format",
            "This address does not accept that content type. Nothing was changed.",
            "Send a form as application/x-www-form-urlencoded, or JSON to the API.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            voice.unavailable,
            "The service cannot reach its database. Nothing was changed.",
            "Try again in a minute.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Too many sign-ups",
            "There were too many sign-ups from your network. Nothing was changed.",
            "Please try again later.",
        ),
        _ => (
            "Something broke",
            "We couldn’t show this page. The fault is ours, and our log has it.",
            "Try again in a minute. If it happens again, please tell us.",
        ),
    }
}

/// The page for a status.
fn failure(web: &Web, status: StatusCode) -> Response {
    let (title, happened, next) = words(status, web.app.config.site.voice.words());
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
        let (_, happened, next) = words(status, Voice::Plain.words());
        // The title is the status phrase (RFC 9457 section 4.2.1).
        let title = status.canonical_reason().unwrap_or("Error");
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

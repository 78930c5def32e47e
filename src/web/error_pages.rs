//! Explains every failure: a page that says what happened and what to do next, or problem details under `/api`.

use std::any::Any;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::pages::ErrorPage;
use super::problem::Problem;
use super::state::{Shared, Web};
use crate::words::{Voice, Words};

/// The texts for a status: title, what happened, what to do next.
fn texts(status: StatusCode, voice: &Words) -> (&'static str, &'static str, &'static str) {
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

/// The error page for a status.
fn error_page(web: &Web, status: StatusCode) -> Response {
    let (title, happened, next) = texts(status, web.app.config.site.voice.words());
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

/// Adds an explanation to every failure that has none: statuses of handlers, axum's rejections and panics. Other headers of the
/// answer, such as Allow, stay.
pub(super) async fn explain(State(web): Shared, uri: Uri, request: Request, next: Next) -> Response {
    let bare = next.run(request).await;
    let status = bare.status();
    // axum's rejections are plain text; our own explanations are HTML or JSON.
    let content_type = bare.headers().get(header::CONTENT_TYPE);
    let is_explained = content_type.is_some_and(|content_type| !content_type.as_bytes().starts_with(b"text/plain"));
    if is_explained || !(status.is_client_error() || status.is_server_error()) {
        return bare;
    }
    let mut explained = if uri.path().starts_with("/api/") {
        let (_, happened, next) = texts(status, Voice::Plain.words());
        Problem::new(status, format!("{happened} {next}")).into_response()
    } else {
        error_page(&web, status)
    };
    for (name, value) in bare.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            explained.headers_mut().append(name, value.clone());
        }
    }
    explained
}

/// The answer for an unknown path: 404, or a redirect if the path without its trailing slashes may be known.
pub(super) async fn not_found(uri: Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    // A redirect to `//host` or `/\host` would leave the site.
    let is_path_of_ours = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
    if !is_path_of_ours || path == uri.path() {
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

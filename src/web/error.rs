//! Pages that failed: what happened and what to do next; under `/api`, the same as problem details (RFC 9457).

use std::any::Any;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::pages::{ErrorPage, Site};
use super::{Shared, Web};
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
    /// A template failed.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => failure(None, StatusCode::NOT_FOUND),
            Self::Store(error) => {
                tracing::error!(%error, "a page could not be shown");
                failure(None, StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Template(error) => {
                tracing::error!(%error, "a page could not be rendered");
                failure(None, StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// A page from its template.
pub fn page(template: &impl Template) -> Result<Html<String>, WebError> {
    Ok(Html(template.render()?))
}

/// What to say: title, what happened, what to do next.
fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "No such page",
            "Nothing is transmitted on this address. It may have been mistyped, or cut short by a mail program.",
            "Check the address, or go to the latest transmissions.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "Not that way",
            "This address does not take a request of that kind.",
            "Open it in a browser, or use the button on its page.",
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

/// The page for a status. Without a site it says less, but says it.
pub fn failure(site: Option<Site>, status: StatusCode) -> Response {
    let (title, happened, next) = words(status);
    let site = site.unwrap_or_else(|| Site {
        name: "Daywire".into(),
        tagline: String::new(),
        postal_address: None,
        mail_is_captured: false,
    });
    let page = ErrorPage {
        site,
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
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

fn answer(web: &Web, uri: &Uri, status: StatusCode) -> Response {
    if uri.path().starts_with("/api/") {
        let (title, happened, _) = words(status);
        problem(status, title, happened)
    } else {
        failure(Some(web.site()), status)
    }
}

/// For addresses that lead nowhere.
pub async fn not_found(State(web): Shared, uri: Uri) -> Response {
    answer(&web, &uri, StatusCode::NOT_FOUND)
}

/// For methods that an address does not take.
pub async fn method_not_allowed(State(web): State<Arc<Web>>, uri: Uri) -> Response {
    answer(&web, &uri, StatusCode::METHOD_NOT_ALLOWED)
}

/// For a handler that panicked.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a page's handler panicked");
    failure(None, StatusCode::INTERNAL_SERVER_ERROR)
}

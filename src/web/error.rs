//! The error of a page's handler, and rendering a page.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::digest::CompileError;
use crate::signup::WelcomeError;
use crate::store::StoreError;

/// How many seconds a client waits before it repeats a request that found the queue of writes full.
pub(super) const OVERLOAD_RETRY_AFTER: &str = "5";

/// Why a page could not be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    #[error("no such page")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many such requests run.
    #[error("too many requests of this kind run")]
    Busy,
    /// A stored article or issue cannot be parsed.
    #[error("{0}")]
    Stored(CompileError),
    #[error(transparent)]
    Template(#[from] askama::Error),
    /// A page that says why the request was not carried out, such as for a link that does not work.
    #[error("answered with another page")]
    Answered(Box<Response>),
}

impl WebError {
    pub(super) fn answered(answer: impl IntoResponse) -> Self {
        Self::Answered(Box::new(answer.into_response()))
    }
}

impl From<CompileError> for WebError {
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Store(error) => Self::Store(error),
            other => Self::Stored(other),
        }
    }
}

impl From<WelcomeError> for WebError {
    fn from(error: WelcomeError) -> Self {
        match error {
            WelcomeError::Store(error) => Self::Store(error),
            WelcomeError::Template(error) => Self::Template(error),
        }
    }
}

/// Most answers have only a status. The layer `error_pages::explain` adds the page.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            Self::Answered(answer) => return *answer,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Busy | Self::Store(StoreError::Overloaded) => {
                return (
                    StatusCode::SERVICE_UNAVAILABLE,
                    [(header::RETRY_AFTER, OVERLOAD_RETRY_AFTER)],
                )
                    .into_response();
            }
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

pub(super) fn page(template: &impl Template) -> Result<Html<String>, WebError> {
    Ok(Html(template.render()?))
}

//! Why the API did not do what was asked, as problem details (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::error::problem;
use crate::digest::CompileError;
use crate::domain::article_input::FieldError;
use crate::ingest::own::OwnError;
use crate::store::StoreError;

/// Why it was not done.
#[derive(Debug)]
pub enum Failure {
    /// No token was shown.
    NoToken,
    /// The token opens nothing.
    WrongToken,
    /// The document is no JSON.
    Malformed(String),
    /// Each of these is wrong.
    Invalid(Vec<FieldError>),
    /// There is no such thing.
    NotFound(String),
    /// It would contradict what is.
    Conflict(String),
    /// The document has more than so many KiB.
    TooLarge(usize),
    /// Content types that are taken.
    MediaType(&'static str),
    /// The fault is ours.
    Ours(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<OwnError> for Failure {
    fn from(error: OwnError) -> Self {
        match error {
            OwnError::Store(_) | OwnError::Compile(_) => Self::Ours(error.to_string()),
            OwnError::Retracted(_) | OwnError::Another { .. } => Self::Conflict(error.to_string()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, detail) = match self {
            // RFC 6750 section 3.1: no error code where no token was shown.
            Self::NoToken => {
                return unauthorized(
                    "Bearer realm=\"daywire\"",
                    "Send `Authorization: Bearer TOKEN`; `daywire operator token NAME` makes a token.",
                );
            }
            Self::WrongToken => {
                return unauthorized(
                    "Bearer realm=\"daywire\", error=\"invalid_token\"",
                    "This token opens nothing: it was mistyped, or revoked. `daywire operator token NAME` makes a new one.",
                );
            }
            Self::Invalid(wrong) => return invalid(&wrong),
            Self::Malformed(detail) => (StatusCode::BAD_REQUEST, "Not understood", detail),
            Self::NotFound(detail) => (StatusCode::NOT_FOUND, "Not found", detail),
            Self::Conflict(detail) => (StatusCode::CONFLICT, "Not any more", detail),
            Self::TooLarge(kib) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too much at once",
                format!("A document here has at most {kib} KiB. Nothing was changed; send less at once."),
            ),
            Self::MediaType(taken) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Not in that form",
                format!("Say what is sent by Content-Type: {taken}. Nothing was changed."),
            ),
            Self::Ours(error) => {
                tracing::error!(%error, "the API could not do what was asked");
                let detail = "Nothing was changed; try again in a minute.".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "Not now", detail)
            }
        };
        problem(status, title, &detail)
    }
}

fn unauthorized(challenge: &'static str, detail: &str) -> Response {
    let answer = problem(StatusCode::UNAUTHORIZED, "Not without a token", detail);
    ([(header::WWW_AUTHENTICATE, challenge)], answer).into_response()
}

/// What is wrong, with `errors`, a member for each (RFC 9457 section 3.2).
fn invalid(wrong: &[FieldError]) -> Response {
    let details: Vec<_> = wrong.iter().map(|wrong| wrong.detail.as_str()).collect();
    let errors: Vec<_> = wrong
        .iter()
        .map(|wrong| json!({ "field": wrong.field, "detail": wrong.detail }))
        .collect();
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let body = json!({
        "type": "about:blank",
        "title": "Not acceptable",
        "status": status.as_u16(),
        "detail": format!("Nothing was changed: {}", details.join("; ")),
        "errors": errors,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

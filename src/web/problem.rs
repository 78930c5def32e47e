//! Problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)): the form of every error under `/api`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

use crate::domain::article_input::FieldError;

/// What went wrong.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
}

impl Problem {
    /// A problem without a type of its own, so its title is the phrase of the status
    /// ([RFC 9457 §4.2.1](https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1)).
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            detail: detail.into(),
        }
    }
}

/// A problem that lists every wrong field ([RFC 9457 §3.2](https://www.rfc-editor.org/rfc/rfc9457#section-3.2)).
#[derive(Debug, Serialize)]
pub(super) struct InvalidFields {
    #[serde(flatten)]
    problem: Problem,
    errors: Vec<InvalidField>,
}

/// A wrong field.
#[derive(Debug, Serialize)]
struct InvalidField {
    /// The field or parameter; empty for the whole document.
    field: String,
    detail: String,
}

impl InvalidFields {
    pub(super) fn new(errors: Vec<FieldError>) -> Self {
        let details: Vec<_> = errors.iter().map(|error| error.detail.as_str()).collect();
        let detail = format!("Nothing was changed: {}", details.join("; "));
        let fields = errors
            .into_iter()
            .map(|FieldError { field, detail }| InvalidField { field, detail });
        Self {
            problem: Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
            errors: fields.collect(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        document(self.status, &self)
    }
}

impl IntoResponse for InvalidFields {
    fn into_response(self) -> Response {
        document(self.problem.status, &self)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn as_number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

/// An answer with problem details as its body.
fn document(status: StatusCode, body: &impl Serialize) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, axum::Json(body)).into_response()
}

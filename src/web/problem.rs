//! Problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)): the form of every error under `/api`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use utoipa::{ToResponse, ToSchema};

use super::request_id::RequestId;
use crate::domain::article_input::FieldError;

/// The body of an error without a list of fields.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    detail: String,
    /// The id of the request, by which the operator of the server finds it in the log
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    request_id: Option<RequestId>,
}

/// The description of an answer with a [`Problem`].
#[derive(ToResponse)]
#[response(description = "What went wrong", content_type = "application/problem+json")]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct ProblemAnswer(Problem);

/// The description of an answer to a request without a valid token.
#[derive(ToResponse)]
#[response(
    description = "The request has no token, or an invalid one",
    content_type = "application/problem+json",
    headers(("WWW-Authenticate" = String, description = "The challenge (RFC 6750)")),
)]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct UnauthorizedAnswer(Problem);

/// The description of an answer with [`InvalidFields`].
#[derive(ToResponse)]
#[response(description = "Every wrong field", content_type = "application/problem+json")]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct InvalidAnswer(InvalidFields);

impl Problem {
    /// A problem without a type of its own, so its title is the phrase of the status
    /// ([RFC 9457 §4.2.1](https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1)).
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            detail: detail.into(),
            request_id: RequestId::current(),
        }
    }
}

/// A problem that lists every wrong field ([RFC 9457 §3.2](https://www.rfc-editor.org/rfc/rfc9457#section-3.2)).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invalid)]
pub(super) struct InvalidFields {
    #[serde(flatten)]
    problem: Problem,
    errors: Vec<InvalidField>,
}

/// A field or parameter that is wrong.
#[derive(Debug, Serialize, ToSchema)]
struct InvalidField {
    /// The field or parameter; empty for the whole document
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

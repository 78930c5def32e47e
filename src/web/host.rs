//! Refuses requests whose Host field is missing, repeated or not a host
//! ([RFC 9112 §3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)).

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version, header};
use axum::response::{IntoResponse, Response};

/// The answer 400, unless the request has exactly one valid Host field. HTTP/1.0 needs none.
pub(super) fn refusal(request: &Request) -> Option<Response> {
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    let is_valid = match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => host.is_empty() || Authority::try_from(host.as_bytes()).is_ok(),
        (Some(_), Some(_)) => false,
    };
    let refused = (
        StatusCode::BAD_REQUEST,
        "The request must have exactly one valid Host field.\n",
    );
    (!is_valid).then(|| refused.into_response())
}

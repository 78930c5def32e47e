//! The body of a request: its content type, and its bytes up to a limit.

use axum::body::Body;
use axum::http::{HeaderMap, header};

use super::failure::Failure;
use crate::web::request_body::{self, BodyError};

/// The largest document that is accepted, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The content type without its parameters, in lower case; empty if the request has none.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let field = headers.get(header::CONTENT_TYPE).and_then(|field| field.to_str().ok());
    let essence = field.and_then(|field| field.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Reads the whole body.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    request_body::read(body, MAX_BYTES, None)
        .await
        .map_err(|error| match error {
            BodyError::EndedEarly => Failure::Malformed("The document ended early.".into()),
            // Without a reservation the body counts for no budget.
            BodyError::TooLarge | BodyError::NoMemory => Failure::TooLarge(MAX_BYTES / 1024),
        })
}

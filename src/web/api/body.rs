//! The body of a request: its content type, and its bytes up to a limit.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::input::{self, FieldErrors};
use crate::web::request_body::{self, BodyError};
use crate::web::state::Web;

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
            // `NoMemory` cannot occur: the body is read without a reservation, so no memory budget applies.
            BodyError::TooLarge | BodyError::NoMemory => Failure::TooLarge(MAX_BYTES / 1024),
        })
}

/// The JSON document of a request. It has no value for a wrong field.
pub(super) struct Document<T> {
    pub(super) value: T,
    /// The handler adds its own errors, and then calls [`FieldErrors::finish`].
    pub(super) errors: FieldErrors,
}

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Document<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<Web>) -> Result<Self, Failure> {
        let is_patch = request.method() == Method::PATCH;
        match content_type(request.headers()).as_str() {
            "application/json" => {}
            // [RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)
            "application/merge-patch+json" if is_patch => {}
            _ => return Err(Failure::ContentType("application/json")),
        }
        let bytes = read(request.into_body()).await?;
        let mut errors = FieldErrors::default();
        let value = input::document(&bytes, &mut errors)?;
        Ok(Self { value, errors })
    }
}

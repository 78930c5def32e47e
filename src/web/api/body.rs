//! The body of a request: its content type, and its bytes up to a limit.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use super::failure::Failure;

/// The largest document that is accepted, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// How many bytes beyond [`MAX_BYTES`] are read and dropped. Most programs read the answer only after they have sent everything.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// The content type without its parameters, in lower case; empty if the request has none.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let field = headers.get(header::CONTENT_TYPE).and_then(|field| field.to_str().ok());
    let essence = field.and_then(|field| field.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Reads the whole body.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Failure::Malformed("The document ended early.".into()))?;
        length = length.saturating_add(part.len());
        if length <= MAX_BYTES {
            bytes.extend_from_slice(&part);
        } else if length > MAX_BYTES + MAX_DISCARDED_BYTES {
            break;
        }
    }
    if length > MAX_BYTES {
        return Err(Failure::TooLarge(MAX_BYTES / 1024));
    }
    Ok(bytes)
}

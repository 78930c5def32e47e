//! What comes with a request: its content type, and its body up to a limit.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use super::failure::Failure;

/// Bytes that a document may have.
pub const LARGEST: usize = 1024 * 1024;
/// Bytes of one that is too large that are still taken in: most programs read no answer before they have sent all.
const THROWN_AWAY: usize = 16 * 1024 * 1024;

/// The content type without its parameters, in lower case.
pub fn kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The whole body.
pub async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Failure::Malformed("the document broke off".into()))?;
        length = length.saturating_add(part.len());
        if length <= LARGEST {
            bytes.extend_from_slice(&part);
        } else if length > LARGEST + THROWN_AWAY {
            break;
        }
    }
    if length > LARGEST {
        return Err(Failure::TooLarge(LARGEST / 1024));
    }
    Ok(bytes)
}

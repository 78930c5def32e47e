//! Reads the body of a request up to a limit.

use axum::body::Body;
use futures_util::StreamExt as _;

/// How many bytes beyond the limit are read and dropped. Most programs read the answer only after they have sent everything.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    EndedEarly,
    TooLarge,
}

/// Reads the whole body, unless it has more than `max_bytes`.
pub(super) async fn read(body: Body, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| BodyError::EndedEarly)?;
        length = length.saturating_add(part.len());
        if length <= max_bytes {
            bytes.extend_from_slice(&part);
        } else if length > max_bytes + MAX_DISCARDED_BYTES {
            break;
        }
    }
    if length > max_bytes {
        return Err(BodyError::TooLarge);
    }
    Ok(bytes)
}

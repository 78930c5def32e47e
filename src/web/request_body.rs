//! Reads the body of a request up to a limit.

use axum::body::Body;
use futures_util::StreamExt as _;

use super::body_budget::Reservation;

/// The largest form or JSON document that is read, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// How many bytes beyond the limit are read and dropped. Most programs read the answer only after they have sent everything.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    EndedEarly,
    TooLarge,
    /// Other bodies use the memory that bodies may use.
    NoMemory,
}

/// Reads the whole body, unless it has more than `max_bytes`. With a reservation, the body counts for its budget.
pub(super) async fn read(
    body: Body,
    max_bytes: usize,
    mut reservation: Option<&mut Reservation>,
) -> Result<Vec<u8>, BodyError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    let mut error = None;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| BodyError::EndedEarly)?;
        length = length.saturating_add(part.len());
        if length > max_bytes + MAX_DISCARDED_BYTES {
            error = Some(BodyError::TooLarge);
            break;
        }
        if error.is_none() {
            error = if length > max_bytes {
                Some(BodyError::TooLarge)
            } else {
                append(&mut bytes, &part, max_bytes, reservation.as_deref_mut()).err()
            };
            if error.is_some() {
                // The rest is dropped as it comes, and must not keep memory meanwhile.
                bytes = Vec::new();
                if let Some(reservation) = &mut reservation {
                    reservation.release();
                }
            }
        }
    }
    error.map_or(Ok(bytes), Err)
}

/// Reads a body that nobody needs, so that the client reads the answer.
pub(super) async fn discard(body: Body) {
    // Whether it ends early or is too large does not matter.
    let _ = read(body, 0, None).await;
}

fn append(
    bytes: &mut Vec<u8>,
    part: &[u8],
    max_bytes: usize,
    reservation: Option<&mut Reservation>,
) -> Result<(), BodyError> {
    let length = bytes.len() + part.len();
    if length > bytes.capacity() {
        // By half at a time, and never beyond the limit: what is allocated is what counts.
        let capacity = (bytes.capacity() + bytes.capacity() / 2).min(max_bytes).max(length);
        if reservation.is_some_and(|reservation| !reservation.grow(capacity - bytes.capacity())) {
            return Err(BodyError::NoMemory);
        }
        bytes.reserve_exact(capacity - bytes.len());
    }
    bytes.extend_from_slice(part);
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::super::body_budget::BodyBudget;
    use super::*;

    fn body(parts: usize) -> Body {
        let parts = (0..parts).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1000])));
        Body::from_stream(futures_util::stream::iter(parts))
    }

    #[tokio::test]
    async fn a_body_counts_for_its_budget_until_its_reservation_ends() {
        let budget = BodyBudget::new(30_000, 30_000);
        let client = [192, 0, 2, 1].into();
        let (mut first, mut second) = (budget.reservation(client), budget.reservation(client));
        let read_first = read(body(20), 20_000, Some(&mut first)).await;
        assert_eq!(read_first.map(|bytes| bytes.len()), Ok(20_000));
        assert_eq!(
            read(body(20), 20_000, Some(&mut second)).await,
            Err(BodyError::NoMemory)
        );
        drop(first);
        assert_eq!(
            read(body(25), 20_000, Some(&mut second)).await,
            Err(BodyError::TooLarge)
        );
        assert!(second.grow(30_000), "a body that was not kept counts no more");
    }

    #[tokio::test]
    async fn a_body_without_a_budget_has_only_its_own_limit() {
        assert_eq!(read(body(3), 3000, None).await.map(|bytes| bytes.len()), Ok(3000));
        assert_eq!(read(body(4), 3000, None).await, Err(BodyError::TooLarge));
        discard(body(3)).await;
    }
}

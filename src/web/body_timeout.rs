//! Limits the time in which a request's body arrives, so that a client that sends one octet a second does not keep its connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

/// The time in which a whole body must arrive. The largest body that a handler accepts then needs 18 KB a second.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Answers 408 Request Timeout if the handler read the body and it did not arrive in time.
pub async fn limit_body_time(request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let until = Instant::now() + BODY_TIMEOUT;
    let request =
        request.map(|body| Body::from_stream(until_deadline(body.into_data_stream(), until, Arc::clone(&late))));
    let answer = next.run(request).await;
    if late.load(Ordering::Relaxed) {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    answer
}

/// The parts of a body that arrive until the deadline, then an error, so that half a body is never taken for a whole one.
fn until_deadline(
    body: BodyDataStream,
    until: Instant,
    late: Arc<AtomicBool>,
) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::unfold(Some(body), move |body| {
        let late = Arc::clone(&late);
        async move {
            let mut body = body?;
            match timeout_at(until, body.next()).await {
                Ok(part) => Some((part?, Some(body))),
                Err(error) => {
                    late.store(true, Ordering::Relaxed);
                    Some((Err(axum::Error::new(error)), None))
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_fails_if_it_does_not_end_before_the_deadline() {
        let part = |text: &'static str| Ok::<_, axum::Error>(Bytes::from_static(text.as_bytes()));
        let late = Arc::new(AtomicBool::new(false));
        let whole = Body::from_stream(stream::iter([part("a"), part("b")]));
        let parts: Vec<_> = until_deadline(whole.into_data_stream(), Instant::now(), Arc::clone(&late))
            .collect()
            .await;
        assert!(parts.len() == 2 && parts.iter().all(Result::is_ok));
        assert!(!late.load(Ordering::Relaxed), "parts that have arrived are passed on");
        let endless = Body::from_stream(stream::iter([part("a")]).chain(stream::pending()));
        let parts: Vec<_> = until_deadline(endless.into_data_stream(), Instant::now(), Arc::clone(&late))
            .collect()
            .await;
        assert!(parts.len() == 2 && parts[1].is_err());
        assert!(late.load(Ordering::Relaxed));
    }
}

//! Limits the time of a request's body to one minute, so that a client that sends one octet a second does not keep its connection.

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

/// How long a body may take: the largest that is read needs 18 KB a second.
const BODY: Duration = Duration::from_mins(1);

/// Ends the reading of a body that takes too long, and says so.
pub async fn hurry(request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let until = Instant::now() + BODY;
    let request = request.map(|body| Body::from_stream(in_time(body.into_data_stream(), until, Arc::clone(&late))));
    let answer = next.run(request).await;
    if late.load(Ordering::Relaxed) {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    answer
}

/// What comes until then; after that an error, so that half a body is never taken for a whole one.
fn in_time(
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
    async fn what_does_not_end_in_time_fails() {
        let part = |text: &'static str| Ok::<_, axum::Error>(Bytes::from_static(text.as_bytes()));
        let late = Arc::new(AtomicBool::new(false));
        let whole = Body::from_stream(stream::iter([part("a"), part("b")]));
        let parts: Vec<_> = in_time(whole.into_data_stream(), Instant::now(), Arc::clone(&late))
            .collect()
            .await;
        assert!(parts.len() == 2 && parts.iter().all(Result::is_ok));
        assert!(!late.load(Ordering::Relaxed), "what is there is taken");
        let endless = Body::from_stream(stream::iter([part("a")]).chain(stream::pending()));
        let parts: Vec<_> = in_time(endless.into_data_stream(), Instant::now(), Arc::clone(&late))
            .collect()
            .await;
        assert!(parts.len() == 2 && parts[1].is_err());
        assert!(late.load(Ordering::Relaxed));
    }
}

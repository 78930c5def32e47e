//! Limits the time in which a request's body arrives, so that a client that sends one byte a second does not keep its connection.
//!
//! tower-http's [`DeadlineBody`] has the timer and fails the body. Extractors answer 400 to such a failure, so this middleware
//! remembers it and answers 408.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use tower_http::timeout::{DeadlineBody, TimeoutError};

/// The time in which a whole body must arrive. The largest body that a handler reads then needs 18 KB a second.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Answers 408 Request Timeout if the handler reads the body and it does not arrive in time.
pub(super) async fn limit_body_time(request: Request, next: Next) -> Response {
    limit_body_time_to(BODY_TIMEOUT, request, next).await
}

async fn limit_body_time_to(timeout: Duration, request: Request, next: Next) -> Response {
    let is_late = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_late);
    let request = request.map(|body| {
        let body = Body::new(DeadlineBody::new(timeout, body)).into_data_stream();
        Body::from_stream(body.inspect_err(move |error| {
            let is_timeout = error.source().is_some_and(<dyn std::error::Error>::is::<TimeoutError>);
            flag.fetch_or(is_timeout, Ordering::Relaxed);
        }))
    });
    let answer = next.run(request).await;
    if is_late.load(Ordering::Relaxed) {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::metrics::ConnectionGauges;
    use crate::web::server::serve;

    /// The status line of the answer to `request` by a server with this timeout.
    async fn status(timeout: Duration, request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback socket");
        let address = listener.local_addr().expect("the socket is bound");
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { body }))
            .layer(from_fn(move |request, next| limit_body_time_to(timeout, request, next)));
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(
            listener,
            router,
            Router::new(),
            ConnectionGauges::default(),
            stop.clone(),
        ));
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the server accepts connections");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("the server reads the request");
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .await
            .expect("the server answers and closes");
        stop.cancel();
        served.await.expect("the server stops without a panic");
        String::from_utf8_lossy(&answer)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    fn request(headers: &str, body: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_in_time_is_answered_with_408() {
        let half = request("Content-Length: 10", "12345");
        assert_eq!(
            status(Duration::from_millis(50), &half).await,
            "HTTP/1.1 408 Request Timeout"
        );
    }

    #[tokio::test]
    async fn other_bodies_keep_their_answers() {
        for (request, expected) in [
            (request("Content-Length: 5", "12345"), "HTTP/1.1 200 OK"),
            (
                request("Transfer-Encoding: chunked", "x\r\n"),
                "HTTP/1.1 400 Bad Request",
            ),
        ] {
            assert_eq!(status(BODY_TIMEOUT, &request).await, expected);
        }
    }
}

//! A program that gets events by webhook. The test decides its answers; it records every request.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daywire::config::Config;
use daywire::feeds::guard::Allowed;
use serde_json::Value;
use tokio::task::JoinHandle;

/// A request, as it was received.
#[derive(Clone, Debug)]
pub struct ReceivedEvent {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
    /// The status that it was answered with; 0: it got no answer.
    pub status: u16,
}

impl ReceivedEvent {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("the header is ASCII")
    }

    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    /// The type of the event.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    pub fn address(&self) -> Option<String> {
        Some(self.json()["data"]["subscriber"]["address"].as_str()?.to_owned())
    }

    /// Whether one of its signatures was made with a secret. It is checked with another implementation of HMAC than the program's.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("the secret begins with its mark");
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &STANDARD.decode(key).expect("base64"));
        let signed = format!(
            "{}.{}.{}",
            self.header("webhook-id"),
            self.header("webhook-timestamp"),
            self.body
        );
        self.header("webhook-signature").split(' ').any(|signature| {
            let code = signature.strip_prefix("v1,").expect("the version of the signature");
            let code = STANDARD.decode(code).expect("base64");
            ring::hmac::verify(&key, signed.as_bytes(), &code).is_ok()
        })
    }
}

type Answer = dyn Fn(&ReceivedEvent) -> u16 + Send + Sync;

/// Lets webhooks send to receivers on loopback.
pub fn allow_loopback(config: &mut Config) {
    config.webhooks.allow = vec![Allowed::parse("127.0.0.0/8").expect("a network")];
}

/// Listens on a loopback port until it is dropped.
pub struct WebhookReceiver {
    url: String,
    answer: Arc<Mutex<Arc<Answer>>>,
    requests: Arc<Mutex<Vec<ReceivedEvent>>>,
    task: JoinHandle<()>,
}

impl WebhookReceiver {
    /// A receiver that answers 204.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let url = format!("http://{}/events", listener.local_addr().expect("the socket is bound"));
        let answer: Arc<Mutex<Arc<Answer>>> = Arc::new(Mutex::new(Arc::new(|_: &ReceivedEvent| 204)));
        let requests: Arc<Mutex<Vec<ReceivedEvent>>> = Arc::default();
        let (answers, log) = (Arc::clone(&answer), Arc::clone(&requests));
        let handler = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (answers, log) = (Arc::clone(&answers), Arc::clone(&log));
            async move {
                let mut received = ReceivedEvent {
                    path: uri.path().to_owned(),
                    headers,
                    body: String::from_utf8(body.to_vec()).expect("the body is text"),
                    status: 0,
                };
                let answer = Arc::clone(&answers.lock().expect("no thread panicked with the lock"));
                received.status = answer(&received);
                let status = received.status;
                log.lock().expect("no thread panicked with the lock").push(received);
                if status == 0 {
                    std::future::pending::<()>().await;
                }
                (
                    StatusCode::from_u16(status).expect("the status is valid"),
                    [("location", "http://127.0.0.1:9/")],
                )
            }
        };
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, Router::new().fallback(handler)).await;
        });
        Self {
            url,
            answer,
            requests,
            task,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers every further request with the status that `answer` returns. With status 0 there is no answer.
    pub fn answer(&self, answer: impl Fn(&ReceivedEvent) -> u16 + Send + Sync + 'static) {
        *self.answer.lock().expect("no thread panicked with the lock") = Arc::new(answer);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<ReceivedEvent> {
        self.requests.lock().expect("no thread panicked with the lock").clone()
    }

    /// The requests that it accepted.
    pub fn accepted(&self) -> Vec<ReceivedEvent> {
        let requests = self.requests().into_iter();
        requests
            .filter(|request| (200..300).contains(&request.status))
            .collect()
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! A relay that asks for access tokens of OAuth 2.0, and the endpoint that gives them, both on loopback.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daywire::config::{Config, Setting};
use daywire::feeds::guard::Allowed;
use daywire::mail::relay::Relay;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::mock_relay::MockRelay;

pub const USER: &str = "news@news.example";
pub const CLIENT_SECRET: &str = "the secret of the client";
pub const REFRESH_TOKEN: &str = "1//the-refresh-token";

type FormFields = HashMap<String, String>;

/// What the token endpoint answers to its nth request, from 1.
type Answer = dyn Fn(usize, &FormFields) -> (u16, Value) + Send + Sync;

struct Endpoint {
    answer: Mutex<Arc<Answer>>,
    requests: Mutex<Vec<FormFields>>,
}

/// A token endpoint. Its nth answer is the token `token-n`, valid for an hour.
pub struct TokenEndpoint {
    address: SocketAddr,
    inner: Arc<Endpoint>,
    task: JoinHandle<()>,
}

pub fn token(name: &str, expires_in: u64) -> (u16, Value) {
    let answer = json!({ "access_token": name, "token_type": "Bearer", "expires_in": expires_in });
    (200, answer)
}

impl TokenEndpoint {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("the socket is bound");
        let inner = Arc::new(Endpoint {
            answer: Mutex::new(Arc::new(|n, _| token(&format!("token-{n}"), 3600))),
            requests: Mutex::default(),
        });
        let router = Router::new().route("/token", post(give)).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, inner, task }
    }

    pub fn answer(&self, answer: impl Fn(usize, &FormFields) -> (u16, Value) + Send + Sync + 'static) {
        *self.inner.answer.lock().expect("no thread panicked with the lock") = Arc::new(answer);
    }

    pub fn requests(&self) -> Vec<FormFields> {
        let requests = self.inner.requests.lock();
        requests.expect("no thread panicked with the lock").clone()
    }

    /// Has the first relay of the settings log in with tokens of this endpoint.
    pub fn configure(&self, config: &mut Config, relay: &OauthRelay) {
        let first = &mut config.relays[0];
        first.url = Some(relay.as_relay());
        first.oauth.token_url = Setting::read(&format!("http://{}/token", self.address));
        first.oauth.client_id = Some("newsroom".to_owned());
        first.oauth.client_secret = Some(CLIENT_SECRET.into());
        first.oauth.refresh_token = Some(REFRESH_TOKEN.into());
        first.oauth.scope = Some("https://mail.google.com/".to_owned());
        first.oauth.allow = vec![Allowed::parse("127.0.0.0/8").expect("a network")];
    }
}

impl Drop for TokenEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn give(State(endpoint): State<Arc<Endpoint>>, RawForm(body): RawForm) -> Response {
    let fields: FormFields = url::form_urlencoded::parse(&body).into_owned().collect();
    let n = {
        let mut requests = endpoint.requests.lock().expect("no thread panicked with the lock");
        requests.push(fields.clone());
        requests.len()
    };
    let answer = Arc::clone(&endpoint.answer.lock().expect("no thread panicked with the lock"));
    let (status, body) = answer(n, &fields);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Json(body)).into_response()
}

/// Whether a token logs in.
type Accepts = dyn Fn(&str) -> bool + Send + Sync;

struct Inner {
    mechanism: &'static str,
    accepts: Mutex<Arc<Accepts>>,
    /// The tokens with which a client tried to log in.
    logins: Mutex<Vec<String>>,
    /// The answers to the challenge that explains a refusal.
    acknowledgements: Mutex<Vec<String>>,
}

/// A relay in front of a [`MockRelay`]: without a login it takes no message.
pub struct OauthRelay {
    address: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl OauthRelay {
    /// Offers this mechanism, and accepts every token.
    pub async fn in_front_of(relay: &MockRelay, mechanism: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("the socket is bound");
        let inner = Arc::new(Inner {
            mechanism,
            accepts: Mutex::new(Arc::new(|_| true)),
            logins: Mutex::default(),
            acknowledgements: Mutex::default(),
        });
        let (shared, behind) = (Arc::clone(&inner), relay.address());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { serve(client, behind, &shared).await });
            }
        });
        Self { address, inner, task }
    }

    pub fn accept_if(&self, accepts: impl Fn(&str) -> bool + Send + Sync + 'static) {
        *self.inner.accepts.lock().expect("no thread panicked with the lock") = Arc::new(accepts);
    }

    pub fn logins(&self) -> Vec<String> {
        self.inner
            .logins
            .lock()
            .expect("no thread panicked with the lock")
            .clone()
    }

    pub fn acknowledgements(&self) -> Vec<String> {
        let all = self.inner.acknowledgements.lock();
        all.expect("no thread panicked with the lock").clone()
    }

    pub fn as_relay(&self) -> Relay {
        let url = format!("smtp://{}@{}", USER.replace('@', "%40"), self.address);
        Relay::parse(&url).expect("the address is a relay")
    }
}

impl Drop for OauthRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The token of a valid response of XOAUTH2 or OAUTHBEARER.
fn token_of(mechanism: &str, response: &str) -> Option<String> {
    let bytes = STANDARD.decode(response).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let rest = if mechanism == "XOAUTH2" {
        text.strip_prefix(&format!("user={USER}\x01"))?
    } else {
        let rest = text.strip_prefix(&format!("n,a={USER},\x01host=127.0.0.1\x01port="))?;
        rest.split_once('\x01')?.1
    };
    let token = rest.strip_prefix("auth=Bearer ")?.strip_suffix("\x01\x01")?;
    Some(token.to_owned())
}

impl Inner {
    fn add_login(&self, token: String) {
        let mut logins = self.logins.lock().expect("no thread panicked with the lock");
        logins.push(token);
    }

    fn add_acknowledgement(&self, line: String) {
        let mut all = self.acknowledgements.lock().expect("no thread panicked with the lock");
        all.push(line);
    }
}

/// Passes lines on until the client has logged in, and then everything.
async fn serve(client: TcpStream, behind: SocketAddr, inner: &Inner) -> Option<()> {
    let mut client = BufReader::new(client);
    let mut server = BufReader::new(TcpStream::connect(behind).await.ok()?);
    let mut greeting = String::new();
    server.read_line(&mut greeting).await.ok()?;
    client.write_all(greeting.as_bytes()).await.ok()?;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let reply = if let Some(response) = line.trim_end().strip_prefix(&format!("AUTH {} ", inner.mechanism)) {
            let token = token_of(inner.mechanism, response);
            let accepts = Arc::clone(&inner.accepts.lock().expect("no thread panicked with the lock"));
            let is_accepted = token.as_deref().is_some_and(|token| accepts(token));
            inner.add_login(token.unwrap_or_else(|| "not a token".to_owned()));
            if is_accepted {
                client.write_all(b"235 2.7.0 accepted\r\n").await.ok()?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()?;
                return Some(());
            }
            let reason = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#);
            client.write_all(format!("334 {reason}\r\n").as_bytes()).await.ok()?;
            let mut acknowledgement = String::new();
            client.read_line(&mut acknowledgement).await.ok()?;
            inner.add_acknowledgement(acknowledgement.trim_end().to_owned());
            "535 5.7.8 Username and Password not accepted\r\n".to_owned()
        } else if line.starts_with("MAIL") || line.starts_with("AUTH") {
            "530 5.7.0 Authentication Required\r\n".to_owned()
        } else {
            server.write_all(line.as_bytes()).await.ok()?;
            let mut reply = String::new();
            loop {
                let mut part = String::new();
                server.read_line(&mut part).await.ok()?;
                reply.push_str(&part);
                if !part[3..].starts_with('-') {
                    break;
                }
                if line.starts_with("EHLO") && reply == part {
                    reply.extend(["250-AUTH ", inner.mechanism, "\r\n"]);
                }
            }
            reply
        };
        client.write_all(reply.as_bytes()).await.ok()?;
    }
}

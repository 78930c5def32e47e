//! An OpenID Connect provider on loopback, with keys of its own. It signs one account in, checks the codes as a provider must, and forges
//! what a test tells it to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use daywire::config::{Config, Setting};
use daywire::feeds::guard::Allowed;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::signatures::keys;

pub const CLIENT_ID: &str = "newsroom";
pub const SECRET: &str = "the secret of the client";
/// When the tokens expire: long after every test's time.
const FAR_AHEAD: i64 = 4_000_000_000;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// By the newest key, or the one with this position.
    Key(usize),
    /// By no key.
    None,
    /// With the client's secret.
    Hmac,
    /// By the newest key, with another name for it.
    UnknownKey,
    /// By a key that is not the named one.
    WrongKey,
}

enum Key {
    Rsa(RsaKeyPair, Value),
    Ecdsa(EcdsaKeyPair, Value),
}

/// A code that was given out.
#[derive(Clone)]
struct Grant {
    redirect_uri: String,
    challenge: String,
    nonce: String,
}

type Forge = dyn Fn(&mut Value) + Send + Sync;

struct Inner {
    url: String,
    keys: Vec<Key>,
    /// The positions of the keys that are published.
    published: Vec<usize>,
    signing: Option<Signing>,
    forge: Arc<Forge>,
    /// Claims about the account.
    account: Value,
    user_info: Option<Value>,
    grants: BTreeMap<String, Grant>,
    /// How often each path was requested.
    requests: BTreeMap<&'static str, usize>,
}

type Shared = Arc<Mutex<Inner>>;

/// Listens on a loopback port until it is dropped.
pub struct IdentityProvider {
    inner: Shared,
    task: JoinHandle<()>,
}

impl IdentityProvider {
    /// A provider with one RSA key, at which Ada has an account.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let url = format!("http://{}", listener.local_addr().expect("the socket is bound"));
        let inner = Arc::new(Mutex::new(Inner {
            url,
            keys: vec![rsa_key()],
            published: vec![0],
            signing: None,
            forge: Arc::new(|_| {}),
            account: json!({ "sub": "account-1", "email": "Ada@news.example", "email_verified": true }),
            user_info: None,
            grants: BTreeMap::new(),
            requests: BTreeMap::new(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(published_keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { inner, task }
    }

    /// Sets it as the provider of the site.
    pub fn configure(&self, config: &mut Config) {
        let oidc = &mut config.operators.oidc;
        oidc.issuer = Setting::read(&self.inner().url);
        assert!(oidc.issuer.is_some(), "the issuer is valid");
        oidc.client_id = Some(CLIENT_ID.into());
        oidc.secret = Some(SECRET.into());
        oidc.name = Some("Newsroom SSO".into());
        oidc.allow = vec![Allowed::parse("127.0.0.0/8").expect("a network")];
    }

    pub fn url(&self) -> String {
        self.inner().url.clone()
    }

    /// Changes the claims of the account.
    pub fn account(&self, account: Value) {
        self.inner().account = account;
    }

    /// Answers with these claims at the user info endpoint.
    pub fn user_info(&self, claims: Value) {
        self.inner().user_info = Some(claims);
    }

    /// Changes the claims of every further token.
    pub fn forge(&self, forge: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.inner().forge = Arc::new(forge);
    }

    /// Signs every further token in this way.
    pub fn sign_by(&self, signing: Signing) {
        self.inner().signing = Some(signing);
    }

    /// Replaces the published keys by a new one, of the other kind of keys.
    pub fn rotate(&self) {
        let mut inner = self.inner();
        let at = inner.keys.len();
        inner.keys.push(ecdsa_key(at));
        inner.published = vec![at];
    }

    /// How often a path was requested.
    pub fn requests(&self, path: &str) -> usize {
        self.inner().requests.get(path).copied().unwrap_or_default()
    }

    /// Signs a person in at the page to which the site has led the browser. Returns the address to which the browser is led back.
    pub async fn visit(&self, page: &str) -> String {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("the client can be made");
        let answer = client.get(page).send().await.expect("the provider answers");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{page}");
        let location = answer.headers()["location"].to_str().expect("an address is ASCII");
        location.to_owned()
    }

    /// Stops listening.
    pub async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(inner: &Shared) -> MutexGuard<'_, Inner> {
    inner.lock().expect("no thread panicked with the lock")
}

fn count(inner: &Shared, path: &'static str) {
    *lock(inner).requests.entry(path).or_default() += 1;
}

async fn discovery(State(inner): State<Shared>) -> Json<Value> {
    count(&inner, "/.well-known/openid-configuration");
    let inner = lock(&inner);
    let url = &inner.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "userinfo_endpoint": inner.user_info.as_ref().map(|_| format!("{url}/me")),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // A provider may list what must not be accepted.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    }))
}

async fn published_keys(State(inner): State<Shared>) -> Json<Value> {
    count(&inner, "/keys");
    let inner = lock(&inner);
    let keys: Vec<_> = inner.published.iter().map(|at| inner.keys[*at].public()).collect();
    Json(json!({ "keys": keys }))
}

fn fields(text: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

async fn authorize(State(inner): State<Shared>, RawQuery(query): RawQuery) -> Response {
    count(&inner, "/authorize");
    let asked = fields(query.unwrap_or_default().as_bytes());
    let is_right = asked["response_type"] == "code"
        && asked["client_id"] == CLIENT_ID
        && asked["code_challenge_method"] == "S256"
        && asked["scope"].split(' ').any(|scope| scope == "openid");
    if !is_right {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = random();
    let grant = Grant {
        redirect_uri: asked["redirect_uri"].clone(),
        challenge: asked["code_challenge"].clone(),
        nonce: asked["nonce"].clone(),
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &asked["state"])
        .append_pair("iss", &lock(&inner).url)
        .finish();
    let back = format!("{}?{query}", grant.redirect_uri);
    lock(&inner).grants.insert(code, grant);
    Redirect::to(&back).into_response()
}

async fn token(State(inner): State<Shared>, headers: HeaderMap, RawForm(body): RawForm) -> Response {
    count(&inner, "/token");
    let asked = fields(&body);
    let login = headers.get("authorization").and_then(|field| field.to_str().ok());
    let secret = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>();
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
    if login != Some(&expected) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    // A code works once.
    let grant = lock(&inner).grants.remove(&asked["code"]);
    let verifier = asked.get("code_verifier").map_or("", String::as_str);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let grant = grant.filter(|grant| grant.challenge == challenge && asked["redirect_uri"] == grant.redirect_uri);
    let Some(grant) = grant else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let token = lock(&inner).id_token(&grant);
    Json(json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token }))
        .into_response()
}

async fn user_info(State(inner): State<Shared>, headers: HeaderMap) -> Response {
    count(&inner, "/me");
    if headers
        .get("authorization")
        .is_none_or(|field| field != "Bearer access")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(lock(&inner).user_info.clone()).into_response()
}

impl Inner {
    fn id_token(&self, grant: &Grant) -> String {
        let mut claims = json!({
            "iss": self.url,
            "aud": CLIENT_ID,
            "exp": FAR_AHEAD,
            "iat": 1_795_000_000,
            "nonce": grant.nonce,
        });
        for (name, value) in self.account.as_object().expect("claims are an object") {
            claims[name] = value.clone();
        }
        (self.forge)(&mut claims);
        let newest = self.keys.len() - 1;
        let signing = self.signing.unwrap_or(Signing::Key(newest));
        let key = match signing {
            Signing::Key(at) => &self.keys[at],
            _ => &self.keys[newest],
        };
        let mut header = json!({ "typ": "JWT", "alg": key.algorithm(), "kid": key.public()["kid"] });
        match signing {
            Signing::None => header["alg"] = json!("none"),
            Signing::Hmac => header["alg"] = json!("HS256"),
            Signing::UnknownKey => header["kid"] = json!("unknown"),
            Signing::Key(_) | Signing::WrongKey => {}
        }
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = match signing {
            Signing::None => Vec::new(),
            Signing::Hmac => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
                ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            Signing::WrongKey => key.sign(format!("{signed}x").as_bytes()),
            Signing::Key(_) | Signing::UnknownKey => key.sign(signed.as_bytes()),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Key {
    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(..) => "RS256",
            Self::Ecdsa(..) => "ES256",
        }
    }

    fn public(&self) -> Value {
        match self {
            Self::Rsa(_, public) | Self::Ecdsa(_, public) => public.clone(),
        }
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key, _) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature)
                    .expect("the text is signed");
                signature
            }
            Self::Ecdsa(key, _) => key.sign(&random, text).expect("the text is signed").as_ref().to_vec(),
        }
    }
}

fn rsa_key() -> Key {
    let [rsa, _] = keys();
    let key = RsaPrivateKey::from_pkcs8_pem(&rsa.private_pem).expect("the key is read");
    let public = json!({
        "kty": "RSA",
        "use": "sig",
        "kid": "key-0",
        "n": URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
        "e": URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
    });
    let der = key.to_pkcs1_der().expect("the key is written");
    Key::Rsa(RsaKeyPair::from_der(der.as_bytes()).expect("the key is read"), public)
}

fn ecdsa_key(at: usize) -> Key {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key is made");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random);
    let key = key.expect("the key is read");
    // An uncompressed point: 04, x, y.
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let public = json!({
        "kty": "EC",
        "crv": "P-256",
        "use": "sig",
        "kid": format!("key-{at}"),
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    });
    Key::Ecdsa(key, public)
}

fn random() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

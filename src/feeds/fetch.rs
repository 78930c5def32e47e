//! Fetches documents over HTTP from servers that may be hostile, with limits on time, size and redirects.

use std::sync::Arc;
use std::time::Duration;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, ETAG, HOST, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, USER_AGENT,
};
use http::{Request, StatusCode};
use rustls::crypto::ring;
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use super::connection::{Answer, Connector};
use super::cookies::Cookies;
pub use super::fetch_error::FetchError;
use super::guard::{Allowed, Guard};
use super::proxy::Proxy;
use super::request_settings::{RequestSettings, UserAgent};
use super::response_headers::{encodings, max_age, retry_after, target, text};
use super::unpack::{UnpackError, unpack};

/// The most redirects that are followed, even if the settings allow more.
const MAX_REDIRECTS: usize = 5;
/// The accepted media types, in order of preference. Many servers send `text/html` or no type for their feeds.
const ACCEPTED: &str =
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5";
/// The accepted media types of an article's page.
const ACCEPTED_PAGE: &str = "text/html, application/xhtml+xml, */*;q=0.5";

/// The limits of fetching.
#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// The value of the `User-Agent` header field.
    pub user_agent: String,
    /// For the whole fetch: DNS, connections, redirects and body.
    pub timeout: Duration,
    /// For one connection or tunnel, and once more for the TLS handshake.
    pub connect_timeout: Duration,
    /// The most bytes of a body after decompression.
    pub max_body_bytes: usize,
    /// The most redirects to follow; more than five count as five.
    pub max_redirects: usize,
    /// Private hosts and networks to which connections are allowed.
    pub allow: Vec<Allowed>,
    /// The proxy through which servers are reached; `None` connects to them directly.
    pub proxy: Option<Proxy>,
}

/// The result of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and usually it is the large one"
)]
pub enum Fetched {
    /// The document has not changed since the validators that were sent
    /// ([RFC 9110 §15.4.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5)).
    NotModified,
    /// The document was permanently removed; do not fetch it again
    /// ([RFC 9110 §15.5.11](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.11)).
    Gone,
    /// The document, or its beginning.
    Document(Download),
}

/// A document as the server sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The body after decompression.
    pub bytes: Vec<u8>,
    /// Why `bytes` is only the beginning of the document; `None` if it is complete.
    pub incomplete: Option<String>,
    /// The value of the `Content-Type` header field.
    pub content_type: Option<String>,
    /// The `ETag` to send with the next fetch.
    pub etag: Option<String>,
    /// The `Last-Modified` date to send with the next fetch, as the server wrote it.
    pub last_modified: Option<String>,
    /// The address after all redirects.
    pub final_url: Url,
    /// How long the response is fresh (`Cache-Control: max-age`,
    /// [RFC 9111 §5.2.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1)).
    pub max_age: Option<Duration>,
    /// The address to use from now on; `None` if a redirect was not permanent (301, 308).
    pub moved_permanently_to: Option<Url>,
}

/// Installs ring as the process's TLS crypto provider. A second call changes nothing.
pub fn install_crypto() {
    // The error means that a provider is already installed.
    let _ = ring::default_provider().install_default();
}

/// Fetches documents. It keeps no state between fetches, so that no response can affect a later one.
#[derive(Clone, Debug)]
pub struct Fetcher {
    settings: Arc<FetchSettings>,
    guard: Arc<Guard>,
    tls: Arc<rustls::ClientConfig>,
}

impl Fetcher {
    /// Makes a fetcher. On a machine without root certificates, `http` works and `https` fails with an unknown issuer.
    #[must_use]
    pub fn new(settings: FetchSettings) -> Self {
        let guard = Guard::new(settings.allow.clone());
        Self::with_guard(settings, guard)
    }

    /// Makes a fetcher with another guard, which replaces `settings.allow`.
    #[must_use]
    pub fn with_guard(settings: FetchSettings, guard: Guard) -> Self {
        install_crypto();
        Self {
            settings: Arc::new(settings),
            guard: Arc::new(guard),
            tls: Arc::new(tls_config()),
        }
    }

    /// The guard that checks every address.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(super) fn tls(&self) -> &rustls::ClientConfig {
        &self.tls
    }

    pub(super) fn user_agent(&self) -> &str {
        &self.settings.user_agent
    }

    /// Fetches a document. With the validators of an earlier response, the server can reply that it has not changed.
    pub async fn get(&self, url: &Url, etag: Option<&str>, last_modified: Option<&str>) -> Result<Fetched, FetchError> {
        self.get_with(&RequestSettings::default(), url, etag, last_modified)
            .await
    }

    /// [`get`](Self::get) with the settings of the feed.
    pub async fn get_with(
        &self,
        own: &RequestSettings,
        url: &Url,
        etag: Option<&str>,
        last_modified: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let validators = (etag, last_modified);
        self.start(own, url, validators).follow(url).await
    }

    /// Fetches a document that the page at `page` links. `feeds.allow` and the login apply only to the page's own server.
    pub(crate) async fn get_linked(&self, own: &RequestSettings, page: &Url, url: &Url) -> Result<Fetched, FetchError> {
        self.start(own, page, (None, None)).follow(url).await
    }

    /// Fetches the page of an article of the feed at `feed`, as [`get_linked`](Self::get_linked) does.
    pub(crate) async fn get_page(&self, own: &RequestSettings, feed: &Url, page: &Url) -> Result<Fetched, FetchError> {
        let fetch = Fetch {
            accepted: ACCEPTED_PAGE,
            ..self.start(own, feed, (None, None))
        };
        fetch.follow(page).await
    }

    fn start<'a>(
        &'a self,
        own: &'a RequestSettings,
        added: &'a Url,
        (etag, since): (Option<&'a str>, Option<&'a str>),
    ) -> Fetch<'a> {
        Fetch {
            fetcher: self,
            own,
            added,
            is_own_server: true,
            accepted: ACCEPTED,
            etag,
            since,
            cookies: Cookies::default(),
            deadline: Instant::now() + self.settings.timeout,
        }
    }
}

/// One fetch with all its redirects.
struct Fetch<'a> {
    fetcher: &'a Fetcher,
    /// How this feed is requested.
    own: &'a RequestSettings,
    /// The address that an operator gave, to which `feeds.allow` applies.
    added: &'a Url,
    /// Whether all requests so far went to the server of that address.
    is_own_server: bool,
    /// The value of `Accept`.
    accepted: &'static str,
    etag: Option<&'a str>,
    since: Option<&'a str>,
    cookies: Cookies,
    deadline: Instant,
}

impl Fetch<'_> {
    async fn follow(mut self, url: &Url) -> Result<Fetched, FetchError> {
        let limit = self.fetcher.settings.max_redirects.min(MAX_REDIRECTS);
        let mut at = url.clone();
        let mut permanent = true;
        let mut moved_permanently_to = None;
        for _ in 0..=limit {
            self.is_own_server &= at.origin() == self.added.origin();
            let response = timeout_at(self.deadline, self.request(&at))
                .await
                .map_err(|_| self.timed_out())??;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return self.read(response, at, moved_permanently_to).await;
            }
            self.cookies.keep(&at, response.headers());
            at = target(&at, response.headers()).ok_or(FetchError::BadRedirect)?;
            // A temporary redirect may change tomorrow, so no address after it is permanent.
            permanent &= matches!(status.as_u16(), 301 | 308);
            moved_permanently_to = permanent.then(|| at.clone());
        }
        Err(FetchError::TooManyRedirects(limit))
    }

    /// Sends one request. It connects only to the addresses that the guard checked.
    async fn request(&self, url: &Url) -> Result<Answer, FetchError> {
        let Fetcher { settings, guard, tls } = self.fetcher;
        let addresses = guard.check_from(self.added, url).await?;
        // The login and the operator's header fields are for the server of the feed. Another server, to which it redirects, gets none of
        // them, and cannot choose what is requested with them.
        let own = if self.is_own_server {
            self.own.header_map()
        } else {
            HeaderMap::new()
        };
        let user_agent = self.own.user_agent.as_ref();
        let mut request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header(
                USER_AGENT,
                user_agent.map_or(settings.user_agent.as_str(), UserAgent::as_str),
            )
            .header(ACCEPT, self.accepted)
            .header(ACCEPT_ENCODING, "gzip, deflate");
        if let Some(etag) = self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(since) = self.since {
            request = request.header(IF_MODIFIED_SINCE, since);
        }
        let set_by_servers = self.cookies.header(url).filter(|_| !own.contains_key(COOKIE));
        if let Some(cookies) = set_by_servers {
            request = request.header(COOKIE, cookies);
        }
        let failed = |error: http::Error| FetchError::Connection(error.to_string());
        let mut request = request.body(String::new()).map_err(failed)?;
        request.headers_mut().extend(own);
        let connector = Connector {
            tls,
            proxy: settings.proxy.as_ref(),
            timeout: settings.connect_timeout,
        };
        let stream = connector.connect(url, &addresses).await?;
        Answer::to(request, stream).await
    }

    async fn read(&self, mut response: Answer, at: Url, moved: Option<Url>) -> Result<Fetched, FetchError> {
        let mut incomplete = None;
        match response.status() {
            StatusCode::NOT_MODIFIED if self.etag.or(self.since).is_some() => return Ok(Fetched::NotModified),
            StatusCode::NOT_MODIFIED => return Err(FetchError::NotModifiedUnasked),
            StatusCode::GONE => return Ok(Fetched::Gone),
            StatusCode::PARTIAL_CONTENT => incomplete = Some("the server sent a part of the document (206)".to_owned()),
            // A proxy may have changed the document (203), and some servers answer 201 or 202 with it.
            status if status.is_success() && !matches!(status.as_u16(), 204 | 205) => {}
            status => {
                let retry_after = retry_after(response.headers());
                return Err(FetchError::Status { status, retry_after });
            }
        }
        let (body, broken_off) = self.body(&mut response).await?;
        let limit = self.fetcher.settings.max_body_bytes;
        let names = encodings(response.headers());
        let unpacked = tokio::task::spawn_blocking(move || unpack(body, &names, limit)).await;
        let unpacked = match unpacked {
            Ok(Ok(unpacked)) => unpacked,
            Ok(Err(UnpackError::TooLarge)) => return Err(FetchError::TooLarge(limit)),
            Ok(Err(UnpackError::Unknown(name))) => return Err(FetchError::Encoding(name)),
            Err(_) => return Err(FetchError::Connection("the body could not be unpacked".to_owned())),
        };
        let headers = response.headers();
        Ok(Fetched::Document(Download {
            bytes: unpacked.bytes,
            // A broken connection is the cause of an incomplete compressed body, so it comes first.
            incomplete: broken_off.or(unpacked.fault).or(incomplete),
            content_type: text(headers, &CONTENT_TYPE),
            etag: text(headers, &ETAG),
            last_modified: text(headers, &LAST_MODIFIED),
            max_age: max_age(headers),
            final_url: at,
            moved_permanently_to: moved,
        }))
    }

    /// The received body, and why it is incomplete. A body without any byte is an error.
    async fn body(&self, response: &mut Answer) -> Result<(Vec<u8>, Option<String>), FetchError> {
        let limit = self.fetcher.settings.max_body_bytes;
        let mut bytes = Vec::new();
        loop {
            let error = match timeout_at(self.deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    // A compressed body is at most as large as the unpacked one.
                    if bytes.len() + chunk.len() > limit {
                        return Err(FetchError::TooLarge(limit));
                    }
                    bytes.extend_from_slice(&chunk);
                    continue;
                }
                Ok(Ok(None)) => return Ok((bytes, None)),
                Ok(Err(error)) => error,
                Err(_) => self.timed_out(),
            };
            if bytes.is_empty() {
                return Err(error);
            }
            let reason = format!("the answer broke off after {} bytes: {error}", bytes.len());
            return Ok((bytes, Some(reason)));
        }
    }

    fn timed_out(&self) -> FetchError {
        FetchError::TimedOut(self.fetcher.settings.timeout)
    }
}

/// Trusts the root certificates of the system.
fn tls_config() -> rustls::ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider));
    // The protocol versions are those that the provider itself supports by default.
    let builder = match builder.with_safe_default_protocol_versions() {
        Ok(builder) => builder,
        Err(_) => rustls::ClientConfig::builder(),
    };
    match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(_) => builder
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth(),
    }
}

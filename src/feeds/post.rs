//! Sends requests to addresses that an operator chose. Connections to private networks are refused, as for feeds, and no redirect is
//! followed.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use reqwest::{Client, Request, redirect};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::error_cause::innermost_cause;
use super::fetch::Fetcher;
use super::guard::{Allowed, Guard, Refusal};
use super::response_headers::retry_after;

/// Sends requests with the TLS settings of a [`Fetcher`].
#[derive(Clone, Debug)]
pub struct Poster {
    guard: Guard,
    tls: rustls::ClientConfig,
    user_agent: String,
    timeout: Duration,
}

/// The answer to a document. Its body is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostAnswer {
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the server asks to wait before the next request.
    pub retry_after: Option<Duration>,
}

/// Why a document was not answered.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The guard refused the address.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The time limit was reached.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The certificate of the server is not accepted.
    #[error("the certificate is not accepted: {0}")]
    Certificate(rustls::CertificateError),
    /// The connection failed, or the response was not HTTP.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The body of an answer exceeds the limit.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

impl Poster {
    /// Makes a poster that refuses private addresses other than those in `allow`.
    #[must_use]
    pub fn new(fetcher: &Fetcher, allow: Vec<Allowed>, timeout: Duration) -> Self {
        Self::with_guard(fetcher, Guard::new(allow), timeout)
    }

    /// Makes a poster with its own guard.
    pub(crate) fn with_guard(fetcher: &Fetcher, guard: Guard, timeout: Duration) -> Self {
        Self {
            guard,
            tls: fetcher.tls().clone(),
            user_agent: fetcher.user_agent().to_owned(),
            timeout,
        }
    }

    /// The guard that checks every address.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Posts a JSON document. Redirects are answers like any other.
    ///
    /// # Errors
    /// [`PostError`] if there is no answer.
    pub async fn post_json(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<PostAnswer, PostError> {
        timeout(self.timeout, self.request(url, headers, body))
            .await
            .map_err(|_| PostError::TimedOut(self.timeout))?
    }

    async fn request(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<PostAnswer, PostError> {
        let mut request = self
            .client(url)
            .await?
            .post(url.clone())
            .header(USER_AGENT, &self.user_agent)
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.body(body).send().await;
        let response = response.map_err(|error| PostError::Connection(cause(&error)))?;
        Ok(PostAnswer {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers()),
        })
    }

    /// Connects to the server of an https address, and returns its certificate, which is valid.
    ///
    /// # Errors
    /// [`PostError::Certificate`] if it is not, another [`PostError`] if there is no connection.
    pub(crate) async fn certificate(&self, url: &Url) -> Result<CertificateDer<'static>, PostError> {
        let addresses = self.guard.check(url).await?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| PostError::Connection(error.to_string()))?;
        let handshake = async {
            let stream = TcpStream::connect(&addresses[..]).await?;
            TlsConnector::from(Arc::new(self.tls.clone()))
                .connect(name, stream)
                .await
        };
        let connected = timeout(self.timeout, handshake)
            .await
            .map_err(|_| PostError::TimedOut(self.timeout))?;
        let stream = connected.map_err(|error| {
            let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match of_tls {
                Some(rustls::Error::InvalidCertificate(reason)) => PostError::Certificate(reason.clone()),
                _ => PostError::Connection(error.to_string()),
            }
        })?;
        let chain = stream.get_ref().1.peer_certificates();
        let certificate = chain.and_then(|chain| chain.first()).cloned();
        certificate.ok_or_else(|| PostError::Connection("the server has no certificate".to_owned()))
    }

    /// Sends a request and reads the answer. Redirects are answers like any other.
    ///
    /// # Errors
    /// [`PostError`] if there is no answer, or it has more than `max_bytes`.
    pub(crate) async fn exchange(
        &self,
        request: http::Request<Vec<u8>>,
        max_bytes: usize,
    ) -> Result<http::Response<Vec<u8>>, PostError> {
        timeout(self.timeout, self.exchange_in_any_time(request, max_bytes))
            .await
            .map_err(|_| PostError::TimedOut(self.timeout))?
    }

    async fn exchange_in_any_time(
        &self,
        request: http::Request<Vec<u8>>,
        max_bytes: usize,
    ) -> Result<http::Response<Vec<u8>>, PostError> {
        let failed = |error: reqwest::Error| PostError::Connection(cause(&error));
        let mut request = Request::try_from(request).map_err(failed)?;
        if let Ok(user_agent) = HeaderValue::try_from(&self.user_agent) {
            request.headers_mut().insert(USER_AGENT, user_agent);
        }
        let client = self.client(request.url()).await?;
        let mut response = client.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > max_bytes {
                return Err(PostError::TooLarge(max_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }

    /// A client for one request, which connects only to the addresses that the guard has checked.
    async fn client(&self, url: &Url) -> Result<Client, PostError> {
        let addresses = self.guard.check(url).await?;
        Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(0)
            .resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses)
            .build()
            .map_err(|error| PostError::Connection(cause(&error)))
    }
}

/// The innermost cause of a failure. reqwest's own text contains the address, which may contain a secret.
fn cause(error: &reqwest::Error) -> String {
    error
        .source()
        .map_or_else(|| "the request could not be made".to_owned(), innermost_cause)
}

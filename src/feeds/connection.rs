//! A connection to a server of feeds: to an address that the guard has checked, directly or through the proxy, with TLS if the URL has
//! `https`. It carries one request.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_ok;
use http::{HeaderMap, Request, StatusCode};
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use url::Url;

use super::error_cause::innermost_cause;
use super::fetch_error::FetchError;
use super::proxy::Proxy;

/// The delay of each further attempt to connect ([RFC 8305 §8](https://www.rfc-editor.org/rfc/rfc8305#section-8)).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// What a connection consists of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How connections are made.
#[derive(Clone, Copy)]
pub(super) struct Connector<'a> {
    pub(super) tls: &'a Arc<rustls::ClientConfig>,
    pub(super) proxy: Option<&'a Proxy>,
    /// For the connection or the tunnel, and once more for the TLS handshake.
    pub(super) timeout: Duration,
}

impl Connector<'_> {
    /// Connects to one of the addresses of the host of a URL.
    ///
    /// # Errors
    /// [`FetchError::Connection`], or [`FetchError::Proxy`] if the proxy opens no tunnel.
    pub(super) async fn connect(self, url: &Url, addresses: &[SocketAddr]) -> Result<Box<dyn Stream>, FetchError> {
        let stream: Box<dyn Stream> = match self.proxy {
            None => Box::new(self.in_time(connect_to_any(addresses)).await?),
            Some(proxy) => Box::new(proxy.tunnel(addresses, self.timeout).await?),
        };
        if url.scheme() != "https" {
            return Ok(stream);
        }
        // The certificate is checked for the name in the URL, not for the address behind it.
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| FetchError::Connection(error.to_string()))?;
        let handshake = TlsConnector::from(Arc::clone(self.tls)).connect(name, stream);
        Ok(Box::new(self.in_time(handshake).await?))
    }

    async fn in_time<T>(self, work: impl Future<Output = io::Result<T>>) -> Result<T, FetchError> {
        let late = || format!("nothing was answered within {} s", self.timeout.as_secs_f32());
        match timeout(self.timeout, work).await {
            Ok(done) => done.map_err(|error| FetchError::Connection(innermost_cause(&error))),
            Err(_) => Err(FetchError::Connection(late())),
        }
    }
}

/// Connects to the address that answers first. Each attempt begins a moment after the one before it, so that an address without a route
/// delays nothing.
async fn connect_to_any(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    if addresses.is_empty() {
        return Err(io::Error::other("the server has no address"));
    }
    let attempts = addresses.iter().zip(0..).map(|(address, number)| {
        Box::pin(async move {
            sleep(ATTEMPT_DELAY * number).await;
            TcpStream::connect(address).await
        })
    });
    let (stream, _) = select_ok(attempts).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The answer to a request, with its body as it arrives. Dropping it ends the connection.
pub(super) struct Answer {
    response: http::Response<Incoming>,
    /// What keeps the connection open, and reads and writes it.
    _connection: (http1::SendRequest<String>, JoinSet<()>),
}

impl Answer {
    /// Sends a request and waits for the head of the answer.
    ///
    /// # Errors
    /// [`FetchError::Connection`].
    pub(super) async fn to(request: Request<String>, stream: Box<dyn Stream>) -> Result<Self, FetchError> {
        let handshake = http1::Builder::new()
            // [RFC 9112 §5.2](https://www.rfc-editor.org/rfc/rfc9112#section-5.2) requires clients to join folded lines.
            // Headers with invalid names are ignored; none of them is used here.
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(|error| failed(&error))?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // Its error is that of the request or of the body.
            let _ = connection.await;
        });
        Ok(Self {
            response: sender.send_request(request).await.map_err(|error| failed(&error))?,
            _connection: (sender, driver),
        })
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`FetchError::Connection`] if the body ends too early.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            let body = self.response.body_mut();
            let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
            let frame = frame.transpose().map_err(|error| failed(&error))?;
            match frame.map(Frame::into_data) {
                None => return Ok(None),
                Some(Ok(data)) => return Ok(Some(data)),
                // Fields after the body.
                Some(Err(_)) => {}
            }
        }
    }
}

fn failed(error: &hyper::Error) -> FetchError {
    FetchError::Connection(innermost_cause(error))
}

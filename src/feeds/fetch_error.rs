//! Why a fetch failed. The texts name no address of a feed, which may contain a key, and no login.

use std::time::Duration;

use http::StatusCode;

use super::guard::Refusal;

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The guard refused the address, or the address of a redirect.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The time limit was reached.
    #[error("no complete answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// There were too many redirects.
    #[error("more than {0} redirects; use the address that they lead to")]
    TooManyRedirects(usize),
    /// A redirect has no valid address.
    #[error("the server redirects without a usable address")]
    BadRedirect,
    /// The body exceeds the limit.
    #[error("the document has more than {0} bytes, decompressed; raise the limit if that is right")]
    TooLarge(usize),
    /// The server sent an error status.
    #[error("the server answered {status}")]
    Status {
        /// The HTTP status of the response.
        status: StatusCode,
        /// How long the server asks to wait before the next request
        /// ([RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
        retry_after: Option<Duration>,
    },
    /// The server sent 304, although the request had no validators
    /// ([RFC 9110 §15.4.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5)).
    #[error("the server answered 304 Not Modified, but no earlier version of the document is stored; nothing was read")]
    NotModifiedUnasked,
    /// The body has an encoding that the request did not accept.
    #[error("the server sent the document in the encoding {0:?}, which was not asked for and cannot be unpacked")]
    Encoding(String),
    /// The connection failed or broke, or the response was not HTTP.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The proxy of the settings opens no way to the server.
    #[error("the proxy {proxy} {reason}; check feeds.proxy")]
    Proxy {
        /// Its host and port.
        proxy: String,
        /// What it did, in words.
        reason: String,
    },
}

impl FetchError {
    /// How long the server asked to wait before the next request; `None` if it did not ask.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a later request may succeed: the server cannot be reached, or has a problem.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::TimedOut(_) | Self::Connection(_) | Self::Proxy { .. } => true,
            Self::Refused(refusal) => matches!(refusal, Refusal::Unresolvable(..)),
            Self::Status { status, .. } => status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429),
            _ => false,
        }
    }

    /// Whether the server received too many requests from us ([RFC 6585 §4](https://www.rfc-editor.org/rfc/rfc6585#section-4)).
    #[must_use]
    pub fn is_too_many_requests(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::TOO_MANY_REQUESTS)
    }
}

//! Kinds of failures of feeds, by which pages say what to do.

use crate::store::feeds::Feed;

/// Why a feed cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedTrouble {
    /// The server says that the feed is gone for good, so it is no longer fetched.
    Gone,
    /// There is nothing at the address.
    Missing,
    /// The server refuses requests.
    Refused,
    /// The server fails or asks to wait.
    Busy,
    /// The server cannot be reached.
    Unreachable,
    /// The document is not a feed.
    NotAFeed,
    /// The settings do not allow the address.
    NotAllowed,
    /// The proxy of the settings opens no way to the server.
    Proxy,
    Other,
}

impl FeedTrouble {
    /// The trouble of a feed; `None` if its last fetch succeeded. A feed keeps the text of its last error only, so the kind is read from
    /// the text.
    pub(crate) fn of(feed: &Feed) -> Option<Self> {
        let error = feed.last_error.as_deref()?;
        Some(if feed.gone { Self::Gone } else { Self::named(error) })
    }

    fn named(error: &str) -> Self {
        if let Some(status) = error.strip_prefix("the server answered ") {
            return match status.get(..3) {
                Some("404") => Self::Missing,
                Some("401" | "402" | "403" | "451") => Self::Refused,
                Some("429") => Self::Busy,
                Some(status) if status.starts_with('5') => Self::Busy,
                _ => Self::Other,
            };
        }
        if error.starts_with("the proxy ") {
            return Self::Proxy;
        }
        let has = |parts: &[&str]| parts.iter().any(|part| error.contains(part));
        if has(&["feeds.allow", "not the name of a public host"]) {
            Self::NotAllowed
        } else if has(&["cannot be found", "the connection failed", "no complete answer"]) {
            Self::Unreachable
        } else if has(&[
            "is not RSS, Atom or JSON Feed",
            "the document is empty",
            "is a web page",
        ]) {
            Self::NotAFeed
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::feeds::fetch::FetchError;
    use crate::feeds::parse::ParseError;

    #[test]
    fn errors_of_fetches_are_recognised() {
        for (error, expected) in [
            (
                FetchError::TimedOut(Duration::from_secs(30)).to_string(),
                FeedTrouble::Unreachable,
            ),
            (ParseError::NotAFeed.to_string(), FeedTrouble::NotAFeed),
            (ParseError::Empty.to_string(), FeedTrouble::NotAFeed),
            (
                FetchError::Proxy {
                    proxy: "proxy.example:3128".into(),
                    reason: "cannot be reached".into(),
                }
                .to_string(),
                FeedTrouble::Proxy,
            ),
            ("the server answered 404 Not Found".into(), FeedTrouble::Missing),
            ("the server answered 403 Forbidden".into(), FeedTrouble::Refused),
            ("the server answered 503 Service Unavailable".into(), FeedTrouble::Busy),
            ("the server answered 429 Too Many Requests".into(), FeedTrouble::Busy),
            ("the server answered 418 I'm a teapot".into(), FeedTrouble::Other),
            (
                "127.0.0.1 is a loopback address; add it to feeds.allow if feeds are to be read from there".into(),
                FeedTrouble::NotAllowed,
            ),
        ] {
            assert_eq!(FeedTrouble::named(&error), expected, "{error}");
        }
    }
}

//! The address of a feed: parses it as a person types it, and names the server that leases are taken on.

use url::Url;

use crate::domain::redact::without_secrets;
use crate::feeds::guard::{Guard, Refusal};

/// The longest address of a feed, in bytes. A database index must hold it.
pub const MAX_URL_BYTES: usize = 2000;

/// Why an address is not accepted as the address of a feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedUrlError {
    /// It is not an HTTP address.
    #[error("“{0}” is no address of a feed; write https://…")]
    NotHttp(String),
    /// It could never be fetched: it has a password, is private and not allowed, or names no host.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is longer than [`MAX_URL_BYTES`].
    #[error("an address has at most {MAX_URL_BYTES} octets")]
    TooLong,
}

/// Parses an address that a person typed: without a scheme it is `https`, and the fragment is removed. `guard` refuses an address
/// that can never be fetched, so that it is not stored.
///
/// # Errors
/// [`FeedUrlError`], without the password of the address.
pub fn parse_feed_url(text: &str, guard: &Guard) -> Result<Url, FeedUrlError> {
    let text = text.trim();
    let not_http = || FeedUrlError::NotHttp(without_secrets(text));
    let mut url = match Url::parse(text) {
        // `example.org:8080` parses as a scheme and a path.
        Err(_) if text.contains('.') => Url::parse(&format!("https://{text}")).map_err(|_| not_http())?,
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => return Err(not_http()),
    };
    url.set_fragment(None);
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(FeedUrlError::TooLong);
    }
    guard.check_url(&url)?;
    Ok(url)
}

/// The name under which a server is leased: its host, and its port if that is not the scheme's own. `http` and `https` of one host
/// are one server.
#[must_use]
pub fn host_of(url: &Url) -> String {
    // Every http and https address has a host.
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_parsed_as_a_person_types_it() {
        let parse = |text| parse_feed_url(text, &Guard::default()).map(String::from);
        assert_eq!(parse(" https://a.example/f#top ").as_deref(), Ok("https://a.example/f"));
        assert_eq!(parse("a.example/f").as_deref(), Ok("https://a.example/f"));
        for bad in [
            "",
            "feed",
            "ftp://a.example/f",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
        ] {
            assert_eq!(parse(bad), Err(FeedUrlError::NotHttp(bad.into())), "{bad}");
        }
        assert_eq!(
            parse(&format!("https://a.example/{}", "x".repeat(2000))),
            Err(FeedUrlError::TooLong)
        );
    }

    #[test]
    fn an_address_that_can_never_be_fetched_is_refused_without_its_password() {
        let parse = |text| parse_feed_url(text, &Guard::default());
        for never in [
            "http://127.0.0.1/",
            "https://ada:secret@a.example/",
            "https://secret@a.example/",
            "https://db.internal/",
        ] {
            let refused = parse(never).expect_err("the guard refuses it");
            assert!(matches!(refused, FeedUrlError::Refused(_)), "{never}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
        let refused = parse("ada:secret@a.example/f").expect_err("ada is not a scheme of feeds");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

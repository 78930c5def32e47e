//! `[site]`: what the publication is called, and the one base of its links.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use url::Url;

use super::value::{NotAllowed, Setting, optional, required};

/// `[site]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What the publication is called. One line.
    #[serde(deserialize_with = "required")]
    pub name: String,
    /// The base of every link.
    #[serde(deserialize_with = "required")]
    pub url: BaseUrl,
    /// One sentence under the name.
    #[serde(deserialize_with = "required")]
    pub tagline: String,
    /// The sender's postal address. One line.
    #[serde(deserialize_with = "optional")]
    pub postal_address: Option<String>,
}

/// The address that readers reach the site under. It is shown without a slash at its end, so
/// `format!("{base}/archive")` is a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// The host, an IPv6 address in brackets: what cookies and mail identifiers are bound to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address, with a slash at its end: what relative links in our own articles start from.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether readers come by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Scheme, host and port as a browser's Origin header gives them (RFC 6454 section 6.2).
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Scheme, host and port, as a browser's `Origin` header gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// The header's value, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for WebOrigin {
    const ALLOWED: &'static str = "an origin such as \"https://www.example.org\": no user, path, query or fragment";

    fn read(text: &str) -> Option<Self> {
        BaseUrl::read(text).map(|url| Self(url.origin()))
    }
}

impl Setting for BaseUrl {
    const ALLOWED: &'static str = "http:// or https:// with a host, and no user, path, query or fragment";

    fn read(text: &str) -> Option<Self> {
        // The parser would drop line breaks and add missing slashes; what is printed here should be what is meant.
        let prefixed = text.starts_with("http://") || text.starts_with("https://");
        let url = Url::parse(text)
            .ok()
            .filter(|_| prefixed && !text.contains(char::is_whitespace))?;
        let bare = url.username().is_empty() && url.password().is_none();
        (bare && url.path() == "/" && url.query().is_none() && url.fragment().is_none()).then_some(Self(url))
    }
}

impl FromStr for BaseUrl {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        Self::read(text).ok_or(NotAllowed(Self::ALLOWED))
    }
}

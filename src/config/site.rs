//! `[site]`: the name of the site, and the base of its links.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use super::error::Problem;
use super::site_pages::SitePages;
use super::value::{NotAllowed, Setting, optional, or_placeholder, required};
use crate::words::{Language, Voice};

/// The settings of the section `[site]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The name of the publication. One line; [`NAME`] while it is unset.
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// The base of every link; if unset, the address of `http.listen`.
    #[serde(deserialize_with = "url")]
    pub url: BaseUrl,
    /// One sentence under the name; may be empty.
    #[serde(deserialize_with = "tagline")]
    pub tagline: String,
    /// The wording of pages and mails.
    #[serde(deserialize_with = "required")]
    pub voice: Voice,
    /// The language of pages and mails if neither reader nor newsletter has another.
    #[serde(deserialize_with = "required")]
    pub language: Language,
    /// The folder with files that replace messages.
    #[serde(deserialize_with = "optional")]
    pub locales: Option<PathBuf>,
    /// The sender's postal address. One line.
    #[serde(deserialize_with = "optional")]
    pub postal_address: Option<String>,
    /// Whether search engines may list the site.
    pub search_engines: bool,
    /// Whether everybody may read the documentation at `/docs`.
    pub public_docs: bool,
    /// The folder of the operator's own pages.
    #[serde(deserialize_with = "optional")]
    pages: Option<PathBuf>,
    /// The pages of that folder.
    #[serde(skip)]
    pub own_pages: SitePages,
}

impl Site {
    /// Reads the operator's own pages.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        if let Some(folder) = &self.pages {
            let pages = SitePages::read(folder, self.url.as_url());
            self.own_pages = pages.map_err(|reason| Problem::new("pages", reason))?;
        }
        Ok(())
    }
}

/// The name of a site whose `site.name` is unset.
const NAME: &str = "Daywire";

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    or_placeholder(deserializer, || NAME.to_owned())
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BaseUrl, D::Error> {
    or_placeholder(deserializer, || BaseUrl::of(SocketAddr::from(([127, 0, 0, 1], 8080))))
}

fn tagline<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    or_placeholder(deserializer, String::new)
}

impl Setting for Language {
    const ALLOWED: &'static str =
        "one of \"en\", \"de\", \"fr\", \"es\", \"pt\", \"it\", \"pl\", \"zh-Hans\", \"ja\" and \"ar\"";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for Voice {
    const ALLOWED: &'static str = "\"plain\" or \"radio\"";

    fn read(text: &str) -> Option<Self> {
        [Self::Plain, Self::Radio]
            .into_iter()
            .find(|voice| voice.as_str() == text)
    }
}

/// The address of the site for readers. It is shown without a slash at its end, so
/// `format!("{base}/archive")` is a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// The address of a site that listens on `listen` without a proxy.
    pub(super) fn of(listen: SocketAddr) -> Self {
        let ip = match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let url = Url::parse(&format!("http://{}", SocketAddr::new(ip, listen.port())));
        Self(url.expect("an IP address and a port are a host"))
    }

    /// Whether links to this address cannot reach a site that listens on `listen`: they name this machine and another port.
    /// Links with a public name may reach the site through a proxy, so they are not checked.
    #[must_use]
    pub(crate) fn disagrees_with(&self, listen: SocketAddr) -> bool {
        let names_this_machine = self.is_loopback()
            || match self.0.host() {
                Some(Host::Ipv4(ip)) => IpAddr::V4(ip) == listen.ip(),
                Some(Host::Ipv6(ip)) => IpAddr::V6(ip) == listen.ip(),
                _ => false,
            };
        names_this_machine && !self.is_https() && self.0.port_or_known_default() != Some(listen.port())
    }

    /// Whether only programs on this machine can reach it.
    #[must_use]
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    /// The host, for cookies and Message-IDs. An IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The name of this server in SMTP: the host of the site. The URL has an IPv6 address in brackets, which are removed here.
    /// [`Session::connect`](crate::mail::smtp::Session::connect) writes every IP address as an address literal in brackets
    /// ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
    pub(crate) fn smtp_name(&self) -> &str {
        self.host().trim_matches(['[', ']'])
    }

    /// The address, with a slash at its end: what relative links in our own articles start from.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether readers reach the site over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Scheme, host and port as a browser's Origin header gives them
    /// ([RFC 6454 §6.2](https://www.rfc-editor.org/rfc/rfc6454#section-6.2)).
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

//! Decides to which addresses the feed reader may connect, so that no address or redirect of a feed leads into a private network.
//!
//! Each URL is checked as it is written, and again after DNS. A name is refused if *any* of its addresses is: a host with both a
//! public and a private address is set up to pass a check of the first one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::{fmt, io};

use futures_util::future::BoxFuture;
use url::{Host, Url};

use super::addresses::{forbidden, full_length, is_in};

/// Domains that exist only inside a network ([RFC 6761](https://www.rfc-editor.org/rfc/rfc6761), RFC 6762, RFC 8375, RFC 9476).
const PRIVATE_SUFFIXES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "onion",
    "alt",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
];

/// Names of metadata services, which give a machine's secrets to its programs.
const METADATA_NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.tencentyun.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
];

/// Ports above 1023 of services that might execute an HTTP request as commands (the
/// [Fetch standard's](https://fetch.spec.whatwg.org/#port-blocking) bad ports).
const FORBIDDEN_PORTS: &[u16] = &[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Why the feed reader does not connect to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is not a URL.
    #[error("the address cannot be read ({0}); write it like https://example.org/feed.xml")]
    Unreadable(String),
    /// The scheme is neither `http` nor `https`.
    #[error("feeds are read over http and https only, not {0}")]
    Scheme(String),
    /// The URL has a user or a password.
    #[error(
        "the address contains a user name or password, which lists and exports would show; remove the part before the @"
    )]
    UserInfo,
    /// The URL has no host, or its host is not a public name.
    #[error("{0:?} is not the name of a public host")]
    Name(String),
    /// The port is not used for feeds.
    #[error("port {0} is not used for feeds; add the host and port to feeds.allow if this one is")]
    Port(u16),
    /// The address is not public. Contains its kind.
    #[error("{0} is {1}; add it to feeds.allow if feeds are to be read from there")]
    Address(IpAddr, &'static str),
    /// Another server redirects or links to a private address.
    #[error(
        "{0} is not public, and a server elsewhere led there; feeds.allow applies to the addresses that you add: add that \
         address itself if its feed is to be read"
    )]
    Elsewhere(String),
    /// The name cannot be resolved.
    #[error("{0} cannot be found: {1}")]
    Unresolvable(String, String),
}

/// A host, network or address that is allowed although it is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Network(IpAddr, u8, Option<u16>),
    Name(String, Option<u16>),
}

/// Resolves a host name at a port. The guard checks every address that it returns.
pub type Resolve = dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

/// Checks addresses. Contains the exceptions, and how names are resolved.
#[derive(Clone)]
pub struct Guard {
    allowed: Vec<Allowed>,
    resolve: Arc<Resolve>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl Guard {
    /// Makes a guard that resolves names with the system's resolver.
    #[must_use]
    pub fn new(allowed: Vec<Allowed>) -> Self {
        let system = |host: String, port| -> BoxFuture<'static, _> {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
        };
        Self::resolving_by(allowed, Arc::new(system))
    }

    /// Makes a guard that resolves names with `resolve`.
    #[must_use]
    pub fn resolving_by(allowed: Vec<Allowed>, resolve: Arc<Resolve>) -> Self {
        Self { allowed, resolve }
    }

    /// Checks a URL as it is written: scheme, user, host and port. A literal IP address in any spelling is checked completely; a
    /// name must still be [resolved](Self::resolve).
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            None => Err(Refusal::Name(String::new())),
            Some(Host::Ipv4(address)) => self.check_target(address.into(), port),
            Some(Host::Ipv6(address)) => self.check_target(address.into(), port),
            Some(Host::Domain(name)) if self.allows_name(name, port) => Ok(()),
            Some(Host::Domain(name)) => {
                check_name(name)?;
                check_port(port)
            }
        }
    }

    /// Checks an IP address for any port.
    pub fn check_addr(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.allows_address(address, None) {
            return Ok(());
        }
        forbidden(address).map_or(Ok(()), |reason| Err(Refusal::Address(address, reason)))
    }

    /// Resolves a host and checks every address. Connect only to the returned addresses.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            self.check_target(address, port)?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let failed = |reason: &str| Refusal::Unresolvable(host.to_owned(), reason.to_owned());
        let found = (self.resolve)(host.to_owned(), port).await;
        let addresses = found.map_err(|error| failed(&error.to_string()))?;
        if addresses.is_empty() {
            return Err(failed("the name has no address"));
        }
        self.check_resolved(host, &addresses)?;
        Ok(addresses)
    }

    /// Checks a URL as it is written and resolves it. Call this before every request, and connect only to the returned addresses.
    pub async fn check(&self, url: &Url) -> Result<Vec<SocketAddr>, Refusal> {
        self.check_url(url)?;
        self.resolve(
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default(),
        )
        .await
    }

    /// [`check`](Self::check) of an address to which the server at `added` redirects or links. `feeds.allow` applies only to the host
    /// and port of the address that an operator added. Otherwise any feed could make this program read and publish a private server.
    pub(crate) async fn check_from(&self, added: &Url, url: &Url) -> Result<Vec<SocketAddr>, Refusal> {
        let place = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
        if place(added) == place(url) {
            return self.check(url).await;
        }
        let strict = Self {
            allowed: Vec::new(),
            resolve: Arc::clone(&self.resolve),
        };
        let checked = strict.check(url).await;
        let is_private = matches!(checked, Err(Refusal::Name(_) | Refusal::Port(_) | Refusal::Address(..)));
        // The usual advice to add the host to feeds.allow does not help if it is there already.
        if is_private && self.check(url).await.is_ok() {
            return Err(Refusal::Elsewhere(url.host_str().unwrap_or_default().to_owned()));
        }
        checked
    }

    /// Refuses a name if any of its addresses is forbidden and the name is not allowed as such.
    fn check_resolved(&self, host: &str, addresses: &[SocketAddr]) -> Result<(), Refusal> {
        let open = |at: &SocketAddr| self.allows_name(host, at.port()) || self.allows_address(at.ip(), Some(at.port()));
        addresses
            .iter()
            .filter(|at| !open(at))
            .try_for_each(|at| self.check_addr(at.ip()))
    }

    fn check_target(&self, address: IpAddr, port: u16) -> Result<(), Refusal> {
        if self.allows_address(address, Some(port)) {
            return Ok(());
        }
        self.check_addr(address)?;
        check_port(port)
    }

    fn allows_name(&self, name: &str, port: u16) -> bool {
        let name = name.trim_end_matches('.');
        self.allowed.iter().any(|allowed| match &allowed.0 {
            Rule::Name(other, only) => other.eq_ignore_ascii_case(name) && only.is_none_or(|only| only == port),
            Rule::Network(..) => false,
        })
    }

    fn allows_address(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.allowed.iter().any(|allowed| match allowed.0 {
            Rule::Network(network, bits, only) => {
                is_in(address, network, bits) && only.is_none_or(|only| Some(only) == port)
            }
            Rule::Name(..) => false,
        })
    }
}

impl Allowed {
    /// Parses a host name, `host:port`, an IP address (also with `:port`, IPv6 then in brackets) or a network such as
    /// `10.1.0.0/16`. Without a port, every port is allowed.
    #[must_use]
    pub fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim();
        if let Ok(at) = entry.parse::<SocketAddr>() {
            return Some(Self(Rule::Network(at.ip(), full_length(at.ip()), Some(at.port()))));
        }
        let (address, bits) = entry
            .split_once('/')
            .map_or((entry, None), |(address, bits)| (address, Some(bits)));
        if let Ok(address) = address.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            let longest = full_length(address);
            let bits = bits.map_or(Some(longest), |bits| bits.parse().ok().filter(|bits| *bits <= longest))?;
            return Some(Self(Rule::Network(address, bits, None)));
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        match Host::parse(name.trim_end_matches('.')).ok()? {
            Host::Domain(name) => Some(Self(Rule::Name(name, port))),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }
}

/// Refuses names of one label, names in a private domain, and invalid names.
fn check_name(name: &str) -> Result<(), Refusal> {
    let refused = || Err(Refusal::Name(name.to_owned()));
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() < 64
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if lower.len() > 253 || !lower.contains('.') || !lower.split('.').all(is_label) {
        return refused();
    }
    let ends_with = |suffix: &&str| lower.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    if METADATA_NAMES.contains(&lower.as_str()) || PRIVATE_SUFFIXES.iter().any(ends_with) {
        return refused();
    }
    Ok(())
}

fn check_port(port: u16) -> Result<(), Refusal> {
    let fine = matches!(port, 80 | 443) || (port >= 1024 && !FORBIDDEN_PORTS.contains(&port));
    if fine { Ok(()) } else { Err(Refusal::Port(port)) }
}

#[cfg(test)]
mod tests;

//! Decides where the feed reader may connect to, so that no feed's address or redirect leads it into a private network.
//!
//! Every address is checked twice: as it is written, and as what it resolves to. A name is refused if *any* of its
//! addresses is: a host that has both a public and a private one is set up to get past a check of the first.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::{fmt, io};

use futures_util::future::BoxFuture;
use url::{Host, Url};

use super::addresses::{forbidden, full_length, is_in};

/// Last labels of names that only mean something inside a network (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
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

/// Names at which clouds serve a machine's own secrets.
const METADATA_NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.tencentyun.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
];

/// Ports above 1023 of services that could be talked to by mistake in a request (the Fetch standard's bad ports).
const FORBIDDEN_PORTS: &[u16] = &[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Why the feed reader does not connect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is not an address at all.
    #[error("the address cannot be read ({0}); write it like https://example.org/feed.xml")]
    Unreadable(String),
    /// Something other than `http` or `https`.
    #[error("feeds are read over http and https only, not {0}")]
    Scheme(String),
    /// `user:password@` before the host.
    #[error(
        "the address holds a user name or password, which lists and exports would show; remove what stands before the @"
    )]
    UserInfo,
    /// No host, or one that is no host's name.
    #[error("{0:?} is no name of a public host")]
    Name(String),
    /// A port where no feed is served.
    #[error("port {0} is not used for feeds; add the host and port to feeds.allow if this one is")]
    Port(u16),
    /// An address that is not public, and what it is.
    #[error("{0} is {1}; add it to feeds.allow if feeds are to be read from there")]
    Address(IpAddr, &'static str),
    /// A private address to which another server redirects or links.
    #[error(
        "{0} is not public, and a server elsewhere led there; feeds.allow holds for the addresses that you add: add that \
         address itself if its feed is to be read"
    )]
    Elsewhere(String),
    /// The name has no address now.
    #[error("{0} cannot be found: {1}")]
    Unresolvable(String, String),
}

/// A host, network or address that is let through although it is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Network(IpAddr, u8, Option<u16>),
    Name(String, Option<u16>),
}

/// Finds the addresses of a host's name at a port; not a word of what it says is believed before it is checked.
pub type Resolve = dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

/// The rules, with what is let through in spite of them, and how names are looked up.
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
    /// Makes the rules; names are looked up by the system.
    #[must_use]
    pub fn new(allowed: Vec<Allowed>) -> Self {
        let system = |host: String, port| -> BoxFuture<'static, _> {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
        };
        Self::resolving_by(allowed, Arc::new(system))
    }

    /// The same rules, with names looked up by `resolve`.
    #[must_use]
    pub fn resolving_by(allowed: Vec<Allowed>, resolve: Arc<Resolve>) -> Self {
        Self { allowed, resolve }
    }

    /// Checks an address as it is written: scheme, user, host and port. A literal address is checked in full, in
    /// whatever spelling it came, for `url` has made it one; a name still has to be [resolved](Self::resolve).
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

    /// Checks an address to connect to, whatever the port.
    pub fn check_addr(&self, address: IpAddr) -> Result<(), Refusal> {
        if self.allows_address(address, None) {
            return Ok(());
        }
        forbidden(address).map_or(Ok(()), |reason| Err(Refusal::Address(address, reason)))
    }

    /// Finds the addresses of a host and checks every one; those returned are the ones to connect to, and no other.
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

    /// Does both checks, as before every request: what is returned may be connected to for this address.
    pub async fn check(&self, url: &Url) -> Result<Vec<SocketAddr>, Refusal> {
        self.check_url(url)?;
        self.resolve(
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default(),
        )
        .await
    }

    /// [`check`](Self::check) of an address to which the server at `added` redirects or links. `feeds.allow` holds only for the host
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
    /// Reads a host name, `host:port`, an IP address (also with `:port`, IPv6 then in brackets) or a network such as
    /// `10.1.0.0/16`. It is let through on any port, or on its own.
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

/// Refuses names of one label, names that are private by their end, and what only looks like a name.
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

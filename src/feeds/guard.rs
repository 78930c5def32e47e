//! Decides where the feed reader may connect to, so that no feed's address or redirect leads it into a private network.
//!
//! Every address is checked twice: as it is written, and as what it resolves to. A name is refused if *any* of its
//! addresses is: a host that has both a public and a private one is set up to get past a check of the first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// Networks of IPv4 that are no part of the public internet (IANA's special-purpose registry, RFC 6890), and the
/// public address that is a metadata service inside one cloud.
const FORBIDDEN_V4: &[([u8; 4], u8, &str)] = &[
    ([0, 0, 0, 0], 8, "unspecified (RFC 791)"),
    ([10, 0, 0, 0], 8, "private (RFC 1918)"),
    ([100, 64, 0, 0], 10, "shared by a provider's customers (RFC 6598)"),
    ([127, 0, 0, 0], 8, "loopback (RFC 1122)"),
    ([168, 63, 129, 16], 32, "a cloud's metadata service"),
    ([169, 254, 0, 0], 16, "link-local (RFC 3927)"),
    ([172, 16, 0, 0], 12, "private (RFC 1918)"),
    ([192, 0, 0, 0], 24, "reserved for protocols (RFC 6890)"),
    ([192, 0, 2, 0], 24, "for documentation (RFC 5737)"),
    ([192, 31, 196, 0], 24, "reserved for AS112 (RFC 7535)"),
    ([192, 52, 193, 0], 24, "reserved for AMT (RFC 7450)"),
    ([192, 88, 99, 0], 24, "a 6to4 relay (RFC 7526)"),
    ([192, 168, 0, 0], 16, "private (RFC 1918)"),
    ([192, 175, 48, 0], 24, "reserved for AS112 (RFC 7534)"),
    ([198, 18, 0, 0], 15, "for benchmarks (RFC 2544)"),
    ([198, 51, 100, 0], 24, "for documentation (RFC 5737)"),
    ([203, 0, 113, 0], 24, "for documentation (RFC 5737)"),
    ([224, 0, 0, 0], 4, "multicast (RFC 5771)"),
    ([240, 0, 0, 0], 4, "reserved or broadcast (RFC 1112, RFC 919)"),
];

/// Networks of IPv6 that are not public; of what is left, only `2000::/3` is assigned at all.
const FORBIDDEN_V6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified (RFC 4291)"),
    (Ipv6Addr::LOCALHOST, 128, "loopback (RFC 4291)"),
    (
        Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0),
        96,
        "IPv4 in IPv6 (RFC 4291)",
    ),
    (Ipv6Addr::UNSPECIFIED, 96, "IPv4 in IPv6 (RFC 4291)"),
    (
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
        32,
        "NAT64 (RFC 6052, RFC 8215)",
    ),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "Teredo (RFC 4380)"),
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "reserved for protocols (RFC 2928)",
    ),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "for documentation (RFC 3849)",
    ),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4 (RFC 3056)"),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "for documentation (RFC 9637)",
    ),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private (RFC 4193)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local (RFC 4291)"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local (RFC 3879)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast (RFC 4291)"),
];

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
    #[error("the address holds a user name or password; remove what stands before the @")]
    UserInfo,
    /// No host, or one that is no host's name.
    #[error("{0:?} is no name of a public host")]
    Name(String),
    /// A port where no feed is served.
    #[error("port {0} is not used for feeds; add the host and port to the allowed hosts if this one is")]
    Port(u16),
    /// An address that is not public, and what it is.
    #[error("{0} is {1}; add it to the allowed hosts if feeds are to be read from there")]
    Address(IpAddr, &'static str),
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

/// The rules, with what is let through in spite of them.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<Allowed>,
}

impl Guard {
    /// Makes the rules.
    #[must_use]
    pub fn new(allowed: Vec<Allowed>) -> Self {
        Self { allowed }
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
        let found = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| failed(&error.to_string()))?;
        let addresses: Vec<SocketAddr> = found.collect();
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

/// Says what keeps an address from being public.
fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(_) => FORBIDDEN_V4
            .iter()
            .find(|(network, bits, _)| is_in(address, Ipv4Addr::from(*network).into(), *bits))
            .map(|&(_, _, reason)| reason),
        IpAddr::V6(_) => FORBIDDEN_V6
            .iter()
            .find(|(network, bits, _)| is_in(address, (*network).into(), *bits))
            .map(|&(_, _, reason)| reason)
            .or_else(|| {
                let assigned = is_in(address, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0).into(), 3);
                (!assigned).then_some("not assigned (RFC 4291)")
            }),
    }
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let drop = |length: u8| u32::from(length.saturating_sub(bits));
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (a.to_bits() ^ n.to_bits()).checked_shr(drop(32)).unwrap_or(0) == 0,
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits() ^ n.to_bits()).checked_shr(drop(128)).unwrap_or(0) == 0,
        _ => false,
    }
}

fn full_length(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
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
mod tests {
    use super::*;

    fn allowing(entries: &[&str]) -> Guard {
        Guard::new(entries.iter().map(|entry| Allowed::parse(entry).unwrap()).collect())
    }

    fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
        guard.check_url(&Url::parse(url).map_err(|error| Refusal::Unreadable(error.to_string()))?)
    }

    #[test]
    fn public_addresses_pass() {
        let guard = Guard::default();
        for url in [
            "https://example.org/feed",
            "http://example.org:8080/",
            "http://93.184.215.14/",
            "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        ] {
            assert_eq!(check(&guard, url), Ok(()), "{url}");
        }
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.01/",
            "http://①②⑦.0.0.1/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[fe80::1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b:1::1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001::1]/",
            "http://[fd00:ec2::254]/",
            "http://[fec0::1]/",
            "http://[ff02::1]/",
            "http://[100::1]/",
            "http://[3fff::1]/",
            "http://0.0.0.0/",
            "http://100.64.0.1/",
            "http://198.19.255.255/",
            "http://255.255.255.255/",
            "http://172.31.255.255/",
            "http://192.0.0.192/",
            "http://168.63.129.16/",
            "http://224.0.0.1/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://db.internal/",
            "http://intranet/",
            "http://metadata.google.internal/",
            "http://user@example.org/",
            "http://example.org:22/",
            "http://example.org:0/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "http://exa!mple.org/",
            "http://example.org:6667/",
        ] {
            assert!(check(&guard, url).is_err(), "{url}");
        }
    }

    #[test]
    fn networks_end_where_they_end() {
        let guard = Guard::default();
        for open in [
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2003::1",
        ] {
            assert_eq!(guard.check_addr(open.parse().expect("an address")), Ok(()), "{open}");
        }
    }

    #[test]
    fn what_is_allowed_by_name_address_or_network_passes() {
        let entries = [
            "127.0.0.1:8081",
            "feeds.internal",
            "news:8080",
            "10.1.0.0/16",
            "[::1]:80",
            "fd00::/8",
        ];
        let guard = allowing(&entries);
        for url in [
            "http://127.0.0.1:8081/",
            "http://feeds.internal:81/",
            "http://news:8080/",
            "http://10.1.255.1:22/",
            "http://[::1]/",
            "http://[fd12::1]/",
        ] {
            assert_eq!(check(&guard, url), Ok(()), "{url}");
        }
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.2:8081/",
            "http://news/",
            "http://10.2.0.1/",
            "http://[::1]:81/",
            "http://x.feeds.internal/",
        ] {
            assert!(check(&guard, url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_no_host_and_no_network_is_not_read() {
        for entry in [
            "10.0.0.1/x",
            "10.0.0.2/99",
            "http://a.example",
            "a b",
            "a.example:port",
            "",
        ] {
            assert_eq!(Allowed::parse(entry), None, "{entry}");
        }
    }

    #[test]
    fn a_name_with_one_private_address_among_public_ones_is_refused() {
        let addresses = [
            SocketAddr::from(([93, 184, 215, 14], 80)),
            SocketAddr::from(([10, 0, 0, 1], 80)),
        ];
        assert!(
            Guard::default()
                .check_resolved("rebind.example.org", &addresses)
                .is_err()
        );
        assert!(
            Guard::default()
                .check_resolved("rebind.example.org", &addresses[..1])
                .is_ok()
        );
        let guard = allowing(&["rebind.example.org:80"]);
        assert!(guard.check_resolved("rebind.example.org", &addresses).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused_unless_allowed() {
        assert!(matches!(
            Guard::default().resolve("localhost", 80).await,
            Err(Refusal::Address(..))
        ));
        let found = allowing(&["localhost"])
            .resolve("localhost", 80)
            .await
            .expect("it is allowed");
        assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 80));
    }
}

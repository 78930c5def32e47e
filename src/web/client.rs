//! Finds the network address of a request's client: that of the peer, or the one that a trusted proxy names.
//!
//! Limits and consent records use the address, so a client must not be able to choose it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Extensions, Version, header};

use super::state::Web;

/// Extracts the network address of the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) IpAddr);

impl FromRequestParts<Arc<Web>> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Self::Rejection> {
        Ok(Self(find(parts, web).address))
    }
}

/// Fields in which proxies name the client or themselves, besides those that begin with `x-forwarded-`.
const PROXY_FIELDS: [&str; 9] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "cf-connecting-ip",
    "true-client-ip",
    "fastly-client-ip",
];

/// Whether a request was certainly made on this machine: the inbox is open to such requests.
pub(super) fn is_local(parts: &Parts, web: &Web) -> bool {
    known_client(parts, web).is_some_and(|address| address.is_loopback()) && names_this_machine(parts)
}

/// The network address of the client; `None` if a proxy that is not trusted hides it.
pub(super) fn known_client(parts: &Parts, web: &Web) -> Option<IpAddr> {
    let found = find(parts, web);
    let is_known = if found.is_named_by_proxy {
        !names_outer_client(parts)
    } else {
        !is_from_proxy(parts)
    };
    is_known.then_some(found.address)
}

/// Whether the connection comes from a trusted proxy.
pub(super) fn is_from_trusted_proxy(extensions: &Extensions, web: &Web) -> bool {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let proxies = &web.app.config.http.trusted_proxies;
    peer.is_some_and(|peer| {
        let peer = peer.0.ip().to_canonical();
        proxies.iter().any(|network| network.contains(&peer))
    })
}

/// Whether a request shows that a proxy passed it on. Otherwise an unlisted proxy on this machine would look like a local client.
fn is_from_proxy(parts: &Parts) -> bool {
    // Proxies speak HTTP/1.0 to the servers behind them by default, as nginx does. Browsers and curl do not.
    parts.version < Version::HTTP_11
        || parts
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-") || PROXY_FIELDS.contains(&name.as_str()))
}

/// Whether a network in front of a trusted proxy names a client. Such a proxy may see only a local program, such as the end of a
/// tunnel, as its client.
fn names_outer_client(parts: &Parts) -> bool {
    ["cf-connecting-ip", "true-client-ip", "fastly-client-ip"]
        .iter()
        .any(|name| parts.headers.contains_key(*name))
}

/// Whether `Host` names this machine, as a client on it does. A page of another site whose name resolves to 127.0.0.1 (DNS
/// rebinding) names that site, and a proxy that passes `Host` on names this one.
fn names_this_machine(parts: &Parts) -> bool {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The client of a request as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    address: IpAddr,
    /// Whether a trusted proxy named the address, and it is not that of the peer.
    is_named_by_proxy: bool,
}

fn find(parts: &Parts, web: &Web) -> Found {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        // A listener on [::] shows IPv4 peers as IPv4-mapped; networks are written in IPv4.
        .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip().to_canonical());
    let trusted_proxies = &web.app.config.http.trusted_proxies;
    let forwarded: Vec<&str> = parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        // A field that is not text becomes a word that no address can be.
        .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
        .collect();
    last_untrusted(peer, &forwarded, |address| {
        trusted_proxies.iter().any(|net| net.contains(&address))
    })
}

/// Walks the chain of proxies backwards and returns the first address that is not a trusted proxy's. Anyone can invent the addresses
/// before it.
fn last_untrusted(peer: IpAddr, forwarded: &[&str], trusted: impl Fn(IpAddr) -> bool) -> Found {
    let mut found = Found {
        address: peer,
        is_named_by_proxy: false,
    };
    for hop in forwarded.iter().rev() {
        if !trusted(found.address) {
            break;
        }
        let Some(address) = address(hop.trim()) else {
            // The trusted proxy does not name its client.
            found.is_named_by_proxy = false;
            break;
        };
        found = Found {
            address: address.to_canonical(),
            is_named_by_proxy: true,
        };
    }
    found
}

/// Parses an address as proxies write it, with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|with_port| with_port.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("a valid address")
    }

    #[test]
    fn an_untrusted_client_cannot_name_another_address() {
        for forged in ["198.51.100.1", "127.0.0.1"] {
            let found = last_untrusted(ip("203.0.113.9"), &[forged], |_| false);
            assert_eq!((found.address, found.is_named_by_proxy), (ip("203.0.113.9"), false));
        }
    }

    #[test]
    fn a_trusted_proxy_names_only_its_own_client() {
        let trusted = |address| address == ip("127.0.0.1");
        for (chain, address, is_named_by_proxy) in [
            (&["198.51.100.66", "203.0.113.9"][..], "203.0.113.9", true),
            (&["127.0.0.1", "203.0.113.9"], "203.0.113.9", true),
            (&["127.0.0.1"], "127.0.0.1", true),
            (&["rubbish"], "127.0.0.1", false),
            (&["rubbish", "127.0.0.1"], "127.0.0.1", false),
            (&[], "127.0.0.1", false),
        ] {
            let found = last_untrusted(ip("127.0.0.1"), chain, trusted);
            assert_eq!(
                (found.address, found.is_named_by_proxy),
                (ip(address), is_named_by_proxy),
                "{chain:?}"
            );
        }
    }

    #[test]
    fn a_proxy_may_write_the_port_and_may_map_ipv4() {
        let trusted = |address| address == ip("127.0.0.1");
        for (hop, address) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(
                last_untrusted(ip("127.0.0.1"), &[hop], trusted).address,
                ip(address),
                "{hop}"
            );
        }
    }
}

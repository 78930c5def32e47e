//! The client of a request: the address of the peer, or the one that a trusted proxy names.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Version, header};

use super::Web;

/// The network address of the client.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub IpAddr);

impl FromRequestParts<Arc<Web>> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Self::Rejection> {
        Ok(Self(find(parts, web).address))
    }
}

/// Fields by which proxies name the client or themselves. Names that begin with `x-forwarded-` belong to them too.
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

/// Whether a request was made on this machine, for pages that nobody else may see.
pub(super) fn is_local(parts: &Parts, web: &Web) -> bool {
    let found = find(parts, web);
    let is_known = if found.is_vouched_for {
        !names_outer_client(parts)
    } else {
        !is_from_proxy(parts)
    };
    is_known && found.address.is_loopback() && names_this_machine(parts)
}

/// Whether a request shows that a proxy made it. A proxy on this machine that `http.trusted_proxies` does not list looks like a local
/// client otherwise.
fn is_from_proxy(parts: &Parts) -> bool {
    // Proxies speak HTTP/1.0 to the servers behind them by default, as nginx does. Browsers and curl do not.
    parts.version < Version::HTTP_11
        || parts
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-") || PROXY_FIELDS.contains(&name.as_str()))
}

/// Whether a network in front of a trusted proxy names a client. The proxy may know only a program on this machine, such as the
/// end of a tunnel.
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

/// The origin of a request as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    address: IpAddr,
    /// A trusted proxy named the address.
    is_vouched_for: bool,
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
        // A header that is not text is not an address.
        .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
        .collect();
    judge(peer, &forwarded, |address| {
        trusted_proxies.iter().any(|net| net.contains(&address))
    })
}

/// The last address in the chain that no trusted proxy stands behind: what comes before it could be anyone's invention.
fn judge(peer: IpAddr, forwarded: &[&str], trusted: impl Fn(IpAddr) -> bool) -> Found {
    let mut found = Found {
        address: peer,
        is_vouched_for: false,
    };
    for hop in forwarded.iter().rev() {
        if !trusted(found.address) {
            break;
        }
        let Some(address) = address(hop.trim()) else {
            // The trusted proxy does not name its client.
            found.is_vouched_for = false;
            break;
        };
        found = Found {
            address: address.to_canonical(),
            is_vouched_for: true,
        };
    }
    found
}

/// An address as proxies write it: bare, or with the port.
fn address(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|with_port| with_port.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        for forged in ["198.51.100.1", "127.0.0.1"] {
            let found = judge(ip("203.0.113.9"), &[forged], |_| false);
            assert_eq!((found.address, found.is_vouched_for), (ip("203.0.113.9"), false));
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_peer_only() {
        let trusted = |address| address == ip("127.0.0.1");
        for (chain, address, is_vouched_for) in [
            (&["198.51.100.66", "203.0.113.9"][..], "203.0.113.9", true),
            (&["127.0.0.1", "203.0.113.9"], "203.0.113.9", true),
            (&["127.0.0.1"], "127.0.0.1", true),
            (&["rubbish"], "127.0.0.1", false),
            (&["rubbish", "127.0.0.1"], "127.0.0.1", false),
            (&[], "127.0.0.1", false),
        ] {
            let found = judge(ip("127.0.0.1"), chain, trusted);
            assert_eq!(
                (found.address, found.is_vouched_for),
                (ip(address), is_vouched_for),
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
            assert_eq!(judge(ip("127.0.0.1"), &[hop], trusted).address, ip(address), "{hop}");
        }
    }
}

//! Who is asking: the address at the other end, or the one that a trusted proxy vouches for.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::Web;

/// The network address of whoever asks.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub IpAddr);

impl FromRequestParts<Arc<Web>> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Self::Rejection> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            // A listener on [::] shows IPv4 peers as IPv4-mapped; networks are written in IPv4.
            .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip().to_canonical());
        let trusted = |address: IpAddr| {
            web.app
                .config
                .http
                .trusted_proxies
                .iter()
                .any(|net| net.contains(&address))
        };
        let forwarded: Vec<&str> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        Ok(Self(judge(peer, &forwarded, trusted)))
    }
}

/// The last address in the chain that no trusted proxy stands behind: what comes before it could be anyone's invention.
fn judge(peer: IpAddr, forwarded: &[&str], trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer;
    for hop in forwarded.iter().rev() {
        if !trusted(client) {
            break;
        }
        match address(hop.trim()) {
            Some(address) => client = address.to_canonical(),
            None => break,
        }
    }
    client
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
        assert_eq!(
            judge(ip("203.0.113.9"), &["198.51.100.1"], |_| false),
            ip("203.0.113.9")
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_peer_only() {
        let trusted = |address| address == ip("127.0.0.1");
        let chain = ["198.51.100.66", "203.0.113.9"];
        assert_eq!(judge(ip("127.0.0.1"), &chain, trusted), ip("203.0.113.9"));
        assert_eq!(judge(ip("127.0.0.1"), &["rubbish"], trusted), ip("127.0.0.1"));
    }

    #[test]
    fn a_proxy_may_write_the_port_and_may_map_ipv4() {
        let trusted = |address| address == ip("127.0.0.1");
        for (hop, address) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(judge(ip("127.0.0.1"), &[hop], trusted), ip(address), "{hop}");
        }
    }
}

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
            .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
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
        match hop.trim().parse() {
            Ok(address) => client = address,
            Err(_) => break,
        }
    }
    client
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
}

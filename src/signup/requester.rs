//! The requester of a confirmation mail: the network or domain by which the queue of transactional mails is shared out.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::app::App;
use crate::domain::address::EmailAddress;

/// The network that sent the request: a /24 or a /48, the largest that one customer gets. If it is unknown, this is the recipient's
/// domain. A loopback address counts as unknown: then a proxy on this machine is missing in `http.trusted_proxies`.
///
/// If no network addresses are kept, it is a keyed hash of the network.
pub(super) fn requester_of(app: &App, network: Option<IpAddr>, address: &EmailAddress) -> String {
    let requester = requester(network, address);
    if app.config.privacy.keep_network_addresses {
        return requester;
    }
    let hash = app.keys.limit_key("requester", &[requester.as_bytes()]);
    format!("{:032x}", u128::from_be_bytes(hash))
}

fn requester(network: Option<IpAddr>, address: &EmailAddress) -> String {
    let network = network
        .map(|address| address.to_canonical())
        .filter(|address| !address.is_loopback())
        .and_then(|address| IpNet::new(address, if address.is_ipv4() { 24 } else { 48 }).ok());
    network.map_or_else(|| address.domain().to_owned(), |network| network.trunc().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_requester_and_without_a_network_one_domain_is() {
        let address = EmailAddress::parse("ada@BÜCHER.example").expect("an address");
        let of = |network: &str| requester(network.parse().ok(), &address);
        assert_eq!(of("192.0.2.7"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.9"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2::3"), "2001:db8:1::/48");
        for network in ["127.0.0.1", "::1", ""] {
            assert_eq!(of(network), "xn--bcher-kva.example");
        }
    }
}

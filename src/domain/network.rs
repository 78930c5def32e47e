//! The network that an IP address belongs to, by which limits are shared.

use std::net::IpAddr;

/// The network that an address counts for: a /24 of IPv4, a /56 of IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & 0xFFFF_FF00).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 72 << 72).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_prefix_are_one_network() {
        let address = |text: &str| text.parse::<IpAddr>().expect("a valid address");
        for (one, other) in [
            ("192.0.2.1", "192.0.2.200"),
            ("::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::1", "2001:db8:0:ff::1"),
        ] {
            assert_eq!(network(address(one)), network(address(other)));
        }
        assert_ne!(network(address("2001:db8::1")), network(address("2001:db8:0:100::1")));
    }
}

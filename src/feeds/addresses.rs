//! Lists the IP networks that are not part of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 networks that are not public ([IANA's registry](https://www.iana.org/assignments/iana-ipv4-special-registry/)), and a
/// public address that is the metadata service of one cloud.
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

/// IPv6 networks that are not public. Of the others, only `2000::/3` is assigned.
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

/// Why an address is not public; `None` if it is public.
pub(super) fn forbidden(address: IpAddr) -> Option<&'static str> {
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

/// Whether the first `bits` of both addresses are equal.
pub(super) fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let drop = |length: u8| u32::from(length.saturating_sub(bits));
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (a.to_bits() ^ n.to_bits()).checked_shr(drop(32)).unwrap_or(0) == 0,
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits() ^ n.to_bits()).checked_shr(drop(128)).unwrap_or(0) == 0,
        _ => false,
    }
}

/// The number of bits of an address.
pub(super) fn full_length(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

//! How many sign-ups are taken: by network, by the address's domain, and overall.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// After so many requests, what has been forgiven is forgotten.
const TIDY_EVERY: u32 = 1024;

/// Counters in this process. The limit for one address is `signup.resend_after`, and that one is in the database.
#[derive(Debug)]
pub struct Limits {
    by_network: DefaultKeyedRateLimiter<IpAddr>,
    by_domain: DefaultKeyedRateLimiter<String>,
    overall: DefaultDirectRateLimiter,
    asked: AtomicU32,
}

impl Limits {
    /// Limits of so many an hour.
    #[must_use]
    pub fn new(per_network: NonZeroU32, per_domain: NonZeroU32, overall: NonZeroU32) -> Self {
        Self {
            by_network: RateLimiter::keyed(Quota::per_hour(per_network)),
            by_domain: RateLimiter::keyed(Quota::per_hour(per_domain)),
            overall: RateLimiter::direct(Quota::per_hour(overall)),
            asked: AtomicU32::new(0),
        }
    }

    /// Counts a request; false when there were too many.
    #[must_use]
    pub fn admit(&self, from: IpAddr, email: &str) -> bool {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.by_network.retain_recent();
            self.by_domain.retain_recent();
        }
        let domain = email
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain)
            .trim()
            .to_ascii_lowercase();
        self.by_network.check_key(&network(from)).is_ok()
            && self.by_domain.check_key(&domain.chars().take(253).collect()).is_ok()
            && self.overall.check().is_ok()
    }
}

/// The network that an address counts for: its /24, or its /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => network(v4.into()),
            None => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_network: u32, per_domain: u32, overall: u32) -> Limits {
        let count = |n| NonZeroU32::new(n).unwrap();
        Limits::new(count(per_network), count(per_domain), count(overall))
    }

    #[test]
    fn neighbours_in_one_network_share_its_limit() {
        let limits = limits(1, 9, 9);
        assert!(limits.admit("192.0.2.1".parse().unwrap(), "a@one.example"));
        assert!(!limits.admit("192.0.2.200".parse().unwrap(), "b@two.example"));
        assert!(limits.admit("192.0.3.1".parse().unwrap(), "c@three.example"));
        assert!(limits.admit("2001:db8:0:1::1".parse().unwrap(), "d@four.example"));
        assert!(!limits.admit("2001:db8:0:1:ffff::2".parse().unwrap(), "e@five.example"));
    }

    #[test]
    fn one_domain_cannot_be_flooded_from_many_networks() {
        let limits = limits(9, 1, 9);
        assert!(limits.admit("192.0.2.1".parse().unwrap(), "a@victim.example"));
        assert!(!limits.admit("198.51.100.1".parse().unwrap(), "b@VICTIM.example"));
    }
}

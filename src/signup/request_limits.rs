//! Limits on sign-up requests: by network, by the address's domain, and overall. All nodes share the counts. Which mails one mailbox
//! may get is limited apart from these, in `mailbox_limits.rs`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::states::SignupOutcome;
use crate::store::rate_limits::{LimitKey, Permit};

/// How long a node remembers that a limit is reached, without asking the database again.
const MAX_MEMORY: TimeDelta = TimeDelta::seconds(10);
/// A node remembers at most this many reached limits.
const MAX_REMEMBERED: usize = 10_000;

/// The permits that every sign-up takes for its network.
pub(super) fn network_permits(app: &App, network: IpAddr) -> Vec<Permit> {
    permits_of_network(
        app,
        "signup network",
        network,
        app.config.signup.limits.per_network_per_hour,
    )
}

/// The permits that every request of a kind takes for its network, even if it is refused: one of the /24 of an IPv4 address; for an
/// IPv6 address one each of the /64, the /56 and the /48, because providers assign any of these to one customer. The /56 has twice as
/// many as the /64, the /48 four times as many. The first one is that of the smallest network.
pub(crate) fn permits_of_network(app: &App, kind: &str, network: IpAddr, per_hour: u32) -> Vec<Permit> {
    let permit = |length: u8, octets: &[u8], times: u32| {
        let key = [&[length], octets].concat();
        permit(app, kind, &key, per_hour.saturating_mul(times))
    };
    match network.to_canonical() {
        IpAddr::V4(v4) => vec![permit(24, &v4.octets()[..3], 1)],
        IpAddr::V6(v6) => [(64, 1), (56, 2), (48, 4)]
            .into_iter()
            .map(|(length, times)| permit(length, &prefix(v6, length), times))
            .collect(),
    }
}

/// The network of an address: its first `length` bits.
fn prefix(address: Ipv6Addr, length: u8) -> [u8; 16] {
    (u128::from(address) & (u128::MAX << (128 - u32::from(length)))).to_be_bytes()
}

/// The outcomes if the limits of [`address_permits`] are reached.
pub(super) const ADDRESS_LIMITS: [SignupOutcome; 2] = [SignupOutcome::DomainLimit, SignupOutcome::OverallLimit];

/// The permits of a request that is not refused for other reasons: one for the address's domain, one overall.
pub(super) fn address_permits(app: &App, address: &EmailAddress) -> [Permit; 2] {
    let limits = app.config.signup.limits;
    [
        permit(
            app,
            "signup domain",
            address.domain().as_bytes(),
            limits.per_domain_per_hour,
        ),
        permit(app, "signup", b"", limits.per_hour),
    ]
}

/// The permit of a sign-up without a proof of work; `None` if none ever needs one.
pub(super) fn free_permit(app: &App) -> Option<Permit> {
    let from = app.config.signup.proof_of_work.from_per_hour;
    (from > 0).then(|| permit(app, "signup without proof", b"", from))
}

fn permit(app: &App, kind: &str, value: &[u8], per_hour: u32) -> Permit {
    Permit {
        key: app.keys.limit_key(kind, &[value]),
        per_hour,
    }
}

/// The limits that this node knows to be reached, each with the time until which it remembers that. So a flood of refused requests
/// does not load the database.
#[derive(Debug, Default)]
pub(super) struct ReachedLimits(Mutex<HashMap<LimitKey, DateTime<Utc>>>);

impl ReachedLimits {
    /// The position of the first permit whose limit is known to be reached.
    pub(super) fn position(&self, permits: &[Permit], now: DateTime<Utc>) -> Option<usize> {
        let limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_reached = |permit: &Permit| limits.get(&permit.key).is_some_and(|until| is_near(*until, now));
        permits.iter().position(is_reached)
    }

    /// Remembers that the limits of these permits are reached.
    pub(super) fn note(&self, reached: &[Permit], now: DateTime<Utc>) {
        if reached.is_empty() {
            return;
        }
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.len() >= MAX_REMEMBERED {
            limits.retain(|_, until| is_near(*until, now));
        }
        if limits.len() >= MAX_REMEMBERED {
            limits.clear();
        }
        for permit in reached {
            let wait = TimeDelta::microseconds(permit.interval()).min(MAX_MEMORY);
            limits.insert(permit.key, now + wait);
        }
    }
}

/// Whether a time is in the future, and by at most [`MAX_MEMORY`]: the clock may have been set back.
fn is_near(until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    until > now && until <= now + MAX_MEMORY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix() {
        let address = |text: &str| text.parse::<Ipv6Addr>().expect("an address");
        for (one, other, length, is_same) in [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 64, true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", 64, false),
            ("2001:db8:0:1::1", "2001:db8:0:ff::1", 56, true),
            ("2001:db8:0:1::1", "2001:db8:0:100::1", 56, false),
            ("2001:db8:0:1::1", "2001:db8:0:ffff::1", 48, true),
            ("2001:db8:0:1::1", "2001:db8:1::1", 48, false),
        ] {
            let same = prefix(address(one), length) == prefix(address(other), length);
            assert_eq!(same, is_same, "{one} and {other} by /{length}");
        }
    }

    #[test]
    fn a_limit_that_was_reached_is_remembered_for_a_moment() {
        let permit = Permit {
            key: [1; 16],
            per_hour: 30,
        };
        let limits = ReachedLimits::default();
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        assert_eq!(limits.position(&[permit], now), None);
        limits.note(&[permit], now);
        assert_eq!(limits.position(&[permit], now + TimeDelta::seconds(9)), Some(0));
        assert_eq!(limits.position(&[permit], now + TimeDelta::seconds(10)), None);
        let earlier = now - TimeDelta::hours(1);
        assert_eq!(limits.position(&[permit], earlier), None, "the clock was put back");
    }
}

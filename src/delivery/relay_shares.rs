//! Shares the messages of a route among its relays by their weights.
//!
//! Each relay has a counter of the messages it took, divided by its weight. A relay may take a message while its counter is not far
//! above the lowest one. That comparison leaves out relays that are unavailable or ask for nothing, so the others take their share.
//! A relay that returns does not catch up.

use std::time::Duration;

use tokio::time::Instant;

/// How many messages a relay may be ahead of its share.
const MAX_LEAD: f64 = 32.0;
/// A relay whose connections have asked for nothing for this long counts as inactive: it is unavailable, slow to reply, or not
/// connected yet.
pub(super) const INACTIVE_AFTER: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct RelayShares(Vec<RelayShare>);

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the relay")]
struct RelayShare {
    /// Whether the relay sends the mail of the route.
    is_member: bool,
    weight: f64,
    /// Messages taken, divided by the weight.
    used: f64,
    /// False while the relay accepts no connection.
    accepts_connections: bool,
    /// False while the relay has no allowance of its daily cap, or is outside of its send window.
    has_allowance: bool,
    /// When a connection of this relay last asked for a message.
    last_request: Option<Instant>,
    /// Whether a connection of this relay got no message because the relay is ahead of its share.
    is_waiting: bool,
}

impl RelayShare {
    const fn is_available(&self) -> bool {
        self.is_member && self.accepts_connections && self.has_allowance
    }

    fn is_active(&self, now: Instant) -> bool {
        self.is_available() && self.last_request.is_some_and(|at| now - at < INACTIVE_AFTER)
    }
}

impl RelayShares {
    /// Shares among relays of these weights. `None` is a relay that does not send the mail of the route.
    pub(super) fn new(weights: impl IntoIterator<Item = Option<u32>>) -> Self {
        let share = |weight: Option<u32>| RelayShare {
            is_member: weight.is_some(),
            weight: f64::from(weight.unwrap_or(1)),
            used: 0.0,
            accepts_connections: true,
            has_allowance: true,
            last_request: None,
            is_waiting: false,
        };
        Self(weights.into_iter().map(share).collect())
    }

    /// Notes that a connection of a relay asks for a message. Returns whether it may have one; if not, the relay is unavailable or
    /// ahead of its share.
    pub(super) fn may_take(&mut self, relay: usize, now: Instant) -> bool {
        let lowest = self.lowest(now);
        let share = &mut self.0[relay];
        if !share.is_active(now) {
            // Otherwise a relay that returns would get every message until it had caught up.
            share.used = share.used.max(lowest);
        }
        share.last_request = Some(now);
        // Again, because this relay may be the only active one, and then its own counter is the lowest.
        let lowest = self.lowest(now);
        let share = &mut self.0[relay];
        share.is_waiting = share.is_available() && share.used > lowest + MAX_LEAD / share.weight;
        share.is_available() && !share.is_waiting
    }

    /// Counts a message that a connection of a relay took. Returns whether a waiting relay may continue now.
    ///
    /// A waiting relay continues at half of the permitted lead. At the full lead, every single message would wake all its connections.
    pub(super) fn message_taken(&mut self, relay: usize, now: Instant) -> bool {
        let share = &mut self.0[relay];
        share.used += 1.0 / share.weight;
        let lowest = self.lowest(now);
        let mut may_go_on = false;
        for share in &mut self.0 {
            if share.is_waiting && share.used <= lowest + MAX_LEAD / 2.0 / share.weight {
                share.is_waiting = false;
                may_go_on = true;
            }
        }
        may_go_on
    }

    /// Sets whether a relay accepts connections. Returns whether the relay became available or unavailable.
    pub(super) fn set_accepts_connections(&mut self, relay: usize, accepts: bool) -> bool {
        self.change(relay, |share| share.accepts_connections = accepts)
    }

    /// Sets whether a relay may send issues now, by its daily cap and its send window. Returns whether the relay became available or
    /// unavailable.
    pub(super) fn set_allowance_left(&mut self, relay: usize, is_left: bool) -> bool {
        self.change(relay, |share| share.has_allowance = is_left)
    }

    fn change(&mut self, relay: usize, change: impl FnOnce(&mut RelayShare)) -> bool {
        let share = &mut self.0[relay];
        let was_available = share.is_available();
        change(share);
        let has_changed = share.is_available() != was_available;
        if has_changed {
            share.last_request = None;
        }
        has_changed
    }

    pub(super) fn is_another_available(&self, relay: usize) -> bool {
        let mut others = self.0.iter().enumerate().filter(|(index, _)| *index != relay);
        others.any(|(_, share)| share.is_available())
    }

    /// The lowest counter of all active relays; 0 if none is active.
    fn lowest(&self, now: Instant) -> f64 {
        let active = self.0.iter().filter(|share| share.is_active(now));
        active.map(|share| share.used).min_by(f64::total_cmp).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets both relays ask in turn for `messages` in all, and returns how many each took.
    fn take(shares: &mut RelayShares, messages: usize, now: Instant) -> [usize; 2] {
        let mut taken = [0; 2];
        for relay in [0, 1].into_iter().cycle() {
            if taken[0] + taken[1] == messages {
                break;
            }
            if shares.may_take(relay, now) {
                shares.message_taken(relay, now);
                taken[relay] += 1;
            }
        }
        taken
    }

    #[test]
    fn relays_take_messages_in_proportion_to_their_weights() {
        let mut shares = RelayShares::new([Some(3), Some(1)]);
        let [first, second] = take(&mut shares, 4_000, Instant::now());
        assert!(
            (2_960..=3_040).contains(&first),
            "{first} of 3 in 4, {second} of 1 in 4"
        );
    }

    #[test]
    fn a_relay_of_another_route_takes_nothing() {
        let mut shares = RelayShares::new([Some(1), None]);
        let now = Instant::now();
        assert_eq!(take(&mut shares, 1_000, now), [1_000, 0]);
        assert!(!shares.is_another_available(0) && shares.is_another_available(1));
        assert!(!shares.set_accepts_connections(1, false));
    }

    #[test]
    fn a_relay_that_returns_does_not_catch_up() {
        let mut shares = RelayShares::new([Some(1), Some(1)]);
        let now = Instant::now();
        assert!(shares.set_accepts_connections(1, false));
        assert!(!shares.may_take(1, now));
        assert_eq!(take(&mut shares, 1_000, now), [1_000, 0]);
        assert!(shares.set_accepts_connections(1, true));
        let [first, _] = take(&mut shares, 1_000, now);
        assert!((460..=540).contains(&first), "{first}");
    }

    #[test]
    fn an_allowance_does_not_make_a_relay_available_that_accepts_no_connection() {
        let mut shares = RelayShares::new([Some(1), Some(1)]);
        let now = Instant::now();
        assert!(shares.set_accepts_connections(1, false));
        assert!(!shares.set_allowance_left(1, true), "the relay stays unavailable");
        assert!(!shares.may_take(1, now) && !shares.is_another_available(0));
        assert!(!shares.set_allowance_left(1, false) && !shares.set_accepts_connections(1, true));
        assert!(!shares.may_take(1, now), "it has no allowance");
        assert!(shares.set_allowance_left(1, true) && shares.may_take(1, now));
    }

    #[test]
    fn an_inactive_relay_holds_nobody_up() {
        let mut shares = RelayShares::new([Some(1), Some(1)]);
        let now = Instant::now();
        assert!(shares.may_take(1, now));
        let mut taken = 0;
        while shares.may_take(0, now) {
            shares.message_taken(0, now);
            taken += 1;
        }
        assert!(taken < 40, "{taken} messages ahead of a relay that may still ask");
        assert!(shares.may_take(0, now + INACTIVE_AFTER));
    }
}

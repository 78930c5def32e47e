//! Limits on sending to one recipient domain: concurrent messages, messages a second, and fewer when it asks us to slow down.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::job::Job;
use super::throttle::Throttle;
use crate::config::DomainLimit;
use crate::domain::sending_status::DomainStatus;

/// This many deferrals in a row without an accepted message are about the domain and not about single recipients.
const DEFERRALS_IN_A_ROW: u32 = 10;
/// The shortest time for which surplus deliveries wait in the database.
const MIN_SURPLUS_WAIT: Duration = Duration::from_secs(5);
/// The longest time for which they wait, before jitter, which adds at most as much again.
pub(super) const MAX_SURPLUS_WAIT: Duration = Duration::from_mins(15);

/// How a reply changes the limits of the recipient's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DomainFeedback {
    Accepted,
    /// A temporary refusal, which may concern the recipient only.
    Deferred,
    /// The domain asks us to slow down.
    SlowDown,
    Unchanged,
}

/// A recipient domain that has a limit, or that refused messages recently.
#[derive(Debug)]
pub(super) struct RecipientDomain {
    /// Deliveries in memory that wait for this domain.
    pub(super) parked: VecDeque<Job>,
    throttle: Throttle,
    in_flight: usize,
    /// The time between two messages; zero without a limit.
    interval: Duration,
    /// When the next message may start by `interval`.
    next_start: Option<Instant>,
    /// Whether `delivery.limits` has an entry for it.
    has_limit: bool,
    deferrals_in_a_row: u32,
}

impl RecipientDomain {
    pub(super) fn new(limit: Option<&DomainLimit>) -> Self {
        let rate = limit.and_then(|limit| limit.rate_per_second);
        Self {
            parked: VecDeque::new(),
            throttle: Throttle::new(limit.map_or(usize::MAX, |limit| limit.connections)),
            in_flight: 0,
            interval: rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate)),
            next_start: None,
            has_limit: limit.is_some(),
            deferrals_in_a_row: 0,
        }
    }

    /// Whether a message may start now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.in_flight < self.throttle.limit() && self.opens_at(now).is_none()
    }

    /// Starts a message, if one may start now. [`Self::message_ended`] must follow.
    pub(super) fn start_message(&mut self, now: Instant) -> bool {
        if !self.is_open(now) {
            return false;
        }
        self.in_flight += 1;
        if !self.interval.is_zero() {
            // From now on if the last start was long ago: unused time does not add up to a burst.
            self.next_start = Some(self.next_start.map_or(now, |next| next.max(now)) + self.interval);
        }
        true
    }

    /// When the domain may take a message again, if its rate or a pause closes it. `None` also if it only has too many messages in
    /// flight: then no time is known, because it opens when one of them ends.
    pub(super) fn opens_at(&self, now: Instant) -> Option<Instant> {
        let next_start = self.next_start.filter(|at| *at > now);
        next_start.max(self.throttle.paused_until(now))
    }

    /// How long a surplus delivery should wait in the database: about until the parked ones have been sent.
    pub(super) fn surplus_wait(&self, now: Instant) -> Duration {
        let closed = self.opens_at(now).map_or(Duration::ZERO, |until| until - now);
        let parked = u32::try_from(self.parked.len()).unwrap_or(u32::MAX);
        (closed + (self.interval * parked).max(MIN_SURPLUS_WAIT)).min(MAX_SURPLUS_WAIT)
    }

    /// A message ended, or was not sent after all.
    pub(super) fn message_ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Changes the limits as a reply requires. `jitter` from 0 to 1 lengthens a pause.
    pub(super) fn apply(&mut self, feedback: DomainFeedback, now: Instant, jitter: f64) {
        // The reply answers a message that `message_ended` no longer counts.
        let concurrent = self.in_flight + 1;
        match feedback {
            DomainFeedback::Accepted => {
                self.deferrals_in_a_row = 0;
                self.throttle.message_accepted(now);
            }
            DomainFeedback::Deferred => {
                self.deferrals_in_a_row += 1;
                if self.deferrals_in_a_row >= DEFERRALS_IN_A_ROW {
                    self.throttle.slow_down(concurrent, now, jitter);
                }
            }
            DomainFeedback::SlowDown => self.throttle.slow_down(concurrent, now, jitter),
            DomainFeedback::Unchanged => {}
        }
    }

    /// How fast messages are sent to the domain at `now`.
    pub(super) fn status(&self, domain: &str, now: DateTime<Utc>) -> DomainStatus {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        DomainStatus {
            domain: domain.to_owned(),
            limit: (!self.throttle.is_unlimited()).then(|| count(self.throttle.limit())),
            in_flight: count(self.in_flight),
            waiting: count(self.parked.len()),
            paused_until: self.throttle.paused_until_time(now),
        }
    }

    /// Whether this is the same as a new domain without a limit, so that it need not be kept.
    pub(super) fn is_unrestricted(&self) -> bool {
        !self.has_limit && self.deferrals_in_a_row == 0 && self.throttle.is_unlimited()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(connections: usize, rate: Option<f64>) -> DomainLimit {
        DomainLimit {
            domains: vec!["reader.example".into()],
            connections,
            rate_per_second: rate,
        }
    }

    #[test]
    fn a_domain_takes_at_most_as_many_concurrent_messages_as_its_limit() {
        let now = Instant::now();
        let mut domain = RecipientDomain::new(Some(&limit(2, None)));
        assert!(domain.start_message(now) && domain.start_message(now) && !domain.start_message(now));
        domain.message_ended();
        assert!(domain.start_message(now));
    }

    #[test]
    fn a_domain_takes_at_most_as_many_messages_a_second_as_its_limit() {
        let start = Instant::now();
        let mut domain = RecipientDomain::new(Some(&limit(1000, Some(10.0))));
        let started = (0..3000).filter(|ms| domain.start_message(start + Duration::from_millis(*ms)));
        assert_eq!(started.count(), 30);
    }

    #[test]
    fn ten_deferrals_in_a_row_close_a_domain_and_an_accepted_message_between_them_does_not() {
        let now = Instant::now();
        let mut domain = RecipientDomain::new(None);
        for n in 0..30 {
            let feedback = if n % 9 == 8 {
                DomainFeedback::Accepted
            } else {
                DomainFeedback::Deferred
            };
            domain.apply(feedback, now, 0.0);
        }
        assert_eq!(domain.opens_at(now), None);
        for _ in 0..10 {
            domain.apply(DomainFeedback::Deferred, now, 0.0);
        }
        assert!(domain.opens_at(now).is_some() && !domain.is_unrestricted());
    }
}

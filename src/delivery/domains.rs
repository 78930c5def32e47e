//! The manners towards one recipient domain: how many at once, how many a second, and slower when it says so.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::dispatch::Job;
use super::pace::Pace;
use crate::config::DomainLimit;

/// So many deferrals in a row, and nothing taken between them, are about the domain and not about its readers.
const DEFERRALS_IN_A_ROW: u32 = 10;
/// The longest that deliveries go back to the database before they are looked at again.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// What a domain's server said of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was taken.
    Well,
    /// Not now, for a reason that may be the reader's.
    Deferred,
    /// Too fast, or too many.
    SlowDown,
    /// Nothing that would tell how the domain is.
    Nothing,
}

/// A domain that has limits, or was told to slow down by.
#[derive(Debug)]
pub struct Domain {
    /// Deliveries that wait for their turn.
    pub parked: VecDeque<Job>,
    pace: Pace,
    at_work: usize,
    /// Time between two messages.
    interval: Duration,
    next_slot: Option<Instant>,
    limited: bool,
    deferrals: u32,
}

impl Domain {
    /// With the limits of the settings, if any.
    #[must_use]
    pub fn new(limit: Option<&DomainLimit>) -> Self {
        let rate = limit.and_then(|limit| limit.rate_per_second);
        Self {
            parked: VecDeque::new(),
            pace: Pace::new(limit.map_or(usize::MAX, |limit| limit.connections)),
            at_work: 0,
            interval: rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate)),
            next_slot: None,
            limited: limit.is_some(),
            deferrals: 0,
        }
    }

    /// Whether a message may begin now.
    #[must_use]
    pub fn is_open(&self, now: Instant) -> bool {
        self.at_work < self.pace.limit() && self.opens_at(now).is_none()
    }

    /// Whether a message may begin now; then it has.
    pub fn admits(&mut self, now: Instant) -> bool {
        if !self.is_open(now) {
            return false;
        }
        self.at_work += 1;
        if !self.interval.is_zero() {
            self.next_slot = Some(self.next_slot.map_or(now, |slot| slot.max(now)) + self.interval);
        }
        true
    }

    /// When it opens, if it is closed by time; one that is full opens when a message is done.
    #[must_use]
    pub fn opens_at(&self, now: Instant) -> Option<Instant> {
        let slot = self.next_slot.filter(|slot| *slot > now);
        slot.max(self.pace.closed_until(now))
    }

    /// How long one that has no place here should stay away.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Duration {
        let closed = self.opens_at(now).map_or(Duration::ZERO, |until| until - now);
        let queue = u32::try_from(self.parked.len()).unwrap_or(u32::MAX);
        (closed + (self.interval * queue).max(Duration::from_secs(5))).min(LONGEST_WAIT)
    }

    /// A message is done, or was not begun after all.
    pub fn left(&mut self) {
        self.at_work = self.at_work.saturating_sub(1);
    }

    /// Notes what the domain said.
    pub fn heard(&mut self, heard: Heard, now: Instant, jitter: f64) {
        match heard {
            Heard::Well => {
                self.deferrals = 0;
                self.pace.went_well(now);
            }
            Heard::Deferred => {
                self.deferrals += 1;
                if self.deferrals >= DEFERRALS_IN_A_ROW {
                    self.pace.slow_down(self.at_work + 1, now, jitter);
                }
            }
            Heard::SlowDown => self.pace.slow_down(self.at_work + 1, now, jitter),
            Heard::Nothing => {}
        }
    }

    /// Whether nothing is known of it that would have to be remembered.
    #[must_use]
    pub fn is_free(&self) -> bool {
        !self.limited && self.deferrals == 0 && self.pace.is_free()
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
    fn it_admits_as_many_at_once_as_it_may() {
        let now = Instant::now();
        let mut domain = Domain::new(Some(&limit(2, None)));
        assert!(domain.admits(now) && domain.admits(now) && !domain.admits(now));
        domain.left();
        assert!(domain.admits(now));
    }

    #[test]
    fn it_admits_as_many_a_second_as_it_may() {
        let start = Instant::now();
        let mut domain = Domain::new(Some(&limit(1000, Some(10.0))));
        let admitted = (0..3000).filter(|ms| domain.admits(start + Duration::from_millis(*ms)));
        assert_eq!(admitted.count(), 30);
    }

    #[test]
    fn ten_deferrals_in_a_row_close_it_for_a_while_and_one_success_between_does_not() {
        let now = Instant::now();
        let mut domain = Domain::new(None);
        for n in 0..30 {
            let heard = if n % 9 == 8 { Heard::Well } else { Heard::Deferred };
            domain.heard(heard, now, 0.0);
        }
        assert_eq!(domain.opens_at(now), None);
        for _ in 0..10 {
            domain.heard(Heard::Deferred, now, 0.0);
        }
        assert!(domain.opens_at(now).is_some() && !domain.is_free());
    }
}

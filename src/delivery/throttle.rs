//! The adaptive limit on concurrent messages to a relay or a recipient domain.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::time::time_delta;

/// The first pause after the server asked us to slow down.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_mins(5);

/// Limits concurrent messages. When the server asks us to slow down, the limit is halved and sending pauses. The limit then grows by
/// one each time as many messages as it permits have been accepted.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    /// The limit of the settings; `usize::MAX` is no limit.
    max: usize,
    /// The present limit; `None` if it is `max`. Its fraction counts accepted messages towards the next step.
    lowered_limit: Option<f64>,
    /// How many messages were concurrent when the limit was first lowered. Once the limit is above this, it is lifted.
    initial_concurrency: f64,
    /// The length of the next pause.
    pause: Duration,
    paused_until: Option<Instant>,
}

impl Throttle {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            max,
            lowered_limit: None,
            initial_concurrency: 0.0,
            pause: FIRST_PAUSE,
            paused_until: None,
        }
    }

    /// How many messages may be concurrent when sending is not paused; at least 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the limit is between 1 and `max`"
    )]
    pub(super) fn limit(&self) -> usize {
        self.lowered_limit
            .map_or(self.max, |limit| (limit as usize).clamp(1, self.max))
    }

    /// Until when no message may start; `None` if sending is not paused.
    pub(super) fn paused_until(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| *until > now)
    }

    /// [`Self::paused_until`] as a time of the clock that shows `now`.
    pub(super) fn paused_until_time(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let instant = Instant::now();
        let rest = self.paused_until(instant)? - instant;
        now.checked_add_signed(time_delta(rest))
    }

    /// Whether there is no limit, neither by the settings nor by the server.
    pub(super) const fn is_unlimited(&self) -> bool {
        self.max == usize::MAX && self.lowered_limit.is_none()
    }

    /// The server asked us to slow down while `concurrent` messages were in flight. All of them may get the same reply, so further
    /// requests are ignored until the pause is over. `jitter` from 0 to 1 lengthens the pause by up to a half.
    #[expect(clippy::cast_precision_loss, reason = "thousands of messages at most")]
    pub(super) fn slow_down(&mut self, concurrent: usize, now: Instant, jitter: f64) {
        if self.paused_until(now).is_some() {
            return;
        }
        if self.lowered_limit.is_none() {
            self.initial_concurrency = concurrent.min(self.max).max(1) as f64;
        }
        self.lowered_limit = Some((self.lowered_limit.unwrap_or(self.initial_concurrency) / 2.0).max(1.0));
        self.paused_until = Some(now + self.pause.mul_f64(1.0 + jitter / 2.0));
        self.pause = (self.pause * 2).min(MAX_PAUSE);
    }

    /// A message was accepted. During a pause the limit does not grow: the message was sent before the server asked us to slow down.
    pub(super) fn message_accepted(&mut self, now: Instant) {
        let Some(limit) = self.lowered_limit.filter(|_| self.paused_until(now).is_none()) else {
            return;
        };
        self.pause = FIRST_PAUSE.max(self.pause / 2);
        // As many accepted messages as the limit permits add one to it.
        let limit = limit + 1.0 / limit;
        self.lowered_limit = (limit <= self.initial_concurrency).then_some(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_halved_once_for_each_pause_and_recovers_step_by_step() {
        let start = Instant::now();
        let mut throttle = Throttle::new(20);
        for _ in 0..20 {
            throttle.slow_down(20, start, 0.0);
        }
        assert_eq!(throttle.limit(), 10, "twenty requests at one moment count once");
        assert_eq!(throttle.paused_until(start), Some(start + Duration::from_secs(1)));
        let later = start + Duration::from_secs(1);
        assert_eq!(throttle.paused_until(later), None);
        throttle.slow_down(10, later, 0.0);
        assert_eq!(throttle.limit(), 5);
        assert_eq!(throttle.paused_until(later), Some(later + Duration::from_secs(2)));
        for _ in 0..100 {
            throttle.message_accepted(later);
        }
        assert_eq!(throttle.limit(), 5, "messages sent before the pause do not count");
        let mut sent = 0;
        while throttle.limit() < 20 {
            let before = throttle.limit();
            throttle.message_accepted(later + Duration::from_secs(2));
            assert!(throttle.limit() <= before + 1);
            sent += 1;
        }
        assert!((150..250).contains(&sent), "{sent}: about 5 + 6 + … + 19");
    }

    #[test]
    fn the_limit_is_never_zero_and_a_pause_never_endless() {
        let mut now = Instant::now();
        let mut throttle = Throttle::new(usize::MAX);
        assert!(throttle.is_unlimited());
        for _ in 0..100 {
            throttle.slow_down(4, now, 1.0);
            assert!(throttle.limit() >= 1);
            let open = throttle.paused_until(now).expect("slowing down pauses");
            assert!(open - now <= MAX_PAUSE.mul_f64(1.5));
            now = open;
        }
        for _ in 0..100 {
            throttle.message_accepted(now);
        }
        assert!(throttle.is_unlimited());
    }
}

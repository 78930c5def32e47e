//! How fast a relay or a recipient domain is gone at: at most so many at once, fewer when it says so, and step by step
//! more again.

use std::time::Duration;

use tokio::time::Instant;

/// The first and the longest pause after being told to slow down.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// The pace of one relay or one domain. The limit halves when it is told to slow down, and grows by one each time as many
/// messages as it allows have gone well.
#[derive(Clone, Debug)]
pub struct Pace {
    /// The most at once that the settings allow; `usize::MAX` is no limit.
    ceiling: usize,
    /// The limit now, while it was told to slow down.
    slowed: Option<f64>,
    /// Where the limit was before; once it is there again, all is as before.
    before: f64,
    pause: Duration,
    closed_until: Option<Instant>,
}

impl Pace {
    /// At full pace.
    #[must_use]
    pub const fn new(ceiling: usize) -> Self {
        Self {
            ceiling,
            slowed: None,
            before: 0.0,
            pause: PAUSES.0,
            closed_until: None,
        }
    }

    /// The most that may be under way at once, not counting pauses.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between one and the ceiling"
    )]
    pub fn limit(&self) -> usize {
        self.slowed
            .map_or(self.ceiling, |limit| (limit as usize).clamp(1, self.ceiling))
    }

    /// Until when nothing may begin, if so.
    #[must_use]
    pub fn closed_until(&self, now: Instant) -> Option<Instant> {
        self.closed_until.filter(|until| *until > now)
    }

    /// Whether the settings and what it was told leave it unlimited.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        self.ceiling == usize::MAX && self.slowed.is_none()
    }

    /// It was told to slow down while `under_way` messages were. Those that were under way say so together: only the first
    /// counts, until the pause is over. `jitter` from 0 to 1 lengthens the pause.
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    pub fn slow_down(&mut self, under_way: usize, now: Instant, jitter: f64) {
        if self.closed_until(now).is_some() {
            return;
        }
        if self.slowed.is_none() {
            self.before = under_way.min(self.ceiling).max(1) as f64;
        }
        self.slowed = Some((self.slowed.unwrap_or(self.before) / 2.0).max(1.0));
        self.closed_until = Some(now + self.pause.mul_f64(1.0 + jitter / 2.0));
        self.pause = (self.pause * 2).min(PAUSES.1);
    }

    /// A message went well. In a pause it had been under way before, and tells nothing of the new pace.
    pub fn went_well(&mut self, now: Instant) {
        let Some(limit) = self.slowed.filter(|_| self.closed_until(now).is_none()) else {
            return;
        };
        self.pause = PAUSES.0.max(self.pause / 2);
        let limit = limit + 1.0 / limit;
        self.slowed = (limit <= self.before).then_some(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_once_for_each_pause_and_recovers_step_by_step() {
        let start = Instant::now();
        let mut pace = Pace::new(20);
        for _ in 0..20 {
            pace.slow_down(20, start, 0.0);
        }
        assert_eq!(pace.limit(), 10, "twenty refusals of one moment are one");
        assert_eq!(pace.closed_until(start), Some(start + Duration::from_secs(1)));
        let later = start + Duration::from_secs(1);
        assert_eq!(pace.closed_until(later), None);
        pace.slow_down(10, later, 0.0);
        assert_eq!(pace.limit(), 5);
        assert_eq!(pace.closed_until(later), Some(later + Duration::from_secs(2)));
        for _ in 0..100 {
            pace.went_well(later);
        }
        assert_eq!(pace.limit(), 5, "what was under way before the pause does not count");
        let mut sent = 0;
        while pace.limit() < 20 {
            let before = pace.limit();
            pace.went_well(later + Duration::from_secs(2));
            assert!(pace.limit() <= before + 1);
            sent += 1;
        }
        assert!((150..250).contains(&sent), "{sent}: about 5 + 6 + … + 19");
    }

    #[test]
    fn it_never_stops_for_good() {
        let mut now = Instant::now();
        let mut pace = Pace::new(usize::MAX);
        assert!(pace.is_free());
        for _ in 0..100 {
            pace.slow_down(4, now, 1.0);
            assert!(pace.limit() >= 1);
            let open = pace.closed_until(now).expect("a pause");
            assert!(open - now <= PAUSES.1.mul_f64(1.5));
            now = open;
        }
        for _ in 0..100 {
            pace.went_well(now);
        }
        assert!(pace.is_free());
    }
}

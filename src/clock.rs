//! The current time and random numbers. No other module asks the machine for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// A source of the current time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that only [`Clock::advance`] moves. For tests.
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A fixed clock that shows `at`.
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// The current time, cut to microseconds, which both databases can store. If the machine's clock is before 1970 or after
    /// the year 9999, this returns the nearer of these limits, so that formatting and storing a time cannot fail.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one reading of the wall clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => bounded(SystemTime::now()).trunc_subsecs(6),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock forward. Has no effect on the system clock.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// 9999-12-31T23:59:59Z in seconds since 1970: the last second that RFC 3339 and HTTP can write.
const MAX_SECONDS: i64 = 253_402_300_799;

/// Whether the wrong clock was already logged.
static OUT_OF_BOUNDS: AtomicBool = AtomicBool::new(false);

fn bounded(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(UNIX_EPOCH).ok();
    let seconds = since.map(|since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    let bounded = seconds.unwrap_or(0).min(MAX_SECONDS);
    let is_right = seconds == Some(bounded);
    if OUT_OF_BOUNDS.swap(!is_right, Ordering::Relaxed) == is_right && !is_right {
        tracing::error!("machine clock is before 1970 or after 9999; set it right");
    }
    let nanos = since.filter(|_| is_right).map_or(0, |since| since.subsec_nanos());
    DateTime::from_timestamp(bounded, nanos).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The source of ids, keys and jitter.
#[derive(Clone, Debug)]
pub enum Rng {
    /// The secure source of the operating system.
    System,
    /// A sequence that is the same for equal seeds. For tests and simulations only.
    Seeded(Arc<Mutex<u64>>),
}

impl Rng {
    /// A sequence that is the same for equal seeds.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(seed)))
    }

    /// Returns random bytes.
    ///
    /// # Panics
    /// If the random source of the operating system fails, because no secret can be made without it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one use of the random source")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match self {
            Self::System => getrandom::fill(&mut out).expect("the random source of the operating system works"),
            Self::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in out.chunks_mut(8) {
                    chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
        out
    }

    /// Fills a buffer with random bytes.
    pub fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            chunk.copy_from_slice(&self.bytes::<32>()[..chunk.len()]);
        }
    }

    /// A new id that sorts by time ([RFC 9562 §5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7), version 7).
    #[must_use]
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// New ids for many rows. Their order is that in which they are made, so that an index appends them.
    pub(crate) fn sorted_ids(&self, now: DateTime<Utc>) -> SortedIds {
        // The last bits become a counter ([RFC 9562 §6.2](https://www.rfc-editor.org/rfc/rfc9562#section-6.2), method 1).
        SortedIds {
            next: self.uuid(now).as_u128() & !u128::from(u32::MAX),
        }
    }

    /// A number from 0.0 (inclusive) to 1.0 (exclusive).
    #[must_use]
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

/// Ids that [`Rng::sorted_ids`] makes: at most four billion.
#[derive(Clone, Debug)]
pub(crate) struct SortedIds {
    next: u128,
}

impl SortedIds {
    pub(crate) fn next_id(&mut self) -> Uuid {
        let id = Uuid::from_u128(self.next);
        self.next += 1;
        id
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): simple and well distributed, but not for secrets.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(Rng::seeded(7).uuid(now), Rng::seeded(7).uuid(now));
        assert_ne!(Rng::seeded(7).uuid(now), Rng::seeded(8).uuid(now));
    }

    #[test]
    fn ids_for_many_rows_are_sorted_and_of_version_7() {
        let mut ids = Rng::seeded(1).sorted_ids(DateTime::UNIX_EPOCH);
        let made: Vec<_> = (0..1000).map(|_| ids.next_id()).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn ids_sort_by_time() {
        let rng = Rng::seeded(1);
        let early = rng.uuid(DateTime::UNIX_EPOCH);
        assert!(early < rng.uuid(DateTime::UNIX_EPOCH + TimeDelta::seconds(1)));
    }

    #[test]
    fn a_wrong_clock_is_limited_to_the_years_1970_to_9999() {
        let seconds = std::time::Duration::from_secs;
        let far = seconds(u64::try_from(i64::MAX).expect("it fits"));
        assert_eq!(bounded(UNIX_EPOCH - seconds(1)), DateTime::UNIX_EPOCH);
        assert_eq!(bounded(UNIX_EPOCH + seconds(1)).timestamp(), 1);
        for late in [seconds(253_402_300_800), seconds(100_000_000_000_000), far] {
            assert_eq!(bounded(UNIX_EPOCH + late).to_rfc3339(), "9999-12-31T23:59:59+00:00");
        }
    }

    #[test]
    fn a_fixed_clock_moves_only_by_advance() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::hours(3));
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::hours(3));
    }
}

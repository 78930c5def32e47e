//! Time and chance: the only place that asks the machine for either.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// What time it is.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when told to.
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// Now, cut to microseconds: the finest that both databases keep.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one reading of the wall clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock; the machine's clock stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// Where ids, keys and spread come from.
#[derive(Clone, Debug)]
pub enum Chance {
    /// The operating system's secure source.
    System,
    /// A sequence that repeats for the same seed. For tests and replays only.
    Seeded(Arc<Mutex<u64>>),
}

impl Chance {
    /// A sequence that repeats for the same `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(seed)))
    }

    /// Random bytes.
    ///
    /// # Panics
    /// If the operating system has no randomness to give: nothing secret can be made then.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one use of the random source")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match self {
            Self::System => getrandom::fill(&mut out).expect("the operating system gives random bytes"),
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

    /// A new id that sorts by time (RFC 9562, version 7).
    #[must_use]
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A number from 0.0 up to, but not, 1.0.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): short, well mixed, and good enough where nothing is secret.
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
        assert_eq!(Chance::seeded(7).uuid(now), Chance::seeded(7).uuid(now));
        assert_ne!(Chance::seeded(7).uuid(now), Chance::seeded(8).uuid(now));
    }

    #[test]
    fn ids_sort_by_time() {
        let chance = Chance::seeded(1);
        let early = chance.uuid(DateTime::UNIX_EPOCH);
        assert!(early < chance.uuid(DateTime::UNIX_EPOCH + TimeDelta::seconds(1)));
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::hours(3));
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::hours(3));
    }
}

//! Random numbers that a seed repeats: `SplitMix64`.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// A sequence of random numbers that its seed determines.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The sequence of this seed.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed that differs from run to run.
    pub fn new_seed() -> u64 {
        // The standard library keys its hash maps at random. Six digits are easy to type in again.
        RandomState::new().hash_one(0) % 1_000_000
    }

    /// A number of 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of the range, which must not be empty.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// True in so many of 1 cases.
    pub fn happens(&mut self, rate: f64) -> bool {
        rate > 0.0 && self.fraction() < rate
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

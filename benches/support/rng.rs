//! Random numbers that are determined by a seed (`SplitMix64`).

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// A generator of random numbers. The same seed gives the same numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator with this seed.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A random seed.
    pub fn new_seed() -> u64 {
        // The standard library keys its hash maps at random. Six digits are easy to type.
        RandomState::new().hash_one(0) % 1_000_000
    }

    /// A random number of 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A random number of the range, which must not be empty.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// Returns true with the probability `rate`, from 0 to 1.
    pub fn happens(&mut self, rate: f64) -> bool {
        rate > 0.0 && self.fraction() < rate
    }

    #[expect(clippy::cast_precision_loss, reason = "an f64 has 53 bits")]
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

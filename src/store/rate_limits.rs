//! Rate limits that all nodes share: each key has one row and a number of permits an hour.
//!
//! This is the [generic cell rate algorithm](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm). A row contains the time at
//! which all its permits are available again. Each permit moves this time on by one interval. If it would be more than an hour ahead,
//! no permit is left.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx, insert, on, select_over};

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;
/// How far ahead of the clock a row's time can be, in microseconds. If all permits are used, it is one hour ahead. The clocks of two nodes
/// may differ by five minutes. A time further ahead was written by a wrong clock, and then all permits count as available.
const MAX_AHEAD: i64 = HOUR + 300_000_000;

/// The key of a limit: a keyed hash, so the table names no network, domain or address.
pub(crate) type LimitKey = [u8; 16];

/// One permit that a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    pub(crate) key: LimitKey,
    /// The maximum number of permits in an hour; 0 counts as 1.
    pub(crate) per_hour: u32,
}

impl Permit {
    /// The time after which a used permit is available again, in microseconds.
    pub(crate) fn interval(self) -> i64 {
        (HOUR / i64::from(self.per_hour.max(1))).max(1)
    }
}

/// Limits as they were read from their rows, and the permits taken since. [`Tx::store_rate_limits`] writes what has changed.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    /// When all permits of a key are available again, in microseconds since 1970. A key without a row is not in the map.
    replenished_at: HashMap<LimitKey, i64>,
    /// The keys of which a permit was taken.
    changed: HashMap<LimitKey, i64>,
}

impl RateLimits {
    /// Those of `permits` that are used up at `now`.
    pub(crate) fn used_up(&self, permits: &[Permit], now: DateTime<Utc>) -> Vec<LimitKey> {
        let now = now.timestamp_micros();
        let is_used_up = |permit: &&Permit| self.after(permit, now) > now + HOUR;
        permits.iter().filter(is_used_up).map(|permit| permit.key).collect()
    }

    /// Takes the permits, of which none may be used up.
    pub(crate) fn take(&mut self, permits: &[Permit], now: DateTime<Utc>) {
        for permit in permits {
            let after = self.after(permit, now.timestamp_micros());
            self.replenished_at.insert(permit.key, after);
            self.changed.insert(permit.key, after);
        }
    }

    /// The time of the row if a permit is taken at `now`.
    fn after(&self, permit: &Permit, now: i64) -> i64 {
        let stored = self.replenished_at.get(&permit.key).copied();
        let replenished_at = stored.filter(|at| (now..=now + MAX_AHEAD).contains(at)).unwrap_or(now);
        replenished_at + permit.interval()
    }
}

impl Tx {
    /// Reads the limits with these keys, and locks them until this transaction ends.
    pub(crate) async fn lock_rate_limits(&mut self, mut keys: Vec<LimitKey>, now: DateTime<Utc>) -> Result<RateLimits> {
        // Always in the same order, or two transactions could deadlock on PostgreSQL.
        keys.sort_unstable();
        keys.dedup();
        let rows = match self {
            Self::Sqlite(_) => select_over!(
                self,
                "SELECT key, replenished_at FROM rate_limits WHERE key IN (",
                ")",
                (Vec<u8>, i64),
                keys,
                |key| &key[..]
            ),
            // A new row is replenished now, so it has no effect if no permit is taken.
            Self::Postgres(_) => select_over!(
                self,
                "INSERT INTO rate_limits AS held (key, replenished_at) ",
                " ON CONFLICT (key) DO UPDATE SET replenished_at = held.replenished_at RETURNING key, replenished_at",
                (Vec<u8>, i64),
                keys,
                |key| &key[..],
                now.timestamp_micros()
            ),
        };
        let rows = rows.into_iter().map(|(key, at)| {
            let key = LimitKey::try_from(key);
            let key = key.map_err(|_| sqlx::Error::Decode("a key of rate_limits is not 16 bytes long".into()));
            Ok::<_, StoreError>((key?, at))
        });
        Ok(RateLimits {
            replenished_at: rows.collect::<Result<_>>()?,
            changed: HashMap::new(),
        })
    }

    /// Writes the permits that were taken from locked limits.
    pub(crate) async fn store_rate_limits(&mut self, limits: &RateLimits) -> Result<()> {
        let mut changed: Vec<_> = limits.changed.iter().collect();
        changed.sort_unstable();
        insert!(
            self,
            "rate_limits (key, replenished_at)",
            "ON CONFLICT (key) DO UPDATE SET replenished_at = excluded.replenished_at",
            changed,
            |change| &change.0[..],
            *change.1
        );
        Ok(())
    }

    /// Takes a permit of each limit. If one is used up, takes none and returns false.
    pub(crate) async fn take_permits(&mut self, permits: &[Permit], now: DateTime<Utc>) -> Result<bool> {
        let keys = permits.iter().map(|permit| permit.key).collect();
        let mut limits = self.lock_rate_limits(keys, now).await?;
        if !limits.used_up(permits, now).is_empty() {
            return Ok(false);
        }
        limits.take(permits, now);
        self.store_rate_limits(&limits).await?;
        Ok(true)
    }

    /// Makes all permits of a limit available again.
    pub(crate) async fn forget_rate_limit(&mut self, key: LimitKey) -> Result<()> {
        on!(self, execute, "DELETE FROM rate_limits WHERE key = $1", &key[..])?;
        Ok(())
    }

    /// Deletes rows whose permits are all available, and rows written by a clock that was ahead.
    pub(crate) async fn purge_rate_limits(&mut self, now: DateTime<Utc>) -> Result<u64> {
        let now = now.timestamp_micros();
        Ok(on!(
            self,
            execute,
            "DELETE FROM rate_limits WHERE replenished_at <= $1 OR replenished_at > $2",
            now,
            now + MAX_AHEAD
        )?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn permits_are_available_again_one_by_one() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let two_an_hour = [Permit {
            key: [1; 16],
            per_hour: 2,
        }];
        let mut limits = RateLimits::default();
        for minutes in [0, 0, 30, 60, 300, 300] {
            let at = now + TimeDelta::minutes(minutes);
            assert!(limits.used_up(&two_an_hour, at).is_empty(), "after {minutes} minutes");
            limits.take(&two_an_hour, at);
        }
        assert_eq!(limits.used_up(&two_an_hour, now + TimeDelta::minutes(329)), [[1; 16]]);
        let yesterday = now - TimeDelta::days(1);
        assert!(
            limits.used_up(&two_an_hour, yesterday).is_empty(),
            "the clock was put back"
        );
    }
}

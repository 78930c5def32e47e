//! Rate limits that all nodes share: each key has one row and a number of permits an hour.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use super::{Result, Tx, on};

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;
/// How far ahead of the clock a row's time can be, in microseconds. If all permits are used, it is one hour ahead. The clocks of two nodes
/// may differ by five minutes. A time further ahead was written by a wrong clock, and then all permits count as available.
const MAX_AHEAD: i64 = HOUR + 300_000_000;

/// One permit that a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    /// A keyed hash: the table names no network, domain or address.
    pub(crate) key: [u8; 16],
    /// The maximum number of permits in an hour; 0 counts as 1.
    pub(crate) per_hour: u32,
}

impl Permit {
    /// The time after which a used permit is available again, in microseconds.
    pub(crate) fn interval(self) -> i64 {
        (HOUR / i64::from(self.per_hour.max(1))).max(1)
    }
}

impl Tx {
    /// Takes a permit of each key in one statement. Returns the keys that have none left; their rows do not change. The caller
    /// commits to keep the taken permits, or rolls back to return them.
    ///
    /// This is the [generic cell rate algorithm](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm). A row contains the time at
    /// which all its permits are available again. Each permit moves this time on by one interval. If it would be more than an hour ahead,
    /// no permit is left.
    pub(crate) async fn take_permits(&mut self, permits: &[Permit], now: DateTime<Utc>) -> Result<Vec<[u8; 16]>> {
        if permits.is_empty() {
            return Ok(Vec::new());
        }
        // Always in the same order, or two transactions could deadlock on PostgreSQL.
        let mut permits = permits.to_vec();
        permits.sort_unstable_by_key(|permit| permit.key);
        let rows: Vec<String> = (0..permits.len())
            .map(|row| format!("(${}, $1 + ${})", 2 * row + 2, 2 * row + 3))
            .collect();
        // `excluded.replenished_at - $1` is the interval of the permit. A row that is not updated is not returned: its permits are used up.
        let sql = format!(
            "INSERT INTO rate_limits AS held (key, replenished_at) VALUES {} ON CONFLICT (key) DO UPDATE SET replenished_at = \
             CASE WHEN held.replenished_at BETWEEN $1 AND $1 + {MAX_AHEAD} THEN held.replenished_at ELSE $1 END \
             + excluded.replenished_at - $1 \
             WHERE held.replenished_at + excluded.replenished_at - $1 <= $1 + {HOUR} OR held.replenished_at > $1 + {MAX_AHEAD} \
             RETURNING key",
            rows.join(", ")
        );
        let now = now.timestamp_micros();
        let taken: Vec<(Vec<u8>,)> = match self {
            Self::Sqlite(db) => {
                let mut query = sqlx::query_as::<sqlx::Sqlite, _>(AssertSqlSafe(sql)).bind(now);
                for permit in &permits {
                    query = query.bind(&permit.key[..]).bind(permit.interval());
                }
                query.fetch_all(&mut *db.tx).await?
            }
            Self::Postgres(db) => {
                let (db, watch) = db.connection_and_watch();
                let mut query = sqlx::query_as::<sqlx::Postgres, _>(AssertSqlSafe(sql)).bind(now);
                for permit in &permits {
                    query = query.bind(&permit.key[..]).bind(permit.interval());
                }
                watch
                    .run(query.persistent(watch.keeps_prepared()).fetch_all(db))
                    .await?
            }
        };
        let is_taken = |permit: &&Permit| taken.iter().any(|(key,)| key[..] == permit.key[..]);
        Ok(permits
            .iter()
            .filter(|permit| !is_taken(permit))
            .map(|permit| permit.key)
            .collect())
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

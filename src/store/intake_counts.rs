//! How often something was refused or repeated when it was received, by day: forged and repeated events, for example.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};

row! {
    /// The count of one day, source and outcome.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IntakeCount {
        /// The day in UTC, such as `2026-11-23`.
        pub day: String,
        /// Where it came from: the name of a mail provider, for example.
        pub source: String,
        /// What happened, such as `wrong_signature` or `repeated`.
        pub outcome: String,
        /// The number of times.
        pub count: i64,
    }
}

impl Tx {
    /// Adds to a count of today.
    pub(crate) async fn count_intake(
        &mut self,
        now: DateTime<Utc>,
        source: &str,
        outcome: &str,
        count: i64,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO intake_counts (day, source, outcome, count) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (day, source, outcome) DO UPDATE SET count = intake_counts.count + excluded.count",
            now.format("%Y-%m-%d").to_string(),
            source,
            outcome,
            count
        )?;
        Ok(())
    }

    /// The latest counts, the newest day first.
    pub async fn intake_counts(&mut self, limit: i64) -> Result<Vec<IntakeCount>> {
        Ok(on!(
            self,
            all as IntakeCount,
            "SELECT day, source, outcome, count FROM intake_counts ORDER BY day DESC, source, outcome LIMIT $1",
            limit
        )?)
    }
}

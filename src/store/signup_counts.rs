//! How many sign-ups were accepted, and how many were refused for each reason, by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Result, Tx, insert, on, row};
use crate::domain::states::SignupOutcome;

row! {
    /// The count of one day and outcome.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SignupCount {
        /// The day in UTC, such as `2026-11-23`.
        pub day: String,
        /// What became of the sign-ups.
        pub outcome: SignupOutcome,
        /// The number of such requests.
        pub count: i64,
    }
}

impl Tx {
    /// Adds to the counts of today.
    pub(crate) async fn count_signups(
        &mut self,
        counts: &BTreeMap<SignupOutcome, i64>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let day = now.format("%Y-%m-%d").to_string();
        let counts: Vec<_> = counts.iter().collect();
        insert!(
            self,
            "signup_counts (day, outcome, count)",
            "ON CONFLICT (day, outcome) DO UPDATE SET count = signup_counts.count + excluded.count",
            counts,
            |count| &day,
            *count.0,
            *count.1
        );
        Ok(())
    }

    /// The counts from a day on, the newest day first.
    pub async fn signup_counts(&mut self, from_day: &str) -> Result<Vec<SignupCount>> {
        Ok(on!(
            self,
            all as SignupCount,
            "SELECT day, outcome, count FROM signup_counts WHERE day >= $1 ORDER BY day DESC, outcome",
            from_day
        )?)
    }
}

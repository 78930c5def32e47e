//! Counts of events by day and newsletter, for the statistics.
//!
//! A transaction collects its counts in memory and writes them when it commits ([`Tx::commit`]). Many transactions change the row of the
//! same day and newsletter, so each holds its lock only for the moment of the commit.
//!
//! Accepted deliveries are not counted when they are accepted, because the sender has no time for it. They are counted from their rows,
//! and the compaction that deletes the rows adds them here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::collected_counts::{CollectedCounts, day};
use super::{Result, Tx, on, over_values, row};
use crate::domain::counted::CountedEvent;
use crate::domain::ids::NewsletterId;

row! {
    /// How often something happened to the subscriptions of a newsletter on a day.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DailyCount {
        /// In UTC, such as `2026-11-23`.
        pub day: String,
        /// The newsletter; zeros if none is known.
        pub newsletter_id: NewsletterId,
        /// What happened to the subscriptions.
        pub event: CountedEvent,
        /// How often it happened on the day.
        pub count: i64,
    }
}

row! {
    /// How often subscribers gave a reason for leaving on a day.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReasonCount {
        /// In UTC, such as `2026-11-23`.
        pub day: String,
        /// The newsletter that they left.
        pub newsletter_id: NewsletterId,
        /// A value of [`LeavingReason`](crate::domain::counted::LeavingReason).
        pub reason: String,
        /// How many subscribers gave the reason.
        pub count: i64,
    }
}

impl Tx {
    /// Counts an event. The count is written when this transaction commits. `None` is an event without a known newsletter.
    pub(crate) fn count_event(
        &mut self,
        newsletter: Option<NewsletterId>,
        event: CountedEvent,
        count: i64,
        at: DateTime<Utc>,
    ) {
        let newsletter = newsletter.unwrap_or(NewsletterId(Uuid::nil()));
        *self
            .collected_counts()
            .counts
            .entry((day(at), newsletter, event))
            .or_default() += count;
    }

    pub(super) fn collected_counts(&mut self) -> &mut CollectedCounts {
        match self {
            Self::Sqlite(tx) => &mut tx.counts,
            Self::Postgres(tx) => &mut tx.counts,
        }
    }

    /// The counts that this transaction has collected, by event. Deliveries are left out: they are counted days after they were accepted.
    pub(super) fn counted_events(&mut self) -> Vec<(&'static str, u64)> {
        let counts = self.collected_counts().counts.iter();
        let counts = counts.filter(|((_, _, event), _)| *event != CountedEvent::Delivered);
        counts
            .filter_map(|((_, _, event), count)| Some((event.as_str(), u64::try_from(*count).ok()?)))
            .collect()
    }

    /// Writes the counts that this transaction has collected.
    pub(super) async fn write_counts(&mut self) -> Result<()> {
        let collected: Vec<_> = std::mem::take(&mut self.collected_counts().counts)
            .into_iter()
            .collect();
        // On PostgreSQL two transactions must lock the rows in the same order. The map is sorted.
        over_values!(
            self,
            "INSERT INTO daily_counts AS held (day, newsletter_id, event, count) ",
            " ON CONFLICT (day, newsletter_id, event) DO UPDATE SET count = held.count + excluded.count",
            [],
            collected,
            |collected| &collected.0.0,
            collected.0.1,
            collected.0.2,
            collected.1
        );
        Ok(())
    }

    /// The counts since a day, sorted by day, newsletter and event. Accepted deliveries whose rows exist are included.
    pub async fn daily_counts(&mut self, since: DateTime<Utc>) -> Result<Vec<DailyCount>> {
        let written = self.written_daily_counts(since).await?;
        let mut counts: BTreeMap<_, i64> = BTreeMap::new();
        for count in written.into_iter().chain(self.accepted_deliveries_by_day(since).await?) {
            *counts.entry((count.day, count.newsletter_id, count.event)).or_default() += count.count;
        }
        let counts = counts
            .into_iter()
            .map(|((day, newsletter_id, event), count)| DailyCount {
                day,
                newsletter_id,
                event,
                count,
            });
        Ok(counts.collect())
    }

    /// The counts since a day, without the accepted deliveries whose rows exist: to count these takes long after a large issue.
    pub(crate) async fn written_daily_counts(&mut self, since: DateTime<Utc>) -> Result<Vec<DailyCount>> {
        Ok(on!(
            self,
            all as DailyCount,
            "SELECT day, newsletter_id, event, count FROM daily_counts WHERE day >= $1 ORDER BY day, newsletter_id, event",
            day(since)
        )?)
    }

    /// How many recipients the issues and editions of each newsletter had that started on each day.
    pub(crate) async fn recipients_by_day(&mut self, since: DateTime<Utc>) -> Result<Vec<(String, NewsletterId, i64)>> {
        macro_rules! recipients {
            ($day:literal) => {
                concat!(
                    "SELECT ",
                    $day,
                    " AS day, newsletter_id, CAST(SUM(recipients) AS BIGINT) FROM issues \
                     WHERE started_at >= $1 AND recipients IS NOT NULL GROUP BY 1, 2"
                )
            };
        }
        let sql = match self {
            Self::Sqlite(_) => recipients!("substr(started_at, 1, 10)"),
            Self::Postgres(_) => recipients!("to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"),
        };
        Ok(on!(self, all as (String, NewsletterId, i64), sql, since)?)
    }

    async fn accepted_deliveries_by_day(&mut self, since: DateTime<Utc>) -> Result<Vec<DailyCount>> {
        // Both texts give the day in UTC.
        macro_rules! accepted {
            ($day:literal) => {
                concat!(
                    "SELECT ",
                    $day,
                    " AS day, i.newsletter_id, 'delivered' AS event, COUNT(*) AS count \
                     FROM issues i JOIN deliveries d ON d.issue_id = i.id \
                     WHERE i.started_at IS NOT NULL AND (i.finished_at IS NULL OR i.finished_at >= $1) \
                     AND d.state = 'accepted' AND d.updated_at >= $1 GROUP BY 1, 2"
                )
            };
        }
        let sql = match self {
            Self::Sqlite(_) => accepted!("substr(d.updated_at, 1, 10)"),
            Self::Postgres(_) => accepted!("to_char(d.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"),
        };
        let since = since.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        Ok(on!(self, all as DailyCount, sql, since)?)
    }

    /// How often each reason for leaving was given since a day.
    pub async fn leaving_reasons_by_day(&mut self, since: DateTime<Utc>) -> Result<Vec<ReasonCount>> {
        Ok(on!(
            self,
            all as ReasonCount,
            "SELECT day, newsletter_id, reason, COUNT(*) AS count FROM leaving_reasons WHERE day >= $1 \
             GROUP BY day, newsletter_id, reason ORDER BY day, newsletter_id, reason",
            day(since)
        )?)
    }
}

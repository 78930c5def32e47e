//! When the waiting deliveries of an issue are due.
//!
//! `next_attempt_at` is null in the first pass, which leases deliveries in the order of their subscriptions (`leases.rs`). A delivery
//! gets a time when it is retried, released, or delayed to the hour of its subscriber's time zone.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::time_zone::TimeZone;

impl Tx {
    /// Makes deliveries due that would wait longer than any retry (until `latest_retry_at`) or time zone (until `latest_zone_hour`) makes
    /// them wait: they were delayed by a clock that was later set back. Returns how many.
    pub async fn clamp_next_attempts(
        &mut self,
        latest_retry_at: DateTime<Utc>,
        latest_zone_hour: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET next_attempt_at = $2 \
             WHERE issue_id IN (SELECT id FROM issues WHERE state = 'sending') AND lease_owner IS NULL \
             AND state IN ('queued', 'deferred') \
             AND next_attempt_at > CASE WHEN attempts = 0 THEN $3 ELSE $1 END",
            latest_retry_at,
            now,
            latest_zone_hour
        )?)
    }

    /// The first delivery of an issue that is still in its first pass: it waits, or is leased or in flight. `None` if the first pass has
    /// ended, which is final. Slow in a large issue, because no index has only these rows.
    pub(crate) async fn first_in_first_pass(&mut self, issue: IssueId) -> Result<Option<SubscriptionId>> {
        let first = on!(
            self,
            optional as (SubscriptionId,),
            "SELECT subscription_id FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NULL \
             AND state IN ('queued', 'deferred', 'sending') ORDER BY subscription_id LIMIT 1",
            issue
        )?;
        Ok(first.map(|(id,)| id))
    }

    /// When the next delivery of an issue that waits for a time is due; `None` if none does.
    pub(crate) async fn next_attempt(&mut self, issue: IssueId) -> Result<Option<DateTime<Utc>>> {
        let next: Option<(DateTime<Utc>,)> = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT next_attempt_at FROM deliveries WHERE issue_id = $1 AND next_attempt_at IS NOT NULL \
             AND state IN ('queued', 'deferred') ORDER BY next_attempt_at, subscription_id LIMIT 1",
            issue
        )?;
        Ok(next.map(|(next,)| next))
    }

    /// Until when there is nothing to send of an issue: when its next delivery is due, if all open ones wait for a time. `None` if one is
    /// leased or in its first pass, or if all have ended.
    pub async fn idle_until(&mut self, issue: IssueId) -> Result<Option<DateTime<Utc>>> {
        let Some(next) = self.next_attempt(issue).await? else {
            return Ok(None);
        };
        let (is_busy,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = $1 AND state IN ('queued', 'deferred', 'sending') \
             AND (lease_owner IS NOT NULL OR next_attempt_at IS NULL))",
            issue
        )?;
        Ok((!is_busy).then_some(next))
    }

    /// The time zones of the recipients of an issue and its editions.
    pub(crate) async fn zones_of_recipients(&mut self, issue: IssueId) -> Result<Vec<TimeZone>> {
        let rows = on!(
            self,
            all as (TimeZone,),
            "SELECT DISTINCT p.timezone FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id \
             JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE d.issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1) AND p.timezone IS NOT NULL \
             ORDER BY p.timezone",
            issue
        )?;
        Ok(rows.into_iter().map(|(zone,)| zone).collect())
    }

    /// Delays the queued deliveries of an issue and its editions to subscribers in a time zone. Returns how many.
    pub(crate) async fn delay_zone(&mut self, issue: IssueId, zone: TimeZone, until: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE deliveries SET next_attempt_at = $3 \
             WHERE issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1) AND state = 'queued' AND subscription_id IN \
             (SELECT s.id FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id WHERE p.timezone = $2)",
            issue,
            zone,
            until
        )?)
    }
}
